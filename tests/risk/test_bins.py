"""Default rates by bins: counted as by hand, every client in one bin."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from risk import rates_by_bin, wilson_interval


def test_the_worked_example() -> None:
    """A value equal to an edge lies below it; missing values are the last bin; unknown outcomes do not count."""
    found = rates_by_bin(
        np.array([1.0, 2.0, 3.0, np.nan, 3.5]), np.array([0.0, 1.0, 1.0, 0.0, np.nan]), np.array([2.0])
    )
    assert found["clients"].tolist() == [2, 2, 1]
    assert found["known"].tolist() == [2, 1, 1]
    assert found["rate"].tolist() == [0.5, 1.0, 0.0]
    assert found["low"].tolist()[:2] == [1.0, 2.0]
    assert found["high"].tolist()[:2] == [2.0, 3.5]
    low, high = wilson_interval([1], [2])
    assert (found["rate_low"][0], found["rate_high"][0]) == (low[0], high[0])


@given(st.lists(st.one_of(st.floats(-5, 5), st.just(float("nan"))), min_size=1, max_size=40))
def test_every_client_is_in_one_bin(values: list[float]) -> None:
    """Counts add up to the clients, whatever the values; the missing ones are those without a value."""
    found = rates_by_bin(np.array(values), np.zeros(len(values)), np.array([-1.0, 0.0, 2.5]))
    assert found["clients"].sum() == len(values)
    assert found["clients"].iloc[-1] == sum(value != value for value in values)
