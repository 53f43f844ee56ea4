"""The truth: a default rate of 8.07 %, causes that add up, directions that make sense."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.applicants import draw_applicants
from simulator.latents import SEEN_MEANS, SEEN_SPREADS, Latents, build_truth, draw_latents
from simulator.portfolio import rank_auc
from simulator.seen import weigh_applications

POSITIONS = st.floats(-3.0, 3.0)
CLIENTS = 120_000


def known(*causes: np.ndarray, seen: np.ndarray | None = None) -> Latents:
    """Clients with these causes and an average application (or this one), known everywhere."""
    clients = len(causes[0])
    everywhere = np.ones(clients, dtype=bool)
    shown = np.tile(SEEN_MEANS, (clients, 1)) if seen is None else seen
    ability, indebtedness, behaviour, shocks = causes
    return Latents(ability, indebtedness, behaviour, shocks, everywhere, everywhere, everywhere, shown)


@pytest.fixture(scope="module")
def applicants() -> dict[str, np.ndarray]:
    """The applications of many clients, one in seven of whom came as test client."""
    rng = np.random.default_rng(5)
    return draw_applicants(rng, rng.random(CLIENTS) < 0.1368)


@pytest.fixture(scope="module")
def latents(applicants: dict[str, np.ndarray]) -> Latents:
    """Their causes."""
    return draw_latents(np.random.default_rng(6), applicants, applicants["CAME_UNKNOWN"] == 1)


def test_default_rate_and_auc(latents: Latents) -> None:
    """Over many clients the default probability averages 8.07 %, its AUC is about 0.80."""
    truth = build_truth(latents)
    target = (np.random.default_rng(6).random(CLIENTS) < truth.probability).astype(np.int64)
    assert truth.probability.mean() == pytest.approx(0.0807, abs=0.002)
    assert rank_auc(target, truth.probability) == pytest.approx(0.80, abs=0.01)


def test_causes_add_up_and_are_centred(latents: Latents) -> None:
    """The log-odds are the sum of base and causes, and each cause averages 0."""
    truth = build_truth(latents)
    causes = [getattr(truth, field.name) for field in fields(truth)]
    assert np.allclose(truth.probability, 1 / (1 + np.exp(-sum(causes))))
    assert all(abs(cause.mean()) < 0.01 for cause in causes[1:])


def test_causes_are_standard_and_repeat_a_little_of_the_application(latents: Latents) -> None:
    """Each cause has mean 0 and spread 1; all but shocks agree with what the application shows, at about 0.3."""
    for place, name in enumerate(("ability", "indebtedness", "behaviour", "shocks")):
        cause = getattr(latents, name)
        assert (cause.mean(), cause.std()) == pytest.approx((0.0, 1.0), abs=0.02)
        agreement = np.corrcoef(cause, latents.seen[:, place])[0, 1]
        assert agreement == pytest.approx((-0.3, 0.3, -0.3, 0.0)[place], abs=0.02)


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
    """The interaction: the same debt adds more log-odds to a client whose application shows little ability."""
    nothing, debt = np.zeros(4), np.array([0.0, 1.5, 0.0, 1.5])
    seen = np.tile(SEEN_MEANS, (4, 1))
    seen[:, 0] += SEEN_SPREADS[0] * np.array([1.5, 1.5, -1.5, -1.5])
    poor_0, poor_1, rich_0, rich_1 = build_truth(known(nothing, debt, nothing, nothing, seen=seen)).log_odds
    assert poor_1 - poor_0 > 1.5 * (rich_1 - rich_0)


def test_causes_nobody_could_see_matter_less(latents: Latents) -> None:
    """Where a client has no history at all, what only histories show spreads the truth a quarter as far."""
    nowhere = np.zeros(CLIENTS, dtype=bool)
    unknown = Latents(
        **{**vars(latents), "known_elsewhere": nowhere, "known_here": nowhere, "holds_card": nowhere}
    )
    everywhere = Latents(**{**vars(latents), "known_elsewhere": ~nowhere, "known_here": ~nowhere})
    shown = build_truth(known(*np.zeros((4, CLIENTS)), seen=latents.seen)).log_odds
    spreads = [(build_truth(causes).log_odds - shown).std() for causes in (unknown, everywhere)]
    assert spreads[0] < 0.3 * spreads[1]


def test_shares_of_clients_with_histories_are_published_ones(latents: Latents) -> None:
    """86 % are known elsewhere, 95 % here, 29 % hold a card, and nobody holds a card who is not known here."""
    assert latents.known_elsewhere.mean() == pytest.approx(0.858, abs=0.01)
    assert latents.known_here.mean() == pytest.approx(0.951, abs=0.005)
    assert latents.holds_card.mean() == pytest.approx(0.291, abs=0.005)
    assert not (latents.holds_card & ~latents.known_here).any()


def test_who_is_unknown_elsewhere_has_no_score_and_no_enquiries(
    applicants: dict[str, np.ndarray], latents: Latents
) -> None:
    """Nobody without enquiries has rows elsewhere, and their third score is missing."""
    silent = np.isnan(applicants["AMT_REQ_CREDIT_BUREAU_YEAR"])
    assert not (latents.known_elsewhere & silent).any()
    assert np.isnan(applicants["EXT_SOURCE_3"])[silent].mean() > 0.99


def test_what_applications_show_adds_up_tree_by_tree(applicants: dict[str, np.ndarray]) -> None:
    """A client's figures do not depend on who else is weighed."""
    whole = weigh_applications(applicants)
    alone = weigh_applications({name: values[17:18] for name, values in applicants.items()})
    assert np.array_equal(alone[0], whole[17])
