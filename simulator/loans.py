"""Here: how earlier instalment loans were paid: POS_CASH_balance and their part of installments_payments.
Not here: cards (cards.py), the applications themselves (previous.py).
"""

from dataclasses import dataclass

import numpy as np

from simulator.facts import (
    Bools,
    Coded,
    Floats,
    Ints,
    Rows,
    expand,
    logistic,
    number,
    take_rows,
    to_step,
    with_missing,
)
from simulator.latents import Latents
from simulator.previous import Granted

DAYS_PER_MONTH = 30.4375
OLDEST_MONTH = -96
STATUSES = ("Active", "Completed", "Signed", "Demand", "Returned to the store", "Approved", "Amortized debt")
ODD_SHARES = (0.0089, 0.0009, 0.0006, 0.0005, 0.0003)  # of the rows, statuses from Signed on
SEEN_LATE = 10.0  # days: shorter delays are over before the month's balance is drawn up
USUAL_DELAY = 5.0  # median days of a late payment of the average client
SPLIT_SHARE = 0.08
UNPAID_KEPT = 0.17  # of the instalments still unpaid: the others are not in the table yet


@dataclass(frozen=True)
class Instalments:
    """Every instalment that fell due, one entry each: its loan, place, due day, and days late (early is
    negative).
    """

    loan: Ints
    place: Ints
    due: Floats
    late: Floats
    stopped: Bools


def draw_instalments(rng: np.random.Generator, loans: Granted, latents: Latents) -> Instalments:
    """When each instalment was paid.

    Reliable clients pay a week early; delays come with ill behaviour, with each loan's own luck, and in the
    last year with shocks. A few loans stop: from one instalment on everything waits for one late day.
    """
    loan, place = expand(loans.paid_terms.astype(np.int64))
    due = loans.first_due[loan] + 30.0 * place
    fallen = due < -0.5
    loan, place, due = loan[fallen], place[fallen], due[fallen]
    client = loans.client[loan]
    shock = np.maximum(latents.shocks, 0.0)[client] * (due > -365)
    luck = rng.standard_normal(len(loans.client))[loan]
    habit = np.exp(0.4 * rng.standard_normal(len(latents.ability)) - 0.08)[client]
    prone = -3.2 - 1.2 * latents.behaviour[client] - 0.25 * latents.ability[client] + 1.3 * shock + 0.5 * luck
    is_late = rng.random(len(loan)) < logistic(prone)
    delay = np.exp(1.05 * rng.standard_normal(len(loan)) - 0.2 * latents.behaviour[client] + 0.2 * shock)
    early = -np.floor(rng.exponential(12.5 * habit))
    late = np.where(is_late, np.minimum(np.ceil(USUAL_DELAY * delay), 400.0), early)
    stop_share = 0.0045 * np.exp(
        -0.7 * latents.behaviour[loans.client] + 0.4 * latents.shocks[loans.client] - 0.3
    )
    stops = rng.random(len(loans.client)) < stop_share
    stop_place = np.floor(rng.random(len(loans.client)) * loans.paid_terms)
    stop_day = loans.first_due + 30.0 * stop_place + rng.exponential(500.0, len(loans.client)) + 40.0
    stopped = stops[loan] & (place >= stop_place[loan])
    return Instalments(loan, place, due, np.where(stopped, np.ceil(stop_day[loan] - due), late), stopped)


def build_pos_cash(rng: np.random.Generator, ids: Ints, loans: Granted, paid: Instalments) -> Rows:
    """POS_CASH_balance.csv: one row per loan and month to its completion, delays as in instalments."""
    first_month = np.floor(loans.first_due / DAYS_PER_MONTH)
    loan, place = expand((loans.paid_terms + 1).astype(np.int64))
    month = first_month[loan] + place
    overdue = _overdue_days(loans, paid)
    last = place == loans.paid_terms[loan]
    kept = (month <= -1) & (month >= OLDEST_MONTH)
    loan, place, month, overdue, last = loan[kept], place[kept], month[kept], overdue[kept], last[kept]
    rows = len(loan)
    overdue = np.where(last, 0.0, overdue)
    edges = np.cumsum((1.0 - sum(ODD_SHARES), *ODD_SHARES))
    odd = np.searchsorted(edges[:-1], rng.random(rows), side="right")
    codes = np.where(last, 1, np.where(odd > 0, odd + 1, 0))
    unknown = rng.random(rows) < 0.0026
    future = np.where(last, 0.0, loans.term[loan] - place)
    heavy = (overdue > 0) & (rng.random(rows) < 0.42)
    return {
        "SK_ID_PREV": loans.sk_id_prev[loan],
        "SK_ID_CURR": ids[loans.client[loan]],
        "MONTHS_BALANCE": month,
        "CNT_INSTALMENT": with_missing(np.where(last, loans.paid_terms[loan], loans.term[loan]), unknown),
        "CNT_INSTALMENT_FUTURE": with_missing(future, unknown),
        "NAME_CONTRACT_STATUS": Coded(codes.astype(np.int64), STATUSES),
        "SK_DPD": overdue,
        "SK_DPD_DEF": np.where(heavy, overdue, 0.0),
    }


def _overdue_days(loans: Granted, paid: Instalments) -> Floats:
    """Days past due at each of a loan's months: those of the instalment before, a month at most unless it
    stopped.
    """
    sizes = (loans.paid_terms + 1).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    overdue = np.zeros(int(sizes.sum()))
    seen = paid.late >= SEEN_LATE
    rows = starts[paid.loan[seen]] + paid.place[seen] + 1
    most = np.where(paid.stopped[seen], np.minimum(-paid.due[seen], 3000.0), 30.0)
    overdue[rows] = np.minimum(paid.late[seen], most)
    return overdue


def build_loan_payments(rng: np.random.Generator, ids: Ints, loans: Granted, paid: Instalments) -> Rows:
    """installments_payments of loans: one row per payment, two where an instalment was paid in parts.

    A payment that has not happened by the day of the application has neither day nor amount.
    """
    loan, rows = paid.loan, len(paid.loan)
    settled = loans.early[loan] & (paid.place == loans.paid_terms[loan] - 1)
    remaining = np.maximum(loans.term[loan] - paid.place, 1.0)
    due_amount = to_step(loans.annuity[loan] * np.where(settled, 1.0 + 0.88 * (remaining - 1.0), 1.0), 0.005)
    short = (paid.late > 0) & (rng.random(rows) < 0.06)
    paid_amount = np.where(short, np.round(due_amount * rng.beta(3.0, 1.5, rows), 3), due_amount)
    version = np.where(settled & (paid.place > 0), 2.0, 1.0)
    version = np.where(rng.random(rows) < 0.01, version + 1.0, version)
    parts = np.where(rng.random(rows) < SPLIT_SHARE, 2, 1)
    row, part = expand(parts)
    share = np.where(rng.random(rows) < 0.5, rng.beta(0.5, 3.0, rows), 0.5)
    first_amount = np.round(paid_amount * share, 3)[row]
    whole = paid_amount[row]
    amount = np.where(
        parts[row] == 1, whole, np.where(part == 0, first_amount, np.round(whole - first_amount, 3))
    )
    entry = (paid.due + paid.late)[row] - np.where(
        (parts[row] == 2) & (part == 0), rng.integers(1, 20, len(row)), 0
    )
    unpaid = entry >= -0.5
    return {
        "SK_ID_PREV": loans.sk_id_prev[loan][row],
        "SK_ID_CURR": ids[loans.client[loan]][row],
        "NUM_INSTALMENT_VERSION": version[row],
        "NUM_INSTALMENT_NUMBER": paid.place[row] + 1,
        "DAYS_INSTALMENT": paid.due[row],
        "DAYS_ENTRY_PAYMENT": with_missing(entry, unpaid),
        "AMT_INSTALMENT": due_amount[row],
        "AMT_PAYMENT": with_missing(amount, unpaid),
    }


def keep_known_payments(rng: np.random.Generator, payments: Rows) -> Rows:
    """The payments without most of those that have not happened yet."""
    unpaid = np.isnan(number(payments, "AMT_PAYMENT"))
    return take_rows(payments, ~unpaid | (rng.random(len(unpaid)) < UNPAID_KEPT))
