"""Which calibration a model gets: the simplest that, on folds it was not fitted on, is as good as the best.

Belongs here: the choice and cross-fitted probabilities. Does not: the curves (risk.calibration).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from risk import CALIBRATIONS, FITS, Calibration, CalibrationMethod, fit_calibration, log_loss
from training.inputs import Numbers

Fold = NDArray[np.int8]


class NothingLearned(ValueError):
    """Out of fold, a model's scores do not rise with risk."""


@dataclass(frozen=True)
class CalibrationChoice:
    """The calibration fitted on all out-of-fold scores, and what each method tried cost on held-out folds.

    `log_loss`: mean over folds by method; `difference` and `error`: mean and standard error over folds of the
    method's loss minus that of the best.
    """

    calibration: Calibration
    log_loss: dict[CalibrationMethod, float]
    difference: dict[CalibrationMethod, float]
    error: dict[CalibrationMethod, float]


def choose_calibration(
    target: Numbers, raw_score: Numbers, fold: Fold, method: CalibrationMethod | None = None
) -> CalibrationChoice:
    """The simplest method whose held-out log-loss is within one standard error of the best; or `method`.

    Errors: NothingLearned where higher scores do not mean more defaults: no curve may turn a model around.
    """
    require_rising(target, raw_score)
    losses = {name: _held_out_losses(target, raw_score, fold, name) for name in CALIBRATIONS}
    best = min(CALIBRATIONS, key=lambda name: float(losses[name].mean()))
    apart = {name: losses[name] - losses[best] for name in CALIBRATIONS}
    error = {name: float(gap.std(ddof=1) / np.sqrt(len(gap))) for name, gap in apart.items()}
    difference = {name: float(gap.mean()) for name, gap in apart.items()}
    good_enough = [name for name in CALIBRATIONS if difference[name] <= error[name]]
    chosen: CalibrationMethod = method or good_enough[0]
    return CalibrationChoice(
        calibration=FITS[chosen](raw_score, target),
        log_loss={name: float(loss.mean()) for name, loss in losses.items()},
        difference=difference,
        error=error,
    )


def cross_fitted(target: Numbers, raw_score: Numbers, fold: Fold, method: CalibrationMethod) -> Numbers:
    """Probability per client, by a calibration of the other folds' out-of-fold scores."""
    probability = np.empty(len(target), dtype=np.float64)
    for number in np.unique(fold):
        held_out = fold == number
        calibration = FITS[method](raw_score[~held_out], target[~held_out])
        probability[held_out] = calibration.probability(raw_score[held_out])
    return probability


def require_rising(target: Numbers, raw_score: Numbers) -> None:
    """Refuses scores that do not rise with risk. Errors: NothingLearned."""
    slope = fit_calibration(raw_score, target).slope if raw_score.min() < raw_score.max() else 0.0
    if slope <= 0:
        raise NothingLearned(
            f"out of fold, higher raw scores do not mean more defaults (slope {slope:.3f}): "
            "these features say nothing about default on so few clients; train on more clients"
        )


def _held_out_losses(target: Numbers, raw_score: Numbers, fold: Fold, method: CalibrationMethod) -> Numbers:
    probability = cross_fitted(target, raw_score, fold, method)
    return np.array(
        [log_loss(target[fold == number], probability[fold == number]) for number in np.unique(fold)]
    )
