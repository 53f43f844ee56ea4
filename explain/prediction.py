"""How this package asks a LightGBM model for numbers: checked matrices, one call at a time per model.

Belongs here: the calls themselves and what they require. Does not: what the numbers are used for.
"""

from __future__ import annotations

import numpy as np
from lightgbm import Booster
from numpy.typing import NDArray

from model_store.boosters import lock_of

Matrix = NDArray[np.float64]


def contributions_of(booster: Booster, X: Matrix, threads: int) -> Matrix:
    """LightGBM's own exact contributions, float64, shape (rows, features + 1)."""
    with lock_of(booster):
        return np.asarray(booster.predict(X, pred_contrib=True, num_threads=threads), dtype=np.float64)


def require_matrix(booster: Booster, X: Matrix) -> Matrix:
    """`X` as a float64 matrix that `booster` can read; ValueError naming the mismatch otherwise."""
    outputs = booster.num_model_per_iteration()
    if outputs != 1:
        raise ValueError(
            f"The model has {outputs} outputs per client; exact contributions are defined for one. "
            "Train a binary model."
        )
    matrix = np.asarray(X, dtype=np.float64)
    expected = booster.num_feature()
    if matrix.ndim != 2:
        raise ValueError(
            f"X has {matrix.ndim} dimension(s), shape {matrix.shape}; expected 2: (clients, {expected}). "
            "For one client pass X.reshape(1, -1)."
        )
    if matrix.shape[1] != expected:
        raise ValueError(
            f"X has {matrix.shape[1]} columns, the model has {expected} features. Build X with "
            "ScoringModel.matrix(features), which orders the columns by the model's names."
        )
    return matrix
