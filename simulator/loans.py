"""Here: how earlier instalment loans were paid: POS_CASH_balance and their part of installments_payments.
Not here: cards (cards.py), the applications themselves (previous.py).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.columns import DAYS_PAST_DUE, MONTHS_FELT, Column, History, draw_history, runs_of_spells
from simulator.facts import Floats, Ints, Rows, expand, take_rows, with_missing
from simulator.latents import Latents
from simulator.previous import CONSUMER, Granted
from simulator.sequences import ADD, AT_LEAST, FIRST_KNOWN, SUBTRACT

DAYS_PER_MONTH = 30.4375
OLDEST_MONTH = -96.0
OLDEST_DAY = -2922.0
LONGEST = 95.0  # months after the first
NO_MONTHS = (0.017, 0.012)  # of the loans of each kind that have begun: not in POS_CASH_balance
NO_PAYMENTS = 0.011
UNKNOWN_COUNTS = 0.0026
MOST_OWED = 3_771_487.0
TO_ZERO = -9999.0  # a change that leaves nothing, whatever there was
POS_MONTHS = History(
    "POS_CASH_balance",
    looks=("last", "mean", "rest", "mean_run", "rest_run"),
    spell=("kind", "term", "annuity", "decided", "running", "paid_terms", "months", "latest"),
    columns=(
        Column("before", operation=FIRST_KNOWN, operands=("last:CNT_INSTALMENT", "term")),
        Column("change", step=1.0),
        Column("CNT_INSTALMENT", operation=ADD, operands=("before", "change")),
        Column("NAME_CONTRACT_STATUS", values=(
            "Active", "Completed", "Signed", "Approved", "Returned to the store", "Demand", "Amortized debt",
            "Canceled", "XNA")),
        Column("open", operation=FIRST_KNOWN, operands=("last:CNT_INSTALMENT_FUTURE", "CNT_INSTALMENT")),
        Column("paid", step=1.0),
        Column("still_open", operation=ADD, operands=("open", "paid")),
        Column("CNT_INSTALMENT_FUTURE", operation=AT_LEAST, operands=("still_open", "")),
        *DAYS_PAST_DUE,
    ),
)  # fmt: skip
PAYMENTS = History(
    "installments_payments",
    looks=("last", "mean", "rest", "mean_run", "rest_run"),
    spell=("kind", "term", "annuity", "decided", "running", "paid_terms", "count", "late_months", "worst"),
    columns=(
        Column("newer", step=1.0),
        Column("version", operation=ADD, operands=("last:version", "newer"), initial=0.0),
        Column("remaining", operation=SUBTRACT, operands=("term", "place")),
        Column("share"),
        Column("late", causes=(-0.05, 0.0, -0.65, 0.0), shock=0.45, step=1.0),
        Column("parts", causes=(-0.05, 0.1, -0.35, 0.0), shock=0.2, step=1.0),
        Column("first_share"),
        Column("earlier", step=1.0),
        Column("covered", causes=(0.0, 0.0, 0.1, 0.0)),
    ),
)


def build_pos_cash(
    rng: np.random.Generator, ids: Ints, loans: Granted, latents: Latents
) -> tuple[Rows, Floats]:
    """POS_CASH_balance.csv, one row per loan and month to its completion; and per loan its late months' share and
    worst delay in days (loans, 2).
    """
    count = len(loans.client)
    has = rng.random(count) >= np.where(loans.kind == CONSUMER, *NO_MONTHS)
    first = np.floor(loans.decided / DAYS_PER_MONTH) + (rng.random(count) < 0.49)
    shift = np.select([rng.random(count) < 0.43, rng.random(count) < 0.09], [1.0, -1.0], 0.0)
    newest = -1.0 - (rng.random(count) < 0.4)
    latest = np.where(np.isnan(loans.ended), newest, np.floor(loans.ended / DAYS_PER_MONTH) + shift)
    first, latest = np.maximum(first, latest - LONGEST), np.minimum(latest, -1.0)
    k = np.flatnonzero(has & (latest >= np.maximum(first, OLDEST_MONTH)))
    lengths = (latest - first + 1)[k].astype(np.int64)
    about = about_loans(loans.take(k), lengths.astype(np.float64), latest[k])
    loan, place = expand(lengths)
    month = first[k][loan] + place
    runs = runs_of_spells(loans.client[k], len(ids), lengths, about, month >= -MONTHS_FELT)
    drawn = draw_history(POS_MONTHS, rng, runs, latents)
    unknown = rng.random(len(loan)) < UNKNOWN_COUNTS
    rows: Rows = {
        "SK_ID_PREV": loans.sk_id_prev[k][loan],
        "SK_ID_CURR": ids[loans.client[k]][loan],
        "MONTHS_BALANCE": month,
        "CNT_INSTALMENT": with_missing(drawn["CNT_INSTALMENT"], unknown),
        "CNT_INSTALMENT_FUTURE": with_missing(drawn["CNT_INSTALMENT_FUTURE"], unknown),
        "NAME_CONTRACT_STATUS": POS_MONTHS.category(drawn, "NAME_CONTRACT_STATUS"),
        "SK_DPD": drawn["SK_DPD"],
        "SK_DPD_DEF": np.nan_to_num(drawn["SK_DPD_DEF"]),
    }
    in_sight = month >= OLDEST_MONTH
    lateness = np.zeros((count, 2))
    lateness[k, 0] = np.bincount(loan, drawn["SK_DPD"] > 0, minlength=len(k)) / lengths
    np.maximum.at(lateness[:, 1], k[loan], drawn["SK_DPD"])
    return take_rows(rows, in_sight), lateness


def about_loans(loans: Granted, months: NDArray[Any], latest: NDArray[Any]) -> list[NDArray[Any]]:
    """What a loan's months depend on, in the order of POS_MONTHS.spell."""
    return [
        loans.kind.astype(np.float64), loans.term, loans.annuity, loans.decided,
        np.isnan(loans.ended).astype(np.float64), loans.paid_terms, months, latest,
    ]  # fmt: skip


def build_loan_payments(
    rng: np.random.Generator, ids: Ints, loans: Granted, lateness: Floats, latents: Latents
) -> Rows:
    """installments_payments of loans: one row per payment, two where an instalment was paid in parts."""
    fallen = np.nan_to_num(np.clip(np.ceil(-loans.first_due / 30.0), 0.0, loans.paid_terms))
    counts = fallen * (rng.random(len(fallen)) >= NO_PAYMENTS)
    k = np.flatnonzero(counts > 0)
    lengths = counts[k].astype(np.int64)
    some = loans.take(k)
    about = [*about_loans(some, counts[k], counts[k])[:-1], lateness[k, 0], lateness[k, 1]]
    loan, place = expand(lengths)
    due = some.first_due[loan] + 30.0 * place
    runs = runs_of_spells(some.client, len(ids), lengths, about, due >= -MONTHS_FELT * DAYS_PER_MONTH)
    drawn = draw_history(PAYMENTS, rng, runs, latents)
    owed = np.round(some.annuity[loan] * drawn["share"] / 0.045) * 0.045
    owed = np.minimum(owed, MOST_OWED)
    paid = np.round(owed * drawn["covered"], 3)
    row, part = expand(np.where(drawn["parts"] > 1, 2, 1).astype(np.int64))
    split, early = (drawn["parts"] > 1)[row], part == 0
    piece = np.round(paid * np.nan_to_num(drawn["first_share"], nan=0.5), 3)[row]
    amount = np.where(split, np.where(early, piece, np.round(paid[row] - piece, 3)), paid[row])
    entry = (due + drawn["late"])[row] - np.where(split & early, np.nan_to_num(drawn["earlier"])[row], 0.0)
    waiting = entry >= -0.5
    rows: Rows = {
        "SK_ID_PREV": some.sk_id_prev[loan][row],
        "SK_ID_CURR": ids[some.client[loan]][row],
        "NUM_INSTALMENT_VERSION": np.maximum(drawn["version"], 1.0)[row],
        "NUM_INSTALMENT_NUMBER": (place + 1)[row],
        "DAYS_INSTALMENT": due[row],
        "DAYS_ENTRY_PAYMENT": with_missing(entry, waiting),
        "AMT_INSTALMENT": np.round(owed, 3)[row],
        "AMT_PAYMENT": with_missing(amount, waiting),
    }
    return take_rows(rows, due[row] >= OLDEST_DAY)
