"""`pret runs`: the nights in a store.

Belongs here: options and tables. Does not: computing any of it (model_store, explain).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from shlex import quote
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from batch.commands.differences import matrix_table, migration_of, reasons_table
from batch.commands.options import Store
from batch.console import print_facts
from batch.runs.recovery import status_of
from batch.steps.both_nights import KINDS
from batch.steps.stages import stage_table
from model_store import (
    NothingPublished,
    list_runs,
    open_store,
    published_run,
    read_run,
    read_scores,
)

WIDE = 76
"""Columns of a terminal from which on a night's start is listed: names of runs are never cut for it."""

runs = typer.Typer(help="The nights: what ran, what was checked, what is published.", no_args_is_help=True)


@runs.command("list")
def list_nights(store: Store) -> None:
    """List the nights, oldest first. Example: [bold]pret runs list --store store[/]"""
    try:
        current = published_run(store)
    except NothingPublished:
        current = ""
    output, nights = Console(), list_runs(store)
    if not nights:
        way = f"pret night --data DIR --store {quote(str(store))}"
        output.print(escape(f"{store} holds no nights; run one: {way}"), soft_wrap=True)
        return
    columns = ["", "run", "status", "clients", "model", "started"]
    if output.width < WIDE:
        columns.pop()
    table = Table(title="Nights (● is what readers see)")
    for name in columns:
        table.add_column(name, no_wrap=True)
    for run_id in nights:
        run = read_run(store, run_id)
        mark = "●" if run_id == current else ""
        started = str(run.document["started_at"])[:16].replace("T", " ")
        status = status_of(open_store(store), run)
        cells = [mark, run_id, status, f"{run.clients:,}", run.model_version, started]
        table.add_row(*cells[: len(columns)])
    output.print(table)


@runs.command("show")
def show_night(
    store: Store,
    run_id: Annotated[str | None, typer.Argument(metavar="RUN", help="Default: published.")] = None,
) -> None:
    """Show inputs, counts, checks and timings of a night. Example: [bold]pret runs show --store store[/]"""
    run = read_run(store, run_id)
    checks = Table(title=f"Run {run.run_id}: {run.status}")
    for name in ("check", "passed", "found", "limit"):
        checks.add_column(name, overflow="fold")
    for check in run.document.get("checks", []):
        passed = "[green]yes[/]" if check["passed"] else "[bold red]no[/]"
        checks.add_row(check["name"], passed, check["found"], check["limit"])
    Console().print(checks)
    for entry in run.document.get("accepted", []):
        said = f"{entry['check']} accepted by {entry['who']} at {entry['at']}: {entry['why']}"
        Console().print(escape(said), highlight=False)
    if stages := run.document.get("stages"):
        Console().print(stage_table(stages))
    _print_unknown_categories(run.document.get("ingest", {}))
    if "error" in run.document:
        Console().print(f"[bold red]error[/] {escape(str(run.document['error']))}", highlight=False)
    Console().print_json(json.dumps({k: v for k, v in run.document.items() if k != "checks"}))


def _print_unknown_categories(ingest: Mapping[str, Any]) -> None:
    """A table of the categories that no known one equals, if the night met any."""
    told = ingest.get("unknown_categories", [])
    if not told:
        return
    table = Table(title="Categories never met before: read as missing", title_justify="left")
    for name in ("table", "column", "category"):
        table.add_column(name, overflow="fold")
    table.add_column("rows", justify="right")
    for entry in told:
        names = [escape(str(entry[name])) for name in ("table", "column", "category")]
        table.add_row(*names, f"{entry['rows']:,}")
    Console().print(table)


@runs.command("diff")
def compare_nights(
    store: Store,
    first: Annotated[str, typer.Argument(metavar="RUN")],
    second: Annotated[str, typer.Argument(metavar="RUN")],
) -> None:
    """Show what changed between two nights: who moved between decisions and bands, and what moved them.

    Example: [bold]pret runs diff 2026-11-22-001 2026-11-23-001 --store store[/]
    """
    columns = ["default_probability", "decision", "model_version"]
    left, right = read_scores(store, first, columns), read_scores(store, second, columns)
    both = left.index.intersection(right.index)
    before, after = left.loc[both], right.loc[both]
    change = (after["default_probability"] - before["default_probability"]).abs()
    decided = before["decision"].astype(str) != after["decision"].astype(str)
    print_facts(
        f"{first} → {second}",
        {
            "clients in both": f"{len(both):,}",
            "new clients": f"{len(right.index.difference(left.index)):,}",
            "clients gone": f"{len(left.index.difference(right.index)):,}",
            "decisions changed": f"{int(decided.sum()):,}",
            "largest change of probability": f"{change.max():.6f}" if len(both) else "–",
            "models": f"{', '.join(_kinds(left))} → {', '.join(_kinds(right))}",
        },
    )
    migration, moved = migration_of(store, read_run(store, first), read_run(store, second))
    output = Console()
    for kind in KINDS:
        output.print(matrix_table(kind, migration[kind]))
    if (reasons := reasons_table(moved)) is not None:
        output.print(reasons)
    if migration["model_changed"]:
        output.print(
            "[yellow]The model changed between the two nights: contributions are those of two models.[/]"
        )


def _kinds(frame: pd.DataFrame) -> list[str]:
    return sorted(map(str, frame["model_version"].unique()))
