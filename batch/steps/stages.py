"""How long each stage of a night took and how many rows it went through.

Belongs here: the table of stages, for run.json and for the terminal. Does not: measuring time (console).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

PER_CLIENT = ("score", "check", "publish")


def stages_of(seconds: Mapping[str, float], document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One entry per stage, in their order: stage, seconds, rows, rows_per_second (null for no time or rows).

    Rows are those of the tables up to the shards, clients from the scores on; None for a stage of another kind.
    """
    ingest, clients = document.get("ingest", {}), int(document.get("clients", 0))
    used = sum(ingest.get("rows", {}).values())
    read = used + sum(sum(kinds.values()) for kinds in ingest.get("rejected", {}).values())
    rows = {"read": read, "shard": used, **dict.fromkeys(PER_CLIENT, clients)}
    return [
        {
            "stage": stage,
            "seconds": spent,
            "rows": rows.get(stage),
            "rows_per_second": round(rows[stage] / spent) if rows.get(stage) and spent else None,
        }
        for stage, spent in seconds.items()
    ]


def stage_table(stages: Sequence[Mapping[str, Any]]) -> Table:
    """The stages below one another, their sum last."""
    table = Table(title="Stages", title_justify="left", title_style="bold")
    table.add_column("stage", style="dim")
    for name in ("seconds", "rows", "rows/s"):
        table.add_column(name, justify="right")
    for entry in stages:
        table.add_row(
            entry["stage"], f"{entry['seconds']:.1f}", _count(entry["rows"]), _count(entry["rows_per_second"])
        )
    table.add_row("total", f"{sum(entry['seconds'] for entry in stages):.1f}", "", "")
    return table


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
