"""AUC, Gini, KS: worked numbers, agreement with scikit-learn, the interval's coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from risk import auc, auc_interval, gini, ks

rows = st.lists(st.tuples(st.integers(0, 1), st.integers(-3, 3)), min_size=2, max_size=50).filter(
    lambda found: len({row[0] for row in found}) == 2
)


def test_worked_numbers() -> None:
    """Three of four pairs in order: AUC 0.75, Gini 0.5, KS 0.5."""
    target, score = [0, 1, 0, 1], [1, 2, 3, 4]
    assert auc(target, score) == 0.75
    assert gini(target, score) == 0.5
    assert ks(target, score) == 0.5


@settings(max_examples=80, deadline=None)
@given(rows)
def test_agreement_with_scikit_learn(found: list[tuple[int, int]]) -> None:
    """The same AUC and KS as scikit-learn's, ties included."""
    target, score = [row[0] for row in found], [row[1] for row in found]
    false_rate, true_rate, _ = roc_curve(target, score, drop_intermediate=False)
    assert auc(target, score) == pytest.approx(roc_auc_score(target, score))
    assert ks(target, score) == pytest.approx(np.abs(true_rate - false_rate).max())
    assert auc_interval(target, score).value == pytest.approx(auc(target, score))


@settings(max_examples=40, deadline=None)
@given(rows)
def test_order_is_all_that_counts(found: list[tuple[int, int]]) -> None:
    """A growing transformation changes nothing, and turning the score around mirrors the AUC."""
    target, score = np.array([row[0] for row in found]), np.array([row[1] for row in found])
    assert auc(target, np.exp(score)) == auc(target, score)
    assert auc(target, -score) == pytest.approx(1 - auc(target, score))


def test_delong_interval_covers_the_true_auc() -> None:
    """Of 200 samples of 300 clients, about 95 % have the true AUC inside their interval."""
    rng = np.random.default_rng(3)
    true_auc = 0.7602499389065233  # two unit normals one apart: Phi(1 / sqrt 2)
    target = np.repeat([0, 1], [240, 60])
    inside = 0
    for _ in range(200):
        interval = auc_interval(target, rng.normal(size=300) + target)
        inside += interval.low <= true_auc <= interval.high
    assert 0.90 <= inside / 200 <= 0.985


def test_one_outcome_only_is_refused() -> None:
    """A cohort in which nobody defaulted has no AUC, and the message says so."""
    with pytest.raises(ValueError, match="all 2 clients have target 0, expected both outcomes"):
        auc([0, 0], [0.1, 0.2])


def test_one_default_has_no_interval() -> None:
    """A variance needs two of each outcome; the AUC itself is given."""
    interval = auc_interval([0, 0, 1], [1, 2, 3])
    assert interval.value == 1.0
    assert np.isnan(interval.low)
