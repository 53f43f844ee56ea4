"""Partial dependence: the mean probability when one feature is set to a value for everybody.

Belongs here: the curves. Does not: drawing them (charts), which features are strongest (importance).
"""

from __future__ import annotations

from collections.abc import Sequence

import lightgbm
import numpy as np
from numpy.typing import NDArray

from risk import Calibration
from training.inputs import Inputs, Rows

POINTS = 15
Json = dict[str, object]


def partial_dependence(
    booster: lightgbm.Booster, inputs: Inputs, rows: Rows, names: Sequence[str], calibration: Calibration
) -> list[Json]:
    """Per feature: values (up to 15 quantiles of the known ones, 1st to 99th percentile, or every category code),
    the mean probability over `rows` at each, with the 10th and 90th percentile over clients, and the mean
    probability where it is missing for everybody (None where it never is missing). Friedman 2001."""
    return [_curve(booster, inputs, rows, inputs.names.index(name), calibration) for name in names]


def _curve(
    booster: lightgbm.Booster, inputs: Inputs, rows: Rows, column: int, calibration: Calibration
) -> Json:
    values = inputs.matrix[:, column]
    known = values[~np.isnan(values)]
    grid = np.unique(known) if column in inputs.categorical else _quantiles(known)
    missing = len(known) < len(values)
    asked = np.append(grid, np.float32(np.nan)) if missing else grid
    matrix = np.repeat(inputs.matrix[rows], len(asked), axis=0)
    matrix[:, column] = np.tile(asked, len(rows))
    raw = np.asarray(booster.predict(matrix, raw_score=True, num_threads=1))
    probability = calibration.probability(raw).reshape(len(rows), len(asked))
    mean = probability.mean(axis=0)
    low, high = np.quantile(probability, [0.1, 0.9], axis=0)
    shown = slice(len(grid))
    return {
        "feature": inputs.names[column],
        "values": [float(value) for value in grid],
        "probability": [float(value) for value in mean[shown]],
        "low": [float(value) for value in low[shown]],
        "high": [float(value) for value in high[shown]],
        "missing": float(mean[-1]) if missing else None,
    }


def _quantiles(known: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.unique(np.quantile(known, np.linspace(0.01, 0.99, POINTS), method="nearest"))
