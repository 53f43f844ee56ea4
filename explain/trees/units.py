"""A tree's leaves in groups small enough to tabulate: which conditions a group reads, which features it moves.

Belongs here: how leaves are grouped and their conditions merged. Does not: what the tables hold (tables).

A unit is a run of leaves in walking order. Its conditions are bits: one for each node from where its leaves part
downwards, one for each feature above (the nodes of one feature there are merged: all of them must be passed). A
unit of c conditions and f features is f tables of 2^c numbers, and f look-ups per client instead of one per leaf
and feature. Leaves are grouped so that the estimated time is least. An odd leaf, with more features than the limit,
stands alone and has no table.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explain.trees.model import Places, Trees
from explain.trees.paths import Paths
from features.segments import compiled

LIMIT = 10  # conditions of a unit: 2^10 numbers of 8 bytes stay in the first-level cache
COST_OF_FEATURE, COST_OF_NODE, COST_OF_NUMBER = (
    1.0,
    0.3,
    0.003,
)  # measured, relative; the last: loading tables
ODD, COMMON, CONDITIONS, FEATURES, NODES, LEAVES = range(6)  # what is known of a run of leaves


class Units(NamedTuple):
    """Units of all trees, one after the other; a NamedTuple, because compiled code reads it.

    Tree t has the units first_unit[t] … first_unit[t + 1] - 1. Unit u has the leaves first_leaf[u] …
    first_leaf[u + 1] - 1 in walking order, of which the first common[u] nodes of the path are merged; its
    conditions are first_condition[u] …, read from the nodes listed at first_entry[u] …; its slots (one per
    feature) are first_slot[u] …, its numbers begin at first_number[u] in the tables of contributions and at
    first_value[u] in the table of leaf values. odd[u] is 1 for a leaf without tables.
    """

    first_unit: Places
    first_leaf: Places
    common: Places
    first_condition: Places
    first_entry: Places
    first_slot: Places
    first_number: Places
    first_value: Places
    odd: NDArray[np.uint8]

    @property
    def table_bytes(self) -> int:
        """Memory of the tables."""
        return 8 * int(self.first_number[-1] + self.first_value[-1])

    @property
    def most_features(self) -> int:
        """Features of the unit that has most."""
        return int(np.diff(self.first_slot).max(initial=0))


def plan_units(trees: Trees, paths: Paths, limit: int = LIMIT) -> Units:
    """The units of every tree, none with more than `limit` conditions but odd leaves."""
    of_tree = np.zeros(len(trees.first_leaf) - 1, dtype=np.int64)
    runs = np.zeros((len(paths.shared), 6), dtype=np.int64)
    costs = np.array([COST_OF_FEATURE, COST_OF_NODE, COST_OF_NUMBER])
    total = group_leaves(trees, paths, limit, costs, of_tree, runs)
    known = [np.ascontiguousarray(runs[:total, column]) for column in range(6)]
    conditions, features = known[CONDITIONS], known[FEATURES]
    numbers = np.where(known[ODD] > 0, 0, 1 << np.minimum(conditions, limit))
    return Units(
        first_unit=_firsts(of_tree),
        first_leaf=_firsts(known[LEAVES]),
        common=known[COMMON],
        first_condition=_firsts(conditions),
        first_entry=_firsts(known[NODES]),
        first_slot=_firsts(features),
        first_number=_firsts(numbers * features),
        first_value=_firsts(numbers),
        odd=known[ODD].astype(np.uint8),
    )


def _firsts(counts: Places) -> Places:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


@compiled
def merged_features(trees: Trees, paths: Paths, leaf: int, common: int) -> int:
    """How many features the first `common` nodes on the way to a leaf ask for; paths are short."""
    first, found = paths.first_step[leaf], 0
    for step in range(first, first + common):
        fresh = 1
        for earlier in range(first, step):
            if trees.feature[paths.node[earlier]] == trees.feature[paths.node[step]]:
                fresh = 0
                break
        found += fresh
    return found


@compiled
def measure_runs(
    trees: Trees, paths: Paths, first: int, end: int, limit: int, seen: Places, runs: Places
) -> int:
    """How many runs of leaves begin at `first` and keep to the limit; fills a line of `runs` for each.

    `seen`: which leaf asked for a feature last, as first + 1; marked as it goes.
    """
    common = paths.first_step[first + 1] - paths.first_step[first]
    features, nodes = 0, 0
    for last in range(first, end):
        fresh = paths.shared[last] if last > first else 0
        for step in range(paths.first_step[last] + fresh, paths.first_step[last + 1]):
            asked = trees.feature[paths.node[step]]
            nodes += 1
            if seen[asked] != first + 1:
                seen[asked] = first + 1
                features += 1
        if last > first:
            common = min(common, paths.shared[last] - 1)
        conditions = merged_features(trees, paths, last, common) + nodes - common
        odd = 1 if conditions > limit else 0
        if odd and last > first:
            return last - first
        line = runs[last - first]
        line[ODD], line[COMMON], line[CONDITIONS] = odd, common, conditions
        line[FEATURES], line[NODES], line[LEAVES] = features, nodes, last - first + 1
        if odd:
            return 1
    return end - first


@compiled
def cost_of(run: Places, costs: np.ndarray) -> float:
    """Estimated time of a unit per client; an odd leaf takes the square of its features."""
    features = run[FEATURES] + 1.0
    if run[ODD]:
        return float(costs[0] * features * features)
    return float(costs[0] * features + costs[1] * run[NODES] + costs[2] * features * (1 << run[CONDITIONS]))


@compiled
def group_leaves(
    trees: Trees, paths: Paths, limit: int, costs: np.ndarray, of_tree: Places, chosen: Places
) -> int:
    """How many units there are: fills their number per tree and a line of `chosen` for each.

    Dynamic programming over runs of leaves: the cheapest grouping, of equal ones the one found first.
    """
    seen = np.zeros(len(trees.columns), np.int64)
    runs = np.zeros((limit + 2, 6), np.int64)
    units = 0
    for tree in range(len(trees.first_leaf) - 1):
        start, end = trees.first_leaf[tree], trees.first_leaf[tree + 1]
        least, best = np.full(end - start + 1, np.inf), np.zeros((end - start + 1, 6), np.int64)
        least[0] = 0.0
        for first in range(start, end):
            for longer in range(measure_runs(trees, paths, first, end, limit, seen, runs)):
                cost = least[first - start] + cost_of(runs[longer], costs)
                if cost < least[first - start + longer + 1]:
                    least[first - start + longer + 1] = cost
                    best[first - start + longer + 1] = runs[longer]
        at = end - start
        while at > 0:
            at -= best[at, LEAVES]
            of_tree[tree] += 1
        at, place = end - start, units + of_tree[tree]
        while at > 0:
            place -= 1
            chosen[place] = best[at]
            at -= best[at, LEAVES]
        units += of_tree[tree]
    return units
