"""Here: how earlier cards were used and paid: credit_card_balance and their part of installments_payments.
Not here: instalment loans (loans.py), the applications themselves (previous.py).
"""

from dataclasses import dataclass

import numpy as np

from simulator.facts import Bools, Coded, Floats, Ints, Rows, logistic, to_step, with_missing
from simulator.latents import Latents
from simulator.previous import Granted

DAYS_PER_MONTH = 30.4375
LONGEST = 96
MONTHLY_INTEREST = 0.025
MINIMUM_SHARE = 0.055
SLIP_SHARE = 0.045  # of the months with a balance: one day past due
STATUSES = ("Active", "Completed", "Signed", "Sent proposal")


@dataclass(frozen=True)
class CardMonths:
    """Arrays (months, cards), the newest month last: what each card did. `month` is MONTHS_BALANCE."""

    month: Floats
    held: Bools
    balance: Floats
    minimum: Floats
    payment: Floats
    cash: Floats
    purchases: Floats
    days_late: Floats


def draw_card_months(rng: np.random.Generator, cards: Granted, latents: Latents) -> CardMonths:
    """Month by month: interest, payment, drawings.

    A third of the cards is never used. Indebted clients draw more and nearer the limit, reliable ones pay
    back more; shocks of the last year bring cash drawings and missed payments.
    """
    count = len(cards.client)
    ability, debt = latents.ability[cards.client], latents.indebtedness[cards.client]
    behaviour, shocks = latents.behaviour[cards.client], latents.shocks[cards.client]
    age = np.clip(np.floor(-cards.first_due / DAYS_PER_MONTH), 1, LONGEST)
    latest = -np.where(rng.random(count) < 0.7, 1.0, 2.0)
    used = rng.random(count) < logistic(0.55 + 0.45 * debt)
    first_use = age - np.floor(rng.exponential(4.0, count))
    appetite = logistic(-1.25 + 0.6 * debt + 0.5 * rng.standard_normal(count))
    cash_lover = logistic(0.4 + 0.5 * debt - 0.3 * ability + rng.standard_normal(count))
    generous = np.exp(0.3 * behaviour + 0.2 * ability + 0.5 * rng.standard_normal(count))
    prone = -4.1 - 1.0 * behaviour
    names = ("balance", "minimum", "payment", "cash", "purchases", "days_late")
    history = {name: np.zeros((LONGEST, count)) for name in names}
    balance, days_late = np.zeros(count), np.zeros(count)
    for step in range(LONGEST):
        back = LONGEST - step
        recent = np.maximum(shocks, 0.0) * (back <= 12)
        open_now = used & (first_use >= back)
        minimum = np.where(balance > 0, np.maximum(MINIMUM_SHARE * balance, np.minimum(balance, 225.0)), 0.0)
        missed = (minimum > 0) & (rng.random(count) < logistic(prone + 1.0 * recent))
        clears = rng.random(count) < 0.03 * generous
        payment = np.where(
            clears, balance, np.minimum(minimum * (1.0 + rng.exponential(0.3, count) * generous), balance)
        )
        payment = np.where(missed, 0.0, payment)
        days_late = np.where(missed, days_late + 30.0, 0.0)
        balance = balance * (1.0 + MONTHLY_INTEREST) - payment
        room = np.maximum(cards.credit - balance, 0.0)
        eager = appetite * np.where(first_use - back < 2, 2.6, 1.0) * (1.0 + 0.4 * recent)
        draws = open_now & (rng.random(count) < np.minimum(eager, 0.9))
        wanted = room * rng.beta(1.0, 1.5, count) * draws
        cash = to_step(np.where(rng.random(count) < cash_lover, wanted, 0.0), 2250.0)
        purchases = np.where(cash > 0, 0.15, 1.0) * wanted * (rng.random(count) < 0.55)
        purchases = np.where(cash + purchases > room, 0.0, np.round(purchases, 2))
        balance = np.round(balance + cash + purchases, 3)
        for name, value in zip(names, (balance, minimum, payment, cash, purchases, days_late), strict=True):
            history[name][step] = value
    month = -np.arange(LONGEST, 0, -1, dtype=np.float64)[:, None] * np.ones(count)
    return CardMonths(month=month, held=(-month <= age) & (month <= latest), **history)


def build_card_balance(rng: np.random.Generator, ids: Ints, cards: Granted, months: CardMonths) -> Rows:
    """credit_card_balance.csv: one row per card and month held. Idle months state no drawings."""
    step, card = np.nonzero(months.held)
    rows = len(card)
    balance, payment = months.balance[step, card], np.round(months.payment[step, card], 3)
    minimum, late = np.round(months.minimum[step, card], 3), months.days_late[step, card]
    slips = (late == 0) & (balance > 0) & (rng.random(rows) < SLIP_SHARE)
    late = np.where(slips, 1.0, late)
    cash, purchases = months.cash[step, card], months.purchases[step, card]
    other = np.where((cash > 0) & (rng.random(rows) < 0.035), np.round(cash * 0.5, 2), 0.0)
    idle = (balance <= 0) & (cash + purchases <= 0) & (rng.random(rows) < 0.335)
    unscheduled = (balance <= 0) & (minimum <= 0) & (rng.random(rows) < 0.14)
    matured = np.cumsum((months.minimum > 0) & months.held, axis=0)[step, card].astype(np.float64)
    cash_count = np.where(cash > 0, 1.0 + rng.poisson(1.1, rows), 0.0)
    purchase_count = np.where(purchases > 0, 1.0 + np.floor(rng.exponential(5.5, rows)), 0.0)
    other_count = (other > 0).astype(np.float64)
    principal = np.round(balance * rng.uniform(0.93, 0.99, rows), 3)
    receivable = np.round(balance * np.where(rng.random(rows) < 0.7, 1.0, 0.985), 3)
    codes = np.select([rng.random(rows) < 0.0027, (balance <= 0) & (rng.random(rows) < 0.066)], [2, 1], 0)
    return {
        "SK_ID_PREV": cards.sk_id_prev[card],
        "SK_ID_CURR": ids[cards.client[card]],
        "MONTHS_BALANCE": months.month[step, card],
        "AMT_BALANCE": balance,
        "AMT_CREDIT_LIMIT_ACTUAL": cards.credit[card],
        "AMT_DRAWINGS_ATM_CURRENT": with_missing(cash, idle),
        "AMT_DRAWINGS_CURRENT": np.round(cash + purchases + other, 3),
        "AMT_DRAWINGS_OTHER_CURRENT": with_missing(other, idle),
        "AMT_DRAWINGS_POS_CURRENT": with_missing(purchases, idle),
        "AMT_INST_MIN_REGULARITY": with_missing(minimum, unscheduled),
        "AMT_PAYMENT_CURRENT": with_missing(payment, idle | (rng.random(rows) < 0.01)),
        "AMT_PAYMENT_TOTAL_CURRENT": payment,
        "AMT_RECEIVABLE_PRINCIPAL": principal,
        "AMT_RECIVABLE": receivable,
        "AMT_TOTAL_RECEIVABLE": receivable,
        "CNT_DRAWINGS_ATM_CURRENT": with_missing(cash_count, idle),
        "CNT_DRAWINGS_CURRENT": cash_count + purchase_count + other_count,
        "CNT_DRAWINGS_OTHER_CURRENT": with_missing(other_count, idle),
        "CNT_DRAWINGS_POS_CURRENT": with_missing(purchase_count, idle),
        "CNT_INSTALMENT_MATURE_CUM": with_missing(matured, unscheduled),
        "NAME_CONTRACT_STATUS": Coded(codes.astype(np.int64), STATUSES),
        "SK_DPD": late,
        "SK_DPD_DEF": np.where(slips | (rng.random(rows) < 0.1), late, 0.0),
    }


def build_card_payments(rng: np.random.Generator, ids: Ints, cards: Granted, months: CardMonths) -> Rows:
    """installments_payments of cards (version 0): the minimum and what was paid beyond it, two payments."""
    step, card = np.nonzero(months.held & (months.minimum > 0))
    number = np.cumsum((months.minimum > 0) & months.held, axis=0)[step, card]
    minimum, payment = months.minimum[step, card], months.payment[step, card]
    due = np.minimum(np.rint(months.month[step, card] * DAYS_PER_MONTH + 15.0), -1.0)
    base = np.where(payment > 0, np.minimum(minimum, payment), minimum)
    beyond = np.maximum(payment - base, 0.0)
    late = months.days_late[step, card]
    early = np.where(rng.random(len(card)) < 0.55, 0.0, rng.exponential(9.0, len(card)))
    entry = np.minimum(np.floor(due - early), -1.0) + late
    more = np.flatnonzero(beyond > 0)
    order = np.concatenate([np.arange(len(card)), more])
    amount = np.concatenate([base, beyond[more]])
    unpaid = entry[order] >= -0.5
    return {
        "SK_ID_PREV": cards.sk_id_prev[card[order]],
        "SK_ID_CURR": ids[cards.client[card[order]]],
        "NUM_INSTALMENT_VERSION": np.zeros(len(order)),
        "NUM_INSTALMENT_NUMBER": np.concatenate([2 * number - 1, 2 * number[more]]),
        "DAYS_INSTALMENT": due[order],
        "DAYS_ENTRY_PAYMENT": with_missing(entry[order], unpaid),
        "AMT_INSTALMENT": np.round(amount, 3),
        "AMT_PAYMENT": with_missing(np.round(amount, 3), unpaid),
    }
