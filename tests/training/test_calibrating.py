"""The calibration a model gets: the simplest that other folds do not refute, and never its own fold's."""

import numpy as np
import pytest

from risk import BetaCalibration, LogOddsCalibration, expected_calibration_error
from training.calibrating import choose_calibration, cross_fitted


def drawn(truth: LogOddsCalibration | BetaCalibration) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    raw = rng.normal(-2.5, 1.5, 40_000)
    return (
        (rng.random(40_000) < truth.probability(raw)).astype(float),
        raw,
        (np.arange(40_000) % 5).astype(np.int8),
    )


def test_a_straight_truth_gets_two_numbers() -> None:
    """Where slope and intercept are the truth, nothing more is taken, and the numbers are found."""
    target, raw, fold = drawn(LogOddsCalibration(0.8, -0.2))
    choice = choose_calibration(target, raw, fold)
    assert isinstance(choice.calibration, LogOddsCalibration)
    assert choice.calibration.slope == pytest.approx(0.8, abs=0.05)
    assert min(choice.difference.values()) == 0.0


def test_a_bent_truth_gets_a_bent_curve() -> None:
    """Where the ends differ much, two numbers are refuted by held-out folds and three are taken."""
    target, raw, fold = drawn(BetaCalibration(1.8, 0.0, 0.5))
    choice = choose_calibration(target, raw, fold)
    assert choice.calibration.method == "beta"
    assert choice.difference["log-odds"] > choice.error["log-odds"]
    crossed = cross_fitted(target, raw, fold, "beta")
    assert expected_calibration_error(target, crossed) < 0.005


def test_a_wish_is_granted() -> None:
    """A method that was asked for is taken, whatever the folds say."""
    assert (
        choose_calibration(*drawn(LogOddsCalibration(1, 0)), method="isotonic").calibration.method
        == "isotonic"
    )


def test_a_folds_outcomes_do_not_move_its_probabilities() -> None:
    """Turning fold 2's outcomes around leaves its own cross-fitted probabilities as they were."""
    target, raw, fold = drawn(LogOddsCalibration(1, 0))
    turned = np.where(fold == 2, 1 - target, target)
    before, after = cross_fitted(target, raw, fold, "beta"), cross_fitted(turned, raw, fold, "beta")
    assert np.array_equal(before[fold == 2], after[fold == 2])
    assert not np.array_equal(before[fold == 1], after[fold == 1])
