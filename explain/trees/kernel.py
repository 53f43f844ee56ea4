"""Contributions of many clients at once: block by block of clients, tree by tree, look-up by look-up.

Belongs here: the loops over clients. Does not: what is looked up (tables), who calls it with what (exact).

Within a block, features are rows and clients columns, so that every loop runs along memory. A client's numbers are
added up tree by tree, unit by unit, whoever else is in the block: the same bits alone, in any block, on any thread.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explain.trees.model import CATEGORY, MISSING_LEFT, MISSING_RIGHT, ZERO_LEFT, Numbers, Places, Trees
from explain.trees.tables import Rule, Tables
from explain.trees.units import Units
from features.segments import compiled

Bits = NDArray[np.uint8]
TINY = float(np.float32(1e-35))  # LightGBM takes values this close to 0 for 0
TOO_LARGE = 2.0**31  # for a category: LightGBM reads them as int32
PAD = 8  # lines begin 64 bytes apart from a power of two, or they would share places in the cache


class Model(NamedTuple):
    """All that is known of a model; compiled code reads it."""

    trees: Trees
    units: Units
    tables: Tables
    rule: Rule
    expected: float


class Block(NamedTuple):
    """Room for a block of clients, who are columns. Lines of `values` and `sums` are features, of `went` the
    nodes of a tree (1 where the client goes left), of `met` and `met_sum` the conditions of an odd leaf."""

    values: Numbers
    sums: Numbers
    raw: Numbers
    went: Bits
    met: Bits
    pattern: NDArray[np.uint16]
    product: Numbers
    unmet_sum: Numbers
    met_sum: Numbers


@compiled
def explain_rows(X: Numbers, model: Model, block_rows: int, out: Numbers, raw: Numbers) -> None:
    """Writes contributions into the columns of `out` that the model reads, and raw scores into `raw`.

    `X`: (rows, features). `out`: (rows, features + 1), zeros; its last column becomes the expected value.
    """
    trees, units, tables = model.trees, model.units, model.tables
    wide = min(block_rows, len(X))
    block = make_room(trees, units, wide)
    for start in range(0, len(X), max(wide, 1)):
        count = min(wide, len(X) - start)
        load(X, trees.columns, start, count, block.values)
        block.sums[:, :count] = 0.0
        block.raw[:count] = 0.0
        for tree in range(len(trees.first_leaf) - 1):
            base = trees.first_node[tree]
            for node in range(base, trees.first_node[tree + 1]):
                decide(
                    trees, node, block.values[trees.feature[node], :count], block.went[node - base, :count]
                )
            for unit in range(units.first_unit[tree], units.first_unit[tree + 1]):
                if units.odd[unit]:
                    add_odd_leaf(units, tables, model.rule, unit, count, block)
                else:
                    find_pattern(units, tables, unit, count, block)
                    look_up(units, tables, unit, count, block)
        store(block.sums, trees.columns, start, count, out)
        out[start : start + count, -1] = model.expected
        raw[start : start + count] = block.raw[:count]


@compiled
def make_room(trees: Trees, units: Units, wide: int) -> Block:
    """A block for up to `wide` clients."""
    nodes, conditions, line = 1, 1, wide + PAD
    for tree in range(len(trees.first_node) - 1):
        nodes = max(nodes, trees.first_node[tree + 1] - trees.first_node[tree])
    for unit in range(len(units.odd)):
        if units.odd[unit]:
            conditions = max(conditions, units.first_condition[unit + 1] - units.first_condition[unit])
    return Block(
        np.empty((len(trees.columns), line)),
        np.empty((len(trees.columns), line)),
        np.empty(line),
        np.empty((nodes, line), np.uint8),
        np.empty((conditions, line), np.uint8),
        np.empty(line, np.uint16),
        np.empty(line),
        np.empty(line),
        np.empty((conditions, line)),
    )


@compiled
def load(X: Numbers, columns: Places, start: int, count: int, values: Numbers) -> None:
    """Rows become columns, eight at a time: a line of memory on both sides."""
    for first in range(0, count, 8):
        for place in range(len(columns)):
            column = columns[place]
            for row in range(first, min(first + 8, count)):
                value = X[start + row, column]
                values[place, row] = 0.0 if abs(value) <= TINY else value


@compiled
def store(sums: Numbers, columns: Places, start: int, count: int, out: Numbers) -> None:
    """Columns become rows again."""
    for first in range(0, count, 8):
        for place in range(len(columns)):
            column = columns[place]
            for row in range(first, min(first + 8, count)):
                out[start + row, column] = sums[place, row]


@compiled
def decide(trees: Trees, node: int, value: Numbers, went: Bits) -> None:
    """went[c] = 1 where LightGBM sends value[c] to the left."""
    threshold, decision = trees.threshold[node], trees.decision[node]
    if decision == MISSING_RIGHT:
        for c in range(len(value)):
            went[c] = value[c] <= threshold
    elif decision == MISSING_LEFT:
        for c in range(len(value)):
            went[c] = not value[c] > threshold
    elif decision == CATEGORY:
        words = trees.words[trees.first_word[node] : trees.first_word[node] + trees.count_words[node]]
        for c in range(len(value)):
            went[c] = 0
            if value[c] > -1.0 and value[c] < TOO_LARGE:  # cut off to a whole number, as LightGBM does
                code = np.int64(value[c])
                if code >> 5 < len(words):
                    went[c] = words[code >> 5] >> np.uint32(code & 31) & np.uint32(1)
    else:
        default = np.uint8(decision == ZERO_LEFT)
        for c in range(len(value)):
            known = value[c] < 0.0 or value[c] > 0.0
            went[c] = np.uint8(value[c] <= threshold) if known else default


@compiled
def merge(tables: Tables, condition: int, went: Bits, met: Bits) -> None:
    """met[c] = 1 where every node of the condition sends the client the way it asks for."""
    met[:] = 1
    for entry in range(tables.first_entry[condition], tables.first_entry[condition + 1]):
        side, row = tables.entry_side[entry], went[tables.entry_node[entry], : len(met)]
        for c in range(len(met)):
            met[c] &= row[c] ^ side


@compiled
def find_pattern(units: Units, tables: Tables, unit: int, count: int, block: Block) -> None:
    """Which of the unit's conditions each client meets, a bit for each."""
    pattern, both = block.pattern[:count], block.met[0, :count]
    pattern[:] = 0
    first = units.first_condition[unit]
    for condition in range(first, units.first_condition[unit + 1]):
        bit, entry = np.uint16(condition - first), tables.first_entry[condition]
        if tables.first_entry[condition + 1] - entry == 1:
            side, row = tables.entry_side[entry], block.went[tables.entry_node[entry], :count]
            for c in range(count):
                pattern[c] |= np.uint16(np.uint16(row[c] ^ side) << bit)
        else:
            merge(tables, condition, block.went, both)
            for c in range(count):
                pattern[c] |= np.uint16(np.uint16(both[c]) << bit)


@compiled
def look_up(units: Units, tables: Tables, unit: int, count: int, block: Block) -> None:
    """Adds what the pattern is worth to every feature of the unit, and the leaf to the raw score."""
    pattern = block.pattern[:count]
    size = np.int64(1) << (units.first_condition[unit + 1] - units.first_condition[unit])
    start = units.first_number[unit]
    for slot in range(units.first_slot[unit], units.first_slot[unit + 1]):
        table, row = tables.numbers[start : start + size], block.sums[tables.slot_feature[slot], :count]
        for c in range(count):
            row[c] += table[pattern[c]]
        start += size
    values, raw = tables.values[units.first_value[unit] : units.first_value[unit] + size], block.raw[:count]
    for c in range(count):
        raw[c] += values[pattern[c]]


@compiled
def add_odd_leaf(units: Units, tables: Tables, rule: Rule, unit: int, count: int, block: Block) -> None:
    """The same for a leaf with too many features for a table, by the formula of tables itself."""
    first, first_slot = units.first_condition[unit], units.first_slot[unit]
    features = units.first_condition[unit + 1] - first
    share, worth = tables.slot_share[first_slot : first_slot + features], tables.odd_value[unit]
    product, unmet_sum, met_sum = block.product[:count], block.unmet_sum[:count], block.met_sum[:, :count]
    for k in range(features):
        merge(tables, first + k, block.went, block.met[k, :count])
        met_sum[k] = 0.0
    unmet_sum[:] = 0.0
    points = (features + 1) // 2
    for q in range(points):
        t = rule.points[points - 1, q]
        product[:] = rule.weights[points - 1, q]
        for k in range(features):
            met, unmet = share[k] + t * (1.0 - share[k]), share[k] * (1.0 - t)
            for c in range(count):
                product[c] *= met if block.met[k, c] else unmet
        for k in range(features):
            factor = 1.0 / (share[k] + t * (1.0 - share[k]))
            for c in range(count):
                met_sum[k, c] += product[c] * factor
        for c in range(count):
            unmet_sum[c] += product[c] / (1.0 - t)
    product[:] = worth
    for k in range(features):
        row, gain = block.sums[tables.slot_feature[first_slot + k], :count], worth * (1.0 - share[k])
        for c in range(count):
            row[c] += gain * met_sum[k, c] if block.met[k, c] else -worth * unmet_sum[c]
            product[c] = product[c] if block.met[k, c] else 0.0
    for c in range(count):
        block.raw[c] += product[c]
