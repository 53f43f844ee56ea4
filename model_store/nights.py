"""Which nights stand beside one another: the one before, the ones that were not published, and what moved between.

Belongs here: finding nights, reading what a night says of the change since the one before. Does not: computing it.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from model_store.rows import read_rows
from model_store.scorebook import (
    Run,
    UnknownRun,
    list_runs,
    published_run,
    read_pointer,
    read_run,
    runs_folder,
)
from model_store.storage import Location

DRIFT_FILE = "drift.parquet"
MIGRATION_FILE = "migration.parquet"


def night_before(store: Location, as_of: date, run_id: str | None = None) -> Run | None:
    """The published run that the night `as_of` is compared with: the latest of an earlier night, else the latest
    of the same night; `run_id` itself does not count. None if there is none."""
    same_night: Run | None = None
    for name in reversed(list_runs(store)):
        if name == run_id or name[:10] > as_of.isoformat():
            continue
        run = read_run(store, name)
        if run.status == "published" and run.as_of < as_of:
            return run
        if run.status == "published" and same_night is None:
            same_night = run
    return same_night


def unpublished_since(store: Location) -> Run | None:
    """The latest night after the published one, if it ended without being published: refused, failed
    or interrupted.

    Errors: NothingPublished.
    """
    current = published_run(store)
    for name in reversed(list_runs(store)):
        if name <= current:
            return None
        run = read_run(store, name)
        if run.status in ("refused", "failed", "interrupted"):
            return run
    return None


def published_at(store: Location) -> str:
    """When readers got the run that they read, ISO time in UTC. Errors: NothingPublished."""
    return str(read_pointer(store).get("published_at", ""))


def read_drift(store: Location, run_id: str | None = None) -> pd.DataFrame:
    """How far each feature of a night, and its probabilities, lie from training and from the night before.

    Index: feature, or default_probability. Columns: missing_share, missing_training, missing_last_night,
    csi_training, chance_training, csi_last_night, chance_last_night, csi_newcomers, chance_newcomers (clients who
    came since the night before, against training); NaN where there was nothing to compare with.
    `chance_*` is what chance alone explains. Errors: UnknownRun for a night without it.
    """
    return _table(store, run_id, DRIFT_FILE).set_index("feature")


def read_migration(store: Location, run_id: str | None = None) -> pd.DataFrame:
    """Which contributions moved for clients whose decision or band changed since the night before.

    One row per kind ("decision", "risk_band"), before, after and feature: clients, mean_change and
    mean_absolute_change of the contribution to the log-odds. Errors: UnknownRun for a night without it.
    """
    return _table(store, run_id, MIGRATION_FILE)


def _table(store: Location, run_id: str | None, name: str) -> pd.DataFrame:
    run = read_run(store, run_id)
    path = runs_folder(store) / run.run_id / name
    if not path.exists():
        raise UnknownRun(f"run {run.run_id} of {store} has no {name}: its status is {run.status}")
    table: pd.DataFrame = read_rows(path).to_pandas()
    return table
