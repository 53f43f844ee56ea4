"""Here: how the trees of the histories in `facts/` are derived from real rows: figures of a hundred rows at least.
Not here: their drawing (sequences.py), what the columns are (the tables' modules).

Run `python -m simulator.derive_histories SAMPLE_FOLDER [HISTORY …]` to write them anew. What leaves is per leaf
of a tree the share of rows per value or between two quantiles, never a row.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from simulator import observe, observe_months
from simulator.columns import WATCHED, Column, features_of, read_trees
from simulator.facts import Floats, read_facts
from simulator.observed import Observed
from simulator.plan import plan_blocks
from simulator.portfolio import build_block
from simulator.sequences import DRAWN

FOLDER = Path(__file__).parent / "facts"
SMALLEST_LEAF = 100
MOST_LEAVES = 250
QUANTILES = np.array(
    [0.0, 0.01, 0.04, 0.1, 0.18, 0.27, 0.36, 0.45, 0.55, 0.64, 0.73, 0.82, 0.9, 0.96, 0.99, 1.0]
)
ATOM_SHARE = 0.02
FLAG_WEIGHT = 1.5
CALIBRATIONS = 3
CALIBRATION_CLIENTS = 16_000
FEW = 30.0  # a leaf's driver counts as if so many average clients had come there


def derive(observed: Observed) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes and pieces of all drawn columns."""
    history, features = observed.history, features_of(observed.history, observed.values, observed.runs)
    in_sight = np.array([":" not in name or name.split(":")[0] in history.looks for name in history.features])
    nodes: list[pd.DataFrame] = []
    pieces: list[pd.DataFrame] = []
    for k, column in enumerate(history.columns):
        if column.operation == DRAWN:
            rows = observed.teaching.get(column.name, np.ones(len(features), dtype=bool))
            seen = features[rows, : history.place_of_row + k] * in_sight[: history.place_of_row + k]
            offset = sum(map(len, nodes)), sum(map(len, pieces))
            grown = _grow(column, seen, observed.values[rows, k], history.features, offset, observed.copies)
            nodes.append(grown[0])
            pieces.append(grown[1])
    grown_nodes = pd.concat(nodes).assign(usual=np.nan, spread=np.nan)
    return grown_nodes, pd.concat(pieces)


def _grow(
    column: Column, seen: Floats, values: Floats, names: list[str], offset: tuple[int, int], copies: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    leaf_rows = max(SMALLEST_LEAF * copies, len(values) // 2000)
    settings = {"min_samples_leaf": leaf_rows, "max_leaf_nodes": MOST_LEAVES, "random_state": 0}
    if column.values:
        model = DecisionTreeClassifier(criterion="entropy", **settings)
        model.fit(seen.astype(np.float32), np.nan_to_num(values, nan=-1).astype(np.int64))
    else:
        model = DecisionTreeRegressor(**settings)
        model.fit(seen.astype(np.float32), _aims(values))
    tree = model.tree_
    leaves = model.apply(seen.astype(np.float32))
    place = dict(pd.Series(np.arange(len(leaves))).groupby(leaves).indices.items())
    node_rows: list[tuple[Any, ...]] = []
    piece_rows: list[tuple[float, float, float]] = []
    for node in range(tree.node_count):
        if tree.feature[node] >= 0:
            node_rows.append(
                (column.name, names[tree.feature[node]], _rounded(tree.threshold[node]),
                 offset[0] + tree.children_left[node], offset[0] + tree.children_right[node])
            )  # fmt: skip
        else:
            begin = offset[1] + len(piece_rows)
            piece_rows += _pieces(values[place[node]], bool(column.values))
            node_rows.append((column.name, "", np.nan, begin, offset[1] + len(piece_rows)))
    return (
        pd.DataFrame(node_rows, columns=["column", "feature", "threshold", "left", "right"]),
        pd.DataFrame(piece_rows, columns=["low", "high", "share"]),
    )


def _aims(values: Floats) -> Floats:
    """What a tree of numbers should tell apart: the rank, what is missing, what is zero."""
    there = ~np.isnan(values)
    rank = np.zeros(len(values))
    if there.any():
        rank[there] = norm.ppf((rankdata(values[there]) - 0.5) / there.sum())
    return np.column_stack([rank, FLAG_WEIGHT * ~there, FLAG_WEIGHT * (values == 0)])


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def _pieces(values: Floats, categories: bool) -> list[tuple[float, float, float]]:
    """(low, high, cumulated share in thousandths): missing, then frequent values and the stretches between."""
    there = np.sort(values[~np.isnan(values)])
    rows = len(values)
    found: list[tuple[float, float, float]] = []
    if len(there) < rows:
        found.append((np.nan, np.nan, rows - len(there)))
    distinct, counts = np.unique(there, return_counts=True)
    least = 1 if categories else max(ATOM_SHARE * rows, 3)
    frequent = counts >= least
    edges = np.flatnonzero(frequent)
    begin = 0
    for atom in [*edges, len(distinct)]:
        between = np.repeat(distinct[begin:atom], counts[begin:atom])
        found += _stretches(between, rows)
        if atom < len(distinct):
            found.append((distinct[atom], distinct[atom], counts[atom]))
        begin = atom + 1
    shares = np.round(np.cumsum([size for *_, size in found]) / rows * 1000.0, 1)
    shares[-1] = 1000.0
    return [
        (low if np.isnan(low) else _rounded(low), high if np.isnan(high) else _rounded(high), share)
        for (low, high, _), share in zip(found, shares, strict=True)
    ]


def _stretches(values: Floats, rows: int) -> list[tuple[float, float, float]]:
    """Even stretches between quantiles, more of them the more rows there are."""
    if len(values) == 0:
        return []
    if values[0] == values[-1]:
        return [(values[0], values[0], float(len(values)))]
    wanted = (
        QUANTILES
        if len(values) >= 0.3 * rows
        else QUANTILES[::3]
        if len(values) >= 0.06 * rows
        else QUANTILES[::15]
    )
    knots = np.quantile(values, wanted)
    sizes = np.diff(wanted) * len(values)
    return [(low, high, size) for low, high, size in zip(knots[:-1], knots[1:], sizes, strict=True)]


def calibrate(names: list[str]) -> None:
    """Measure the usual driver and its spread at each leaf of these histories, on portfolios drawn with them.

    The causes that come to a leaf depend on all rows drawn before, of earlier tables too: hence whole portfolios.
    """
    for turn in range(CALIBRATIONS):
        tables = {
            name: pd.read_csv(FOLDER / f"{name}_nodes.csv", keep_default_na=False, na_values=[""])
            for name in names
        }
        WATCHED.update({name: np.zeros((len(nodes), 3)) for name, nodes in tables.items()})
        read_facts.cache_clear()
        read_trees.cache_clear()
        for block in plan_blocks(CALIBRATION_CLIENTS, seed=1_000 + turn):
            build_block(replace(block, came_unknown=np.arange(len(block.ids)) % 3 == 0))
        for name, nodes in tables.items():
            count, total, squares = WATCHED.pop(name).T
            usual = total / (count + FEW)
            spread = np.sqrt(np.maximum((squares + FEW) / (count + FEW) - usual**2, 0.05))
            leaf = nodes["feature"].isna()
            nodes["usual"] = np.where(leaf, np.round(usual, 3), np.nan)
            nodes["spread"] = np.where(leaf, np.round(spread, 3), np.nan)
            nodes.to_csv(FOLDER / f"{name}_nodes.csv", index=False)


def write(folder: Path, chosen: list[str]) -> None:
    """Derive the chosen histories (all when none is named) from the real rows in `folder`."""
    observers = {**observe.OBSERVERS, **observe_months.OBSERVERS}
    for name in chosen or observers:
        nodes, pieces = derive(observers[name](folder))
        nodes.to_csv(FOLDER / f"{name}_nodes.csv", index=False)
        pieces.to_csv(FOLDER / f"{name}_pieces.csv", index=False)
    if chosen != ["--none"]:
        calibrate(list(observers))


if __name__ == "__main__":
    if sys.argv[1:] == ["calibrate"]:
        calibrate([*observe.OBSERVERS, *observe_months.OBSERVERS])
    else:
        write(Path(sys.argv[1]), sys.argv[2:])
