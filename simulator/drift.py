"""Here: how new applicants may differ from the usual ones, by name and strength.
Not here: when they come (plan.py), what a client is like otherwise (latents.py, application.py).
"""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from simulator.facts import Floats, Ints, Rows, number, text, to_step, with_missing
from simulator.latents import Latents, Truth

Held = TypeVar("Held", Latents, Truth)

NAMES = {
    "recession": "shocks and debt up, incomes down, payments later: at 1.0 twice as many defaults",
    "new-channel": "younger clients, more revolving loans and small employers, more without any history",
    "broken-feed": "a share of applications arrives without the three external scores",
}
"""The drifts there are, in words."""

CANDIDATES = 4  # a new channel's clients are chosen among as many times more of the usual ones
ADULT_DAYS = 7_670.0
SMALL_EMPLOYERS = ("Self-employed", "Business Entity Type 3", "Trade: type 7", "Construction", "Restaurant")
THIN = 0.4  # of the new channel's clients at full strength have no history, on top of the usual
SCORES = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")


@dataclass(frozen=True)
class Drift:
    """One drift; strength in (0, 1]. Errors: ValueError naming what is there and what is expected."""

    name: str
    strength: float

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ValueError(f"drift {self.name!r} is not known: expected one of {', '.join(NAMES)}")
        if not 0.0 < self.strength <= 1.0:
            raise ValueError(
                f"strength {self.strength:g} of drift {self.name}: expected more than 0, 1 at most"
            )


def parse_drift(text: str) -> Drift:
    """NAME:STRENGTH as typed. Errors: ValueError with what was found."""
    name, _, strength = text.partition(":")
    try:
        value = float(strength)
    except ValueError as error:
        raise ValueError(f"drift {text!r}: expected NAME:STRENGTH, such as recession:0.5") from error
    return Drift(name, value)


def strength_of(drifts: tuple[Drift, ...], name: str) -> float:
    """Strength of a drift, 0.0 where it is not at work."""
    return max((drift.strength for drift in drifts if drift.name == name), default=0.0)


def candidates_per_client(drifts: tuple[Drift, ...]) -> int:
    """How many applicants are drawn for each one taken."""
    return CANDIDATES if strength_of(drifts, "new-channel") else 1


def drift_latents(rng: np.random.Generator, latents: Latents, drifts: tuple[Drift, ...]) -> Latents:
    """The causes of applicants in a drift. The truth follows from them, hence it drifts along."""
    slump, channel = strength_of(drifts, "recession"), strength_of(drifts, "new-channel")
    if slump:
        latents = replace(
            latents,
            shocks=latents.shocks + 0.8 * slump,
            ability=latents.ability - 0.4 * slump,
            behaviour=latents.behaviour - 0.3 * slump,
            indebtedness=latents.indebtedness + 0.2 * slump,
        )
    if channel:
        thick = rng.random(len(latents.ability)) >= THIN * channel
        here = latents.known_here & thick
        latents = replace(
            latents,
            known_here=here,
            known_elsewhere=latents.known_elsewhere & thick,
            holds_card=latents.holds_card & here,
        )
    return latents


def choose_applicants(
    rng: np.random.Generator, application: Rows, clients: int, drifts: tuple[Drift, ...]
) -> Ints:
    """Which of the candidates are taken, as places in `application`: all where no channel is new.

    The new channel's clients are the young ones, those with revolving loans and with small employers, chosen
    by weight: every row stays one that could have come before, only the mixture is another.
    """
    channel = strength_of(drifts, "new-channel")
    if not channel:
        return np.arange(clients, dtype=np.int64)
    years = (-number(application, "DAYS_BIRTH") - ADULT_DAYS) / 365.25
    revolving = text(application, "NAME_CONTRACT_TYPE").equals("Revolving loans")
    employer = text(application, "ORGANIZATION_TYPE")
    small = np.logical_or.reduce([employer.equals(name) for name in SMALL_EMPLOYERS])
    leaning = channel * (-0.08 * years + 1.5 * revolving + 0.7 * small)
    keys = leaning + rng.gumbel(size=len(leaning))  # the largest keys: a draw by weight without repeats
    return np.sort(np.argsort(-keys)[:clients])


def drift_application(rng: np.random.Generator, application: Rows, drifts: tuple[Drift, ...]) -> Rows:
    """Application rows of applicants in a drift."""
    slump, broken = strength_of(drifts, "recession"), strength_of(drifts, "broken-feed")
    rows = dict(application)
    if slump:
        rows["AMT_INCOME_TOTAL"] = _lower(number(rows, "AMT_INCOME_TOTAL"), slump)
    if broken:
        lost = rng.random(len(number(rows, "SK_ID_CURR"))) < broken
        rows |= {column: with_missing(number(rows, column), lost) for column in SCORES}
    return rows


def _lower(income: Floats, strength: float) -> Floats:
    return np.maximum(to_step(income * (1.0 - 0.2 * strength), 4_500.0), np.minimum(income, 27_000.0))


def taken(values: Held, chosen: Ints) -> Held:
    """Latents or Truth of the chosen clients."""
    return type(values)(**{name: column[chosen] for name, column in vars(values).items()})
