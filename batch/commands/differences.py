"""Two nights beside one another on the terminal: who moved between decisions and bands, and what moved them.

Belongs here: any two nights' migration, its tables. Does not: measuring a shard (comparison), options.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from rich.table import Table

from batch.steps.both_nights import KINDS
from batch.steps.comparison import ComparisonTask, NightFiles, add_up, compare_part
from batch.steps.since import Since, migration_table
from features import CATALOGUE
from model_store import Run
from model_store.nights import read_migration
from model_store.scorebook import runs_folder
from model_store.storage import Location

MOST_MOVES = 3
MOST_FEATURES = 5
_ABSENT = {"before": "new", "after": "gone"}


def migration_of(store: Location, first: Run, second: Run) -> tuple[Mapping[str, Any], pd.DataFrame]:
    """What run.json calls "migration", and the table of read_migration: stored with the second night if it was
    compared with the first, else measured now, shard by shard."""
    stored = second.document.get("migration")
    if stored and stored["since"] == first.run_id:
        return stored, read_migration(store, second.run_id)
    before, after = (NightFiles(runs_folder(store) / run.run_id, run.shards) for run in (first, second))
    task = ComparisonTask(after, before)
    found = add_up([compare_part(part, task) for part in range(len(task.parts))])
    table = migration_table(found.changes)
    changed = first.model_version != second.model_version
    since = Since(found, first, changed, 0, pd.DataFrame(), table)
    return since.document["migration"], table


def matrix_table(kind: str, cells: Sequence[Mapping[str, Any]]) -> Table:
    """Clients by value before (rows) and after (columns), new and gone clients in a row and column of their own."""
    counts = {(_side(cell, "before"), _side(cell, "after")): int(cell["clients"]) for cell in cells}
    rows, columns = (_sides(counts, place) for place in (0, 1))
    table = Table(title=f"{kind.replace('_', ' ')}: before (rows), after (columns)", title_justify="left")
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(row, *(f"{counts.get((row, column), 0):,}" for column in columns))
    return table


def _side(cell: Mapping[str, Any], side: str) -> str:
    return str(cell[side]) if cell[side] is not None else _ABSENT[side]


def _sides(counts: Mapping[tuple[str, str], int], place: int) -> list[str]:
    """The values of one side, ascending, new or gone last."""
    found = {move[place] for move in counts}
    return sorted(found, key=lambda side: (side in _ABSENT.values(), side))


def reasons_table(migration: pd.DataFrame) -> Table | None:
    """For the most frequent moves, the features whose contributions changed most; None if nobody moved."""
    if migration.empty:
        return None
    table = Table(title="What moved them (contributions to the log-odds of default)", title_justify="left")
    for name in ("move", "clients", "feature"):
        table.add_column(name, overflow="fold", justify="right" if name == "clients" else "left")
    for name in ("mean change", "mean |change|"):
        table.add_column(name, justify="right", no_wrap=True)
    for kind in KINDS:
        own = migration[migration["kind"] == kind]
        moves = own.drop_duplicates(["before", "after"]).sort_values(
            "clients", ascending=False, kind="stable"
        )
        for before, after, clients in moves[["before", "after", "clients"]].head(MOST_MOVES).to_numpy():
            rows = own[(own["before"] == before) & (own["after"] == after)].head(MOST_FEATURES)
            for number, row in enumerate(rows.to_dict("records")):
                move = (f"{before} → {after}", f"{clients:,}") if number == 0 else ("", "")
                table.add_row(
                    *move,
                    _meaning(str(row["feature"])),
                    f"{row['mean_change']:+.3f}",
                    f"{row['mean_absolute_change']:.3f}",
                )
    return table


def _meaning(feature: str) -> str:
    """The feature in words and by name; what every client starts from is no feature."""
    if feature not in CATALOGUE.names:
        return "expected value of the model" if feature == "expected_value" else feature
    return f"{CATALOGUE[feature].meaning} ({feature})"
