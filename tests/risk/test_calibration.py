"""Calibration: two numbers that make scores probabilities, and the figures that say whether they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk import LogOddsCalibration, expected_calibration_error, fit_calibration, reliability_curve
from risk.calibration import sigmoid


def drawn(clients: int, slope: float, intercept: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    raw = rng.normal(-2.5, 1.2, clients)
    target = rng.random(clients) < LogOddsCalibration(slope, intercept).probability(raw)
    return raw, target.astype(float)


def test_the_true_slope_and_intercept_are_found_again() -> None:
    """Outcomes drawn at slope 0.7 and intercept -0.3 give these numbers back within sampling error."""
    found = fit_calibration(*drawn(100_000, 0.7, -0.3))
    assert found.slope == pytest.approx(0.7, abs=0.03)
    assert found.intercept == pytest.approx(-0.3, abs=0.06)


def test_calibration_agrees_with_scikit_learn() -> None:
    """The same optimum as unpenalised logistic regression, up to Platt's smoothing of the targets."""
    from sklearn.linear_model import LogisticRegression

    raw, target = drawn(20_000, 1.3, 0.4)
    found = fit_calibration(raw, target)
    peer = LogisticRegression(C=1e12, tol=1e-10, max_iter=1000).fit(raw[:, None], target)
    assert found.slope == pytest.approx(peer.coef_[0, 0], abs=2e-3)
    assert found.intercept == pytest.approx(peer.intercept_[0], abs=5e-3)


def test_calibration_removes_the_calibration_error() -> None:
    """Scores twice as bold as the truth: the error falls from above 0.02 to below 0.005."""
    raw, target = drawn(50_000, 0.5, -1.0)
    before = expected_calibration_error(target, LogOddsCalibration(1, 0).probability(raw))
    after = expected_calibration_error(target, fit_calibration(raw, target).probability(raw))
    assert before > 0.02
    assert after < 0.005


def test_separated_scores_stay_finite() -> None:
    """Scores that separate the outcomes completely give a finite, positive slope."""
    found = fit_calibration([-2.0, -1.0, 1.0, 2.0], [0, 0, 1, 1])
    assert 0 < found.slope < 1000


@pytest.mark.parametrize(
    ("raw", "target", "message"),
    [([1.0, 1.0], [0, 1], "all raw scores are 1.0"), ([1.0, 2.0], [0, 0], "all 2 clients have target 0")],
)
def test_what_cannot_be_calibrated_is_refused(raw: list[float], target: list[int], message: str) -> None:
    """One score or one outcome only: nothing to fit, said so."""
    with pytest.raises(ValueError, match=message):
        fit_calibration(raw, target)


@settings(max_examples=50, deadline=None)
@given(st.floats(-800, 800))
def test_sigmoid_is_a_probability_and_symmetric(value: float) -> None:
    """Never overflows, and p(x) + p(-x) = 1."""
    both = sigmoid(np.array([value, -value]))
    assert np.all((both >= 0) & (both <= 1))
    assert both.sum() == pytest.approx(1.0)


def test_one_client_gets_the_number_of_the_batch() -> None:
    """The probability of a client alone is bit-identical to the one computed among 10,001 others."""
    raw = np.random.default_rng(0).normal(-2, 2, 10_001)
    calibration = LogOddsCalibration(0.93, -0.11)
    together = calibration.probability(raw)
    for position in (0, 1, 5_000, 9_999, 10_000):
        assert calibration.probability(raw[position : position + 1])[0] == together[position]


def test_expected_calibration_error_worked_number() -> None:
    """The docstring's two bins: promised 5 % and 15 %, observed 6 % and 12 %."""
    probability = [0.05] * 50 + [0.15] * 50
    target = [1] * 3 + [0] * 47 + [1] * 6 + [0] * 44
    assert expected_calibration_error(target, probability, bins=2) == pytest.approx(0.02)


def test_equal_probabilities_share_a_bin() -> None:
    """A reliability curve does not depend on the order of clients with equal probabilities."""
    curve = reliability_curve([0, 1, 0, 1], [0.1, 0.1, 0.1, 0.9], bins=4)
    assert curve.clients.tolist() == [3, 1]
    assert curve.defaults.tolist() == [1, 1]
    assert np.all((curve.low <= curve.observed_rate) & (curve.observed_rate <= curve.high))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=60), st.integers(1, 12))
def test_every_client_stands_in_one_bin(rows: list[tuple[int, float]], bins: int) -> None:
    """Bins add up to all clients and all defaults, with mean probabilities ascending."""
    target, probability = [row[0] for row in rows], [row[1] for row in rows]
    curve = reliability_curve(target, probability, bins)
    assert curve.clients.sum() == len(rows)
    assert curve.defaults.sum() == sum(target)
    assert np.all(np.diff(curve.mean_probability) >= 0)
