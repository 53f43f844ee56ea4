"""Here: credits elsewhere (bureau) and their months (bureau_balance), caused by the client's latents.
Not here: credits of this lender (previous.py, balances.py).
"""

from dataclasses import dataclass

import numpy as np

from simulator.facts import (
    Bools,
    Coded,
    Floats,
    Ints,
    Rows,
    choose,
    expand,
    logistic,
    number,
    read_marginal,
    to_step,
    where_coded,
    with_missing,
)
from simulator.latents import Latents

MORE_CREDITS = 4.61  # mean number after the first
CREDITS_SHAPE = 1.75
LONGEST_MONTHS = 96
DAYS_PER_MONTH = 30.4375
TRAIN_CLIENTS_WITH_MONTHS = 0.354
CREDITS_WITH_MONTHS = 0.999
ORPHANS_PER_CREDIT = 0.0556
STATUSES = ("C", "X", "0", "1", "2", "3", "4", "5")
LATE_DEPTHS = (0.79, 0.06, 0.024, 0.015, 0.111)  # of late months: statuses 1 to 5


@dataclass(frozen=True)
class CreditType:
    """What credits of one type look like: median sum and log spread, median term in days and log spread."""

    name: str
    share: float
    amount: float
    amount_spread: float
    term: float
    term_spread: float
    indebted: float  # how much more often indebted clients have it


CREDIT_TYPES = (
    CreditType("Consumer credit", 0.7275, 121_000, 1.20, 410, 0.85, 0.0),
    CreditType("Credit card", 0.2345, 117_000, 1.10, 1_400, 0.75, 0.15),
    CreditType("Car loan", 0.0158, 1_560_000, 0.65, 1_500, 0.35, 0.0),
    CreditType("Mortgage", 0.0104, 4_400_000, 0.60, 5_500, 0.45, -0.1),
    CreditType("Microloan", 0.0093, 22_500, 0.90, 25, 0.9, 0.3),
    CreditType("Loan for business development", 0.0012, 900_000, 1.0, 900, 0.6, 0.0),
    CreditType("Another type of loan", 0.0006, 150_000, 1.1, 700, 0.8, 0.0),
    CreditType("Unknown type of loan", 0.0003, 100_000, 1.1, 700, 0.8, 0.0),
    CreditType("Loan for working capital replenishment", 0.0003, 700_000, 1.0, 500, 0.6, 0.0),
    CreditType("Cash loan (non-earmarked)", 0.0001, 150_000, 1.0, 500, 0.6, 0.0),
)
AMOUNTS = np.array([kind.amount for kind in CREDIT_TYPES])
AMOUNT_SPREADS = np.array([kind.amount_spread for kind in CREDIT_TYPES])
TERMS = np.array([kind.term for kind in CREDIT_TYPES])
TERM_SPREADS = np.array([kind.term_spread for kind in CREDIT_TYPES])


def build_bureau(rng: np.random.Generator, ids: Ints, latents: Latents, first_id: int) -> Rows:
    """bureau.csv: one row per credit elsewhere, grouped by client; SK_ID_BUREAU rises from `first_id` with
    gaps.

    Indebted clients have more credits, more of them open, and owe more of each; ill behaviour and shocks show
    as overdue amounts.
    """
    owner = _draw_owners(rng, latents)
    credits = len(owner)
    debt, behaviour = latents.indebtedness[owner], latents.behaviour[owner]
    ability, shocks = latents.ability[owner], latents.shocks[owner]
    kinds = _draw_types(rng, debt)
    started = _draw_start(rng, debt)
    is_card = kinds == 1
    size = rng.standard_normal(credits)
    longer = 0.55 * size + 0.835 * rng.standard_normal(credits)
    term = np.clip(TERMS[kinds] * np.exp(TERM_SPREADS[kinds] * longer), 3, 12_000)
    term = np.where(is_card & (rng.random(credits) < 0.12), 31_000.0, np.rint(term))
    planned_end = started + term
    ended = np.minimum(started + _lived(rng, term, is_card, debt), planned_end + 40.0)
    ended = np.rint(np.where((rng.random(credits) < 0.75) & ~is_card, np.maximum(ended, started + 1), ended))
    closed = ended < 0
    sold = rng.random(credits) < 0.0035 * np.exp(-0.5 * behaviour)
    status = where_coded(
        [
            (sold, _word("Sold", credits)),
            (closed, _word("Closed", credits)),
            (~closed, _word("Active", credits)),
        ],
        credits,
    )
    amount = AMOUNTS[kinds] * np.exp(AMOUNT_SPREADS[kinds] * size + 0.2 * ability + 0.1 * debt)
    amount = to_step(np.where(is_card & (rng.random(credits) < 0.15), 0.0, amount), 4.5)
    rows: Rows = {
        "SK_ID_CURR": ids[owner],
        "SK_ID_BUREAU": first_id + np.cumsum(1 + (rng.random(credits) < 0.055)),
        "CREDIT_ACTIVE": status,
        "CREDIT_CURRENCY": choose(
            rng, {"currency 1": 0.9992, "currency 2": 0.0007, "currency 3": 0.0001}, credits
        ),
        "DAYS_CREDIT": started,
        "DAYS_CREDIT_ENDDATE": with_missing(
            planned_end, rng.random(credits) < np.where(is_card, 0.21, 0.012)
        ),
        "DAYS_ENDDATE_FACT": with_missing(ended, ~closed | (rng.random(credits) < 0.005)),
        "CNT_CREDIT_PROLONG": (rng.random(credits) < 0.0045 * np.exp(-0.5 * behaviour)).astype(np.float64),
        "AMT_CREDIT_SUM": with_missing(amount, rng.random(credits) < 8e-6),
        "CREDIT_TYPE": Coded(kinds, tuple(kind.name for kind in CREDIT_TYPES)),
    }
    left = np.clip((planned_end / term), 0.0, 1.0)
    return (
        rows
        | _build_debt(rng, rows, left, debt, closed, is_card)
        | _build_overdue(rng, rows, behaviour, shocks, closed)
        | _build_updates(rng, rows, ended, closed, term)
    )


def _word(value: str, rows: int) -> Coded:
    return Coded(np.zeros(rows, dtype=np.int64), (value,))


def _draw_owners(rng: np.random.Generator, latents: Latents) -> Ints:
    clients = len(latents.ability)
    has = rng.random(clients) < logistic(1.85 + 0.4 * latents.indebtedness)
    rate = MORE_CREDITS * np.exp(0.32 * latents.indebtedness - 0.051)
    more = rng.poisson(rate * rng.gamma(CREDITS_SHAPE, 1.0 / CREDITS_SHAPE, clients))
    return expand(np.where(has, 1 + more, 0))[0]


def _draw_types(rng: np.random.Generator, debt: Floats) -> Ints:
    shares = np.array([kind.share for kind in CREDIT_TYPES])
    weights = shares * np.exp(np.outer(debt, [kind.indebted for kind in CREDIT_TYPES]))
    edges = np.cumsum(weights, axis=1)
    kinds: Ints = ((rng.random(len(debt)) * edges[:, -1])[:, None] >= edges[:, :-1]).sum(axis=1)
    return kinds


def _draw_start(rng: np.random.Generator, debt: Floats) -> Floats:
    """Days: indebted clients borrowed more recently."""
    position = 0.22 * debt + 0.975 * rng.standard_normal(len(debt))
    return np.minimum(np.rint(read_marginal("bureau", "DAYS_CREDIT").at(position)), 0.0)


def _lived(rng: np.random.Generator, term: Floats, is_card: Bools, debt: Floats) -> Floats:
    """Days from start to end: half end as planned, others early; cards live on, longer for the indebted."""
    early = rng.random(len(term)) < 0.36
    share = np.where(early, rng.beta(2.0, 1.6, len(term)), rng.uniform(0.98, 1.08, len(term)))
    card_days = rng.exponential(5_200.0 * np.exp(0.1 * debt))
    return np.where(is_card, np.minimum(card_days, 30_000.0), term * share)


def _build_debt(
    rng: np.random.Generator, rows: Rows, left: Floats, debt: Floats, closed: Bools, is_card: Bools
) -> Rows:
    """What is still owed: the part of the term that is left, more for the indebted; nothing when closed."""
    credits, amount = len(debt), np.nan_to_num(number(rows, "AMT_CREDIT_SUM"))
    used = logistic(0.35 + 1.0 * debt + 1.2 * rng.standard_normal(credits))
    drawn = (rng.random(credits) < logistic(0.25 + 0.7 * debt)) * used
    share = np.where(is_card, drawn, np.clip(left * 1.1 + 0.15 * debt, 0.02, 1.0))
    owed = np.where(closed, 0.0, np.round(amount * share * (rng.random(credits) > 0.12), 3))
    limit = np.where(is_card & ~closed & (rng.random(credits) < 0.4), np.round(amount * (1 - drawn), 3), 0.0)
    owed = with_missing(owed, rng.random(credits) < np.where(closed, 0.168, 0.11))
    limit = with_missing(limit, rng.random(credits) < np.where(closed, 0.39, 0.27))
    return {"AMT_CREDIT_SUM_DEBT": owed, "AMT_CREDIT_SUM_LIMIT": limit}


def _build_overdue(
    rng: np.random.Generator, rows: Rows, behaviour: Floats, shocks: Floats, closed: Bools
) -> Rows:
    credits, amount = len(behaviour), np.nan_to_num(number(rows, "AMT_CREDIT_SUM"))
    ever = rng.random(credits) < logistic(-1.95 - 1.1 * behaviour)
    worst = np.where(
        ever, np.round(np.minimum(amount, 9_000.0 * np.exp(1.2 * rng.standard_normal(credits))), 3), 0.0
    )
    now = ~closed & (rng.random(credits) < 0.0045 * np.exp(-0.8 * behaviour + 0.5 * shocks))
    days = np.where(now, np.rint(np.minimum(rng.lognormal(3.3, 1.5, credits) + 1, 2700)), 0.0)
    overdue = np.where(now, np.round(np.minimum(amount, rng.lognormal(7.5, 1.7, credits)), 3), 0.0)
    worst = np.where(now, np.maximum(worst, overdue), worst)
    return {
        "CREDIT_DAY_OVERDUE": days,
        "AMT_CREDIT_MAX_OVERDUE": with_missing(worst, rng.random(credits) < 0.655),
        "AMT_CREDIT_SUM_OVERDUE": overdue,
    }


def _build_updates(rng: np.random.Generator, rows: Rows, ended: Floats, closed: Bools, term: Floats) -> Rows:
    credits, amount = len(term), np.nan_to_num(number(rows, "AMT_CREDIT_SUM"))
    lag = rng.exponential(np.where(rng.random(credits) < 0.3, 500.0, 8.0))
    updated = np.where(closed, np.minimum(ended + lag, -1.0), -rng.exponential(25.0, credits))
    stated = rng.random(credits) < 0.285
    paid = np.rint(amount / np.clip(term / 30.0, 3.0, 240.0) * rng.uniform(1.0, 1.4, credits) / 4.5) * 4.5
    annuity = np.where(rng.random(credits) < 0.55, 0.0, np.round(paid, 3))
    return {
        "DAYS_CREDIT_UPDATE": np.rint(np.maximum(updated, number(rows, "DAYS_CREDIT"))),
        "AMT_ANNUITY": with_missing(annuity, ~stated),
    }


def build_bureau_balance(
    rng: np.random.Generator, bureau: Rows, ids: Ints, came_unknown: Bools, latents: Latents, spare_ids: Ints
) -> Rows:
    """bureau_balance.csv: the months of some credits, from the latest back, and those of a few orphans.

    Nearly every credit of a client who came as test client has months, but only those of some others, as in
    the real tables. An orphan's SK_ID_BUREAU is one of `spare_ids`, which bureau does not have.
    """
    known = came_unknown | (rng.random(len(ids)) < TRAIN_CLIENTS_WITH_MONTHS)
    owner = np.searchsorted(ids, np.asarray(bureau["SK_ID_CURR"]))
    credits = np.flatnonzero(known[owner] & (rng.random(len(owner)) < CREDITS_WITH_MONTHS))
    orphans = rng.choice(
        credits, min(round(ORPHANS_PER_CREDIT * len(credits)), len(spare_ids)), replace=False
    )
    chosen = np.concatenate([credits, orphans])
    bureau_ids = np.concatenate([np.asarray(bureau["SK_ID_BUREAU"])[credits], spare_ids[: len(orphans)]])
    client = owner[chosen]
    age = np.minimum(np.floor(-number(bureau, "DAYS_CREDIT")[chosen] / DAYS_PER_MONTH), LONGEST_MONTHS)
    silent = (~came_unknown[client] & (rng.random(len(chosen)) < 0.33)) * rng.beta(0.9, 1.2, len(chosen))
    latest = np.floor(age * silent)
    row_credit, place = expand((age - latest + 1).astype(np.int64))
    months = -latest[row_credit] - place
    ended = np.nan_to_num(number(bureau, "DAYS_ENDDATE_FACT"), nan=31.0)[chosen] / DAYS_PER_MONTH
    status = _draw_status(rng, months, ended, row_credit, client, latents)
    return {"SK_ID_BUREAU": bureau_ids[row_credit], "MONTHS_BALANCE": months, "STATUS": status}


def _draw_status(
    rng: np.random.Generator, months: Floats, ended: Floats, row_credit: Ints, client: Ints, latents: Latents
) -> Coded:
    """C after the end, X where nothing is known, otherwise 0 or late by 1 to 5 classes."""
    silent = np.where(rng.random(len(ended)) < 0.3, 0.85, 0.26)
    prone = 0.0215 * np.exp(-1.0 * latents.behaviour[client] - 0.5)
    recent = 0.6 * np.maximum(latents.shocks[client], 0.0)[row_credit] * (months > -13)
    late = rng.random(len(months)) < np.minimum(prone[row_credit] * np.exp(recent), 0.5)
    depth = 3 + np.searchsorted(np.cumsum(LATE_DEPTHS)[:-1], rng.random(len(months)), side="right")
    codes = np.where(late, depth, 2)
    codes = np.where(rng.random(len(months)) < silent[row_credit], 1, codes)
    over = np.where(rng.random(len(months)) < 0.09, 1, 0)
    return Coded(np.where(months > ended[row_credit], over, codes), STATUSES)
