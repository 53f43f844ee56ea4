"""One shard of a night beside training and the night before: clients per bin, who moved, what moved them.

Belongs here: what one task measures of a shard, and adding shards up. Does not: what is too much (checks).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from upath import UPath

from batch.steps.earlier import Earlier, of_shard
from features.schemas import CLIENT, TARGET
from model_store.layers import read_shard_rows
from model_store.reference import SCORE
from model_store.scorebook import shard_of
from risk.stability import Counts, bin_counts

KINDS = ("decision", "risk_band")
_SCORES = [CLIENT, SCORE, *KINDS, "seen_in_training", TARGET]
Numbers = NDArray[np.float64]
Move = tuple[str, str, str]
"""Kind, before, after; "" before for a new client, after for one who is gone."""


@dataclass(frozen=True)
class NightFiles:
    """Where a night's shards lie."""

    run: UPath
    shards: int


@dataclass(frozen=True)
class ComparisonTask:
    """A night, the one before if any, and the bins to count clients in.

    `edges_last`: those to count the night before in, none where it stored its counts for the same bins.
    `earlier`: the night before, where it stored them and this night kept its rows of clients who are as they were:
    then only the others are counted, and the counts are what came less what went.
    """

    night: NightFiles
    last: NightFiles | None = None
    edges: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    edges_last: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    earlier: Earlier | None = None


@dataclass
class Changes:
    """Sums over clients who moved from one decision or band to another: clients, change, |change| per feature."""

    clients: int
    change: pd.Series[float]
    absolute: pd.Series[float]

    def add(self, other: Changes) -> None:
        """Adds other clients who made the same move."""
        self.clients += other.clients
        self.change = self.change.add(other.change, fill_value=0.0)
        self.absolute = self.absolute.add(other.absolute, fill_value=0.0)


@dataclass
class Outcomes:
    """Clients not used in training whose outcome became known since the night before, which promised a rate."""

    clients: int = 0
    defaults: int = 0
    promised: float = 0.0


@dataclass
class Comparison:
    """What was measured of a shard, or of all of them."""

    bins: dict[str, Counts] = field(default_factory=dict)
    bins_last: dict[str, Counts] = field(default_factory=dict)
    bins_new: dict[str, Counts] = field(default_factory=dict)
    moves: Counter[Move] = field(default_factory=Counter)
    changes: dict[Move, Changes] = field(default_factory=dict)
    outcomes: Outcomes = field(default_factory=Outcomes)

    def add(self, other: Comparison) -> None:
        """Adds the figures of other clients."""
        for kind in ("bins", "bins_last", "bins_new"):
            own = getattr(self, kind)
            for name, counts in getattr(other, kind).items():
                own[name] = own[name] + counts if name in own else counts
        self.moves.update(other.moves)
        for move, changes in other.changes.items():
            if move in self.changes:
                self.changes[move].add(changes)
            else:
                self.changes[move] = changes
        self.outcomes.clients += other.outcomes.clients
        self.outcomes.defaults += other.outcomes.defaults
        self.outcomes.promised += other.outcomes.promised


def add_up(parts: Sequence[Comparison]) -> Comparison:
    """The whole night's figures, added in the order of the shards, so that they are the same to the last bit."""
    whole = Comparison()
    for part in parts:
        whole.add(part)
    return whole


def compare_shard(shard: int, task: ComparisonTask) -> Comparison:
    """The figures of one shard's clients, of either night."""
    after = _scores(task.night, shard, task.night.shards)
    before = _scores(task.last, shard, task.night.shards) if task.last else after
    came = None if task.earlier is None else of_shard(task.earlier.anew, shard, task.night.shards)
    whole, new = _counts(task.night, shard, task.night.shards, task.edges, after, before.index, came)
    if task.last is not None and task.earlier is not None:
        went = of_shard(task.earlier.outdated, shard, task.night.shards)
        gone, _ = _counts(task.last, shard, task.night.shards, task.edges, before, before.index, went)
        whole = {name: counts - gone[name] for name, counts in whole.items()}
    found = Comparison(bins=whole, bins_new=new)
    if task.last is None:
        return found
    found.bins_last, _ = _counts(task.last, shard, task.night.shards, task.edges_last, before, before.index)
    both = before.join(after, how="outer", lsuffix="_before", rsuffix="_after")
    found.outcomes = _outcomes(both)
    for kind in KINDS:
        for left, right, clients in _sides(both, kind).value_counts().reset_index().to_numpy():
            found.moves[kind, left, right] = int(clients)
    found.changes = _changes(task.night, task.last, shard, both)
    return found


def _scores(night: NightFiles, shard: int, shards: int) -> pd.DataFrame:
    frame: pd.DataFrame = _read(night, "scores", shard, shards, _SCORES).to_pandas()
    return frame.set_index(CLIENT).sort_index()


def _read(
    night: NightFiles,
    kind: str,
    shard: int,
    shards: int,
    columns: Sequence[str] | None = None,
    only: NDArray[np.int64] | None = None,
) -> pa.Table:
    """The rows of the clients of `shard` (of `shards`), however many shards the night itself was cut into; `only`:
    of these clients."""
    step = gcd(night.shards, shards)
    parts = []
    for own in range(shard % step, night.shards, step):
        rows = read_shard_rows(night.run / kind, own, columns, only)
        if night.shards != step or shards != step:
            clients = rows.column(CLIENT).to_numpy()
            rows = rows.filter(pa.array(shard_of(clients, shards) == shard))
        parts.append(rows)
    return pa.concat_tables(parts)


def _counts(
    night: NightFiles,
    shard: int,
    shards: int,
    edges: Mapping[str, NDArray[np.float64]],
    scores: pd.DataFrame,
    known: pd.Index,
    only: NDArray[np.int64] | None = None,
) -> tuple[dict[str, Counts], dict[str, Counts]]:
    """Clients per bin of every feature that the night has, and of its probabilities; the same of clients who are
    not among the `known` ones. `only`: of these clients."""
    if not edges:
        return {}, {}
    rows = _read(night, "features", shard, shards, only=only)
    if only is not None:
        scores = scores[scores.index.isin(only)]
    held = set(rows.column_names)
    columns = {name: rows.column(name).to_numpy() for name in edges if name in held}
    whole = {name: bin_counts(values, edges[name]) for name, values in columns.items()}
    whole[SCORE] = bin_counts(scores[SCORE].to_numpy(), edges[SCORE])
    new = ~np.isin(rows.column(CLIENT).to_numpy(), known)
    if not new.any():
        return whole, {}
    came = {name: bin_counts(values[new], edges[name]) for name, values in columns.items()}
    return whole, {**came, SCORE: bin_counts(scores.loc[~scores.index.isin(known), SCORE], edges[SCORE])}


def _outcomes(both: pd.DataFrame) -> Outcomes:
    learnt = (
        both[f"{TARGET}_before"].isna() & both[f"{TARGET}_after"].notna() & both[f"{SCORE}_before"].notna()
    )
    for side in ("before", "after"):
        learnt &= ~both[f"seen_in_training_{side}"].fillna(False).astype(bool)
    new = both[learnt]
    return Outcomes(len(new), int(new[f"{TARGET}_after"].sum()), float(new[f"{SCORE}_before"].sum()))


def _changes(night: NightFiles, last: NightFiles, shard: int, both: pd.DataFrame) -> dict[Move, Changes]:
    """What moved the clients of both nights who changed decision or band; read only if there are any."""
    stayed = both[f"{SCORE}_before"].notna() & both[f"{SCORE}_after"].notna()
    moved = {kind: stayed & (both[f"{kind}_before"] != both[f"{kind}_after"]) for kind in KINDS}
    anyone = both.index[moved["decision"] | moved["risk_band"]]
    if anyone.empty:
        return {}
    parts = [_contributions(side, shard, night.shards, anyone) for side in (last, night)]
    difference = parts[1].sub(
        parts[0], fill_value=0.0
    )  # an input that one of two models lacks contributes nothing
    found = {}
    for kind in KINDS:
        sides = _sides(both[moved[kind]], kind)
        for left, right in sides.drop_duplicates().to_numpy():
            rows = difference.loc[sides.index[(sides == (left, right)).all(axis=1)]]
            found[kind, left, right] = Changes(len(rows), rows.sum(), rows.abs().sum())
    return found


def _sides(both: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The two columns of a kind, before and after; "" where the client was not there."""
    return both[[f"{kind}_before", f"{kind}_after"]].fillna("")


def _contributions(night: NightFiles, shard: int, shards: int, clients: pd.Index) -> pd.DataFrame:
    rows = _read(night, "contributions", shard, shards, only=clients.to_numpy(np.int64))
    frame: pd.DataFrame = rows.to_pandas()
    return frame.set_index(CLIENT).astype(np.float64).loc[clients]
