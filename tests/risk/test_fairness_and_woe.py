"""Figures per group, weights of evidence, average precision: worked numbers and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from risk import (
    average_precision,
    chance_calibration_error,
    expected_calibration_error,
    fit_category_weights,
    fit_weight_of_evidence,
    group_figures,
    widest_gap,
)
from risk.intervals import rate_interval


def test_group_worked_number() -> None:
    """The docstring's group: accepted 85 %, defaults declined 60 %, good declined 10 %, in its own group only."""
    target = [1] * 10 + [0] * 90 + [0] * 20
    probability = [0.2] * 6 + [0.05] * 4 + [0.2] * 9 + [0.05] * 81 + [0.05] * 20
    found = group_figures(["a"] * 100 + ["b"] * 20, target, probability, 0.1)
    first, second = found
    assert (first.group, first.clients, second.group, second.clients) == ("a", 100, "b", 20)
    assert (first.accepted.value, first.defaults_declined.value) == (0.85, 0.60)
    assert (first.good_declined.value, first.default_rate.value) == (0.10, 0.10)
    assert first.calibration_gap.value == pytest.approx(0.10 - (15 * 0.2 + 85 * 0.05) / 100)
    assert np.isnan(second.defaults_declined.value)
    assert second.accepted.value == 1.0


def test_widest_gap() -> None:
    """The docstring's rates: two alone, the same with a third between; a group of nobody counts for nothing."""
    two, nobody = [rate_interval(85, 100), rate_interval(60, 100)], rate_interval(0, 0)
    found = widest_gap([*two, nobody])
    assert (found.value, found.low, found.high) == pytest.approx((0.25, 0.127, 0.363), abs=5e-4)
    found = widest_gap([rate_interval(70, 100), *two])
    assert (found.value, found.low, found.high) == pytest.approx((0.25, 0.099, 0.387), abs=5e-4)
    assert np.isnan(widest_gap([nobody]).value)
    assert widest_gap([two[0], nobody]).high == 0.0


def test_the_widest_gap_holds_the_truth_as_often_as_it_says() -> None:
    """Five groups of one true rate, and five of different ones: at least 93 % of 400 intervals hold the gap."""
    rng = np.random.default_rng(0)
    for rates in ([0.3] * 5, [0.2, 0.25, 0.3, 0.35, 0.5]):
        truth, held = max(rates) - min(rates), 0
        for _ in range(400):
            found = widest_gap([rate_interval(int(rng.binomial(200, rate)), 200) for rate in rates])
            held += found.low <= truth <= found.high
        assert held >= 0.93 * 400


def test_groups_fit_the_clients() -> None:
    """One group per client, or a refusal with both counts."""
    with pytest.raises(ValueError, match="1 groups given for 2 clients"):
        group_figures(["a"], [0, 1], [0.1, 0.2], 0.1)


def test_weights_worked_number() -> None:
    """The docstring's two bins: 0.539 and -0.745."""
    values = [1.0] * 50 + [0.0] * 50
    target = [1] * 15 + [0] * 35 + [1] * 5 + [0] * 45
    found = fit_weight_of_evidence(values, target)
    assert found.transform([1.0, 0.0]) == pytest.approx([0.5394, -0.7455], abs=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, -1, 0]))
def test_weights_go_one_way(seed: int, direction: int) -> None:
    """Weights of known values only rise or only fall, as asked; every weight is finite, missing has its own."""
    rng = np.random.default_rng(seed)
    values = np.where(rng.random(600) < 0.1, np.nan, rng.normal(size=600).round(1))
    target = (rng.random(600) < 0.1 + 0.2 * (values > 0.5)).astype(float)
    target[:2] = 0, 1
    found = fit_weight_of_evidence(values, target, direction)
    steps = np.diff(found.weights[:-1])
    assert (
        np.all(steps > 0) if direction == 1 else np.all(steps < 0) if direction == -1 else np.all(steps != 0)
    )
    assert np.isfinite(found.weights).all()
    assert found.transform([np.nan])[0] == found.weights[-1]
    assert found.information >= -1e-12


def test_categories_are_in_no_order() -> None:
    """The middle code can be the riskiest; a code never seen lies with its neighbour, missing is missing."""
    codes = [0.0] * 100 + [1.0] * 100 + [2.0] * 100 + [np.nan] * 50
    target = [1] * 5 + [0] * 95 + [1] * 40 + [0] * 60 + [1] * 10 + [0] * 90 + [0] * 50
    low, high, middle = fit_category_weights(codes, target).transform([0.0, 1.0, 2.0])
    assert low < middle < high


def test_average_precision_is_scikit_learns() -> None:
    """The docstring's clients, and scikit-learn's number with many ties."""
    assert average_precision([0, 1, 0, 1], [1, 2, 3, 4]) == pytest.approx(0.8333, abs=1e-4)
    rng = np.random.default_rng(0)
    target, score = rng.integers(0, 2, 500), rng.normal(size=500).round(1)
    assert average_precision(target, score) == pytest.approx(average_precision_score(target, score))


def test_chance_alone_makes_a_calibration_error() -> None:
    """The error that perfect probabilities are told to have is the one they have, and less with more clients."""
    rng = np.random.default_rng(2)
    probability = rng.beta(1, 10, 2000)
    measured = np.mean(
        [expected_calibration_error(rng.random(2000) < probability, probability) for _ in range(200)]
    )
    said = chance_calibration_error(probability)
    assert said == pytest.approx(measured, rel=0.08)
    assert chance_calibration_error(np.tile(probability, 16)) == pytest.approx(said / 4, rel=0.1)
