"""Whether probabilities are probabilities, and the two numbers that make them so.

Belongs here: calibration on log-odds, calibration error, reliability curve. Does not: ranking.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from risk.arrays import Numbers, equal_count_bins, require_both_outcomes, require_numbers, require_pair
from risk.intervals import wilson_interval

MAX_STEPS = 100


@dataclass(frozen=True)
class LogOddsCalibration:
    """Probability = 1 / (1 + exp(-(slope x raw score + intercept))); slope 1, intercept 0 changes nothing."""

    slope: float
    intercept: float

    def log_odds(self, raw_score: ArrayLike) -> Numbers:
        """Calibrated log-odds of default, float64."""
        return self.slope * require_numbers("raw_score", raw_score) + self.intercept

    def probability(self, raw_score: ArrayLike) -> Numbers:
        """Default probability per client, float64. Slope 1, intercept 0, raw score -2.3026: 0.0909 (1/11)."""
        return sigmoid(self.log_odds(raw_score))


def sigmoid(log_odds: Numbers) -> Numbers:
    """1 / (1 + exp(-x)) without overflow, float64."""
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1 / (1 + small), small / (1 + small))


def fit_calibration(raw_score: ArrayLike, target: ArrayLike) -> LogOddsCalibration:
    """Slope and intercept of the logistic regression of the target on the raw score (log-odds).

    Platt's smoothed targets, (N1 + 1) / (N1 + 2) and 1 / (N0 + 2), keep the answer finite when the scores
    separate the outcomes (Platt 1999; Lin, Lin and Weng 2007). Newton's method with halved steps; the same
    numbers in give the same numbers out. Errors: ValueError for one outcome only or one raw score only.
    """
    outcome, raw = require_pair(target, raw_score, "raw_score")
    require_both_outcomes(outcome)
    spread = float(raw.std())
    if spread == 0:
        raise ValueError(f"all raw scores are {raw[0]}, expected different ones: the model learned nothing")
    defaults = outcome.sum()
    smoothed = np.where(outcome == 1, (defaults + 1) / (defaults + 2), 1 / (len(outcome) - defaults + 2))
    centre = float(raw.mean())
    design = np.column_stack([(raw - centre) / spread, np.ones_like(raw)])
    slope, intercept = _newton(design, smoothed)
    return LogOddsCalibration(slope=slope / spread, intercept=intercept - slope * centre / spread)


def _newton(design: Numbers, smoothed: Numbers) -> tuple[float, float]:
    mean = smoothed.mean()
    weights = np.array([0.0, np.log(mean / (1 - mean))])
    loss = _log_loss(design @ weights, smoothed)
    for _ in range(MAX_STEPS):
        fitted = sigmoid(design @ weights)
        gradient = design.T @ (fitted - smoothed)
        curvature = (design * (fitted * (1 - fitted))[:, None]).T @ design + 1e-12 * np.eye(2)
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
    return float(weights[0]), float(weights[1])


def _log_loss(log_odds: Numbers, smoothed: Numbers) -> float:
    return float(np.sum(np.logaddexp(0.0, log_odds) - smoothed * log_odds))


@dataclass(frozen=True)
class ReliabilityCurve:
    """Per bin, safest first: clients, defaults, mean probability, observed default rate with its interval."""

    clients: Numbers
    defaults: Numbers
    mean_probability: Numbers
    observed_rate: Numbers
    low: Numbers
    high: Numbers


def reliability_curve(
    target: ArrayLike, probability: ArrayLike, bins: int = 10, level: float = 0.95
) -> ReliabilityCurve:
    """Promised against observed default rate in bins of about equally many clients (Wilson intervals).

    Equal probabilities share a bin, so that there may be fewer bins than asked for.
    """
    outcome, numbers = require_pair(target, probability)
    code = equal_count_bins(numbers, bins)
    clients = np.bincount(code, minlength=bins).astype(np.float64)
    filled = clients > 0
    clients = clients[filled]
    defaults = np.bincount(code, weights=outcome, minlength=bins)[filled]
    total = np.bincount(code, weights=numbers, minlength=bins)[filled]
    low, high = wilson_interval(defaults, clients, level)
    return ReliabilityCurve(
        clients=clients,
        defaults=np.asarray(defaults, dtype=np.float64),
        mean_probability=np.asarray(total / clients, dtype=np.float64),
        observed_rate=np.asarray(defaults / clients, dtype=np.float64),
        low=low,
        high=high,
    )


def expected_calibration_error(target: ArrayLike, probability: ArrayLike, bins: int = 10) -> float:
    """Mean over clients of |mean probability - observed rate| of their bin (bins of equally many clients).

    Two bins of 50 clients, promised 5 % and 15 %, observed 6 % and 12 %: (0.01 + 0.03) / 2 = 0.02.
    """
    curve = reliability_curve(target, probability, bins)
    gap = np.abs(curve.mean_probability - curve.observed_rate)
    return float(np.average(gap, weights=curve.clients))
