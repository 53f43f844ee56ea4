"""Intervals and the summary of a cohort."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk import difference_interval, mean_interval, summarise_cohort, wilson_interval


def test_wilson_worked_number() -> None:
    """8 of 100: 0.0411 to 0.1500."""
    low, high = wilson_interval(8, 100)
    assert (float(low), float(high)) == (pytest.approx(0.0411, abs=5e-5), pytest.approx(0.1500, abs=5e-5))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 500), st.data())
def test_wilson_holds_its_rate(n: int, data: st.DataObject) -> None:
    """The interval lies in 0 … 1, contains the rate, and a lower level is inside a higher one."""
    hits = data.draw(st.integers(0, n))
    low, high = wilson_interval(hits, n)
    assert 0 <= low <= hits / n <= high <= 1
    inner_low, inner_high = wilson_interval(hits, n, level=0.8)
    assert low <= inner_low
    assert inner_high <= high


def test_wilson_of_arrays_and_of_nobody() -> None:
    """Arrays give arrays; a cohort of nobody has no interval."""
    low, high = wilson_interval(np.array([0, 0, 5]), np.array([0, 10, 5]))
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert low[1] == 0.0
    assert high[2] == 1.0


def test_wilson_refuses_impossible_counts() -> None:
    """More successes than clients, or a level that is no share, is an error."""
    with pytest.raises(ValueError, match="successes <= n"):
        wilson_interval(5, 3)
    with pytest.raises(ValueError, match="level is 95"):
        wilson_interval(1, 3, level=95)


def test_newcombe_worked_number() -> None:
    """Newcombe's example a: 56/70 against 48/80 gives 0.2000 (0.0524 to 0.3339)."""
    found = difference_interval(56, 70, 48, 80)
    assert found.value == pytest.approx(0.2)
    assert found.low == pytest.approx(0.0524, abs=5e-5)
    assert found.high == pytest.approx(0.3339, abs=5e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30))
def test_newcombe_is_antisymmetric(hits_a: int, hits_b: int) -> None:
    """Exchanging the sides mirrors the difference and its interval."""
    one, other = difference_interval(hits_a, 30, hits_b, 40), difference_interval(hits_b, 40, hits_a, 30)
    assert one.value == pytest.approx(-other.value)
    assert one.low == pytest.approx(-other.high)


def test_mean_interval_worked_number() -> None:
    """1, 2, 3 and a missing one: mean 2, from 0.868 to 3.132; one value has no interval, none no mean."""
    found = mean_interval([1.0, 2.0, 3.0, np.nan])
    assert (found.value, found.low, found.high) == (
        2.0,
        pytest.approx(0.868, abs=1e-3),
        pytest.approx(3.132, abs=1e-3),
    )
    assert np.isnan(mean_interval([1.0]).low)
    assert np.isnan(mean_interval([]).value)


def scores() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "default_probability": [0.05, 0.08, 0.20, 0.04],
            "score": [640, 605, 533, 660],
            "decision": ["accept", "review", "decline", "accept"],
        },
        index=pd.Index([11, 12, 13, 14], name="SK_ID_CURR"),
    )


def test_summary_by_example() -> None:
    """Four clients, three labelled, one default among the declined."""
    target = pd.Series([1.0, 0.0, 0.0, np.nan], index=[13, 12, 11, 14])
    found = summarise_cohort(scores(), target)
    assert found.clients == 4
    assert found.mean_probability.value == pytest.approx(0.0925)
    assert found.median_score == 622.5
    assert (found.accepted_share.value, found.review_share.value, found.declined_share.value) == (
        0.5,
        0.25,
        0.25,
    )
    assert (found.labelled, found.defaults) == (3, 1)
    assert found.observed_default_rate.value == pytest.approx(1 / 3)
    assert found.default_rate_accepted.value == 0.0


def test_only_labelled_clients_are_observed() -> None:
    """A mask of usable labels leaves the other outcomes out."""
    target = pd.Series([0.0, 0.0, 1.0, 0.0], index=scores().index)
    found = summarise_cohort(scores(), target, labelled=pd.Series([True], index=[13]))
    assert (found.labelled, found.defaults) == (1, 1)


def test_a_cohort_of_nobody_has_no_figures() -> None:
    """No client: counts of 0 and NaN elsewhere, without a warning."""
    found = summarise_cohort(scores().iloc[:0])
    assert (found.clients, found.labelled) == (0, 0)
    assert np.isnan(found.mean_probability.value)
    assert np.isnan(found.accepted_share.value)
    assert np.isnan(found.median_score)


def test_a_missing_column_is_named() -> None:
    """Scores without decisions are refused, the absent column named."""
    with pytest.raises(ValueError, match=r"scores lack \['decision'\]"):
        summarise_cohort(scores().drop(columns="decision"))
