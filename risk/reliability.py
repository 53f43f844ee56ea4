"""Whether probabilities are probabilities: promised against observed default rates.

Belongs here: reliability curve, calibration error, log-loss, Brier score. Does not: making them right
(calibration), ranking (discrimination).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from risk.arrays import Numbers, equal_count_bins, require_pair
from risk.intervals import wilson_interval

LOG_LOSS_FLOOR = 1e-15


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


def chance_calibration_error(
    probability: ArrayLike, bins: int = 10, draws: int = 200, seed: int = 0
) -> float:
    """The calibration error that perfect probabilities have on so many clients, by chance alone.

    Mean over `draws` sets of outcomes drawn from the probabilities themselves: what the measured error is to be
    compared with. 1,000 clients at 8 % in 10 bins: about 0.02.
    """
    numbers = require_pair(np.zeros(len(np.asarray(probability))), probability)[1]
    code = equal_count_bins(numbers, bins)
    clients = np.bincount(code, minlength=bins).astype(np.float64)
    promised = np.bincount(code, weights=numbers, minlength=bins)
    variance = np.bincount(code, weights=numbers * (1 - numbers), minlength=bins)
    noise = np.random.default_rng(seed).normal(promised, np.sqrt(variance), (draws, bins))
    return float(np.abs(noise - promised).sum(axis=1).mean() / clients.sum())


def log_loss(target: ArrayLike, probability: ArrayLike) -> float:
    """Mean of -ln(probability given to what happened). Certain of nothing, 0.5 for all: 0.6931."""
    outcome, numbers = require_pair(target, probability)
    happened = np.where(outcome == 1, numbers, 1 - numbers)
    return float(-np.log(np.maximum(happened, LOG_LOSS_FLOOR)).mean())


def brier_score(target: ArrayLike, probability: ArrayLike) -> float:
    """Mean squared difference between outcome and probability. 0.5 for all: 0.25."""
    outcome, numbers = require_pair(target, probability)
    return float(np.mean((outcome - numbers) ** 2))
