"""Exact contributions of features to one model's raw score (TreeSHAP), from tables built once per model.

Belongs here: what is prepared, how rows are spread over threads. Does not: the loops (kernel), what
contributions mean to a person (reasons), approximations of them (lime).
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.trees.input import Columns, Matrix
from explain.trees.kernel import Model, explain_rows
from explain.trees.model import read_trees
from explain.trees.paths import walk_trees
from explain.trees.tables import build_tables, quadrature
from explain.trees.units import LIMIT, plan_units
from model_store.boosters import lock_of

if TYPE_CHECKING:
    from lightgbm import Booster  # a second to load, which a night can do without

TABLE_BYTES = 64_000_000  # of one model; what does not fit is computed client by client, exactly too
BLOCK_ROWS = 1024  # a block's values and sums take 1024 x 2 x features x 8 bytes in each thread
PART_ROWS = 8 * BLOCK_ROWS  # what a thread takes at a time

_KNOWN: MutableMapping[Booster, tuple[tuple[int, int], TreeShap]] = WeakKeyDictionary()
_PREPARING = Lock()


@dataclass(frozen=True, eq=False, repr=False)
class TreeShap:
    """A model prepared for exact contributions; any number of threads may ask it at once.

    It keeps nothing of the Booster, so a Booster that changes afterwards needs a new one.
    """

    columns: Columns
    model: Model

    @classmethod
    def of(cls, booster: Booster, table_bytes: int = TABLE_BYTES) -> TreeShap:
        """Prepares `booster`, up to its best iteration as its predict does; tables of at most `table_bytes`.

        Takes 0.1 s for 500 trees of 31 leaves. Errors: ValueError for models that have no such contributions:
        several outputs, linear trees, no counts of training rows.
        """
        with lock_of(booster):
            text = booster.model_to_string()
        trees, columns = read_trees(text), Columns.of(text)
        paths, limit = walk_trees(trees), LIMIT
        units = plan_units(trees, paths, limit)
        while units.table_bytes > table_bytes and limit > 0:
            limit -= 1
            units = plan_units(trees, paths, limit)
        rule = quadrature(units.most_features)
        tables = build_tables(trees, paths, units, rule)
        return cls(columns, Model(trees, units, tables, rule, float(trees.expected.sum())))

    def explain(self, X: NDArray[Any] | pd.DataFrame, threads: int = 0) -> tuple[Matrix, NDArray[np.float64]]:
        """Contributions as `tree_shap` gives them, and the raw scores: the bits of `booster.predict`.

        The numbers of a row do not depend on the other rows or on `threads` (0: all cores).
        """
        rows = self.columns.matrix(X)
        contributions, raw = np.zeros((len(rows), rows.shape[1] + 1)), np.zeros(len(rows))

        def explain_part(start: int) -> None:
            part = slice(start, start + PART_ROWS)
            explain_rows(rows[part], self.model, BLOCK_ROWS, contributions[part], raw[part])

        parts = range(0, len(rows), PART_ROWS)
        workers = min(threads or _cores(), len(parts))
        if workers <= 1:
            for start in parts:
                explain_part(start)
        else:
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(explain_part, parts))
        return contributions, raw


def tree_shap(booster: Booster, X: NDArray[Any] | pd.DataFrame, threads: int = 0) -> Matrix:
    """Contributions to the log-odds, float64, shape (rows, features + 1), laid out like `pred_contrib`.

    Column j is the contribution of feature j, the last column the expected value (the same in every row); a
    row sums to the raw score of that row. `X`: shape (rows, features), an array with its columns in the order of
    `booster.feature_name()` or a frame with these names in any order; NaN is missing; categorical features hold
    their codes. No rows give no rows. `threads`: 0 uses all cores; the numbers do not depend on it. As in LightGBM,
    the trees of a random forest are added up, not averaged.

    The model is prepared at the first call and remembered as long as the Booster lives; after `set_leaf_output`
    ask `TreeShap.of(booster)` instead.

    Formula: Lundberg et al., "Consistent individualized feature attribution for tree ensembles",
    arXiv 1802.03888, algorithm 2. Worked number: one split on feature 0, 3 training clients in the leaf worth
    0.0 and 1 in the leaf worth 1.0; the expected value is 0.25, a client in the second leaf contributes 0.75.

    Raises ValueError where `X` has other columns than the model and for the models that `TreeShap.of` refuses.
    """
    return prepared(booster).explain(X, threads)[0]


def prepared(booster: Booster) -> TreeShap:
    """The TreeShap of `booster`, made once and again when it has grown or lost trees. Errors: as `TreeShap.of`."""
    state = (booster.num_trees(), booster.best_iteration)
    with _PREPARING:
        known = _KNOWN.get(booster)
        if known is None or known[0] != state:
            known = (state, TreeShap.of(booster))
            _KNOWN[booster] = known
    return known[1]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
