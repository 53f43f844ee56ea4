"""Costs in money, and how sure a cut-off is: worked numbers and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk import (
    MoneyAssumptions,
    bootstrap_cut_off,
    business_cost,
    cheapest_cut_off,
    cost_curve,
    money_costs,
)


def test_money_worked_number() -> None:
    """The docstring's credit: 600,000 in 20 months costs 270,000 lost or 50,000 missed."""
    loss, margin = money_costs([600_000], [30_000], MoneyAssumptions(0.45, 0.10))
    assert loss[0] == pytest.approx(270_000)
    assert margin[0] == pytest.approx(50_000)


def test_an_unknown_annuity_has_the_median_term() -> None:
    """Terms of 10 and 20 months known: the third credit is taken to run 15."""
    _, margin = money_costs([100.0, 200.0, 300.0], [10.0, 10.0, np.nan], MoneyAssumptions(0.5, 0.12))
    assert margin[2] == pytest.approx(0.12 * 150 * 15 / 12)


@pytest.mark.parametrize(
    ("credit", "annuity", "message"),
    [
        ([0.0, 5.0], [1.0, 1.0], "the credit of 1 clients is missing or not positive, the first 0.0"),
        ([4.0, 5.0], [np.nan, np.nan], "no client has a known annuity"),
    ],
)
def test_amounts_that_cannot_be_priced_are_refused(
    credit: list[float], annuity: list[float], message: str
) -> None:
    """Each refusal says what is missing."""
    with pytest.raises(ValueError, match=message):
        money_costs(credit, annuity, MoneyAssumptions())


def test_assumptions_are_shares() -> None:
    """A loss of more than the credit is refused."""
    with pytest.raises(ValueError, match="loss given default is 45"):
        MoneyAssumptions(45)


rows = st.lists(
    st.tuples(
        st.integers(0, 1), st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.floats(1, 100), st.floats(0.1, 10)
    ),
    min_size=2,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(rows)
def test_each_wrong_decision_counts_with_its_clients_cost(
    clients: list[tuple[int, float, float, float]],
) -> None:
    """Costs per client: the curve is the sum over clients, and the cheapest cut-off is the least of them."""
    target, probability, fn_cost, fp_cost = (np.array(column) for column in zip(*clients, strict=True))
    curve = cost_curve(target, probability, fn_cost, fp_cost)
    for cut_off, cost in zip(curve.cut_offs, curve.cost_per_client, strict=True):
        paid = [
            (lost if repaid == 0 else missed)
            for repaid, p, missed, lost in clients
            if (p >= cut_off) == (repaid == 0)
        ]
        assert cost == pytest.approx(sum(paid) / len(clients))
        assert business_cost(target, probability, cut_off, fn_cost, fp_cost) == pytest.approx(cost)
    found = cheapest_cut_off(target, probability, fn_cost, fp_cost)
    assert found.cost_per_client == pytest.approx(curve.cost_per_client.min())


@settings(max_examples=40, deadline=None)
@given(rows)
def test_equal_costs_per_client_are_one_cost(clients: list[tuple[int, float, float, float]]) -> None:
    """A cost of 10 for everyone is the cost 10."""
    target, probability, *_ = (np.array(column) for column in zip(*clients, strict=True))
    each = cost_curve(target, probability, np.full(len(target), 10.0), np.ones(len(target)))
    assert each.cost_per_client == pytest.approx(cost_curve(target, probability).cost_per_client)


def test_a_cost_of_zero_is_refused_for_any_client() -> None:
    """The offending cost is named."""
    with pytest.raises(ValueError, match=r"the cost of a client is 0\.0"):
        cost_curve([0, 1], [0.1, 0.2], np.array([1.0, 0.0]), 1.0)


def population(clients: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    probability = np.round(rng.beta(0.8, 8, clients), 4)
    return (rng.random(clients) < probability).astype(float), probability


def test_interval_covers_other_clients_of_the_same_kind() -> None:
    """In 19 of 20 portfolios or so the true cheapest cut-off, 1/11, lies in the interval; at least 34 of 40."""
    covered = 0
    for seed in range(40):
        found = bootstrap_cut_off(*population(2000, seed), draws=100, seed=seed).cut_off
        covered += found.low <= 1 / 11 <= found.high
    assert covered >= 34


def test_interval_is_about_the_chosen_cut_off_and_shrinks() -> None:
    """The value is the cheapest cut-off and its cost; four times the clients halve the cost's interval, about."""
    target, probability = population(4000, 1)
    found = bootstrap_cut_off(target, probability, seed=5)
    best = cheapest_cut_off(target, probability)
    assert (found.cut_off.value, found.cost_per_client.value) == (best.cut_off, best.cost_per_client)
    assert found.cost_per_client.low < best.cost_per_client < found.cost_per_client.high
    wide = bootstrap_cut_off(target[:1000], probability[:1000], seed=5).cost_per_client
    narrow = found.cost_per_client
    assert 0.3 < (narrow.high - narrow.low) / (wide.high - wide.low) < 0.8
    assert bootstrap_cut_off(target, probability, seed=5) == found
    with pytest.raises(ValueError, match="draws is 1"):
        bootstrap_cut_off(target, probability, draws=1)
