"""How well a number ranks defaults above clients who repay: AUC, Gini, KS.

Belongs here: figures that depend on the order only. Does not: calibration, cost.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from risk.arrays import Numbers, midranks, require_both_outcomes, require_pair
from risk.intervals import Interval, normal_quantile


def _outcome_and_scores(target: ArrayLike, score: ArrayLike) -> tuple[Numbers, Numbers]:
    outcome, numbers = require_pair(target, score, "score")
    require_both_outcomes(outcome)
    return outcome, numbers


def auc(target: ArrayLike, score: ArrayLike) -> float:
    """Chance that a default scores above a client who repays, ties counting half (Mann-Whitney).

    Higher scores mean riskier. Target [0, 1, 0, 1], score [1, 2, 3, 4]: 3 of 4 pairs in order, 0.75.
    Errors: ValueError for one outcome only.
    """
    outcome, numbers = _outcome_and_scores(target, score)
    defaults = outcome.sum()
    wins = midranks(numbers)[outcome == 1].sum() - defaults * (defaults + 1) / 2
    return float(wins / (defaults * (len(outcome) - defaults)))


def gini(target: ArrayLike, score: ArrayLike) -> float:
    """2 x AUC - 1: 0 for chance, 1 for perfect order. An AUC of 0.75 is a Gini of 0.50."""
    return 2 * auc(target, score) - 1


def ks(target: ArrayLike, score: ArrayLike) -> float:
    """Largest gap between the score distributions of defaults and of clients who repay, 0 to 1.

    Target [0, 1, 0, 1], score [1, 2, 3, 4]: after 1, half of the good and no default lie below: 0.5.
    """
    outcome, numbers = _outcome_and_scores(target, score)
    distinct, inverse, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    defaults = np.bincount(inverse, weights=outcome, minlength=len(distinct))
    gap = np.cumsum(counts - defaults) / (len(outcome) - outcome.sum()) - np.cumsum(defaults) / outcome.sum()
    return float(np.abs(gap).max())


def average_precision(target: ArrayLike, score: ArrayLike) -> float:
    """Mean over the defaults of the share of defaults among all who score at least as high, 0 to 1.

    A random order gives the default rate. Target [0, 1, 0, 1], score [1, 2, 3, 4]: from the top, 1/1 at the
    first default and 2/3 at the second: 0.8333. Ties share their group's precision.
    """
    outcome, numbers = _outcome_and_scores(target, score)
    distinct, inverse, counts = np.unique(-numbers, return_inverse=True, return_counts=True)
    defaults = np.bincount(inverse, weights=outcome, minlength=len(distinct))
    precision = np.cumsum(defaults) / np.cumsum(counts)
    return float((precision * defaults).sum() / outcome.sum())


def auc_interval(target: ArrayLike, score: ArrayLike, level: float = 0.95) -> Interval:
    """AUC with the interval of DeLong, DeLong and Clarke-Pearson (1988), clipped to 0 … 1.

    Computed from midranks in one sort (Sun and Xu 2014). NaN bounds with fewer than two of either outcome.
    """
    outcome, numbers = _outcome_and_scores(target, score)
    risky, safe = numbers[outcome == 1], numbers[outcome == 0]
    joint = midranks(np.concatenate([risky, safe]))
    of_risky = (joint[: len(risky)] - midranks(risky)) / len(safe)
    of_safe = 1 - (joint[len(risky) :] - midranks(safe)) / len(risky)
    area = float(of_risky.mean())
    if min(len(risky), len(safe)) < 2:
        return Interval(area, float("nan"), float("nan"), level)
    variance = of_risky.var(ddof=1) / len(risky) + of_safe.var(ddof=1) / len(safe)
    half = normal_quantile(level) * float(np.sqrt(variance))
    return Interval(area, max(area - half, 0.0), min(area + half, 1.0), level)
