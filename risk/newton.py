"""Logistic regression of few columns by Newton's method: exact, deterministic, finite.

Belongs here: the likelihood and its maximum. Does not: what is regressed (calibration).
"""

from __future__ import annotations

import numpy as np

from risk.arrays import Numbers

MAX_STEPS = 100


def maximum_likelihood(columns: Numbers, smoothed: Numbers) -> tuple[float, ...]:
    """One weight per column of `columns` (rows, k), then the intercept; targets between 0 and 1.

    Columns are standardised while it runs, a step that does not lower the loss is halved. A column without
    spread gets the weight 0.
    """
    spread = columns.std(axis=0)
    safe = np.where(spread > 0, spread, 1.0)
    centre = columns.mean(axis=0)
    design = np.column_stack([(columns - centre) / safe, np.ones(len(columns))])
    *scaled, intercept = _newton(design, smoothed)
    weights = np.array(scaled) / safe
    return (*(float(weight) for weight in weights), float(intercept - weights @ centre))


def _newton(design: Numbers, smoothed: Numbers) -> Numbers:
    mean, width = smoothed.mean(), design.shape[1]
    weights = np.zeros(width)
    weights[-1] = np.log(mean / (1 - mean))
    loss = _log_loss(design @ weights, smoothed)
    for _ in range(MAX_STEPS):
        fitted = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (fitted - smoothed)
        curvature = (design * (fitted * (1 - fitted))[:, None]).T @ design + 1e-12 * np.eye(width)
        step = np.linalg.solve(curvature, gradient)
        for _halving in range(30):
            candidate = weights - step
            candidate_loss = _log_loss(design @ candidate, smoothed)
            if candidate_loss <= loss:
                break
            step = step / 2
        else:
            break
        converged = bool(np.max(np.abs(step)) < 1e-10)
        weights, loss = candidate, candidate_loss
        if converged:
            break
    return weights


def _log_loss(log_odds: Numbers, smoothed: Numbers) -> float:
    return float(np.sum(np.logaddexp(0.0, log_odds) - smoothed * log_odds))
