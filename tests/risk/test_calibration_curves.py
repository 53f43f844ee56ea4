"""Beta and isotonic calibration: they find what is there, never fall, and survive being written down."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk import (
    FITS,
    BetaCalibration,
    IsotonicCalibration,
    LogOddsCalibration,
    calibration_document,
    expected_calibration_error,
    fit_beta,
    fit_calibration,
    fit_isotonic,
    read_calibration,
)
from risk.calibration import sigmoid


def drawn(clients: int = 60_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Raw scores whose true log-odds bend: steep among the safe, flat among the risky."""
    rng = np.random.default_rng(seed)
    raw = rng.normal(-2.5, 1.4, clients)
    truth = BetaCalibration(1.4, 0.3, 0.1).probability(raw)
    return raw, (rng.random(clients) < truth).astype(float)


def test_beta_finds_its_own_numbers_again() -> None:
    """Outcomes drawn from a beta calibration give its three numbers back within sampling error."""
    found = fit_beta(*drawn(200_000))
    assert found.low == pytest.approx(1.4, abs=0.06)
    assert found.high == pytest.approx(0.3, abs=0.12)
    assert found.intercept == pytest.approx(0.1, abs=0.15)


def test_beta_worked_number() -> None:
    """The docstring's client: low 2, high 1, raw score 0 gives ln 0.5; 1 and 1 change nothing."""
    assert BetaCalibration(2, 1, 0).log_odds([0.0])[0] == pytest.approx(np.log(0.5))
    raw = np.array([-700.0, -3.0, 0.0, 4.0, 700.0])
    assert BetaCalibration(1, 1, 0).log_odds(raw) == pytest.approx(raw)


def test_beta_holds_an_end_level_rather_than_let_it_fall() -> None:
    """Where risk falls again among the riskiest, the curve stays level: no end has a negative weight."""
    rng = np.random.default_rng(3)
    raw = rng.normal(0, 2, 20_000)
    target = (rng.random(20_000) < np.where(raw < 0, sigmoid(raw), 0.5 - 0.05 * raw.clip(0, 8))).astype(float)
    found = fit_beta(raw, target)
    assert min(found.low, found.high) == 0.0
    assert max(found.low, found.high) > 0.3


def test_isotonic_worked_number() -> None:
    """The docstring's point half-way between two; level outside of them."""
    found = IsotonicCalibration((0.0, 2.0), (-3.0, -1.0)).log_odds([-5.0, 1.0, 9.0])
    assert found.tolist() == [-3.0, -2.0, -1.0]


@pytest.mark.parametrize("fit", [fit_beta, fit_isotonic])
def test_bent_scores_are_made_probabilities(fit: object) -> None:
    """On other clients than it was fitted on, the error is below what two numbers can reach."""
    raw, target = drawn(200_000)
    new_raw, new_target = drawn(200_000, seed=1)
    straight = expected_calibration_error(new_target, fit_calibration(raw, target).probability(new_raw))
    found = expected_calibration_error(new_target, fit(raw, target).probability(new_raw))  # type: ignore[operator]  # a fit
    assert found < 0.005
    assert found < straight


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(FITS)), st.integers(30, 400))
def test_calibrations_never_fall_and_can_be_written_down(seed: int, method: str, clients: int) -> None:
    """For any clients whose risk rises at all: finite probabilities that never fall, the same after JSON."""
    rng = np.random.default_rng(seed)
    raw = np.round(rng.normal(-1, 1, clients), 1)
    target = (rng.random(clients) < sigmoid(raw)).astype(float)
    target[np.argmax(raw)], target[np.argmin(raw)] = 1, 0
    if fit_calibration(raw, target).slope <= 0:
        return
    found = FITS[method](raw, target)  # type: ignore[index]  # by its name
    line = np.linspace(-30, 30, 601)
    probability = found.probability(line)
    assert np.all(np.diff(probability) >= -1e-15)
    assert np.all((probability >= 0) & (probability <= 1))
    again = read_calibration(json.loads(json.dumps(calibration_document(found))))
    assert again == found
    assert found.probability(line[5:6])[0] == probability[5]


def test_an_old_document_is_log_odds_and_an_unknown_one_is_refused() -> None:
    """Documents without a method came before there were several."""
    assert read_calibration({"slope": 0.9, "intercept": -0.1}) == LogOddsCalibration(0.9, -0.1)
    with pytest.raises(ValueError, match="method is 'spline', expected one of log-odds, beta, isotonic"):
        read_calibration({"method": "spline"})


def test_falling_points_are_refused() -> None:
    """An isotonic calibration that falls cannot be made."""
    with pytest.raises(ValueError, match="expected them to rise"):
        IsotonicCalibration((0.0, 1.0), (0.5, 0.4))
    with pytest.raises(ValueError, match="2 raw scores and 1 values"):
        IsotonicCalibration((0.0, 1.0), (0.5,))


@pytest.mark.parametrize("clients", [4691, 19450, 26076])
def test_raw_scores_apart_by_rounding_only_are_one_point(clients: int) -> None:
    """Means of scores that differ in the last bit may fall: such pools are one point, and no error."""
    random = np.random.default_rng(clients)
    raw = -2.4 + np.spacing(2.4) * random.integers(0, 3, clients)
    target = (random.random(clients) < 0.08).astype(float)
    found = fit_isotonic(raw, target)
    assert found.probability(raw).mean() == pytest.approx(target.mean(), abs=2e-3)
