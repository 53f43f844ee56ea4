"""The decision, the points and the bands of a probability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk import DECISIONS, RiskBands, ScoreScale, decide

probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_decide_by_example() -> None:
    """Both thresholds belong to the stricter side."""
    assert decide([0.05, 0.08, 0.10], 0.10, 0.08).tolist() == ["accept", "review", "decline"]
    assert decide([0.05, 0.08, 0.10], 0.10).tolist() == ["accept", "accept", "decline"]


@settings(max_examples=50, deadline=None)
@given(probabilities, st.floats(0, 1), st.floats(0, 1))
def test_riskier_is_never_decided_more_kindly(values: list[float], one: float, other: float) -> None:
    """Sorted by probability, decisions only move from accept to review to decline."""
    decisions = decide(sorted(values), max(one, other), min(one, other))
    order = [DECISIONS.index(decision) for decision in decisions]
    assert order == sorted(order)


@pytest.mark.parametrize(("cut_off", "review_from"), [(-0.1, None), (1.5, None), (0.1, 0.2), (0.1, -0.1)])
def test_impossible_thresholds_are_refused(cut_off: float, review_from: float | None) -> None:
    """A cut-off that is no probability, or a review band above it, is an error, not a decision."""
    with pytest.raises(ValueError, match="expected"):
        decide([0.1], cut_off, review_from)


def test_score_worked_numbers() -> None:
    """600 points at odds 10:1, 50 more per doubling, clipped to 0 … 1000."""
    score = ScoreScale().score([1 / 11, 1 / 21, 1 / 6, 0.0, 1.0])
    assert score.tolist() == [600, 650, 550, 1000, 0]
    assert score.dtype == np.int16


@settings(max_examples=50, deadline=None)
@given(probabilities)
def test_riskier_never_scores_higher(values: list[float]) -> None:
    """Points fall as the probability rises."""
    assert np.all(np.diff(ScoreScale().score(sorted(values))) <= 0)


@settings(max_examples=50, deadline=None)
@given(st.floats(0.001, 0.9))
def test_probability_of_a_score_is_its_inverse(value: float) -> None:
    """Back from the rounded score, log-odds differ by at most half a point."""
    scale = ScoreScale()
    back = scale.probability(scale.score([value]))[0]
    bits = abs(np.log2((1 - back) / back) - np.log2((1 - value) / value))
    assert bits * scale.points_to_double <= 0.5 + 1e-9


def test_bands_open_upwards() -> None:
    """A bound belongs to the band above it; 1 belongs to the last."""
    assert RiskBands().band([0.0, 0.0199, 0.02, 0.11, 1.0]).tolist() == ["A", "A", "B", "E", "F"]


@pytest.mark.parametrize(
    "bands", [((0.2, 0.1, 1.0), ("A", "B", "C")), ((0.2, 0.9), ("A", "B")), ((0.2, 1.0), ("A", "A"))]
)
def test_impossible_bands_are_refused(bands: tuple[tuple[float, ...], tuple[str, ...]]) -> None:
    """Bounds that do not ascend to 1, or names that repeat, are refused when they are declared."""
    with pytest.raises(ValueError, match=r"expected|need"):
        RiskBands(*bands)


def test_impossible_scale_is_refused() -> None:
    """Odds of zero have no logarithm."""
    with pytest.raises(ValueError, match="base odds are 0"):
        ScoreScale(base_odds=0)
