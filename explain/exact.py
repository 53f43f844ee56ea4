"""Exact contributions of features to one model's raw score (TreeSHAP).

Belongs here: how contributions are computed. Does not: what they mean to a person (reasons), approximations
of them (lime).
"""

from __future__ import annotations

import numpy as np
from lightgbm import Booster

from explain.prediction import Matrix, contributions_of, require_matrix

BLOCK_ROWS = 8192  # bounds what LightGBM allocates beside the result: about 8192 x (features + 1) x 8 bytes


def tree_shap(booster: Booster, X: Matrix, threads: int = 0) -> Matrix:
    """Contributions to the log-odds, float64, shape (rows, features + 1), laid out like `pred_contrib`.

    Column j is the contribution of feature j, the last column the expected value (the same in every row); a
    row sums to the raw score of that row. `X`: shape (rows, features), columns in the order of
    `booster.feature_name()`; NaN is missing; categorical features hold their codes. No rows give no rows.
    `threads`: 0 uses all cores; the numbers do not depend on it.

    Formula: Lundberg et al., "Consistent individualized feature attribution for tree ensembles",
    arXiv 1802.03888, algorithm 2. Worked number: one split on feature 0, 3 training clients in the leaf worth
    0.0 and 1 in the leaf worth 1.0; the expected value is 0.25, a client in the second leaf contributes 0.75.

    Raises ValueError where `X` has another shape than the model's and for models with several outputs.
    """
    rows = require_matrix(booster, X)
    contributions = np.empty((rows.shape[0], rows.shape[1] + 1))
    for start in range(0, len(rows), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        contributions[block] = contributions_of(booster, rows[block], threads)
    return contributions
