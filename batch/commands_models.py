"""`pret models`: the versions in a store, promotion and rollback.

Belongs here: options and tables. Does not: computing any of it (model_store).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from batch.console import console, print_facts
from batch.options import Store, person
from model_store import (
    history,
    list_versions,
    load,
    open_store,
    rollback,
)
from model_store import promote as promote_version
from model_store.version_folders import version_folder

models = typer.Typer(help="The model store: versions, promotion, rollback.", no_args_is_help=True)
Version = Annotated[str, typer.Argument(metavar="VERSION", help="A version (v001) or an alias (champion).")]
Why = Annotated[str, typer.Option("--why", help="The reason, kept in the history.")]


@models.command("list")
def list_models(store: Store) -> None:
    """List the versions, oldest first. Example: [bold]pret models list --store store[/]"""
    table = Table("version", "alias", "created", "AUC", "cost per client", "cut-off", title="Models")
    summaries = list_versions(open_store(store))
    for summary in summaries:
        table.add_row(
            summary.version,
            ", ".join(summary.aliases),
            None if summary.created_at is None else summary.created_at[:16].replace("T", " "),
            _figure(summary.auc),
            _figure(summary.cost_per_client),
            _figure(summary.cut_off),
        )
    Console().print(table)
    for summary in summaries:
        if summary.problem:
            console.print(f"[bold red]{summary.version}[/] {escape(summary.problem)}", soft_wrap=True)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


@models.command("show")
def show_model(
    store: Store,
    version: Version = "champion",
    as_json: Annotated[bool, typer.Option("--json", help="Everything recorded, as JSON.")] = False,
) -> None:
    """Show a version's figures. Example: [bold]pret models show v001 --store store[/]"""
    model = load(open_store(store), version)
    if as_json:
        typer.echo(json.dumps(dict(model.metadata), indent=2))
        return
    print_facts(
        f"Model {model.version}",
        {
            "features": len(model.feature_names),
            "catalogue": model.catalogue_hash,
            "note": str(version_folder(open_store(store), model.version) / "note.fr.html"),
            "cut-off": f"{model.cut_off:.4f} (FN:FP = {model.fn_cost:g}:{model.fp_cost:g})",
            **{name: _mean_and_error(found) for name, found in _metrics(model.metadata).items()},
        },
    )


@models.command("promote")
def promote_model(store: Store, version: Version, why: Why) -> None:
    """Make a version the champion. Example: [bold]pret models promote v002 --store store --why "lower cost"[/]"""
    promote_version(open_store(store), version, who=person(), why=why)
    print_facts("Promoted", {"champion": version, "takes effect": "with the next night"})


@models.command("rollback")
def rollback_model(store: Store, why: Why) -> None:
    """Make the former champion decide again. Example: [bold]pret models rollback --store store --why "…"[/]"""
    version = rollback(open_store(store), who=person(), why=why)
    print_facts("Rolled back", {"champion": version, "takes effect": "with the next night"})


@models.command("history")
def show_history(store: Store) -> None:
    """List who changed which alias, when and why. Example: [bold]pret models history --store store[/]"""
    table = Table("at", "action", "alias", "from", "to", "who", "why", title="History")
    for entry in history(open_store(store)):
        table.add_row(
            entry.at, entry.action, entry.alias, entry.previous or "–", entry.version, entry.who, entry.why
        )
    Console().print(table)


@models.command("compare")
def compare_models(store: Store, first: Version, second: Version) -> None:
    """Show two versions side by side. Example: [bold]pret models compare v001 v002 --store store[/]"""
    place = open_store(store)
    left, right = load(place, first), load(place, second)
    table = Table("figure", left.version, right.version, title="Mean over folds ± standard error")
    metrics = [_metrics(model.metadata) for model in (left, right)]
    for name in metrics[0]:
        table.add_row(name, *(_mean_and_error(found.get(name)) for found in metrics))
    table.add_row("cut_off", f"{left.cut_off:.4f}", f"{right.cut_off:.4f}")
    Console().print(table)


def _metrics(metadata: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    return dict(metadata["metrics"])


def _mean_and_error(found: dict[str, float] | None) -> str:
    return "–" if found is None else f"{found['mean']:.4f} ± {found['standard_error']:.4f}"
