"""Here: rows of a history drawn one after the other, each column from its tree of published figures.
Not here: which columns a history has (the tables' modules), how the trees are made (derive_histories.py).

A history is a run of rows of one client, oldest first; it may fall into spells (a loan's months). Row by row and
column by column a tree is walked on what is known so far: the client, the place in the run, the row before, the
averages so far, the columns of this row already drawn. The leaf holds a distribution as pieces; where in it the
value lies answers to the client's latent causes. Each leaf knows what those causes usually are where it is
reached, so that they move who gets which value and not how many get it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.compiling import compiled
from simulator.facts import Bools, Floats, Ints

MISSING = -1e30  # stands for a missing value in what trees look at: left of every threshold
(
    DRAWN,
    ADD,
    SUBTRACT,
    TIMES,
    OVER,
    SHRINK,
    SPAN,
    AT_LEAST,
    FIRST_KNOWN,
    PER,
    SCALE,
    OR_ELSE,
    SMALLER,
    LARGER,
    CUT,
) = range(15)
POSITIONS = 3  # place in the spell, rows left in it, place in the run
LEAF = -1


@dataclass(frozen=True)
class Trees:
    """All columns' trees: node arrays, pieces of the leaves, and the usual driver at each leaf.

    A node goes `left` where the feature is at most the threshold. A leaf has feature -1 and the pieces left
    to right-1: a share of `shares` (cumulated) lies evenly from `low` to `high`, MISSING for missing.
    """

    roots: Ints
    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    usual: Floats
    spread: Floats
    low: Floats
    high: Floats
    shares: Floats


@dataclass(frozen=True)
class Steps:
    """How each column is made: operation, operands (places among the features), a constant, the rounding step,
    the value before the first row, and whether it holds categories.
    """

    operation: Ints
    first: Ints
    second: Ints
    constant: Floats
    step: Floats
    initial: Floats
    category: Bools


@dataclass(frozen=True)
class Runs:
    """The rows to draw: where each client's run starts (one entry more than clients), where a spell begins, the
    client's own features (clients, k) and those of each spell (spells, l). `recent` tells the rows of the last
    twelve months, in which shocks are felt; none when empty.
    """

    starts: Ints
    fresh: Bools
    client: Floats
    spell: Floats
    recent: Bools


@dataclass(frozen=True)
class Drivers:
    """What the latent causes add to the position of a value in its leaf: `lasting` (clients, columns) always,
    `shocks` (clients) times `felt` (columns) in recent rows; `noise` and `recent_noise` are the spread of the rest.
    """

    lasting: Floats
    noise: Floats
    shocks: Floats
    felt: Floats
    recent_noise: Floats


@compiled
def make(operation: int, a: float, b: float, constant: float) -> float:
    """A made column's value; missing where an operand it needs is missing."""
    if operation == CUT:
        return 0.0 if MISSING < a < constant else a
    if operation == AT_LEAST:
        return max(a, constant) if a > MISSING else a
    if operation == SCALE:
        return a * constant if a > MISSING else a
    if operation == OR_ELSE:
        return a if a > MISSING else constant
    if operation == FIRST_KNOWN:
        return a if a > MISSING else b
    if operation == SPAN:
        end = constant if a <= MISSING or a > constant else a
        return end - b
    if a <= MISSING or b <= MISSING:
        return MISSING
    if operation == ADD:
        return a + b
    if operation == SUBTRACT:
        return a - b
    if operation == TIMES:
        return a * b
    if operation == OVER:
        return a / b if b > 0 else 0.0
    if operation == SMALLER:
        return min(a, b)
    if operation == LARGER:
        return max(a, b)
    if operation == PER:
        return a / max(b, 1.0)
    return a * (1.0 - b)


@compiled
def remember(x: Floats, lag: int, run: int, now: int, category: Bools, known: Floats, seen: int) -> None:
    """Put the row at `now` into the lags and the running averages of `seen` rows before it."""
    columns = len(category)
    for c in range(columns):
        value = x[now + c]
        x[lag + c] = value
        if category[c]:
            x[run + c] += ((1.0 if value == 0 else 0.0) - x[run + c]) / (seen + 1)
            x[run + columns + c] += ((1.0 if value == 1 else 0.0) - x[run + columns + c]) / (seen + 1)
        else:
            gone = value <= MISSING
            if not gone:
                size = math.copysign(math.log1p(abs(value)), value)
                known[c] += 1.0
                x[run + c] += (size - x[run + c]) / known[c]
            x[run + columns + c] += ((1.0 if gone or value == 0 else 0.0) - x[run + columns + c]) / (seen + 1)


@compiled
def widen(x: Floats, extremes: int, now: int, columns: int) -> None:
    """Let the row at `now` count in the largest and smallest values of the run."""
    for c in range(columns):
        value = x[now + c]
        if value > MISSING:
            if value > x[extremes + c]:
                x[extremes + c] = value
            least = x[extremes + columns + c]
            if least <= MISSING or value < least:
                x[extremes + columns + c] = value


@compiled
def walk(x: Floats, root: int, feature: Ints, threshold: Floats, left: Ints, right: Ints) -> int:
    """The leaf that the features lead to."""
    node = root
    while feature[node] >= 0:
        node = left[node] if x[feature[node]] <= threshold[node] else right[node]
    return node


@compiled
def draw_runs(
    rng: np.random.Generator,
    starts: Ints,
    fresh: Bools,
    client: Floats,
    spell: Floats,
    trees: tuple[Any, ...],
    steps: tuple[Any, ...],
    recent: Bools,
    drivers: tuple[Any, ...],
    given: Floats,
    known_rows: bool,
    moments: Floats,
    features: Floats,
) -> Floats:
    """Array (rows, columns) of drawn values, NaN where missing.

    `trees`, `steps` and `drivers` are the fields of Trees, Steps and Drivers. With `known_rows` nothing is
    drawn: `given` (rows, columns) are the values, and `features` (rows, features) takes what the trees look
    at. `moments` (nodes, 3) adds up the drivers met at each leaf; it and `features` are empty when not wanted.
    """
    roots, feature, threshold, left, right, usual, spread, low, high, shares = trees
    operation, first, second, constant, step, initial, category = steps
    lasting, noise, shocks, felt, recent_noise = drivers
    columns, own, of_spell = len(operation), client.shape[1], spell.shape[1]
    place = own + of_spell
    lag = place + POSITIONS
    run = lag + columns
    overall = run + 2 * columns
    extremes = overall + 2 * columns
    now = extremes + 2 * columns
    x = np.zeros(now + columns)
    rows = starts[-1]
    out = np.empty((rows, columns))
    known, known_overall = np.zeros(columns), np.zeros(columns)
    spells = 0
    for g in range(len(starts) - 1):
        x[:own] = client[g]
        x[overall:extremes] = 0.0
        x[extremes:now] = MISSING
        known_overall[:] = 0.0
        seen = 0
        for row in range(starts[g], starts[g + 1]):
            if row == starts[g] or fresh[row]:
                if of_spell > 0:
                    x[own:place] = spell[spells]
                spells += 1
                length = 1
                while row + length < starts[g + 1] and not fresh[row + length]:
                    length += 1
                x[lag:run] = initial
                x[run:overall] = 0.0
                known[:] = 0.0
                seen = 0
                x[place + 1] = length
            x[place] = seen
            x[place + 1] -= 1
            x[place + 2] = row - starts[g]
            for c in range(columns):
                if known_rows:
                    value = given[row, c]
                    x[now + c] = MISSING if math.isnan(value) else value
                    continue
                if operation[c] != DRAWN:
                    value = make(operation[c], x[first[c]], x[second[c]], constant[c])
                else:
                    node = walk(x, roots[c], feature, threshold, left, right)
                    begin, end = left[node], right[node]
                    if end - begin == 1 and low[begin] == high[begin]:
                        value = low[begin]
                    else:
                        now_felt = len(recent) > 0 and recent[row]
                        if noise[c] < 1.0 or recent_noise[c] < 1.0:
                            z = (
                                lasting[g, c]
                                + (recent_noise[c] if now_felt else noise[c]) * rng.standard_normal()
                            )
                            if now_felt:
                                z += felt[c] * shocks[g]
                            if len(moments) > 0:
                                moments[node, 0] += 1.0
                                moments[node, 1] += z
                                moments[node, 2] += z * z
                            u = 0.5 * math.erfc((usual[node] - z) / (spread[node] * 1.4142135623730951))
                        else:
                            u = rng.random()
                        piece = begin
                        while piece < end - 1 and u > shares[piece]:
                            piece += 1
                        before = shares[piece - 1] if piece > begin else 0.0
                        within = min(max((u - before) / (shares[piece] - before), 0.0), 1.0)
                        value = low[piece] + (high[piece] - low[piece]) * within
                if step[c] > 0 and value > MISSING:
                    value = round(value / step[c]) * step[c]
                x[now + c] = value
            for c in range(columns):
                value = x[now + c]
                out[row, c] = value if value > MISSING else np.nan
            if len(features) > 0:
                features[row] = x
            remember(x, lag, run, now, category, known, seen)
            remember(x, lag, overall, now, category, known_overall, row - starts[g])
            widen(x, extremes, now, columns)
            seen += 1
    return out
