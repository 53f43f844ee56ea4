"""A night beside training and the night before: the tables that the run keeps, and the figures for the checks.

Belongs here: which comparisons are made, drift.parquet and migration.parquet. Does not: measuring a shard
(comparison), limits (checks).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from upath import UPath

from batch.steps.both_nights import KINDS
from batch.steps.comparison import Changes, Comparison, ComparisonTask, Move, NightFiles, add_up
from batch.steps.earlier import Earlier
from model_store import Run, ScoringModel
from model_store.nights import DRIFT_FILE, MIGRATION_FILE
from model_store.reference import SCORE, Distribution, Reference, reference_of
from model_store.scorebook import runs_folder
from model_store.storage import publish_bytes
from risk.stability import Counts, chance_psi, psi_of_shares

BINS_FILE = "bins.parquet"
Measure = Callable[[ComparisonTask], list[Comparison]]
"""Measures every part of a task, in their order."""


@dataclass(frozen=True, eq=False)
class Since:
    """What a night is compared with and how: `last` None for a first night.

    `drift`: as model_store.nights.read_drift. `training_clients`: 0 for a version that carries no distributions.
    """

    comparison: Comparison
    last: Run | None
    model_changed: bool
    training_clients: int
    drift: pd.DataFrame
    migration: pd.DataFrame

    def clients(self, side: str) -> int:
        """Clients "in both" nights, "new" or "gone"."""
        kinds = {"in both": (True, True), "new": (False, True), "gone": (True, False)}
        return sum(
            clients
            for (kind, before, after), clients in self.comparison.moves.items()
            if kind == "decision" and (bool(before), bool(after)) == kinds[side]
        )

    @property
    def document(self) -> dict[str, Any]:
        """What run.json says: with which run it was compared, and how many clients made each move."""
        if self.last is None:
            return {"compared_with": None}
        return {
            "compared_with": self.last.run_id,
            "migration": {
                "since": self.last.run_id,
                "model_changed": self.model_changed,
                **{
                    f"clients_{side.replace(' ', '_')}": self.clients(side)
                    for side in ("in both", "new", "gone")
                },
                **{kind: _matrix(self.comparison.moves, kind) for kind in KINDS},
            },
        }


def measure_since(
    store: UPath,
    run: NightFiles,
    model: ScoringModel,
    last: Run | None,
    measure: Measure,
    earlier: Earlier | None = None,
) -> Since:
    """The night's files compared with its model's training and with the night before; nothing is written.

    `earlier`: the run that the night kept rows of.
    """
    reference = reference_of(model)
    edges = {name: entry.edges for name, entry in reference.items()}
    before = NightFiles(runs_folder(store) / last.run_id, last.shards) if last else None
    stored = _read_bins(before, edges) if before else {}
    if not stored or last is None or earlier is None or earlier.run_id != last.run_id:
        earlier = None
    task = ComparisonTask(run, before, edges, {} if stored else edges, earlier)
    found = add_up(measure(task))
    if stored:
        found.bins_last = stored
    if earlier is not None:
        found.bins = {name: counts + found.bins.get(name, 0) for name, counts in stored.items()}
    drift = _drift(reference, found)
    return Since(
        found,
        last,
        last is not None and last.model_version != model.version,
        int(reference[SCORE].clients.sum()) if reference else 0,
        drift,
        migration_table(found.changes),
    )


def write_since(folder: UPath, since: Since, model: ScoringModel) -> None:
    """drift.parquet, migration.parquet and bins.parquet, the counts that the next night compares with."""
    _write(folder / DRIFT_FILE, since.drift.reset_index())
    if since.last is not None:
        _write(folder / MIGRATION_FILE, since.migration)
    edges = {name: entry.edges for name, entry in reference_of(model).items()}
    rows = [
        {"feature": name, "edges": edges[name].tolist(), "clients": counts.tolist()}
        for name, counts in since.comparison.bins.items()
    ]
    _write(folder / BINS_FILE, pd.DataFrame(rows, columns=["feature", "edges", "clients"]))


def migration_table(changes: Mapping[Move, Changes]) -> pd.DataFrame:
    """As model_store.nights.read_migration: every move and feature, the largest mean change first."""
    parts = [
        pd.DataFrame(
            {
                "kind": move[0],
                "before": move[1],
                "after": move[2],
                "feature": found.features,
                "clients": found.clients,
                "mean_change": found.change / found.clients,
                "mean_absolute_change": found.absolute / found.clients,
            }
        ).sort_values("mean_absolute_change", ascending=False, kind="stable")
        for move, found in sorted(changes.items())
    ]
    columns = ["kind", "before", "after", "feature", "clients", "mean_change", "mean_absolute_change"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _matrix(moves: Mapping[Move, int], kind: str) -> list[dict[str, Any]]:
    """Clients per move, the new ("before" null) and the gone ("after" null) included."""
    return [
        {"before": before or None, "after": after or None, "clients": clients}
        for (own, before, after), clients in sorted(moves.items())
        if own == kind
    ]


def _drift(reference: Reference, found: Comparison) -> pd.DataFrame:
    rows = {}
    for name, now in found.bins.items():
        current, training = Distribution(reference[name].edges, now), reference[name]
        last, new = found.bins_last.get(name), found.bins_new.get(name)
        rows[name] = {
            "missing_share": current.missing_share,
            "missing_training": training.missing_share,
            "missing_last_night": np.nan if last is None else float(last[-1] / last.sum()),
            "csi_training": _index(training.clients, now),
            "chance_training": _chance(training.clients, now),
            "csi_last_night": np.nan if last is None else _index(last, now),
            "chance_last_night": np.nan if last is None else _chance(last, now),
            "csi_newcomers": np.nan if new is None or not new.any() else _index(training.clients, new),
            "chance_newcomers": np.nan if new is None else _chance(training.clients, new),
        }
    names = [
        "missing_share", "missing_training", "missing_last_night",
        "csi_training", "chance_training", "csi_last_night", "chance_last_night",
        "csi_newcomers", "chance_newcomers",
    ]  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index", columns=names, dtype=np.float64).rename_axis(
        "feature"
    )


def _index(expected: Counts, actual: Counts) -> float:
    return psi_of_shares(expected / expected.sum(), actual / actual.sum())


def _chance(expected: Counts, actual: Counts) -> float:
    bins = int(np.count_nonzero(expected + actual))
    return chance_psi(bins, int(expected.sum()), int(actual.sum()))


def _read_bins(night: NightFiles, edges: Mapping[str, NDArray[np.float64]]) -> dict[str, Counts]:
    """The night's own counts, if it counted in the same bins; else none, and its features are counted again."""
    path = night.run / BINS_FILE
    if not path.exists():
        return {}
    with path.open("rb") as file:
        rows = pd.read_parquet(file)
    same = all(
        name in edges and np.array_equal(edges[name], inner)
        for name, inner in zip(rows["feature"], rows["edges"], strict=True)
    )
    if not same or set(rows["feature"]) != set(edges):
        return {}
    return {
        name: np.asarray(clients, dtype=np.int64)
        for name, clients in zip(rows["feature"], rows["clients"], strict=True)
    }


def _write(path: UPath, table: pd.DataFrame) -> None:
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    publish_bytes(path, buffer.getvalue())
