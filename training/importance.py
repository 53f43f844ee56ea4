"""What the final model relies on, over many clients and for one.

Belongs here: importance as figures, the example of the note. Does not: reasons for clients (explain).
"""

from __future__ import annotations

import lightgbm
import numpy as np
from numpy.typing import NDArray

from explain import tree_shap
from risk import Calibration
from risk.arrays import midranks
from training.folds import Inputs

Numbers = NDArray[np.float64]
Json = dict[str, object]
CLEAR_DIRECTION = 0.5  # rank correlation of value and contribution from which a direction is stated


def sample_rows(seed: int, clients: int, wanted: int) -> NDArray[np.intp]:
    """At most `wanted` distinct row numbers out of `clients`, ascending, drawn by seed."""
    drawn = np.random.default_rng(seed).choice(clients, size=min(wanted, clients), replace=False)
    return np.sort(drawn)


def representative_rows(raw_score: Numbers, wanted: int, seed: int) -> NDArray[np.intp]:
    """About `wanted` row numbers, one drawn from each of as many equal slices of the clients by score.

    The sample's scores are spread as all clients' are; ties and slices are settled by seed.
    """
    order = np.argsort(raw_score, kind="stable")
    slices = np.array_split(order, min(wanted, len(order)))
    rng = np.random.default_rng(seed)
    return np.array([rng.choice(piece) for piece in slices], dtype=np.intp)


def global_importance(booster: lightgbm.Booster, inputs: Inputs, rows: NDArray[np.intp]) -> list[Json]:
    """Per feature, strongest first by mean |SHAP| over `rows` (log-odds): its share of the model's total gain
    and whether more of it means more risk ("higher", "lower", None where neither is clear)."""
    matrix = inputs.matrix[rows].astype(np.float64)
    contributions = tree_shap(booster, matrix)[:, :-1]
    strength = np.abs(contributions).mean(axis=0)
    gain = booster.feature_importance(importance_type="gain")
    share = gain / max(float(gain.sum()), np.finfo(np.float64).tiny)
    return [
        {
            "feature": inputs.names[column],
            "mean_abs_shap": float(strength[column]),
            "gain_share": float(share[column]),
            "riskier": None
            if column in inputs.categorical
            else _direction(matrix[:, column], contributions[:, column]),
        }
        for column in np.argsort(-strength, kind="stable")
    ]


def _direction(values: Numbers, contributions: Numbers) -> str | None:
    known = ~np.isnan(values)
    if known.sum() < 3:
        return None
    x, y = midranks(values[known]), midranks(contributions[known])
    if x.std() == 0 or y.std() == 0:
        return None
    correlation = float(np.corrcoef(x, y)[0, 1])
    if abs(correlation) < CLEAR_DIRECTION:
        return None
    return "higher" if correlation > 0 else "lower"


def example_client(
    booster: lightgbm.Booster, inputs: Inputs, row: int, calibration: Calibration, strongest: int = 8
) -> Json:
    """One client without identifier: expected value, strongest contributions, sum of the rest, raw score."""
    matrix = inputs.matrix[[row]].astype(np.float64)
    contributions = tree_shap(booster, matrix)[0]
    order = np.argsort(-np.abs(contributions[:-1]), kind="stable")[:strongest]
    raw = float(contributions.sum())
    return {
        "expected_value": float(contributions[-1]),
        "contributions": [
            {
                "feature": inputs.names[column],
                "value": None if np.isnan(matrix[0, column]) else float(matrix[0, column]),
                "contribution": float(contributions[column]),
            }
            for column in order
        ],
        "others": float(contributions[:-1].sum() - contributions[order].sum()),
        "raw_score": raw,
        "probability": float(calibration.probability([raw])[0]),
    }
