"""Population stability index: worked number, laws, missing values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk import psi, psi_of_shares
from risk.stability import bin_counts, chance_psi, quantile_edges

values = st.lists(st.one_of(st.floats(-100, 100), st.just(float("nan"))), min_size=1, max_size=60)


def test_worked_number() -> None:
    """The docstring's shares: 0.0405."""
    assert psi_of_shares([0.5, 0.5], [0.6, 0.4]) == pytest.approx(0.04055, abs=1e-5)


@settings(max_examples=80, deadline=None)
@given(values)
def test_with_itself_it_is_zero(found: list[float]) -> None:
    """A cohort has not moved from itself, in whatever order and with whatever is missing."""
    assert psi(found, found[::-1]) == 0.0


@settings(max_examples=80, deadline=None)
@given(values, values)
def test_never_negative(expected: list[float], actual: list[float]) -> None:
    """Every bin's term is a product of two numbers of the same sign."""
    assert psi(expected, actual) >= 0.0


def test_grows_with_the_shift() -> None:
    """A larger shift of the mean has a larger index; half a deviation passes 0.1."""
    rng = np.random.default_rng(0)
    base = rng.normal(size=20_000)
    found = [psi(base, rng.normal(shift, 1, 20_000)) for shift in (0.0, 0.1, 0.5, 1.0)]
    assert found == sorted(found)
    assert found[0] < 0.005
    assert found[2] > 0.1


def test_missing_is_a_bin_of_its_own() -> None:
    """Values unchanged but half of them gone missing is a shift."""
    base = np.arange(1000.0)
    gone = np.where(np.arange(1000) % 2, base, np.nan)
    assert psi(base, gone) > 0.25


def test_a_rare_category_counts() -> None:
    """A flag that 5 % have and then 20 % have is seen, although most quantiles are equal."""
    before, after = np.repeat([0.0, 1.0], [95, 5]), np.repeat([0.0, 1.0], [80, 20])
    assert psi(before, after) == pytest.approx(0.15 * np.log(4) - 0.15 * np.log(0.8 / 0.95), rel=1e-6)


@pytest.mark.parametrize("most", [0.0, 1.0])
def test_a_flag_that_nearly_all_have_counts_as_one_that_few_have(most: float) -> None:
    """92 % of one value that become 50 % are a shift of 1.026, whether that value is the larger or the smaller."""
    few = 1.0 - most
    before, after = np.repeat([few, most], [8, 92]), np.repeat([few, most], [50, 50])
    assert psi(before, after) == pytest.approx(
        0.42 * np.log(0.92 / 0.5) + 0.42 * np.log(0.5 / 0.08), rel=1e-6
    )


def test_few_values_get_a_bin_each() -> None:
    """Values of 4, 4, 88 and 4 % of the clients have four bins, though every decile is the same value."""
    found = np.repeat([0.0, 1.0, 2.0, 3.0], [40, 40, 880, 40])
    np.testing.assert_array_equal(bin_counts(found, quantile_edges(found)), [40, 40, 880, 40, 0])


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 400), st.integers(0, 400), st.integers(300, 900))
def test_what_lies_beside_a_value_that_many_have_has_its_own_bin(below: int, above: int, many: int) -> None:
    """Where half of the clients or so share one value, those below and those above it are told from it; no more
    bins than asked for, each of them with somebody in it."""
    found = np.concatenate([-1.0 - np.arange(below), np.zeros(many), 1.0 + np.arange(above)])
    edges = quantile_edges(found)
    counts = bin_counts(found, edges)
    assert len(edges) < 10
    assert counts[:-1].all()
    if 10 * many > 3 * len(found):
        assert many in counts


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        ([0.5, 0.5], [1.0], "shapes"),
        ([0.5, 0.4], [0.5, 0.5], "expected shares sum to 0.900000"),
        ([0.5, 0.5], [1.5, -0.5], "actual shares sum to 1.000000, expected 1 and none negative"),
    ],
)
def test_shares_that_are_none_are_refused(expected: list[float], actual: list[float], message: str) -> None:
    """Shares must match bin by bin, sum to 1 and not be negative."""
    with pytest.raises(ValueError, match=message):
        psi_of_shares(expected, actual)


def test_no_clients_is_refused() -> None:
    """An empty cohort has no distribution; fewer than two bins compare nothing."""
    with pytest.raises(ValueError, match="no clients given"):
        psi([1.0], [])
    with pytest.raises(ValueError, match="bins is 1"):
        psi([1.0], [1.0], bins=1)


@settings(deadline=None)
@given(values, st.integers(1, 4))
def test_counts_of_parts_add_up(values: list[float], parts: int) -> None:
    """Clients per bin, counted in parts, are those of the whole: all clients, missing last, edges to the left."""
    numbers, edges = np.array(values, dtype=np.float32), [-1.0, 0.0, 2.5]
    whole = bin_counts(numbers, edges)
    np.testing.assert_array_equal(
        sum(bin_counts(part, edges) for part in np.array_split(numbers, parts)), whole
    )
    present = numbers[~np.isnan(numbers)]
    expected = [
        present <= -1,
        (present > -1) & (present <= 0),
        (present > 0) & (present <= 2.5),
        present > 2.5,
    ]
    assert whole.tolist() == [*(int(part.sum()) for part in expected), len(numbers) - len(present)]


def test_chance_alone_stays_below_its_index() -> None:
    """Of 400 pairs of samples of one population about 1 % exceed what chance exceeds in 1 %; the worked number."""
    assert chance_psi(10, 1000, 1000) == pytest.approx(0.0558, rel=0.01)
    rng = np.random.default_rng(4)
    allowed = chance_psi(10, 800, 500, level=0.99)
    found = [psi(rng.normal(size=800), rng.normal(size=500)) for _ in range(400)]
    assert 0 < np.mean(np.array(found) > allowed) < 0.03
    assert chance_psi(5, 0, 10) == float("inf")
