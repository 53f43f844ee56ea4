"""Some shards of a night beside training and the night before: clients per bin, who moved, what moved them.

Belongs here: what one task measures, and adding tasks up. Does not: laying two nights beside one another
(both_nights), what is too much (checks).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from upath import UPath

from batch.steps.both_nights import KINDS, SCORES, BothNights
from batch.steps.earlier import Earlier, of_shards, parts_of
from features.schemas import CLIENT
from model_store.layers import among, read_shard_rows
from model_store.reference import SCORE
from model_store.scorebook import shard_of
from risk.stability import Counts, bin_counts

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

    @property
    def parts(self) -> tuple[range, ...]:
        """The night's shards as they are compared."""
        return parts_of(self.night.shards, self.earlier)


@dataclass
class Changes:
    """Sums over clients who moved from one decision or band to another: clients, change, |change| per feature.

    `features`: of either model, the same in all shards of a night.
    """

    clients: int
    features: tuple[str, ...]
    change: Numbers
    absolute: Numbers

    def add(self, other: Changes) -> None:
        """Adds other clients who made the same move."""
        self.clients += other.clients
        self.change = self.change + other.change
        self.absolute = self.absolute + other.absolute


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


def compare_part(part: int, task: ComparisonTask) -> Comparison:
    """The figures of the clients, of either night, of some shards: those that are scored together."""
    shards = task.parts[part]
    after = _read(task.night, "scores", shards, task, SCORES)
    before = after if task.last is None else _read(task.last, "scores", shards, task, SCORES)
    known = before.column(CLIENT).to_numpy()
    came = None if task.earlier is None else of_shards(task.earlier.anew, shards, task.night.shards)
    whole, new = _counts(task, task.night, shards, task.edges, after, known, came)
    if task.last is None:
        return Comparison(bins=whole, bins_new=new)
    if task.earlier is not None:
        went = of_shards(task.earlier.outdated, shards, task.night.shards)
        gone, _ = _counts(task, task.last, shards, task.edges, before, known, went)
        whole = {name: counts - gone[name] for name, counts in whole.items()}
    both = BothNights.of(before, after)
    return Comparison(
        bins=whole,
        bins_last=_counts(task, task.last, shards, task.edges_last, before, known)[0],
        bins_new=new,
        moves=Counter({(kind, *pair): n for kind in KINDS for pair, n in both.moves(kind).items()}),
        changes=_changes(task, task.last, shards, both),
        outcomes=_outcomes(both),
    )


def _read(
    night: NightFiles,
    kind: str,
    shards: Sequence[int],
    task: ComparisonTask,
    columns: Sequence[str] | None = None,
    only: NDArray[np.int64] | None = None,
) -> pa.Table:
    """The rows of the clients of some of the task's shards, however many shards the night itself was cut into;
    `only`: of these clients."""
    cut = task.night.shards
    step = gcd(night.shards, cut)
    parts = []
    for shard in shards:
        own = None if only is None else of_shards(only, [shard], cut)
        for place in range(shard % step, night.shards, step) if own is None or len(own) else [shard % step]:
            rows = read_shard_rows(night.run / kind, place, columns, own)
            if night.shards != step or cut != step:
                rows = rows.filter(pa.array(shard_of(rows.column(CLIENT).to_numpy(), cut) == shard))
            parts.append(rows)
    return pa.concat_tables(parts)


def _counts(
    task: ComparisonTask,
    night: NightFiles,
    shards: Sequence[int],
    edges: Mapping[str, NDArray[np.float64]],
    scores: pa.Table,
    known: NDArray[np.int32],
    only: NDArray[np.int64] | None = None,
) -> tuple[dict[str, Counts], dict[str, Counts]]:
    """Clients per bin of every feature that the night has, and of its probabilities; the same of clients who are
    not among the `known` ones. `only`: of these clients."""
    if not edges:
        return {}, {}
    rows = _read(night, "features", shards, task, only=only)
    if only is not None:
        scores = scores.filter(pa.array(among(scores.column(CLIENT).to_numpy(), only)))
    held = {*rows.column_names}
    sides = [*((rows, name) for name in edges if name in held), (scores, SCORE)]
    new = {id(side): ~among(side.column(CLIENT).to_numpy(), known) for side in (rows, scores)}
    whole, came = dict[str, Counts](), dict[str, Counts]()
    for side, name in sides:
        values, chosen = side.column(name).to_numpy(), new[id(side)]
        whole[name] = bin_counts(values, edges[name])
        if chosen.any():
            came[name] = bin_counts(values[chosen], edges[name])
    return whole, came


def _outcomes(both: BothNights) -> Outcomes:
    learnt = both.learnt()
    defaults, promised = both.after.outcome[learnt].sum(), both.before.probability[learnt].sum()
    return Outcomes(int(learnt.sum()), int(defaults), float(promised))


def _changes(
    task: ComparisonTask, last: NightFiles, shards: Sequence[int], both: BothNights
) -> dict[Move, Changes]:
    """What moved the clients of both nights who changed decision or band; read only if there are any."""
    moved = {(kind, *pair): who for kind in KINDS for pair, who in both.moved(kind).items()}
    if not moved:
        return {}
    anyone = np.logical_or.reduce([*moved.values()])
    before, after = (
        _contributions(night, shards, task, both.clients[anyone]) for night in (last, task.night)
    )
    # an input that one of two models lacks contributes nothing
    features = tuple(after) if before.keys() == after.keys() else tuple(sorted({*before, *after}))
    nothing = np.zeros(int(anyone.sum()))
    difference = np.stack([after.get(name, nothing) - before.get(name, nothing) for name in features], axis=1)
    found = {}
    for move, who in moved.items():
        rows = difference[who[anyone]]
        found[move] = Changes(len(rows), features, rows.sum(axis=0), np.abs(rows).sum(axis=0))
    return found


def _contributions(
    night: NightFiles, shards: Sequence[int], task: ComparisonTask, clients: NDArray[np.int64]
) -> dict[str, Numbers]:
    """By feature, those of clients, who are ascending and all there."""
    rows = _read(night, "contributions", shards, task, only=clients)
    by_client = np.argsort(rows.column(CLIENT).to_numpy())
    return {
        name: rows.column(name).to_numpy()[by_client].astype(np.float64)
        for name in rows.column_names
        if name != CLIENT
    }
