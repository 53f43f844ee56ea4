"""Here: the hidden causes of a client's fate, and the true default probability they make.
Not here: what can be seen of them (application.py and the histories).
"""

from dataclasses import dataclass

import numpy as np

from simulator.facts import Bools, Floats, logistic

# Log-odds at which the average default probability is 8.07 %, and the spread of the log-odds around their
# mean; both measured on two million clients.
BASE_LOG_ODDS = -2.971
RISK_SPREAD = 1.137
SHARE_KNOWN_ELSEWHERE = 305_811 / 356_255  # the full tables' clients with rows in bureau
SHARE_KNOWN_HERE = 338_857 / 356_255  # in previous_application
SHARE_WITH_CARD = 103_558 / 356_255  # in credit_card_balance


@dataclass(frozen=True)
class Latents:
    """What is behind each client's histories. Four causes, each standard normal over all clients:

    ability: means and steadiness of income, higher is safer. indebtedness: how much is owed already, higher
    is riskier. behaviour: how reliably past debts were paid, higher is safer. shocks: what hit the client of
    late (work, health, family), higher is riskier and felt only when high.

    And which histories there are: known_elsewhere (rows in bureau), known_here (rows in previous_application
    and what follows from it), holds_card (a card at this lender, only where known_here).

    What the histories should show of the causes, as R² of the cause given all rows of a client who has them
    (measured with a model, on clients of both kinds known): behaviour 0.85 (instalments, POS, cards, overdue
    elsewhere), indebtedness 0.85 (credits elsewhere, their debt and recency, refusals, card use), shocks 0.5
    (the last twelve months against the client's own habit), ability 0.3 (sums granted and paid). The
    application shows each cause a little (correlation 0.3), and most of what decides a default besides.
    """

    ability: Floats
    indebtedness: Floats
    behaviour: Floats
    shocks: Floats
    known_elsewhere: Bools
    known_here: Bools
    holds_card: Bools

    def stacked(self) -> Floats:
        """Array (clients, 4): the causes in the order of the fields."""
        return np.column_stack([self.ability, self.indebtedness, self.behaviour, self.shocks])


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

    @property
    def risk(self) -> Floats:
        """Log-odds as a standardised position: mean 0, spread 1 over all clients."""
        return (self.log_odds - BASE_LOG_ODDS) / RISK_SPREAD


def draw_latents(rng: np.random.Generator, clients: int) -> Latents:
    """Independent standard normal causes; the published shares of clients with histories."""
    ability, indebtedness, behaviour, shocks = rng.standard_normal((4, clients))
    chance = rng.random((3, clients))
    here = chance[1] < SHARE_KNOWN_HERE
    return Latents(
        ability,
        indebtedness,
        behaviour,
        shocks,
        known_elsewhere=chance[0] < SHARE_KNOWN_ELSEWHERE,
        known_here=here,
        holds_card=here & (chance[2] < SHARE_WITH_CARD / SHARE_KNOWN_HERE),
    )


def build_truth(latents: Latents) -> Truth:
    """True default probability and its causes, in log-odds.

    Ability and behaviour help less and less; debt hurts only above the usual; shocks hurt when severe; strain
    is the interaction: debt together with little ability. Each cause is centred, so that `base` stands for
    the average client. A client with all latents 0 has log-odds -3.44, a default probability of 3.1 %.
    """
    debt, means = _softplus(latents.indebtedness), _softplus(-latents.ability)
    return Truth(
        base=np.full(len(latents.ability), BASE_LOG_ODDS),
        ability=-0.54 * latents.ability + 0.07 * (latents.ability**2 - 1.0),
        indebtedness=0.86 * (debt - 0.8061),
        behaviour=0.93 * (_softplus(-1.2 * latents.behaviour) - 0.8504),
        shocks=0.39 * (np.exp(0.7 * latents.shocks) - 1.2776),
        strain=0.30 * (debt * means - 0.8061**2),
    )


def _softplus(x: Floats) -> Floats:
    return np.logaddexp(0.0, x)
