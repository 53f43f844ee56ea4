"""`pret models`: the versions in a store, promotion and rollback.

Belongs here: options and tables. Does not: computing any of it (model_store).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from batch.commands.options import Store
from batch.console import console, print_facts
from batch.owners import person
from features import CATALOGUE
from model_store import (
    Comparison,
    Figure,
    HistoryEntry,
    VersionRecord,
    compare,
    declared,
    differences,
    history,
    list_versions,
    open_store,
    read_aliases,
    read_record,
    rollback,
)
from model_store import promote as promote_version
from model_store.version_folders import version_folder

models = typer.Typer(help="The model store: versions, promotion, rollback.", no_args_is_help=True)
Version = Annotated[str, typer.Argument(metavar="VERSION", help="A version (v001) or an alias (champion).")]
Why = Annotated[str, typer.Option("--why", help="The reason, kept in the history.")]
EFFECT = "at once in a running service and dashboard, and with the next night"
SHOWN_NAMES = 12
WHOLE = (
    "model",
    "alias",
    "created",
    "at",
    "figure",
    "content",
)  # columns that are read in one piece or not at all
OTHER_FEATURES = "has features that this code does not declare, or differently: `pret models show` names them"
LEAST_MONEY = 1000.0  # costs from here on are amounts: nobody counts a default as a thousand good clients


@models.command("list")
def list_models(store: Store) -> None:
    """List the versions, oldest first. Example: [bold]pret models list --store store[/]"""
    table = _table("Models", "model", "alias", "created", "AUC", "cost", "cut-off", "content")
    summaries = list_versions(open_store(store))
    for summary in summaries:
        table.add_row(
            summary.version,
            "\n".join(summary.aliases),
            _minute(summary.created_at),
            _number(summary.auc),
            _number(summary.cost_per_client),
            _number(summary.cut_off),
            summary.content_hash,
        )
    Console().print(table)
    for summary in summaries:
        if summary.problem:
            console.print(f"[bold red]{summary.version}[/] {escape(summary.problem)}", soft_wrap=True)
        elif summary.catalogue_hash != CATALOGUE.hash:
            console.print(f"[yellow]{summary.version}[/] {OTHER_FEATURES}", soft_wrap=True)


@models.command("show")
def show_model(
    store: Store,
    version: Version = "champion",
    as_json: Annotated[bool, typer.Option("--json", help="Everything recorded, as JSON.")] = False,
) -> None:
    """Show what a version is and what it measured. Example: [bold]pret models show v001 --store store[/]"""
    place = open_store(store)
    record = read_record(place, version)
    aliases = [alias for alias, name in read_aliases(place).items() if name == record.version]
    if as_json:
        typer.echo(json.dumps(_everything(record, aliases), indent=2, ensure_ascii=False))
        return
    model, metadata = record.model, record.metadata
    data, settings = metadata["training_data"], metadata["settings"]
    print_facts(
        f"Model {record.version}",
        {
            "alias": ", ".join(aliases) or "–",
            "created": _minute(metadata.get("created_at")),
            "content": f"{record.content_hash} (the same for the same data, settings and packages)",
            "training data": f"{data['clients']:,} clients, {data['defaults']:,} defaults, {data['fingerprint']}",
            "seed": settings["seed"],
            "features": len(record.inputs),
            "catalogue": f"{model['catalogue_hash']} ({_fit(record)})",
            "note": str(version_folder(place, record.version) / "note.fr.html"),
            "cut-off": f"{model['cut_off']:.4f} (FN:FP = {_ratio(model['fn_cost'], model['fp_cost'])})",
            "packages": ", ".join(f"{name} {found}" for name, found in metadata["packages"].items()),
            **{name: _mean_and_error(found) for name, found in record.metrics.items()},
        },
    )


@models.command("promote")
def promote_model(
    store: Store,
    version: Version,
    why: Why,
    alias: Annotated[str, typer.Option(help="champion (decides) or challenger (is watched).")] = "champion",
    force: Annotated[bool, typer.Option("--force", help="Even if it is worse than the champion.")] = False,
) -> None:
    """Make a version the champion, unless it is worse beyond one standard error.

    Example: [bold]pret models promote v002 --store store --why "lower cost"[/]
    """
    entry = promote_version(open_store(store), version, person(), why, alias=alias, force=force)
    checked = {"compared": entry.check} if entry.check else {}
    _print_change("Promoted" if not entry.forced else "Promoted by force", entry, checked)


@models.command("rollback")
def rollback_model(store: Store, why: Why) -> None:
    """Make the former champion decide again. Example: [bold]pret models rollback --store store --why "…"[/]"""
    _print_change("Rolled back", rollback(open_store(store), person(), why), {})


def _table(title: str, *columns: str) -> Table:
    """A table that fits seven columns into eighty characters and cuts nothing off."""
    table = Table(title=title, box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in columns:
        table.add_column(name, no_wrap=name in WHOLE, overflow="fold")
    return table


def _print_change(title: str, entry: HistoryEntry, more: Mapping[str, str]) -> None:
    before = f" (before: {entry.previous})" if entry.previous else ""
    effect = {"takes effect": EFFECT} if entry.alias == "champion" else {}
    print_facts(title, {entry.alias: f"{entry.version}{before}", **more, **effect})


@models.command("history")
def show_history(store: Store) -> None:
    """List who changed which alias, when and why. Example: [bold]pret models history --store store[/]"""
    table = _table("History", "at", "action", "alias", "from", "to", "who", "why")
    for entry in history(open_store(store)):
        action = f"{entry.action} (forced)" if entry.forced else entry.action
        previous = entry.previous or "–"
        table.add_row(
            _minute(entry.at), action, entry.alias, previous, entry.version, entry.who, escape(entry.why)
        )
    Console().print(table)


@models.command("compare")
def compare_models(store: Store, first: Version, second: Version) -> None:
    """Show two versions side by side. Example: [bold]pret models compare v001 v002 --store store[/]"""
    place = open_store(store)
    records = [read_record(place, version) for version in (first, second)]
    found = compare(*records)
    output = Console()
    output.print(_figures(found, *records))
    _print_differences(found)
    if len(found.decisions):
        output.print(_decisions(found))


def _figures(found: Comparison, first: VersionRecord, second: VersionRecord) -> Table:
    table = _table("Figures", "figure", found.first, found.second, "difference ± error", "measured")
    for figure in found.figures:
        table.add_row(figure.name, _number(figure.first), _number(figure.second), *_difference(figure, found))
    table.add_row("cut_off", *(_number(record.model["cut_off"]) for record in (first, second)))
    return table


def _difference(figure: Figure, found: Comparison) -> tuple[str, str]:
    error = "–" if figure.standard_error is None else f"{figure.standard_error:.4f}"
    costs = f" at {_ratio(*found.costs)}" if figure.name == "cost_per_client" else ""
    basis = {
        "clients": f"{found.common_clients:,} clients of both{costs}",
        "folds": "the same folds",
        "stated": "each on its own folds",
    }[figure.basis]
    return f"{figure.difference:+.4f} ± {error}" + (" (worse)" if figure.worse else ""), basis


def _print_differences(found: Comparison) -> None:
    inputs = found.inputs
    print_facts(
        "Model inputs and features",
        {
            f"inputs only in {found.first}": _names(inputs.only_first),
            f"inputs only in {found.second}": _names(inputs.only_second),
            "declarations": found.features.told(found.first, found.second) or "the same",
        },
    )


def _decisions(found: Comparison) -> Table:
    title = f"Decisions agree for {found.agreement:.2%} of {found.common_clients:,} clients, out of fold"
    table = Table(
        f"{found.first} says", *(f"{found.second}: {name}" for name in found.decisions), title=title
    )
    for name, row in found.decisions.iterrows():
        table.add_row(str(name), *(f"{share:.2%}" for share in row))
    return table


def _everything(record: VersionRecord, aliases: Sequence[str]) -> dict[str, object]:
    decision = {name: value for name, value in record.model.items() if name != "metadata"}
    named = {"version": record.version, "aliases": list(aliases), "content_hash": record.content_hash}
    return {**named, **decision, "inputs": list(record.inputs), **record.metadata}


def _fit(record: VersionRecord) -> str:
    if record.model["catalogue_hash"] == CATALOGUE.hash:
        return "that of this code"
    told = differences(record.declared, declared(CATALOGUE)).told(record.version, "this code")
    return f"this code has {CATALOGUE.hash}; {told or 'the same features in another order'}"


def _names(names: Sequence[str]) -> str:
    more = len(names) - SHOWN_NAMES
    return (", ".join(names[:SHOWN_NAMES]) + (f" and {more} more" if more > 0 else "")) or "none"


def _ratio(fn_cost: float, fp_cost: float) -> str:
    """10:1 where good clients refused are counted, 266,104:31,280 where costs are means in money."""
    return (
        f"{fn_cost:g}:{fp_cost:g}"
        if max(fn_cost, fp_cost) < LEAST_MONEY
        else f"{fn_cost:,.0f}:{fp_cost:,.0f}"
    )


def _minute(at: object) -> str | None:
    return None if at is None else str(at)[:16].replace("T", " ")


def _number(value: float | None) -> str:
    """Four decimals, none for amounts of money."""
    if value is None:
        return "–"
    return f"{value:.4f}" if abs(value) < LEAST_MONEY else f"{value:,.0f}"


def _mean_and_error(found: Mapping[str, Any]) -> str:
    mean, error = found.get("mean"), found.get("standard_error")
    return _number(mean) + ("" if error is None else f" ± {error:.4f}")
