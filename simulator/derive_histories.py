"""Here: how the trees of the histories in `facts/` are derived from real rows: figures of a hundred rows and of
five clients at least.
Not here: what their leaves keep (derive_pieces.py), their drawing (sequences.py), what the columns are (the tables'
modules).

Run `python -m simulator.derive_histories SAMPLE_FOLDER [HISTORY …]` to write them anew. What leaves is per leaf
of a tree the share of rows per value or between two quantiles, never a row.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from simulator import observe, observe_months
from simulator.calibrate import SHARES, calibrate, shares_of, write_figures
from simulator.columns import Column, features_of
from simulator.derive_pieces import FEWEST_CLIENTS, Piece, pieces_of
from simulator.facts import Floats, Ints, read_figures
from simulator.observed import Observed
from simulator.sequences import DRAWN

SMALLEST_LEAF = 100
MOST_LEAVES = 250
FINER = {
    "bureau": 400,
    "bureau_balance": 400,
    "credit_card_balance": 400,
}  # what gave simulated clients away most
FLAG_WEIGHT = 1.5
OBSERVERS = {**observe.OBSERVERS, **observe_months.OBSERVERS}


def derive(observed: Observed) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes and pieces of all drawn columns."""
    history, features = observed.history, features_of(observed.history, observed.values, observed.runs)
    in_sight = np.array([":" not in name or name.split(":")[0] in history.looks for name in history.features])
    nodes: list[pd.DataFrame] = []
    pieces: list[pd.DataFrame] = []
    for k, column in enumerate(history.columns):
        if column.operation == DRAWN:
            rows = np.flatnonzero(observed.teaching.get(column.name, np.ones(len(features), dtype=bool)))
            seen = features[rows, : history.place_of_row + k] * in_sight[: history.place_of_row + k]
            offset = sum(map(len, nodes)), sum(map(len, pieces))
            grown = _grow(observed, k, rows, seen, offset)
            nodes.append(grown[0])
            pieces.append(grown[1])
    grown_nodes = pd.concat(nodes).assign(usual=np.nan, spread=np.nan)
    return grown_nodes, pd.concat(pieces)


def _grow(
    observed: Observed, k: int, rows: Any, seen: Floats, offset: tuple[int, int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes and pieces of one column. Rows count alike in the growing, so that the few test clients are told apart;
    what the leaves keep is weighted to the full tables.
    """
    column, names, values = observed.history.columns[k], observed.history.features, observed.values[rows, k]
    grown_on = slice(None) if observed.growing is None else observed.growing[rows]
    most = FINER.get(observed.history.name, MOST_LEAVES)
    tree = _fit(column, seen[grown_on].astype(np.float32), values[grown_on], most)
    leaves = tree.apply(seen.astype(np.float32))
    owners = observed.owner[rows]
    filling = rows_of_leaves(tree, leaves, owners)
    node_rows: list[tuple[Any, ...]] = []
    piece_rows: list[Piece] = []
    for node in range(tree.node_count):
        if tree.feature[node] >= 0:
            node_rows.append(
                (column.name, names[tree.feature[node]], float(f"{tree.threshold[node]:.6g}"),
                 offset[0] + tree.children_left[node], offset[0] + tree.children_right[node], 0)
            )  # fmt: skip
        else:
            begin, own = offset[1] + len(piece_rows), filling[node]
            here = values[own], observed.weight[rows[own]], owners[own]
            piece_rows += pieces_of(*here, categories=bool(column.values))
            end, clients = offset[1] + len(piece_rows), len(np.unique(owners[own]))
            node_rows.append((column.name, None, np.nan, begin, end, clients))
    return (
        pd.DataFrame(node_rows, columns=["column", "feature", "threshold", "left", "right", "clients"]),
        pd.DataFrame(piece_rows, columns=["low", "high", "share"]),
    )


def rows_of_leaves(tree: Any, leaves: Ints, owners: Ints) -> dict[int, Ints]:
    """Which rows fill each leaf of a scikit-learn tree: those that end in it (`leaves`, one leaf per row) or, where
    these are fewer than five clients' (`owners`), those of the nearest node above it to which five have come.
    """
    ending = {leaf: np.flatnonzero(leaves == leaf) for leaf in np.unique(leaves).tolist()}
    above = {
        child: node
        for node, children in enumerate(zip(tree.children_left, tree.children_right, strict=True))
        for child in children
        if child >= 0
    }

    def coming_to(node: int) -> Ints:
        if tree.children_left[node] < 0:
            return ending[node]
        return np.concatenate([coming_to(tree.children_left[node]), coming_to(tree.children_right[node])])

    filling = {}
    for leaf in ending:
        node, rows = leaf, coming_to(leaf)
        while len(np.unique(owners[rows])) < FEWEST_CLIENTS and node in above:
            node = above[node]
            rows = coming_to(node)
        filling[leaf] = np.sort(rows)
    return filling


def _fit(column: Column, seen: Any, values: Floats, most_leaves: int) -> Any:
    leaf_rows = max(SMALLEST_LEAF, len(values) // 2000)
    settings = {"min_samples_leaf": leaf_rows, "max_leaf_nodes": most_leaves, "random_state": 0}
    if column.values:
        codes = np.nan_to_num(values, nan=-1).astype(np.int64)
        return DecisionTreeClassifier(criterion="entropy", **settings).fit(seen, codes).tree_
    return DecisionTreeRegressor(**settings).fit(seen, _aims(values)).tree_


def _aims(values: Floats) -> Floats:
    """What a tree of numbers should tell apart: the rank, what is missing, what is zero."""
    there = ~np.isnan(values)
    rank = np.zeros(len(values))
    if there.any():
        rank[there] = norm.ppf((rankdata(values[there]) - 0.5) / there.sum())
    return np.column_stack([rank, FLAG_WEIGHT * ~there, FLAG_WEIGHT * (values == 0)])


def write(folder: Path, chosen: list[str]) -> None:
    """Derive the chosen histories (all when none is named) from the real rows in `folder`."""
    names = chosen or list(OBSERVERS)
    shares = [] if len(names) == len(OBSERVERS) else [read_figures(SHARES).query("history not in @names")]
    for name in names:
        observed = OBSERVERS[name](folder)
        nodes, pieces = derive(observed)
        write_figures(f"{name}_nodes", nodes)
        write_figures(f"{name}_pieces", pieces)
        shares.append(shares_of(observed))
    write_figures(SHARES, pd.concat(shares))
    calibrate(list(OBSERVERS))


if __name__ == "__main__":
    if sys.argv[1:] == ["calibrate"]:
        calibrate(list(OBSERVERS))
    else:
        write(Path(sys.argv[1]), sys.argv[2:])
