"""Here: drawing applications column by column, each from the group of clients that the columns before tell apart.
Not here: the order and the relations of the columns (recipe.py), the fitting (derive_applicants.py).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from simulator.compiling import compiled
from simulator.facts import Bools, Coded, Floats, Ints, Rows, read_figures
from simulator.recipe import CAME_UNKNOWN, STEPS, Step

DRAWN = "{} drawn"  # the column of what was drawn, beside the one restored from it


@dataclass(frozen=True)
class Tree:
    """How one column depends on those before it.

    Node k asks whether column feature[k] exceeds threshold[k] (missing does not) and goes on at right[k] or
    left[k]; feature -1 ends in a group, whose pieces are first[k] to first[k] + count[k] - 1 of `upto` (their
    cumulated shares) and of the values from `low` to `high`, equal where the piece is one value.
    """

    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    first: Ints
    count: Ints
    upto: Floats
    low: Floats
    high: Floats


def draw_applicants(rng: np.random.Generator, came_unknown: Bools) -> dict[str, Floats]:
    """Every column of `recipe.STEPS`, one value per client, texts as their codes, missing as NaN; ratios and
    distances under the name of `DRAWN`. Clients who came as test clients differ as the real ones do.
    """
    clients, places, trees, values = len(came_unknown), _places(), read_trees(), read_values()
    known = np.full((clients, len(places)), np.nan)
    known[:, places[CAME_UNKNOWN]] = came_unknown
    columns: dict[str, Floats] = {CAME_UNKNOWN: came_unknown.astype(np.float64)}
    for step in STEPS:
        drawn = draw_from(trees[step.column], known, rng.random(clients))
        drawn = nearest(drawn, values[step.column]) if step.listed else drawn
        columns[step.column] = _restored(step, drawn, columns)
        if step.related:
            columns[DRAWN.format(step.column)] = drawn
            known[:, places[DRAWN.format(step.column)]] = drawn
        known[:, places[step.column]] = columns[step.column]
    return columns


def _restored(step: Step, drawn: Floats, columns: dict[str, Floats]) -> Floats:
    values = np.clip(step.restored(drawn, columns), *step.bounds)
    if step.step > 0.0:
        values = np.round(np.rint(values / step.step) * step.step, 12)
    return nearest(values, read_values()[step.column]) if step.counted else values


def nearest(values: Floats, allowed: Floats) -> Floats:
    """The nearest of the allowed values (ascending); missing stays missing."""
    places = np.searchsorted((allowed[1:] + allowed[:-1]) / 2.0, values)
    return np.where(np.isnan(values), np.nan, allowed[np.minimum(places, len(allowed) - 1)])


@cache
def _places() -> dict[str, int]:
    names = [CAME_UNKNOWN]
    for step in STEPS:
        names += [DRAWN.format(step.column)] if step.related else []
        names.append(step.column)
    return {name: place for place, name in enumerate(names)}


def name_texts(codes: dict[str, Floats]) -> Rows:
    """The columns with texts for codes; codes that are missing stay missing."""
    words = read_words()
    return {
        column: Coded(np.where(np.isnan(values), -1, values).astype(np.int64), words[column])
        if column in words
        else values
        for column, values in codes.items()
    }


@compiled
def _draw(
    known: Floats,
    chance: Floats,
    feature: Ints,
    threshold: Floats,
    left: Ints,
    right: Ints,
    first: Ints,
    count: Ints,
    upto: Floats,
    low: Floats,
    high: Floats,
) -> Floats:
    found = np.empty(len(chance))
    for client in range(len(chance)):
        node = 0
        while feature[node] >= 0:
            node = right[node] if known[client, feature[node]] > threshold[node] else left[node]
        start, stop = first[node], first[node] + count[node] - 1
        level = chance[client] * upto[stop]
        while start < stop:
            middle = (start + stop) // 2
            if level < upto[middle]:
                stop = middle
            else:
                start = middle + 1
        below = upto[start - 1] if start > first[node] else 0.0
        within = (level - below) / (upto[start] - below)
        found[client] = low[start] + within * (high[start] - low[start])
    return found


def draw_from(tree: Tree, known: Floats, chance: Floats) -> Floats:
    """The value at `chance` (uniform, one per client) of each client's group; `known` is (clients, columns)."""
    drawn: Floats = _draw(
        known,
        chance,
        tree.feature,
        tree.threshold,
        tree.left,
        tree.right,
        tree.first,
        tree.count,
        tree.upto,
        tree.low,
        tree.high,
    )
    return drawn


@cache
def read_words() -> dict[str, tuple[str, ...]]:
    """The texts of each text column, in the order of their codes."""
    words = read_figures("applicant_texts")
    return {str(c): tuple(group["text"].astype(str)) for c, group in words.groupby("column", sort=False)}


@cache
def read_values() -> dict[str, Floats]:
    """The frequent values, ascending, of each column that takes no others."""
    values = read_figures("applicant_values")
    return {str(c): np.sort(group["value"].to_numpy()) for c, group in values.groupby("column", sort=False)}


@cache
def read_trees() -> dict[str, Tree]:
    """The tree of each column."""
    nodes, pieces = read_figures("applicant_nodes"), read_figures("applicant_pieces")
    mine = dict(list(pieces.groupby("column", sort=False)))
    return {str(c): _build_tree(group, mine[c]) for c, group in nodes.groupby("column", sort=False)}


def _build_tree(nodes: pd.DataFrame, pieces: pd.DataFrame) -> Tree:
    count = np.bincount(pieces["node"], minlength=len(nodes)).astype(np.int64)
    return Tree(
        feature=nodes["feature"].to_numpy(np.int64),
        threshold=nodes["threshold"].to_numpy(np.float64),
        left=nodes["left"].to_numpy(np.int64),
        right=nodes["right"].to_numpy(np.int64),
        first=np.cumsum(count) - count,
        count=count,
        upto=pieces.groupby("node")["share"].cumsum().to_numpy(np.float64),
        low=pieces["low"].to_numpy(np.float64),
        high=pieces["high"].to_numpy(np.float64),
    )
