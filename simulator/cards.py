"""Here: how earlier cards were used and paid: credit_card_balance and their part of installments_payments.
Not here: instalment loans (loans.py), the applications themselves (previous.py).
"""

import numpy as np

from simulator.columns import DAYS_PAST_DUE, MONTHS_FELT, Column, History, draw_history, runs_of_spells
from simulator.facts import Floats, Ints, Rows, expand, with_missing
from simulator.latents import Latents
from simulator.previous import Granted
from simulator.sequences import (
    ADD,
    CUT,
    FIRST_KNOWN,
    LARGER,
    OR_ELSE,
    OVER,
    SCALE,
    SHRINK,
    SMALLER,
    SUBTRACT,
    TIMES,
)

DAYS_PER_MONTH = 30.4375
OLDEST_MONTH, OLDEST_DAY = -96.0, -2922.0
SMALLEST_LIMIT, LARGEST_LIMIT = 4500.0, 1_350_000.0
DUE_DAY = 15.0  # of a month, roughly: the minimum's due day
PAID_APART = (0.9, 0.98, 0.4)  # of the minima, of what is paid beyond them, of its smaller part: two bookings
CARD_MONTHS = History(
    "credit_card_balance",
    spell=("credit", "months", "latest"),
    looks=("last", "mean"),
    columns=(
        Column("base", operation=FIRST_KNOWN, operands=("last:limit", "credit")),
        Column("moved", step=1.0),
        Column("kept", operation=SHRINK, operands=("base", "moved")),
        Column("new", causes=(0.2, 0.0, 0.0, 0.0), step=4500.0),
        Column("limit", operation=ADD, operands=("kept", "new")),
        Column("NAME_CONTRACT_STATUS", values=(
            "Active", "Completed", "Signed", "Demand", "Sent proposal", "Refused", "Approved")),
        Column("use", operation=OVER, operands=("last:AMT_BALANCE", "limit")),
        Column("full"),
        Column("of_limit", operation=TIMES, operands=("limit", "full"), step=0.045),
        Column("minimum"),
        Column("of_balance", operation=TIMES, operands=("last:AMT_BALANCE", "minimum"), step=0.045),
        Column("AMT_INST_MIN_REGULARITY", operation=FIRST_KNOWN, operands=("of_limit", "of_balance"), initial=0.0),
        Column("unstated", step=1.0),
        Column("atm", causes=(0.0, 0.3, 0.0, 0.0), shock=0.3),
        Column("AMT_DRAWINGS_ATM_CURRENT", operation=TIMES, operands=("credit", "atm"), step=2250.0),
        Column("pos", causes=(0.0, 0.2, 0.0, 0.0)),
        Column("AMT_DRAWINGS_POS_CURRENT", operation=TIMES, operands=("credit", "pos"), step=0.045),
        Column("other", causes=(0.0, 0.1, 0.0, 0.0)),
        Column("AMT_DRAWINGS_OTHER_CURRENT", operation=TIMES, operands=("credit", "other"), step=4.5),
        Column("plain", operation=ADD, operands=("AMT_DRAWINGS_ATM_CURRENT", "AMT_DRAWINGS_POS_CURRENT")),
        Column("drawn", operation=ADD, operands=("plain", "AMT_DRAWINGS_OTHER_CURRENT")),
        Column("drawings", operation=OR_ELSE, operands=("drawn", "")),
        Column("gross", operation=ADD, operands=("last:AMT_BALANCE", "drawings")),
        Column("exactly", causes=(0.0, 0.2, -0.1, 0.0), step=1.0),
        Column("part", causes=(0.0, -0.2, 0.15, 0.0), shock=-0.2),
        Column("by_part", operation=TIMES, operands=("gross", "part")),
        Column("least", operation=OR_ELSE, operands=("AMT_INST_MIN_REGULARITY", "")),
        Column("by_minimum", operation=TIMES, operands=("least", "exactly")),
        Column("otherwise", operation=SHRINK, operands=("by_part", "exactly")),
        Column("paid", operation=ADD, operands=("by_minimum", "otherwise"), step=0.045),
        Column("withheld"),
        Column("noted", step=0.045),
        Column("net", operation=SUBTRACT, operands=("gross", "paid")),
        Column("ceiling", operation=SCALE, operands=("limit", ""), constant=1.35),
        Column("net_use", operation=OVER, operands=("net", "limit")),
        Column("growth", causes=(0.0, 0.1, -0.1, 0.0)),
        Column("interest", operation=TIMES, operands=("gross", "growth"), step=0.045),
        Column("grown", operation=ADD, operands=("net", "interest")),
        Column("top", operation=LARGER, operands=("ceiling", "last:AMT_BALANCE")),
        Column("balance", operation=SMALLER, operands=("grown", "top")),
        Column("AMT_BALANCE", operation=CUT, operands=("balance", ""), constant=100.0, initial=0.0),
        Column("principal"),
        Column("receivable"),
        Column("CNT_DRAWINGS_ATM_CURRENT", step=1.0),
        Column("CNT_DRAWINGS_POS_CURRENT", step=1.0),
        Column("CNT_DRAWINGS_OTHER_CURRENT", step=1.0),
        Column("more", step=1.0),
        Column("matured", operation=ADD, operands=("last:matured", "more"), initial=0.0),
        *DAYS_PAST_DUE,
    ),
)  # fmt: skip


def build_card_balance(
    rng: np.random.Generator, ids: Ints, cards: Granted, latents: Latents
) -> tuple[Rows, Rows]:
    """credit_card_balance.csv, one row per card and month, and the cards' part of installments_payments."""
    count = len(cards.client)
    first = np.floor(cards.decided / DAYS_PER_MONTH) + (rng.random(count) < 0.42)
    latest = -1.0 - np.searchsorted((0.595, 0.895, 0.96), rng.random(count))
    first = np.clip(first, OLDEST_MONTH, latest)
    lengths = (latest - first + 1).astype(np.int64)
    credit = np.clip(np.nan_to_num(cards.credit), SMALLEST_LIMIT, LARGEST_LIMIT)
    about = [credit, lengths.astype(np.float64), latest]
    card, place = expand(lengths)
    month = first[card] + place
    runs = runs_of_spells(cards.client, len(ids), lengths, about, month >= -MONTHS_FELT)
    drawn = draw_history(CARD_MONTHS, rng, runs, latents) | {"month": month}
    keys: Rows = {"SK_ID_PREV": cards.sk_id_prev[card], "SK_ID_CURR": ids[cards.client[card]]}
    return keys | _build_month(drawn), _build_payments(rng, keys, drawn)


def _build_month(drawn: dict[str, Floats]) -> Rows:
    """The columns of a card's month from what was drawn."""
    balance, idle = drawn["AMT_BALANCE"], np.isnan(drawn["drawn"])
    unstated = drawn["unstated"] > 0
    receivable = np.round(balance * drawn["receivable"], 3)
    counts = {name: drawn[f"CNT_DRAWINGS_{name}_CURRENT"] for name in ("ATM", "POS", "OTHER")}
    return {
        "MONTHS_BALANCE": drawn["month"],
        "AMT_BALANCE": np.round(balance, 3),
        "AMT_CREDIT_LIMIT_ACTUAL": np.rint(drawn["limit"]),
        **{
            f"AMT_DRAWINGS_{name}_CURRENT": with_missing(
                np.round(drawn[f"AMT_DRAWINGS_{name}_CURRENT"], 3), idle
            )
            for name in counts
        },
        "AMT_DRAWINGS_CURRENT": np.round(drawn["drawings"], 3),
        "AMT_INST_MIN_REGULARITY": with_missing(np.round(drawn["AMT_INST_MIN_REGULARITY"], 3), unstated),
        "AMT_PAYMENT_CURRENT": np.round(drawn["paid"] + drawn["noted"], 3),
        "AMT_PAYMENT_TOTAL_CURRENT": _beyond(drawn),
        "AMT_RECEIVABLE_PRINCIPAL": np.round(balance * drawn["principal"], 3),
        "AMT_RECIVABLE": receivable,
        "AMT_TOTAL_RECEIVABLE": receivable,
        **{f"CNT_DRAWINGS_{name}_CURRENT": with_missing(count, idle) for name, count in counts.items()},
        "CNT_DRAWINGS_CURRENT": np.where(idle, 0.0, np.nansum(np.stack(list(counts.values())), axis=0)),
        "CNT_INSTALMENT_MATURE_CUM": with_missing(np.maximum(drawn["matured"], 0.0), unstated),
        "NAME_CONTRACT_STATUS": CARD_MONTHS.category(drawn, "NAME_CONTRACT_STATUS"),
        "SK_DPD": drawn["SK_DPD"],
        "SK_DPD_DEF": np.nan_to_num(drawn["SK_DPD_DEF"]),
    }


def _beyond(drawn: dict[str, Floats]) -> Floats:
    """What was paid beyond the part of the minimum that is booked apart."""
    apart = np.where(drawn["unstated"] > 0, 0.0, drawn["AMT_INST_MIN_REGULARITY"] * drawn["withheld"])
    beyond: Floats = np.round(np.maximum(drawn["paid"] - np.nan_to_num(apart), 0.0), 3)
    return beyond


def _build_payments(rng: np.random.Generator, keys: Rows, drawn: dict[str, Floats]) -> Rows:
    """installments_payments of cards (version 0): the minimum on its day or before, and on the day of the payment
    what was paid beyond it.
    """
    paid, least = drawn["paid"], np.nan_to_num(drawn["AMT_INST_MIN_REGULARITY"])
    minimum = np.where(paid > 0, np.minimum(least, paid), 0.0)
    beyond = np.round(paid - minimum, 3)
    due = np.rint(drawn["month"] * DAYS_PER_MONTH + DUE_DAY + rng.integers(-8, 9, len(paid)))
    late = np.where(drawn["SK_DPD"] > 0, np.minimum(drawn["SK_DPD"], 30.0), 0.0)
    early = np.where(rng.random(len(paid)) < 0.3, 0.0, np.floor(rng.gamma(2.0, 6.5, len(paid))))
    entry = np.minimum(due - np.where(late > 0, -late, early), -1.0)
    first, small = _split(rng, minimum, PAID_APART[0])
    second, rest = _split(rng, beyond, PAID_APART[1])
    third, fourth = _split(rng, rest, PAID_APART[2])
    parts = (first, small, second, third, fourth)
    row = np.concatenate([np.flatnonzero(part > 0) for part in parts])
    part = np.repeat(np.arange(len(parts)), [int((part > 0).sum()) for part in parts])
    order = np.lexsort((part, row))
    row, part = row[order], part[order]
    of_minimum = part <= 1
    amount = np.round(np.choose(part, [one[row] for one in parts]), 3)
    known = {name: np.asarray(value)[row] for name, value in keys.items()}
    fresh = np.flatnonzero(np.diff(known["SK_ID_PREV"], prepend=-1) != 0)
    number = np.arange(len(row)) - np.repeat(fresh, np.diff(np.append(fresh, len(row)))) + 1
    return {
        **known,
        "NUM_INSTALMENT_VERSION": np.zeros(len(row)),
        "NUM_INSTALMENT_NUMBER": number,
        "DAYS_INSTALMENT": np.where(
            of_minimum, np.clip(due[row], OLDEST_DAY, -1.0), np.maximum(entry[row], OLDEST_DAY)
        ),
        "DAYS_ENTRY_PAYMENT": entry[row],
        "AMT_INSTALMENT": amount,
        "AMT_PAYMENT": amount,
    }


def _split(rng: np.random.Generator, amount: Floats, chance: float) -> tuple[Floats, Floats]:
    """The amounts in two parts, mostly very uneven ones; all in the first with the chance that remains."""
    small = np.where(rng.random(len(amount)) < chance, rng.beta(0.35, 1.2, len(amount)), 0.0)
    part = np.round(amount * small, 3)
    return np.round(amount - part, 3), part
