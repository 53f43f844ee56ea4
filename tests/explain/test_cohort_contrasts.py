"""Cohorts side by side: exact means, differences that add up, intervals that know who is in both."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain import contrast_cohorts


def random_contributions(clients: int, seed: int) -> np.ndarray:
    """Contributions of three groups, float32."""
    return np.random.RandomState(seed).normal(size=(clients, 3)).astype(np.float32)


def test_the_number_worked_out_by_hand():
    """Two clients against two: the means, their difference and the interval of the docstring."""
    values = np.array([[0.1], [0.3], [0.0], [0.2]], dtype=np.float32)
    in_a = np.array([True, True, False, False])
    found = contrast_cohorts(values, ["AGE"], in_a, ~in_a)
    assert found.mean_a[0] == pytest.approx(0.2)
    assert found.mean_b[0] == pytest.approx(0.1)
    assert found.difference[0] == pytest.approx(0.1)
    assert (found.low[0], found.high[0]) == (
        pytest.approx(-0.1772, abs=1e-4),
        pytest.approx(0.3772, abs=1e-4),
    )
    assert (found.clients_a, found.clients_b, found.shared) == (2, 2, 0)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), clients=st.integers(4, 200), frame=st.booleans())
def test_means_are_pandas_means_and_intervals_are_welchs(seed, clients, frame):
    """On any two cohorts without common clients: the frame's own means, and Welch's standard error."""
    values = random_contributions(clients, seed)
    in_a = np.arange(clients) % 3 == 0
    given = pd.DataFrame(values).to_numpy() if frame else values
    found = contrast_cohorts(given, list("abc"), in_a, ~in_a)
    a, b = pd.DataFrame(values[in_a], dtype=float), pd.DataFrame(values[~in_a], dtype=float)
    np.testing.assert_allclose(found.mean_a, a.mean(), atol=1e-12)
    np.testing.assert_allclose(found.mean_b, b.mean(), atol=1e-12)
    error = np.sqrt(a.var() / len(a) + b.var() / len(b))
    np.testing.assert_allclose(found.high - found.difference, 1.959964 * error, rtol=1e-6)
    np.testing.assert_allclose(found.difference - found.low, 1.959964 * error, rtol=1e-6)


def test_a_cohort_differs_from_itself_by_nothing():
    """Differences are 0 and so are their intervals: common clients count on both sides."""
    everyone = np.ones(50, dtype=bool)
    found = contrast_cohorts(random_contributions(50, 0), list("abc"), everyone, everyone)
    assert found.difference.tolist() == [0, 0, 0]
    np.testing.assert_allclose([found.low, found.high], 0, atol=1e-7)
    assert found.shared == 50


def test_the_interval_against_the_whole_is_that_of_the_rest_shrunk():
    """A against everyone is A against the rest times the rest's share, and so is, nearly, the interval."""
    values, in_a = random_contributions(3000, 1), np.arange(3000) < 900
    rest = contrast_cohorts(values, list("abc"), in_a, ~in_a)
    whole = contrast_cohorts(values, list("abc"), in_a, np.ones(3000, dtype=bool))
    np.testing.assert_allclose(whole.difference, 0.7 * rest.difference, atol=1e-9)
    np.testing.assert_allclose(whole.high - whole.low, 0.7 * (rest.high - rest.low), rtol=0.02)


def test_the_order_is_that_of_the_size_of_the_difference():
    """The group that sets the cohorts most apart comes first, whatever its sign."""
    values = np.array([[0.1, -0.9, 0.0], [0.0, 0.0, 0.0], [0.1, -0.9, 0.0]], dtype=np.float32)
    in_a = np.array([True, False, True])
    found = contrast_cohorts(values, list("abc"), in_a, ~in_a)
    assert found.order.tolist() == [1, 0, 2]
    assert np.isnan(found.low).all()  # B has one client


def test_bad_questions_get_clear_errors():
    """An empty cohort and columns that are not named are refused with what was found."""
    values, everyone, nobody = random_contributions(5, 0), np.ones(5, dtype=bool), np.zeros(5, dtype=bool)
    with pytest.raises(ValueError, match="cohort B is empty"):
        contrast_cohorts(values, list("abc"), everyone, nobody)
    with pytest.raises(ValueError, match=r"shape \(5, 3\), expected \(5, 2\)"):
        contrast_cohorts(values, list("ab"), everyone, everyone)
