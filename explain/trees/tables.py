"""The tables of every unit: what each feature contributes for each pattern of conditions met.

Belongs here: the exact numbers, computed once per model. Does not: looking them up (kernel).

Of one leaf worth v, with feature k met or not (o_k = 1, 0) and z_k the share of training clients that its nodes on
the path let through, the Shapley value is the integral over t from 0 to 1 of
v (o_k - z_k) Π_{g≠k} (z_g + t (o_g - z_g)): the multilinear extension of the leaf's game (Owen 1972). The integrand
is a polynomial of degree d - 1 for d features, so Gauss and Legendre's rule of (d + 1) // 2 points is exact, and
none of its terms cancels another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explain.trees.model import Numbers, Places, Trees
from explain.trees.paths import Paths
from explain.trees.units import Units
from features.segments import compiled


class Tables(NamedTuple):
    """What the units hold; a NamedTuple, because compiled code reads it.

    Condition c is met where every node of entries first_entry[c] … first_entry[c + 1] - 1 (`entry_node` counts
    in the tree) sends the client to `entry_side`. Slot number s of unit u adds
    numbers[first_number[u] + s * 2^conditions + pattern] to the feature slot_feature[first_slot[u] + s], and
    the leaf is worth values[first_value[u] + pattern], 0 where it is no leaf of the unit. Of an odd leaf,
    `slot_share` is the share z of each feature and `odd_value` the worth.
    """

    first_entry: Places
    entry_node: NDArray[np.int32]
    entry_side: NDArray[np.uint8]
    slot_feature: NDArray[np.int32]
    slot_share: Numbers
    numbers: Numbers
    values: Numbers
    odd_value: Numbers


class Rule(NamedTuple):
    """Gauss and Legendre's points and weights on [0, 1]: line n - 1 for n of them."""

    points: Numbers
    weights: Numbers


class LeafGame(NamedTuple):
    """One leaf as the players of its unit see it: feature k is met where pattern & mask[k] == want[k]."""

    slot: Places
    mask: Places
    want: Places
    share: Numbers


def quadrature(most_features: int) -> Rule:
    """The rules that leaves of up to `most_features` features need."""
    largest = max((most_features + 1) // 2, 1)
    points, weights = np.full((largest, largest), 0.5), np.zeros((largest, largest))
    for count in range(1, largest + 1):
        at, by = np.polynomial.legendre.leggauss(count)
        points[count - 1, :count], weights[count - 1, :count] = (at + 1) / 2, by / 2
    return Rule(points, weights)


def build_tables(trees: Trees, paths: Paths, units: Units, rule: Rule) -> Tables:
    """The tables of all units."""
    entries, slots = int(units.first_entry[-1]), int(units.first_slot[-1])
    tables = Tables(
        first_entry=np.full(int(units.first_condition[-1]) + 1, entries, dtype=np.int64),
        entry_node=np.zeros(entries, dtype=np.int32),
        entry_side=np.zeros(entries, dtype=np.uint8),
        slot_feature=np.zeros(slots, dtype=np.int32),
        slot_share=np.ones(slots),
        numbers=np.zeros(int(units.first_number[-1])),
        values=np.zeros(int(units.first_value[-1])),
        odd_value=np.zeros(len(units.odd)),
    )
    fill_tables(trees, paths, units, rule, tables)
    return tables


@compiled
def fill_tables(trees: Trees, paths: Paths, units: Units, rule: Rule, tables: Tables) -> None:
    """Writes every unit's conditions, slots and numbers into `tables`."""
    most = 1
    for unit in range(len(units.odd)):
        if not units.odd[unit]:
            most = max(most, units.first_condition[unit + 1] - units.first_condition[unit])
    table, work, index = np.empty((most, 1 << most)), np.empty((2, 1 << most)), np.empty(1 << most, np.int64)
    slot, mask, want = np.zeros(most, np.int64), np.zeros(most, np.int64), np.zeros(most, np.int64)
    game = LeafGame(slot, mask, want, np.zeros(most))
    bit_of = np.zeros(len(trees.feature), np.int64)
    for tree in range(len(trees.first_leaf) - 1):
        for unit in range(units.first_unit[tree], units.first_unit[tree + 1]):
            list_conditions(trees, paths, units, tables, unit, trees.first_node[tree], bit_of)
            if units.odd[unit]:
                tables.odd_value[unit] = paths.value[units.first_leaf[unit]]
                continue
            for leaf in range(units.first_leaf[unit], units.first_leaf[unit + 1]):
                features = set_up_game(trees, paths, units, tables, unit, leaf, bit_of, game)
                points = max((features + 1) // 2, 1)
                tabulate_leaf(
                    game.share[:features],
                    paths.value[leaf],
                    rule.points[points - 1],
                    rule.weights[points - 1],
                    table,
                    work,
                )
                add_leaf(units, tables, unit, paths.value[leaf], features, game, table, index)


@compiled
def slot_of(tables: Tables, first: int, slots: int, asked: int) -> int:
    """Which of the unit's slots a feature has; `slots` if it has none yet. Units have few."""
    for slot in range(slots):
        if tables.slot_feature[first + slot] == asked:
            return slot
    return slots


@compiled
def list_conditions(
    trees: Trees, paths: Paths, units: Units, tables: Tables, unit: int, base: int, bit_of: Places
) -> None:
    """The unit's conditions and slots: features merged on the common path first, so that slot and bit agree."""
    condition, entry, slots = units.first_condition[unit], units.first_entry[unit], 0
    first_leaf, first_slot = units.first_leaf[unit], units.first_slot[unit]
    begin = paths.first_step[first_leaf]
    end = begin + units.common[unit]
    for step in range(begin, end):
        asked = trees.feature[paths.node[step]]
        if slot_of(tables, first_slot, slots, asked) < slots:
            continue
        tables.first_entry[condition] = entry
        condition += 1
        for later in range(step, end):
            node, side = paths.node[later], paths.side[later]
            if trees.feature[node] == asked:
                tables.entry_node[entry], tables.entry_side[entry] = node - base, side
                tables.slot_share[first_slot + slots] *= trees.share[node, side]
                entry += 1
        tables.slot_feature[first_slot + slots] = asked
        slots += 1
    for leaf in range(first_leaf, units.first_leaf[unit + 1]):
        fresh = units.common[unit] if leaf == first_leaf else paths.shared[leaf]
        for step in range(paths.first_step[leaf] + fresh, paths.first_step[leaf + 1]):
            node = paths.node[step]
            bit_of[node] = condition - units.first_condition[unit]
            tables.first_entry[condition] = entry
            tables.entry_node[entry], tables.entry_side[entry] = node - base, 0
            condition += 1
            entry += 1
            slot = slot_of(tables, first_slot, slots, trees.feature[node])
            if slot == slots:
                tables.slot_feature[first_slot + slots] = trees.feature[node]
                slots += 1


@compiled
def set_up_game(
    trees: Trees,
    paths: Paths,
    units: Units,
    tables: Tables,
    unit: int,
    leaf: int,
    bit_of: Places,
    game: LeafGame,
) -> int:
    """How many features decide on the leaf; fills `game` for them."""
    first_slot, features = units.first_slot[unit], 0
    slots = units.first_slot[unit + 1] - first_slot
    below = paths.first_step[leaf] + units.common[unit]
    for step in range(paths.first_step[leaf], paths.first_step[leaf + 1]):
        node, side = paths.node[step], paths.side[step]
        slot = slot_of(tables, first_slot, slots, trees.feature[node])
        k = 0
        while k < features and game.slot[k] != slot:
            k += 1
        if k == features:
            game.slot[k], game.mask[k], game.want[k], game.share[k] = slot, 0, 0, 1.0
            features += 1
        game.share[k] *= trees.share[node, side]
        bit = np.int64(1) << (slot if step < below else bit_of[node])
        game.mask[k] |= bit
        if step < below or side == 0:
            game.want[k] |= bit
    return features


@compiled
def tabulate_leaf(
    share: Numbers, value: float, points: Numbers, weights: Numbers, table: Numbers, work: Numbers
) -> None:
    """Fills table[k, pattern] with the contribution of feature k where bit g of the pattern says g is met.

    `table`: at least (features, 2^features); `work`: (2, 2^features). What an unmet feature contributes is the
    same for all of them: its share cancels.
    """
    features = len(share)
    patterns = 1 << features
    table[:features, :patterns] = 0.0
    work[1, :patterns] = 0.0
    for q in range((features + 1) // 2):
        t, weight = points[q], weights[q]
        work[0, 0] = weight
        for k in range(features):
            met, unmet, size = share[k] + t * (1.0 - share[k]), share[k] * (1.0 - t), 1 << k
            for pattern in range(size):
                work[0, size + pattern] = work[0, pattern] * met
                work[0, pattern] *= unmet
        for k in range(features):
            factor = 1.0 / (share[k] + t * (1.0 - share[k]))
            for pattern in range(patterns):
                table[k, pattern] += work[0, pattern] * factor
        for pattern in range(patterns):
            work[1, pattern] += work[0, pattern] / (1.0 - t)
    for k in range(features):
        gain = value * (1.0 - share[k])
        for pattern in range(patterns):
            met_here = pattern >> k & 1
            table[k, pattern] = gain * table[k, pattern] if met_here else -value * work[1, pattern]


@compiled
def add_leaf(
    units: Units,
    tables: Tables,
    unit: int,
    value: float,
    features: int,
    game: LeafGame,
    table: Numbers,
    index: Places,
) -> None:
    """Adds a leaf's own table to the unit's, pattern by pattern."""
    patterns = 1 << (units.first_condition[unit + 1] - units.first_condition[unit])
    index[:patterns] = 0
    for k in range(features):
        mask, want = game.mask[k], game.want[k]
        for pattern in range(patterns):
            index[pattern] |= np.int64((pattern & mask) == want) << k
    for k in range(features):
        start = units.first_number[unit] + game.slot[k] * patterns
        for pattern in range(patterns):
            tables.numbers[start + pattern] += table[k, index[pattern]]
    for pattern in range(patterns):
        if index[pattern] == (1 << features) - 1:
            tables.values[units.first_value[unit] + pattern] += value
