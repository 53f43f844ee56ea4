"""Here: the hidden causes of a client's fate, and the true default probability they make.
Not here: what an application shows of them (seen.py), what the histories show (bureau.py, previous.py and on).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.facts import Bools, Floats, logistic
from simulator.seen import weigh_applications

# Log-odds at which the average default probability is 8.07 %, measured on a million clients, as are the means and
# spreads of what applications show of each cause (ability, indebtedness, behaviour, shocks).
BASE_LOG_ODDS = -2.989
SEEN_MEANS = np.array([-0.0979, -2.5572, -0.0946, -0.0046])
SEEN_SPREADS = np.array([0.3511, 0.5006, 0.3798, 0.0405])
SEEN_WEIGHTS = np.array([1.35, 1.17, 1.06, 1.35])
# Correlation of each cause, as histories know it, with what the application shows of it; towards risk.
SHOWN = np.array([0.3, 0.3, 0.3, 0.0])
TOWARDS_RISK = np.array([-1.0, 1.0, -1.0, 1.0])
UNKNOWN_WEIGHT = 0.25  # of a cause that no history of the client could show
KNOWN_HERE, KNOWN_HERE_TEST = 291_057 / 307_511, 47_800 / 48_744
KNOWN_ELSEWHERE, KNOWN_WITHOUT_SCORE = 0.994, 0.935  # of those whose enquiries are known
CARD, CARD_TEST, CARD_OF_REVOLVING = 0.325, 0.358, 0.045  # of those known here


@dataclass(frozen=True)
class Latents:
    """What is behind each client's histories. Four causes, each nearly standard normal over all clients:

    ability: means and steadiness of income, higher is safer. indebtedness: how much is owed already, higher
    is riskier. behaviour: how reliably past debts were paid, higher is safer. shocks: what hit the client of
    late (work, health, family), higher is riskier and felt only when high.

    And which histories there are: known_elsewhere (rows in bureau), known_here (rows in previous_application
    and what follows from it), holds_card (a card at this lender, only where known_here).

    What the histories should show of the causes, as R² of the cause given all rows of a client who has them
    (measured with a model, on clients of both kinds known): behaviour 0.9 (instalments, POS, cards, overdue
    elsewhere), indebtedness 0.9 (credits elsewhere, their debt and recency, refusals, card use), shocks 0.6
    (the last twelve months against the client's own habit), ability 0.3 (sums granted and paid).

    `seen`, (clients, 4), is what the application shows of each cause, in log-odds of default; all but shocks
    correlate with it by 0.3 (in rank), so histories repeat a little of what the application says.
    """

    ability: Floats
    indebtedness: Floats
    behaviour: Floats
    shocks: Floats
    known_elsewhere: Bools
    known_here: Bools
    holds_card: Bools
    seen: Floats


@dataclass(frozen=True)
class Truth:
    """Per client: the true default probability, and the causes whose sum with `base` is its log-odds."""

    base: Floats
    ability: Floats
    indebtedness: Floats
    behaviour: Floats
    shocks: Floats
    strain: Floats

    @property
    def log_odds(self) -> Floats:
        """Sum of the causes."""
        return self.base + self.ability + self.indebtedness + self.behaviour + self.shocks + self.strain

    @property
    def probability(self) -> Floats:
        """True default probability in (0, 1)."""
        return logistic(self.log_odds)


def draw_latents(rng: np.random.Generator, applicants: Mapping[str, Floats], came_unknown: Bools) -> Latents:
    """The causes behind the histories of clients with these applications (applicants.draw_applicants).

    Applications come first because their joint law is known; drawing the causes given the application is the
    same law as drawing the application given the causes, and keeps every real relation between its columns.
    """
    seen = weigh_applications(applicants)
    hidden = rng.standard_normal((len(came_unknown), 4))
    position = np.clip((seen - SEEN_MEANS) / SEEN_SPREADS, -3.0, 3.0)
    causes = TOWARDS_RISK * (SHOWN * position) + np.sqrt(1.0 - SHOWN**2) * hidden
    elsewhere, here, card = _draw_histories(rng, applicants, came_unknown)
    return Latents(
        ability=causes[:, 0],
        indebtedness=causes[:, 1],
        behaviour=causes[:, 2],
        shocks=causes[:, 3],
        known_elsewhere=elsewhere,
        known_here=here,
        holds_card=card,
        seen=seen,
    )


def _draw_histories(
    rng: np.random.Generator, applicants: Mapping[str, Floats], came_unknown: Bools
) -> tuple[Bools, Bools, Bools]:
    """Who is known elsewhere, here, and holds a card, with the real shares.

    Nobody whose enquiries are missing is known elsewhere; whoever applies for a revolving loan rarely has one.
    """
    chance = rng.random((3, len(came_unknown)))
    asked, scored = (~np.isnan(applicants[c]) for c in ("AMT_REQ_CREDIT_BUREAU_YEAR", "EXT_SOURCE_3"))
    elsewhere = chance[0] < np.select([asked & scored, asked], [KNOWN_ELSEWHERE, KNOWN_WITHOUT_SCORE], 0.0)
    here = chance[1] < np.where(came_unknown, KNOWN_HERE_TEST, KNOWN_HERE)
    revolving = applicants["NAME_CONTRACT_TYPE"] == 0.0  # the safer of the two texts has the lower code
    holding = np.where(revolving, CARD_OF_REVOLVING, np.where(came_unknown, CARD_TEST, CARD))
    return elsewhere, here, here & (chance[2] < holding)


def build_truth(latents: Latents) -> Truth:
    """True default probability and its causes, in log-odds.

    Each cause is what the application shows of it and what only histories show. Of the latter, ability helps
    less and less; debt hurts above the usual, ill behaviour more and more; shocks hurt when severe; strain is
    the interaction: debt weighs more on whom the application shows little ability. A cause that no history of
    the client could show weighs a quarter: who never borrowed has neither debts nor habits of paying. Each
    cause is centred, so that `base` stands for the average client.
    """
    seen = SEEN_WEIGHTS * (latents.seen - SEEN_MEANS)
    poor = np.clip((latents.seen[:, 0] - SEEN_MEANS[0]) / SEEN_SPREADS[0], -2.5, 2.5)
    any_known = np.where(latents.known_elsewhere | latents.known_here, 1.0, UNKNOWN_WEIGHT)
    owed = np.where(latents.known_elsewhere, 1.0, 0.6) * any_known
    paid = np.where(latents.known_here, 1.0, 0.6) * any_known
    debt = _softplus(1.2 * latents.indebtedness) - 0.8504
    return Truth(
        base=np.full(len(latents.ability), BASE_LOG_ODDS),
        ability=seen[:, 0] - any_known * 0.1 * latents.ability,
        indebtedness=seen[:, 1] + owed * 0.48 * debt,
        behaviour=seen[:, 2] + paid * 0.53 * (_softplus(-1.2 * latents.behaviour) - 0.8504),
        shocks=seen[:, 3] + any_known * 0.17 * (np.exp(0.7 * latents.shocks) - 1.2776),
        strain=owed * 0.13 * debt * poor,
    )


def _softplus(x: Floats) -> Floats:
    return np.logaddexp(0.0, x)
