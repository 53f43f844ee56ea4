"""Here: earlier applications at this lender (previous_application), their fate caused by the client's
latents.
Not here: how the granted ones were paid (loans.py, cards.py).
"""

from dataclasses import dataclass

import numpy as np

from simulator.facts import (
    Bools,
    Coded,
    Floats,
    Ints,
    Rows,
    constant,
    draw_codes,
    expand,
    logistic,
    ranked,
    read_marginal,
    to_step,
    where_coded,
    with_missing,
)
from simulator.latents import Latents
from simulator.offers import build_offers

TABLE = "previous_application"
SHARE_WITH_APPLICATIONS = 0.9515
MORE_APPLICATIONS = 3.93
APPLICATIONS_SHAPE = 1.3
OLDEST_DAY = -2922.0
NEVER = 365243.0
KINDS = ("Consumer loans", "Cash loans", "Revolving loans", "XNA")
CONSUMER, CASH, REVOLVING, NAMELESS = range(4)
STATUSES = ("Approved", "Canceled", "Refused", "Unused offer")
APPROVED, CANCELED, REFUSED, UNUSED = range(4)
# Fates of applications after the client's first, by kind, in the order of STATUSES; cards: see _draw_fates.
FATES = np.array(
    [
        [0.760, 0.004, 0.165, 0.071],
        [0.404, 0.380, 0.215, 0.001],
        [0.000, 0.520, 0.480, 0.000],
        [0.000, 0.920, 0.080, 0.000],
    ]
)
REJECT_REASONS = ("HC", "LIMIT", "SCO", "SCOFR", "XNA", "VERIF", "SYSTEM")
REJECT_SHARES = np.array([0.63, 0.20, 0.11, 0.035, 0.015, 0.008, 0.002])
# Where the decisions' days lie among all earlier applications' days, in standard deviations.
DAY_SHIFTS = np.array(
    [[-0.45, -0.6, -0.5, -0.2], [-0.1, 0.85, 0.3, 0.3], [0.3, 0.5, 0.3, 0.3], [0.0, 0.0, 0.0, 0.0]]
)
# What a credit costs per month of term: quantiles at the edges of the yield groups, low_action to high.
CONSUMER_COSTS = ((0.0, 0.0975, 0.357, 0.667, 1.0), (0.004, 0.0098, 0.0142, 0.0190, 0.032))
CASH_COSTS = ((0.0, 0.05, 0.355, 0.744, 1.0), (0.009, 0.0125, 0.0180, 0.0245, 0.034))
CONSUMER_TERMS = {6: 0.236, 10: 0.196, 12: 0.318, 24: 0.087, 4: 0.036, 8: 0.043, 18: 0.038, 14: 0.013,
                  16: 0.009, 5: 0.006, 36: 0.008, 3: 0.003, 9: 0.003, 7: 0.002, 20: 0.002}  # fmt: skip
CASH_TERMS = {12: 0.228, 24: 0.168, 36: 0.146, 18: 0.116, 48: 0.109, 60: 0.113, 6: 0.064, 30: 0.031,
              42: 0.014, 54: 0.005, 10: 0.004, 20: 0.002}  # fmt: skip


@dataclass(frozen=True)
class Granted:
    """The earlier credits that were paid out, one entry per credit, for the tables of their months.

    `client` is the place of the client in the block; `first_due` and `planned_end` are days; `term` is the
    agreed number of instalments, `paid_terms` the number until the credit ended or will end.
    """

    sk_id_prev: Ints
    client: Ints
    annuity: Floats
    credit: Floats
    term: Floats
    paid_terms: Floats
    first_due: Floats
    early: Bools


@dataclass(frozen=True)
class Previous:
    """previous_application's rows, and the granted loans and cards among them."""

    rows: Rows
    loans: Granted
    cards: Granted


def build_previous(rng: np.random.Generator, ids: Ints, latents: Latents, id_range: Ints) -> Previous:
    """previous_application.csv, one row per earlier application, with SK_ID_PREV drawn from `id_range`.

    A client's first application is a granted consumer loan, as nearly always in the real tables; later ones
    are refused more often when the client is indebted, unreliable or in trouble.
    """
    owner, place = _draw_owners(rng, latents)
    kind, status = _draw_fates(rng, owner, place, latents)
    days = _draw_days(rng, owner, place, kind, status)
    sk_id_prev = rng.permutation(id_range)[: len(owner)]
    amounts = _build_amounts(rng, owner, kind, status, latents)
    schedule = _build_schedule(rng, kind, status, days, amounts, latents.ability[owner])
    lived = schedule.pop("lived")
    rows: Rows = {
        "SK_ID_PREV": sk_id_prev,
        "SK_ID_CURR": ids[owner],
        "NAME_CONTRACT_TYPE": Coded(kind, KINDS),
        "NAME_CONTRACT_STATUS": Coded(status, STATUSES),
        "DAYS_DECISION": days,
        "CODE_REJECT_REASON": _reject_reasons(rng, kind, status),
    }
    stated = ~np.isnan(amounts["CNT_PAYMENT"])
    rows |= amounts
    rows |= schedule
    rows |= build_offers(rng, kind, status == APPROVED, stated, place, amounts)
    begun = (status == APPROVED) & ~np.isnan(schedule["DAYS_FIRST_DUE"])

    def granted(chosen: Bools) -> Granted:
        k = np.flatnonzero(chosen)
        return Granted(
            sk_id_prev=sk_id_prev[k],
            client=owner[k],
            annuity=amounts["AMT_ANNUITY"][k],
            credit=amounts["AMT_CREDIT"][k],
            term=amounts["CNT_PAYMENT"][k],
            paid_terms=lived[k],
            first_due=np.where(kind == REVOLVING, days + 30.0, schedule["DAYS_FIRST_DUE"])[k],
            early=(lived < amounts["CNT_PAYMENT"])[k],
        )

    return Previous(
        rows, loans=granted(begun & (kind != REVOLVING)), cards=granted(begun & (kind == REVOLVING))
    )


def _draw_owners(rng: np.random.Generator, latents: Latents) -> tuple[Ints, Ints]:
    clients = len(latents.ability)
    has = rng.random(clients) < SHARE_WITH_APPLICATIONS
    rate = MORE_APPLICATIONS * np.exp(0.15 * latents.indebtedness + 0.08 * latents.shocks - 0.0145)
    more = rng.poisson(rate * rng.gamma(APPLICATIONS_SHAPE, 1.0 / APPLICATIONS_SHAPE, clients))
    return expand(np.where(has, 1 + np.minimum(more, 70), 0))


def _draw_fates(rng: np.random.Generator, owner: Ints, place: Ints, latents: Latents) -> tuple[Ints, Ints]:
    """Kind and status; a client holds one card at most, as nearly always in the real tables."""
    rows, first = len(owner), place == 0
    kind = np.where(
        first & (rng.random(rows) < 0.975),
        CONSUMER,
        draw_codes(rng, np.array([0.32, 0.60, 0.0796, 0.0004]), rows),
    )
    danger = (
        0.45 * latents.indebtedness
        - 0.40 * latents.ability
        - 0.45 * latents.behaviour
        + 0.40 * latents.shocks
    )
    weights = FATES[kind]
    weights[:, REFUSED] *= np.exp(danger[owner] - 0.2)
    edges = np.cumsum(weights, axis=1)
    status = ((rng.random(rows) * edges[:, -1])[:, None] >= edges[:, :-1]).sum(axis=1).astype(np.int64)
    card = (place == 1) & (rng.random(rows) < logistic(0.25 * latents.indebtedness - 0.58)[owner])
    kind = np.where(card, REVOLVING, kind)
    return kind, np.where(card | (first & (kind == CONSUMER)), APPROVED, status)


def _draw_days(rng: np.random.Generator, owner: Ints, place: Ints, kind: Ints, status: Ints) -> Floats:
    """Days of decision; cards by how long they have been held; a client's first application is the oldest."""
    rows = len(owner)
    position = rng.standard_normal(rows) + DAY_SHIFTS[kind, status]
    days = np.rint(read_marginal(TABLE, "DAYS_DECISION").at(position))
    held = np.interp(rng.random(rows), [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1], [1, 6, 11, 24, 74, 96, 96])
    card = (kind == REVOLVING) & (status == APPROVED)
    days = np.where(card, -np.rint(30.4 * held + rng.integers(20, 60, rows)), days)
    days = np.maximum(days, OLDEST_DAY)
    starts = np.flatnonzero(place == 0)
    if len(starts):
        oldest = np.lexsort((days, owner))[starts]
        movable = ~card[oldest]
        days[starts[movable]], days[oldest[movable]] = days[oldest[movable]], days[starts[movable]]
    return days


def _build_amounts(
    rng: np.random.Generator, owner: Ints, kind: Ints, status: Ints, latents: Latents
) -> dict[str, Floats]:
    """What was asked for and granted; cancelled and some refused applications state no terms."""
    rows, noise = len(owner), rng.standard_normal(len(owner))
    ability, debt = latents.ability[owner], latents.indebtedness[owner]
    size = 0.18 * ability + 0.08 * debt
    asked = np.where(
        kind == CONSUMER, 70_000 * np.exp(0.78 * noise + size), 245_000 * np.exp(0.85 * noise + size)
    )
    asked = np.where(status == REFUSED, asked * np.where(kind == CASH, 1.5, 1.2), asked)
    asked = np.where(kind == CONSUMER, to_step(asked, 4.5), np.maximum(to_step(asked, 22_500.0), 22_500.0))
    asked = np.minimum(asked, 3_150_000.0)
    unstated_share = np.choose(kind, [0.886, 0.967, 0.989, 1.0])
    stated = np.where(status == CANCELED, rng.random(rows) > unstated_share, True)
    stated &= np.where(status == UNUSED, rng.random(rows) < 0.02, True)
    stated &= np.where(status == REFUSED, rng.random(rows) > np.choose(kind, [0.168, 0.173, 0.05, 1.0]), True)
    blank_asked = (status == CANCELED) & ~stated
    card_limit = np.maximum(to_step(105_000 * np.exp(0.95 * noise + size), 45_000.0), 45_000.0)
    asked = np.where((kind == REVOLVING) & (rng.random(rows) < 0.4), 0.0, asked)
    asked = np.where(blank_asked, 0.0, asked)
    down_share = np.where(rng.random(rows) < 0.49, 0.0, rng.beta(1.3, 9.0, rows))
    down = np.where(kind == CONSUMER, to_step(asked * down_share, 4.5), 0.0)
    loaded = np.where(
        kind == CONSUMER, rng.choice([1.0, 1.0, 1.057, 1.1], rows), rng.uniform(1.0, 1.22, rows)
    )
    credit = to_step((asked - down) * loaded, 4.5)
    credit = np.where(kind == REVOLVING, np.where(blank_asked, 0.0, card_limit), credit)
    longer = 0.65 * noise + 0.76 * rng.standard_normal(rows)
    term = np.where(kind == CONSUMER, _terms(CONSUMER_TERMS, longer), _terms(CASH_TERMS, longer))
    term = np.where(kind == REVOLVING, 0.0, term)
    price = rng.random(rows)
    cost = np.where(kind == CONSUMER, np.interp(price, *CONSUMER_COSTS), np.interp(price, *CASH_COSTS))
    annuity = credit / np.maximum(term, 1.0) * (1.0 + cost * term)
    annuity = to_step(np.where(kind == REVOLVING, credit / 20.0, annuity), 4.5)
    stated_down = (kind == CONSUMER) | ((kind == CASH) & (status == APPROVED) & (rng.random(rows) < 0.115))
    no_down = ~stated_down | blank_asked | (rng.random(rows) < np.where(status == REFUSED, 0.02, 0.0))
    no_price = (asked == 0) | ((kind == CASH) & (status == REFUSED) & (rng.random(rows) < 0.166))
    return {
        "AMT_ANNUITY": with_missing(annuity, ~stated),
        "AMT_APPLICATION": asked,
        "AMT_CREDIT": credit,
        "AMT_DOWN_PAYMENT": with_missing(down, no_down),
        "AMT_GOODS_PRICE": with_missing(asked, no_price),
        "CNT_PAYMENT": with_missing(term, ~stated),
        "RATE_DOWN_PAYMENT": with_missing(down / np.maximum(down + credit, 1.0) * 1.089, no_down),
    }


def _terms(shares: dict[int, float], position: Floats) -> Floats:
    return ranked(np.array(list(shares), dtype=np.float64), np.array(list(shares.values())), position)


def _build_schedule(
    rng: np.random.Generator,
    kind: Ints,
    status: Ints,
    days: Floats,
    amounts: dict[str, Floats],
    ability: Floats,
) -> dict[str, Floats]:
    """The days of a granted credit, 365243 where not yet known; `lived` counts its instalments to the end."""
    rows, term = len(kind), np.nan_to_num(amounts["CNT_PAYMENT"])
    begun = (status == APPROVED) & (rng.random(rows) > np.choose(kind, [0.021, 0.078, 0.04, 1.0]))
    first_due = days + np.where(kind == CONSUMER, 30.0 + np.minimum(rng.exponential(3.0, rows), 30.0), 30.0)
    first_due = np.rint(np.where(kind == REVOLVING, days + rng.integers(21, 120, rows), first_due))
    last_planned = first_due + 30.0 * np.maximum(term - 1.0, 0.0)
    early = (term > 1) & (rng.random(rows) < logistic(-0.25 + 0.2 * ability))
    lived = np.where(early, np.ceil(term * rng.beta(2.2, 1.4, rows)), term)
    last_due = first_due + 30.0 * np.maximum(lived - 1.0, 0.0)
    ended = last_due + np.rint(rng.exponential(9.0, rows)) + 2.0
    revolving = kind == REVOLVING
    alive = (last_due >= -1.0) | (revolving & (rng.random(rows) < 0.75))
    drawing = revolving & (rng.random(rows) < 0.64)
    known_first = revolving & (rng.random(rows) < 0.37) | (first_due >= -1.0)
    columns = {
        "DAYS_FIRST_DRAWING": np.where(drawing, np.minimum(first_due - 20.0, -1.0), NEVER),
        "DAYS_FIRST_DUE": np.where(known_first, NEVER, first_due),
        "DAYS_LAST_DUE_1ST_VERSION": np.where(revolving, NEVER, last_planned),
        "DAYS_LAST_DUE": np.where(alive, NEVER, last_due),
        "DAYS_TERMINATION": np.where(alive | (ended >= -1.0), NEVER, ended),
        "NFLAG_INSURED_ON_APPROVAL": (rng.random(rows) < np.choose(kind, [0.27, 0.60, 0.0, 0.0])).astype(
            np.float64
        ),
    }
    return {column: with_missing(value, ~begun) for column, value in columns.items()} | {"lived": lived}


def _reject_reasons(rng: np.random.Generator, kind: Ints, status: Ints) -> Coded:
    rows = len(kind)
    refused = Coded(draw_codes(rng, REJECT_SHARES, rows), REJECT_REASONS)
    everywhere = np.ones(rows, dtype=bool)
    return where_coded(
        [
            (status == REFUSED, refused),
            (status == UNUSED, constant("CLIENT", rows)),
            (everywhere, constant("XAP", rows)),
        ],
        rows,
    )
