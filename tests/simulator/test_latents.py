"""The truth: a default rate of 8.07 %, causes that add up, directions that make sense."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.latents import BASE_LOG_ODDS, RISK_SPREAD, Latents, build_truth, draw_latents
from simulator.portfolio import rank_auc
from simulator.positions import LOADINGS, draw_positions

POSITIONS = st.floats(-3.0, 3.0)


def known(*causes: np.ndarray) -> Latents:
    """Clients with these causes, known everywhere."""
    everywhere = np.ones(len(causes[0]), dtype=bool)
    ability, indebtedness, behaviour, shocks = causes
    return Latents(ability, indebtedness, behaviour, shocks, everywhere, everywhere, everywhere)


@pytest.fixture(scope="module")
def latents() -> Latents:
    """Half a million clients' causes."""
    return draw_latents(np.random.default_rng(5), 500_000)


def test_default_rate_spread_and_auc(latents: Latents) -> None:
    """Over many clients the default probability averages 8.07 %, its AUC is about 0.80."""
    truth = build_truth(latents)
    target = (np.random.default_rng(6).random(500_000) < truth.probability).astype(np.int64)
    assert truth.probability.mean() == pytest.approx(0.0807, abs=0.0015)
    assert truth.log_odds.std() == pytest.approx(RISK_SPREAD, abs=0.01)
    assert truth.log_odds.mean() == pytest.approx(BASE_LOG_ODDS, abs=0.01)
    assert rank_auc(target, truth.probability) == pytest.approx(0.80, abs=0.01)


def test_causes_add_up_and_are_centred(latents: Latents) -> None:
    """The log-odds are the sum of base and causes, and each cause averages 0."""
    truth = build_truth(latents)
    causes = [getattr(truth, field.name) for field in fields(truth)]
    assert np.allclose(truth.probability, 1 / (1 + np.exp(-sum(causes))))
    assert all(abs(cause.mean()) < 0.005 for cause in causes[1:])


@given(POSITIONS, POSITIONS, POSITIONS, POSITIONS, st.floats(0.01, 1.0))
@settings(max_examples=50, deadline=None)
def test_every_cause_has_its_direction(a: float, d: float, b: float, s: float, step: float) -> None:
    """More debt or shocks never make a client safer; more ability or better behaviour never riskier."""

    def log_odds(*values: float) -> float:
        return float(build_truth(known(*(np.array([value]) for value in values))).log_odds[0])

    here = log_odds(a, d, b, s)
    assert log_odds(a + step, d, b, s) < here
    assert log_odds(a, d + step, b, s) > here
    assert log_odds(a, d, b + step, s) < here
    assert log_odds(a, d, b, s + step) > here


def test_debt_hurts_more_without_means() -> None:
    """The interaction: the same debt adds more log-odds to a client of little ability."""
    ability, debt = np.array([-1.5, -1.5, 1.5, 1.5]), np.array([0.0, 1.5, 0.0, 1.5])
    poor_0, poor_1, rich_0, rich_1 = build_truth(known(ability, debt, np.zeros(4), np.zeros(4))).log_odds
    assert poor_1 - poor_0 > 1.2 * (rich_1 - rich_0)


def test_positions_have_published_correlations(latents: Latents) -> None:
    """Columns of the application keep the published correlations although the latents drive them."""
    few = Latents(**{field.name: getattr(latents, field.name)[:60_000] for field in fields(latents)})
    positions = draw_positions(np.random.default_rng(7), few)
    assert set(positions) == set(LOADINGS)
    assert np.corrcoef(positions["EXT_SOURCE_1"], positions["DAYS_BIRTH"])[0, 1] == pytest.approx(
        -0.61, abs=0.03
    )
    assert np.corrcoef(positions["AMT_CREDIT"], positions["AMT_ANNUITY"])[0, 1] == pytest.approx(
        0.84, abs=0.03
    )
    assert np.corrcoef(positions["EXT_SOURCE_2"], few.behaviour)[0, 1] > 0.4


def test_shares_of_clients_with_histories_are_published_ones(latents: Latents) -> None:
    """86 % are known elsewhere, 95 % here, 29 % hold a card, and nobody holds a card who is not known here."""
    assert latents.known_elsewhere.mean() == pytest.approx(0.858, abs=0.005)
    assert latents.known_here.mean() == pytest.approx(0.951, abs=0.005)
    assert latents.holds_card.mean() == pytest.approx(0.291, abs=0.005)
    assert not (latents.holds_card & ~latents.known_here).any()
