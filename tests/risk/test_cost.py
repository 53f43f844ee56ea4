"""Cost of decisions and the cheapest cut-off: worked numbers and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk import business_cost, cheapest_cut_off, confusion, cost_curve, indifference_probability

clients = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.01, 0.05, 0.1, 0.3, 0.5, 0.9, 1.0])),
    min_size=1,
    max_size=40,
)


def split(rows: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows])


def test_confusion_declines_from_the_cut_off_up() -> None:
    """A probability equal to the cut-off is declined."""
    counts = confusion([0, 1, 1, 0], [0.2, 0.2, 0.1, 0.1], 0.2)
    assert (counts.tn, counts.fp, counts.fn, counts.tp) == (1, 1, 1, 1)


def test_business_cost_worked_number() -> None:
    """100 clients, 8 defaults of which 3 accepted, 20 good refused: 0.50 per client."""
    target = [1] * 8 + [0] * 92
    probability = [0.9] * 5 + [0.1] * 3 + [0.9] * 20 + [0.1] * 72
    assert business_cost(target, probability, 0.5) == pytest.approx(0.50)


def test_cheapest_cut_off_worked_number() -> None:
    """The docstring's three clients: decline from 0.2 at a cost of one third."""
    found = cheapest_cut_off([0, 0, 1], [0.1, 0.3, 0.2])
    assert found.cut_off == 0.2
    assert found.cost_per_client == pytest.approx(1 / 3)
    assert found.accepted_share == pytest.approx(1 / 3)
    assert found.default_rate_accepted == 0.0


def test_without_defaults_everyone_is_accepted() -> None:
    """Nothing to lose: the cheapest cut-off lies above the largest probability, even when that is 1."""
    found = cheapest_cut_off([0, 0], [0.4, 1.0])
    assert found.cut_off > 1.0
    assert found.accepted_share == 1.0
    assert found.cost_per_client == 0.0


@settings(max_examples=60, deadline=None)
@given(clients, st.floats(0.5, 50))
def test_cheapest_is_cheapest_by_brute_force(rows: list[tuple[int, float]], fn_cost: float) -> None:
    """No cut-off on a fine grid, nor any probability itself, costs less than the one found."""
    target, probability = split(rows)
    found = cheapest_cut_off(target, probability, fn_cost, 1.0)
    grid = np.unique(np.concatenate([np.linspace(0, 1.01, 102), probability]))
    costs = [business_cost(target, probability, cut_off, fn_cost, 1.0) for cut_off in grid]
    assert found.cost_per_client == pytest.approx(min(costs))
    assert business_cost(target, probability, found.cut_off, fn_cost, 1.0) == pytest.approx(
        found.cost_per_client
    )


@settings(max_examples=60, deadline=None)
@given(clients)
def test_curve_is_monotone_and_agrees_with_business_cost(rows: list[tuple[int, float]]) -> None:
    """A higher cut-off never accepts fewer, and every point of the curve is the cost at that cut-off."""
    target, probability = split(rows)
    curve = cost_curve(target, probability)
    assert np.all(np.diff(curve.accepted_share) >= 0)
    assert curve.accepted_share[0] == 0.0
    assert curve.accepted_share[-1] == 1.0
    for cut_off, cost in zip(curve.cut_offs, curve.cost_per_client, strict=True):
        assert business_cost(target, probability, cut_off) == pytest.approx(cost)


def test_thinned_curve_keeps_its_ends() -> None:
    """With `points`, the curve is a subset of the full one that starts and ends at the same cut-offs."""
    rng = np.random.default_rng(0)
    target, probability = rng.integers(0, 2, 500), rng.random(500)
    full, thin = cost_curve(target, probability), cost_curve(target, probability, points=21)
    assert len(thin.cut_offs) <= 22
    assert set(thin.cut_offs) <= set(full.cut_offs)
    assert (thin.cut_offs[0], thin.cut_offs[-1]) == (full.cut_offs[0], full.cut_offs[-1])


def test_cheapest_cut_off_of_true_probabilities_is_the_indifference_probability() -> None:
    """With 200,000 outcomes drawn from their probabilities the cheapest cut-off is near 1/11."""
    rng = np.random.default_rng(1)
    probability = rng.beta(0.8, 9, 200_000)
    target = rng.random(200_000) < probability
    assert cheapest_cut_off(target, probability).cut_off == pytest.approx(1 / 11, abs=0.012)
    assert indifference_probability() == pytest.approx(1 / 11)


@pytest.mark.parametrize(
    ("target", "probability", "message"),
    [
        ([0, 2], [0.1, 0.2], "target holds 2.0, expected 0"),
        ([0, 1], [0.1, 1.2], "probability holds 1.2, expected values between 0 and 1"),
        ([0, 1], [0.1, np.nan], "probability is missing for 1 of 2 clients"),
        ([0, 1], [0.1], "target has 2 clients and probability 1"),
        ([], [], "no clients given"),
    ],
)
def test_unusable_arguments_are_named(target: list[int], probability: list[float], message: str) -> None:
    """Every refusal says what was found and what was expected."""
    with pytest.raises(ValueError, match=message):
        cheapest_cut_off(target, probability)


def test_costs_must_be_positive() -> None:
    """A cost of zero or below is refused, with both costs named."""
    with pytest.raises(ValueError, match="FN 0 and FP 1"):
        business_cost([0, 1], [0.1, 0.2], 0.5, fn_cost=0, fp_cost=1)
