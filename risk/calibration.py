"""What turns a model's raw score into a probability, and how it is fitted: three curves that only rise.

Belongs here: calibrations and their fit. Does not: whether probabilities are right (reliability), which
calibration a model gets (training).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from risk.arrays import Numbers, equal_count_bins, require_both_outcomes, require_numbers, require_pair
from risk.newton import maximum_likelihood

CalibrationMethod = Literal["log-odds", "beta", "isotonic"]
CALIBRATIONS: tuple[CalibrationMethod, ...] = ("log-odds", "beta", "isotonic")
"""Methods, the simplest first: two numbers, three, a curve of up to 200 points."""
CLIENTS_PER_POINT, MOST_POINTS = 100, 200


class Calibration(Protocol):
    """Raw score in, probability out, never falling; its numbers are stored with a version."""

    @property
    def method(self) -> CalibrationMethod: ...

    def log_odds(self, raw_score: ArrayLike) -> Numbers: ...

    def probability(self, raw_score: ArrayLike) -> Numbers: ...


def sigmoid(log_odds: Numbers) -> Numbers:
    """1 / (1 + exp(-x)) without overflow, float64."""
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1 / (1 + small), small / (1 + small))


@dataclass(frozen=True)
class LogOddsCalibration:
    """Probability = 1 / (1 + exp(-(slope x raw score + intercept))); slope 1, intercept 0 changes nothing."""

    slope: float
    intercept: float
    method: Literal["log-odds"] = "log-odds"

    def log_odds(self, raw_score: ArrayLike) -> Numbers:
        """Calibrated log-odds of default, float64."""
        return self.slope * require_numbers("raw_score", raw_score) + self.intercept

    def probability(self, raw_score: ArrayLike) -> Numbers:
        """Default probability per client, float64. Slope 1, intercept 0, raw score -2.3026: 0.0909 (1/11)."""
        return sigmoid(self.log_odds(raw_score))


@dataclass(frozen=True)
class BetaCalibration:
    """Log-odds = low x ln(s) - high x ln(1 - s) + intercept, s = 1 / (1 + exp(-raw score)), low, high >= 0.

    Unlike log-odds calibration it can stretch the two ends differently (Kull, Silva Filho and Flach 2017);
    low = high = 1 and intercept 0 change nothing.
    """

    low: float
    high: float
    intercept: float
    method: Literal["beta"] = "beta"

    def log_odds(self, raw_score: ArrayLike) -> Numbers:
        """Calibrated log-odds of default, float64. low 2, high 1, intercept 0, raw 0: 2 ln 0.5 + ln 2 = -0.693."""
        columns = _beta_columns(require_numbers("raw_score", raw_score))
        found: Numbers = self.low * columns[0] + self.high * columns[1] + self.intercept
        return found

    def probability(self, raw_score: ArrayLike) -> Numbers:
        """Default probability per client, float64."""
        return sigmoid(self.log_odds(raw_score))


@dataclass(frozen=True)
class IsotonicCalibration:
    """Log-odds on straight lines between points, both ascending; constant before the first and after the last."""

    raw_scores: tuple[float, ...]
    values: tuple[float, ...]
    method: Literal["isotonic"] = "isotonic"

    def __post_init__(self) -> None:
        if len(self.raw_scores) != len(self.values) or not self.values:
            raise ValueError(
                f"{len(self.raw_scores)} raw scores and {len(self.values)} values, expected pairs"
            )
        if np.any(np.diff(self.raw_scores) <= 0) or np.any(np.diff(self.values) < 0):
            raise ValueError("the points of an isotonic calibration fall somewhere, expected them to rise")

    def log_odds(self, raw_score: ArrayLike) -> Numbers:
        """Calibrated log-odds of default, float64. Points (0, -3), (2, -1), raw score 1: -2."""
        found = np.interp(require_numbers("raw_score", raw_score), self.raw_scores, self.values)
        return np.asarray(found, dtype=np.float64)

    def probability(self, raw_score: ArrayLike) -> Numbers:
        """Default probability per client, float64."""
        return sigmoid(self.log_odds(raw_score))


_CLASSES: Mapping[str, type] = {
    "log-odds": LogOddsCalibration,
    "beta": BetaCalibration,
    "isotonic": IsotonicCalibration,
}


def calibration_document(calibration: Calibration) -> dict[str, Any]:
    """The calibration as JSON values: its method and its numbers."""
    figures: dict[str, Any] = asdict(calibration)  # type: ignore[call-overload] # each is a dataclass
    return {
        "method": calibration.method,
        **{name: list(value) if isinstance(value, tuple) else value for name, value in figures.items()},
    }


def read_calibration(document: Mapping[str, Any]) -> Calibration:
    """The calibration that a document describes; without a method it is log-odds. Errors: ValueError."""
    method = document.get("method", "log-odds")
    if method not in _CLASSES:
        raise ValueError(f"calibration method is {method!r}, expected one of {', '.join(CALIBRATIONS)}")
    given = {name: tuple(v) if isinstance(v, list) else v for name, v in document.items() if name != "method"}
    found: Calibration = _CLASSES[method](**given)
    return found


def fit_calibration(raw_score: ArrayLike, target: ArrayLike) -> LogOddsCalibration:
    """Slope and intercept of the logistic regression of the target on the raw score (log-odds).

    Platt's smoothed targets, (N1 + 1) / (N1 + 2) and 1 / (N0 + 2), keep the answer finite when the scores
    separate the outcomes (Platt 1999; Lin, Lin and Weng 2007). Newton's method with halved steps; the same
    numbers in give the same numbers out. Errors: ValueError for one outcome only or one raw score only.
    """
    raw, smoothed, _ = _require_fittable(raw_score, target)
    slope, intercept = maximum_likelihood(raw[:, None], smoothed)
    return LogOddsCalibration(slope=slope, intercept=intercept)


def fit_beta(raw_score: ArrayLike, target: ArrayLike) -> BetaCalibration:
    """The beta calibration of largest likelihood; where an end would fall, it is held level instead.

    Errors: as `fit_calibration`.
    """
    raw, smoothed, _ = _require_fittable(raw_score, target)
    columns = _beta_columns(raw)
    low, high, intercept = maximum_likelihood(columns.T, smoothed)
    if min(low, high) < 0:
        kept = 0 if high < low else 1
        slope, intercept = maximum_likelihood(columns[[kept]].T, smoothed)
        low, high = (slope, 0.0) if kept == 0 else (0.0, slope)
    return BetaCalibration(max(low, 0.0), max(high, 0.0), intercept)


def fit_isotonic(raw_score: ArrayLike, target: ArrayLike) -> IsotonicCalibration:
    """Rates of up to 200 groups of at least 100 clients, made to rise by pooling neighbours that do not.

    Pool-adjacent-violators (Ayer et al. 1955) over groups of equal counts, each rate (defaults + base rate) /
    (clients + 1), so that none is 0 or 1; points at the mean raw score of each pool. Pools whose raw scores differ
    by no more than rounding are one. Errors: as `fit_calibration`.
    """
    from sklearn.isotonic import (
        IsotonicRegression,  # a second to load, and who only reads curves needs none of it
    )

    raw, _, outcome = _require_fittable(raw_score, target)
    code = equal_count_bins(raw, int(np.clip(len(raw) // CLIENTS_PER_POINT, 2, MOST_POINTS)))
    clients = np.bincount(code)
    filled = clients > 0
    clients, total = clients[filled], np.bincount(code, weights=raw)[filled]
    rate = (np.bincount(code, weights=outcome)[filled] + outcome.mean()) / (clients + 1)
    rising = IsotonicRegression().fit_transform(np.arange(len(rate)), rate, sample_weight=clients)
    _, pool = np.unique(rising, return_inverse=True)
    mean = np.maximum.accumulate(np.bincount(pool, weights=total) / np.bincount(pool, weights=clients))
    centre, point = np.unique(mean, return_inverse=True)
    level = np.bincount(point[pool], weights=rising * clients) / np.bincount(point[pool], weights=clients)
    values = np.maximum.accumulate(np.log(level / (1 - level)))
    return IsotonicCalibration(tuple(map(float, centre)), tuple(map(float, values)))


FITS: Mapping[CalibrationMethod, Callable[[ArrayLike, ArrayLike], Calibration]] = {
    "log-odds": fit_calibration,
    "beta": fit_beta,
    "isotonic": fit_isotonic,
}
"""How each method is fitted: (raw scores, targets) to a calibration."""


def _beta_columns(raw: Numbers) -> Numbers:
    """ln(s) and -ln(1 - s) of each raw score, without overflow; both rise with it."""
    return np.stack([-np.logaddexp(0.0, -raw), np.logaddexp(0.0, raw)])


def _require_fittable(raw_score: ArrayLike, target: ArrayLike) -> tuple[Numbers, Numbers, Numbers]:
    """Raw scores, Platt's smoothed targets, outcomes."""
    outcome, raw = require_pair(target, raw_score, "raw_score")
    require_both_outcomes(outcome)
    if raw.min() == raw.max():
        raise ValueError(f"all raw scores are {raw[0]}, expected different ones: the model learned nothing")
    defaults = outcome.sum()
    smoothed = np.where(outcome == 1, (defaults + 1) / (defaults + 2), 1 / (len(outcome) - defaults + 2))
    return raw, smoothed, outcome
