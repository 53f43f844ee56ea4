"""Here: what months do to the histories of a client who comes back: shifted days, new months, new payments.
Not here: who comes back and when (nights.py), the first histories (bureau.py, loans.py, cards.py).
"""

import numpy as np
import pandas as pd

from simulator.facts import Bools, Floats, expand
from simulator.latents import Latents

DAYS_PER_MONTH = 30.4375
SENTINEL = 365243.0
OLDEST_MONTH = -96.0
OLDEST_DAY = -2_922.0
DAYS = {
    "application": (
        "DAYS_BIRTH",
        "DAYS_EMPLOYED",
        "DAYS_REGISTRATION",
        "DAYS_ID_PUBLISH",
        "DAYS_LAST_PHONE_CHANGE",
    ),
    "bureau": ("DAYS_CREDIT", "DAYS_CREDIT_ENDDATE", "DAYS_ENDDATE_FACT", "DAYS_CREDIT_UPDATE"),
    "previous_application": (
        "DAYS_DECISION",
        "DAYS_FIRST_DRAWING",
        "DAYS_FIRST_DUE",
        "DAYS_LAST_DUE_1ST_VERSION",
        "DAYS_LAST_DUE",
        "DAYS_TERMINATION",
    ),
    "installments_payments": ("DAYS_INSTALMENT", "DAYS_ENTRY_PAYMENT"),
}
"""Columns that count days back from the client's application; the other tables count MONTHS_BALANCE."""


def days_of(months: Floats) -> Floats:
    """Days that so many months last."""
    return np.rint(months * DAYS_PER_MONTH)


def shifted(table: str, frame: pd.DataFrame, months: Floats) -> pd.DataFrame:
    """The rows as seen `months` (one number a row) later; the sentinel stays what it is."""
    later = frame.copy()
    for column in DAYS.get(table, ()):
        values = frame[column].to_numpy(dtype=np.float64)
        later[column] = np.where(values == SENTINEL, SENTINEL, values - days_of(months))
    if "MONTHS_BALANCE" in frame:
        later["MONTHS_BALANCE"] = frame["MONTHS_BALANCE"].to_numpy(dtype=np.float64) - months
    return later


def too_old(table: str, frame: pd.DataFrame) -> Bools:
    """Rows that the tables no longer report: months and payments of more than eight years ago."""
    if "MONTHS_BALANCE" in frame:
        return (frame["MONTHS_BALANCE"] < OLDEST_MONTH).to_numpy()
    if table == "installments_payments":
        return (frame["DAYS_INSTALMENT"] < OLDEST_DAY).to_numpy()
    return np.zeros(len(frame), dtype=np.bool_)


def late_chance(latents: Latents) -> Floats:
    """How often each client pays late, from behaviour and shocks."""
    felt = 0.5 * np.maximum(latents.shocks, 0.0)
    return np.minimum(0.5, 0.05 * np.exp(-0.9 * latents.behaviour + felt))


def days_late(rng: np.random.Generator, chance: Floats) -> Floats:
    """Days from due to paid: mostly some days early, late by chance."""
    early = -np.rint(rng.exponential(8.0, len(chance)))
    late = 1.0 + np.rint(rng.exponential(9.0, len(chance)))
    return np.where(rng.random(len(chance)) < chance, late, early)


def latest(frame: pd.DataFrame, key: str, order: str) -> pd.DataFrame:
    """The last row of each key by `order`."""
    return frame.sort_values([key, order], kind="stable").drop_duplicates(key, keep="last")


def repeated(last: pd.DataFrame, times: Floats) -> tuple[pd.DataFrame, Floats]:
    """Each row so many times, and the number 1, 2, … of each repetition."""
    owner, place = expand(np.maximum(times, 0.0).astype(np.int64))
    return last.iloc[owner].reset_index(drop=True), place.astype(np.float64) + 1.0


def more_pos(rng: np.random.Generator, frame: pd.DataFrame, months: Floats, chance: Floats) -> pd.DataFrame:
    """New months of the loans that were running: the instalments left go down to 0, then the loan is done.

    `frame` is shifted already; `months` and `chance` (of paying late) hold one number a row of it.
    """
    about = frame.assign(_months=months, _chance=chance)
    last = latest(about, "SK_ID_PREV", "MONTHS_BALANCE")
    running = (last["NAME_CONTRACT_STATUS"] == "Active") & (last["CNT_INSTALMENT_FUTURE"] > 0)
    last = last[running & (last["MONTHS_BALANCE"] >= -last["_months"] - 2.0)]
    left = last["CNT_INSTALMENT_FUTURE"].to_numpy(dtype=np.float64)
    rows, place = repeated(last, np.minimum(left, -1.0 - last["MONTHS_BALANCE"].to_numpy(dtype=np.float64)))
    rows["MONTHS_BALANCE"] += place
    rows["CNT_INSTALMENT_FUTURE"] -= place
    done = (rows["CNT_INSTALMENT_FUTURE"] <= 0).to_numpy()
    late = ~done & (rng.random(len(rows)) < rows["_chance"].to_numpy())
    rows["SK_DPD"] = np.where(late, np.rint(1.0 + 29.0 * rng.random(len(rows))), 0.0)
    rows["SK_DPD_DEF"] = rows["SK_DPD"].where(rows["SK_DPD"] > 15, 0.0)
    rows["NAME_CONTRACT_STATUS"] = np.where(done, "Completed", "Active")
    return rows[frame.columns]


def more_payments(
    rng: np.random.Generator, payments: pd.DataFrame, pos: pd.DataFrame, chance: Floats
) -> pd.DataFrame:
    """A payment for each new month of `pos`: thirty days after the one before, of the same amount."""
    last = latest(payments.assign(_chance=chance), "SK_ID_PREV", "DAYS_INSTALMENT")
    counts = last["SK_ID_PREV"].map(pos["SK_ID_PREV"].value_counts()).fillna(0.0)
    rows, place = repeated(last, np.asarray(counts, dtype=np.float64))
    rows["DAYS_INSTALMENT"] += 30.0 * place
    rows["NUM_INSTALMENT_NUMBER"] += place
    rows["DAYS_ENTRY_PAYMENT"] = rows["DAYS_INSTALMENT"] + days_late(rng, rows["_chance"].to_numpy())
    rows["AMT_PAYMENT"] = rows["AMT_INSTALMENT"]
    rows.loc[rows["DAYS_ENTRY_PAYMENT"] > -1.0, ["DAYS_ENTRY_PAYMENT", "AMT_PAYMENT"]] = np.nan
    return rows.loc[rows["DAYS_INSTALMENT"] <= -1.0, payments.columns]


def settled(rng: np.random.Generator, payments: pd.DataFrame, chance: Floats) -> pd.DataFrame:
    """Payments that had not happened by the old application have happened by the new one, most of them."""
    paid = payments["DAYS_INSTALMENT"] + np.maximum(days_late(rng, chance), 0.0)
    now = payments["AMT_PAYMENT"].isna() & (paid <= -1.0)
    return payments.assign(
        DAYS_ENTRY_PAYMENT=payments["DAYS_ENTRY_PAYMENT"].where(~now, paid),
        AMT_PAYMENT=payments["AMT_PAYMENT"].where(~now, payments["AMT_INSTALMENT"]),
    )


def more_card(rng: np.random.Generator, frame: pd.DataFrame, months: Floats, chance: Floats) -> pd.DataFrame:
    """New months of the cards still open: what is owed goes down slowly, nothing is drawn."""
    last = latest(frame.assign(_months=months, _chance=chance), "SK_ID_PREV", "MONTHS_BALANCE")
    is_open = (last["NAME_CONTRACT_STATUS"] == "Active") & (last["MONTHS_BALANCE"] >= -last["_months"] - 2.0)
    last = last[is_open]
    rows, place = repeated(last, -1.0 - last["MONTHS_BALANCE"].to_numpy(dtype=np.float64))
    rows["MONTHS_BALANCE"] += place
    late = (rows["AMT_BALANCE"] > 0) & (rng.random(len(rows)) < rows["_chance"])
    owed = (rows["AMT_BALANCE"] * 0.97**place).round(3)
    minimum = np.where(owed > 0, np.maximum(0.05 * owed, np.minimum(owed, 225.0)), 0.0).round(3)
    paid = np.where(late, 0.0, minimum)
    for column in ("AMT_BALANCE", "AMT_RECIVABLE", "AMT_TOTAL_RECEIVABLE"):
        rows[column] = owed
    rows["AMT_RECEIVABLE_PRINCIPAL"] = (0.96 * owed).round(3)
    rows["AMT_INST_MIN_REGULARITY"] = minimum
    rows["AMT_PAYMENT_TOTAL_CURRENT"] = paid
    rows["AMT_PAYMENT_CURRENT"] = np.where(rows["AMT_PAYMENT_CURRENT"].isna(), np.nan, paid)
    for column in rows.columns[rows.columns.str.contains("DRAWINGS")]:
        rows[column] = rows[column].where(rows[column].isna(), 0.0)
    rows["SK_DPD"] = np.where(late, 7.0, 0.0)
    rows["SK_DPD_DEF"] = 0.0
    return rows[frame.columns]


def later_credits(rng: np.random.Generator, bureau: pd.DataFrame) -> pd.DataFrame:
    """Credits elsewhere by the new application: some were paid back on their day, of the others less is owed."""
    count = len(bureau)
    active = bureau["CREDIT_ACTIVE"] == "Active"
    over = active & (bureau["DAYS_CREDIT_ENDDATE"] < 0) & (rng.random(count) < 0.8)
    runs = active & ~over
    ended = np.minimum(bureau["DAYS_CREDIT_ENDDATE"] + np.rint(5.0 * rng.random(count)), -1.0)
    seen = -np.rint(1.0 + 25.0 * rng.random(count))
    owed = bureau["AMT_CREDIT_SUM_DEBT"]
    less = (owed * (0.6 + 0.4 * rng.random(count))).round(3)
    return bureau.assign(
        CREDIT_ACTIVE=bureau["CREDIT_ACTIVE"].where(~over, "Closed"),
        DAYS_ENDDATE_FACT=bureau["DAYS_ENDDATE_FACT"].where(~over, ended),
        DAYS_CREDIT_UPDATE=bureau["DAYS_CREDIT_UPDATE"]
        .where(~over, np.minimum(ended + 5.0, -1.0))
        .where(~runs, np.maximum(seen, bureau["DAYS_CREDIT"])),
        AMT_CREDIT_SUM_DEBT=owed.where(~over, 0.0).where(~(runs & (owed > 0)), less),
        AMT_CREDIT_SUM_OVERDUE=bureau["AMT_CREDIT_SUM_OVERDUE"].where(~over, 0.0),
        CREDIT_DAY_OVERDUE=bureau["CREDIT_DAY_OVERDUE"].where(~over, 0.0),
    )


def more_credit_months(
    rng: np.random.Generator, frame: pd.DataFrame, bureau: pd.DataFrame, months: Floats, chance: Floats
) -> pd.DataFrame:
    """New months of the credits elsewhere that reported up to the old application, up to the month of the new."""
    last = latest(frame.assign(_months=months, _chance=chance), "SK_ID_BUREAU", "MONTHS_BALANCE")
    last = last[(last["STATUS"] != "C") & (last["MONTHS_BALANCE"] >= -last["_months"] - 1.0)]
    rows, place = repeated(last, -last["MONTHS_BALANCE"].to_numpy(dtype=np.float64))
    rows["MONTHS_BALANCE"] += place
    ended = rows["SK_ID_BUREAU"].map(bureau.set_index("SK_ID_BUREAU")["DAYS_ENDDATE_FACT"]) / DAYS_PER_MONTH
    late = rng.random(len(rows)) < rows["_chance"]
    usual = rows["STATUS"].where(rows["STATUS"].isin(["0", "X"]), "0")
    rows["STATUS"] = usual.where(~late, "1").where(~(rows["MONTHS_BALANCE"] > ended), "C")
    return rows[frame.columns]
