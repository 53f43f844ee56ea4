"""Here: the real tables of this lender's months and payments seen as histories.
Not here: credits elsewhere, applications (observe.py). Rows are read, none is written.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.cards import CARD_MONTHS
from simulator.columns import MONTHS_FELT, runs_of_spells
from simulator.loans import DAYS_PER_MONTH, PAYMENTS, POS_MONTHS, TO_ZERO, about_loans
from simulator.observe import read_clients, read_previous, values_of, weights_of
from simulator.observed import Observed
from simulator.previous import KINDS, NEVER, Granted
from simulator.sequences import Runs

GROWING_SHARE = 2  # the trees of cards are grown on every other client's, for the time it takes
FULL_MINIMA = (0.05, 0.06, 0.07)  # of the limit: the minimum of who uses most of it
ONE = 1.0  # amounts that differ by less are the same


def read_loans(folder: Path, kinds: tuple[str, ...]) -> pd.DataFrame:
    """The approved applications of these kinds, one row per SK_ID_PREV, with the fields of Granted."""
    rows = read_previous(folder)
    rows = rows[(rows["NAME_CONTRACT_STATUS"] == "Approved") & rows["NAME_CONTRACT_TYPE"].isin(kinds)]
    due, last, end = (rows[name] for name in ("DAYS_FIRST_DUE", "DAYS_LAST_DUE", "DAYS_TERMINATION"))
    first_due = due.where(due != NEVER, rows["DAYS_DECISION"] + 30.0).fillna(rows["DAYS_DECISION"] + 30.0)
    lived = (last - first_due) / 30.0 + 1.0
    return pd.DataFrame(
        {
            "sk_id_prev": rows["SK_ID_PREV"],
            "client": rows["SK_ID_CURR"],
            "kind": rows["NAME_CONTRACT_TYPE"].map({kind: k for k, kind in enumerate(KINDS)}),
            "decided": rows["DAYS_DECISION"].astype(np.float64),
            "annuity": rows["AMT_ANNUITY"],
            "credit": rows["AMT_CREDIT"],
            "term": rows["CNT_PAYMENT"],
            "paid_terms": np.round(lived.where((last != NEVER) & last.notna(), rows["CNT_PAYMENT"])),
            "first_due": first_due,
            "ended": end.where(end != NEVER),
        }
    ).set_index("sk_id_prev", drop=False)


def _granted(loans: pd.DataFrame) -> Granted:
    return Granted(**{name: loans[name].to_numpy() for name in Granted.__dataclass_fields__})


def observe_pos(folder: Path) -> Observed:
    """The months of loans that stand in previous_application."""
    loans = read_loans(folder, KINDS[:2])
    rows = pd.read_csv(folder / "POS_CASH_balance.csv")
    rows = rows[rows["SK_ID_PREV"].isin(loans.index)]
    rows["decided"] = rows["SK_ID_PREV"].map(loans["decided"])
    rows = rows.sort_values(["SK_ID_CURR", "decided", "SK_ID_PREV", "MONTHS_BALANCE"], ignore_index=True)
    by_loan = rows.groupby("SK_ID_PREV", sort=False)
    lengths, latest = by_loan.size(), by_loan["MONTHS_BALANCE"].last()
    about = about_loans(
        _granted(loans.loc[lengths.index]),
        np.asarray(lengths),
        np.asarray(latest),
    )
    count, future = (by_loan[name].transform(lambda one: one.ffill().bfill()).fillna(1.0)
                     for name in ("CNT_INSTALMENT", "CNT_INSTALMENT_FUTURE"))  # fmt: skip
    before = count.groupby(rows["SK_ID_PREV"]).shift().fillna(rows["SK_ID_PREV"].map(loans["term"]))
    open_before = future.groupby(rows["SK_ID_PREV"]).shift().fillna(count)
    overdue_before = by_loan["SK_DPD"].shift().fillna(0.0)
    overdue = rows["SK_DPD"]
    found: dict[str, object] = {
        "before": before,
        "change": count - before,
        "CNT_INSTALMENT": count,
        "NAME_CONTRACT_STATUS": rows["NAME_CONTRACT_STATUS"],
        "open": open_before,
        "paid": (future - open_before).where((future > 0) | (open_before <= 1), TO_ZERO),
        "still_open": future,
        "CNT_INSTALMENT_FUTURE": future,
        "later": (overdue - overdue_before).where((overdue > 0) | (overdue_before == 0), TO_ZERO),
        "lateness": overdue,
        "SK_DPD": overdue,
        "serious": (rows["SK_DPD_DEF"] / overdue.where(overdue > 0)).fillna(0.0),
        "SK_DPD_DEF": rows["SK_DPD_DEF"],
    }
    weight, runs = weights_of(rows["SK_ID_CURR"], read_clients(folder)), _spells(rows, lengths, about)
    return Observed(POS_MONTHS, values_of(POS_MONTHS, found), runs, weight, {})


def _spells(rows: pd.DataFrame, lengths: pd.Series, about: list[NDArray[Any]]) -> Runs:
    owners = rows.drop_duplicates("SK_ID_PREV")["SK_ID_CURR"]
    owner = pd.factorize(owners)[0]
    recent = rows["MONTHS_BALANCE"].to_numpy() >= -MONTHS_FELT
    return runs_of_spells(owner, owner.max() + 1, lengths.to_numpy(dtype=np.int64), about, recent)


def observe_payments(folder: Path) -> Observed:
    """The instalments of loans, one row each whatever parts it was paid in."""
    loans = read_loans(folder, KINDS[:2])
    paid = pd.read_csv(folder / "installments_payments.csv")
    paid = paid[paid["SK_ID_PREV"].isin(loans.index) & paid["DAYS_ENTRY_PAYMENT"].notna()]
    keys = ["SK_ID_CURR", "SK_ID_PREV", "NUM_INSTALMENT_NUMBER", "DAYS_INSTALMENT"]
    paid = paid.sort_values([*keys, "DAYS_ENTRY_PAYMENT"])
    rows = paid.groupby(keys, as_index=False).agg(
        version=("NUM_INSTALMENT_VERSION", "max"), owed=("AMT_INSTALMENT", "max"), total=("AMT_PAYMENT", "sum"),
        first=("AMT_PAYMENT", "first"), parts=("AMT_PAYMENT", "size"), day=("DAYS_ENTRY_PAYMENT", "max"),
        first_day=("DAYS_ENTRY_PAYMENT", "min"),
    )  # fmt: skip
    rows["decided"] = rows["SK_ID_PREV"].map(loans["decided"])
    rows = rows.sort_values(
        ["SK_ID_CURR", "decided", "SK_ID_PREV", "NUM_INSTALMENT_NUMBER"], ignore_index=True
    )
    spell = rows.groupby("SK_ID_PREV", sort=False)
    lengths, loan = spell.size(), rows["SK_ID_PREV"].map(loans["annuity"])
    months = pd.read_csv(folder / "POS_CASH_balance.csv", usecols=["SK_ID_PREV", "SK_DPD"])
    late = months.assign(is_late=months["SK_DPD"] > 0).groupby("SK_ID_PREV").agg(
        share=("is_late", "mean"), worst=("SK_DPD", "max"))  # fmt: skip
    names = lengths.index
    late = late.reindex(names).fillna(0.0)
    counts = lengths.to_numpy(dtype=np.float64)
    about = [*about_loans(_granted(loans.loc[names]), counts, counts)[:-1],
             late["share"].to_numpy(), late["worst"].to_numpy(dtype=np.float64)]  # fmt: skip
    before = spell["version"].shift().fillna(0.0)
    found: dict[str, object] = {
        "newer": rows["version"] - before,
        "version": rows["version"],
        "remaining": rows["SK_ID_PREV"].map(loans["term"]) - spell.cumcount(),
        "share": (rows["owed"] / loan).clip(0.0, 60.0),
        "late": rows["day"] - rows["DAYS_INSTALMENT"],
        "parts": rows["parts"].clip(upper=2),
        "first_share": (rows["first"] / rows["total"]).where(rows["parts"] > 1),
        "earlier": (rows["day"] - rows["first_day"]).where(rows["parts"] > 1),
        "covered": (rows["total"] / rows["owed"].where(rows["owed"] > 0)).fillna(1.0).clip(0.0, 3.0).round(4),
    }
    owner = pd.factorize(rows.drop_duplicates("SK_ID_PREV")["SK_ID_CURR"])[0].astype(np.int64)
    recent = rows["DAYS_INSTALMENT"].to_numpy() >= -MONTHS_FELT * DAYS_PER_MONTH
    sizes = np.asarray(lengths, dtype=np.int64)
    runs = runs_of_spells(owner, int(owner.max()) + 1, sizes, about, recent)
    clients = read_clients(folder)
    weight = weights_of(rows["SK_ID_CURR"], clients[clients["has_payments"]])
    return Observed(PAYMENTS, values_of(PAYMENTS, found), runs, weight, {})


def observe_cards(folder: Path) -> Observed:
    """The months of cards, from the first one known."""
    rows = pd.read_csv(folder / "credit_card_balance.csv")
    rows = rows.sort_values(["SK_ID_CURR", "SK_ID_PREV", "MONTHS_BALANCE"], ignore_index=True)
    card = rows.groupby("SK_ID_PREV", sort=False)
    lengths = card.size()
    credit = read_loans(folder, ("Revolving loans",))["credit"].reindex(lengths.index)
    credit = credit.fillna(card["AMT_CREDIT_LIMIT_ACTUAL"].max()).clip(lower=4500.0)
    scale = credit.reindex(rows["SK_ID_PREV"]).to_numpy()
    about = [
        credit.to_numpy(),
        lengths.to_numpy(),
        card["MONTHS_BALANCE"].last().to_numpy(),
    ]
    limit = rows["AMT_CREDIT_LIMIT_ACTUAL"].astype(float)
    limit_before = card["AMT_CREDIT_LIMIT_ACTUAL"].shift().fillna(pd.Series(scale))
    moved = limit != limit_before
    owed_before = card["AMT_BALANCE"].shift().fillna(0.0).clip(lower=0.0)
    drawings = rows["AMT_DRAWINGS_CURRENT"]
    current, total = rows["AMT_PAYMENT_CURRENT"], rows["AMT_PAYMENT_TOTAL_CURRENT"]
    paid = pd.Series(np.where(total > 0, np.fmax(current, total), 0.0))
    least = rows["AMT_INST_MIN_REGULARITY"].fillna(0.0)
    full = (least / limit.where(limit > 0)).round(4)
    full = full.where(full.isin(FULL_MINIMA))
    gross = owed_before + drawings
    exactly = (least > 0) & ((paid - least).abs() < ONE)
    balance = rows["AMT_BALANCE"].clip(lower=0.0)
    net = gross - paid
    matured = card["CNT_INSTALMENT_MATURE_CUM"].transform(lambda one: one.ffill().fillna(0.0))
    parts = {name: rows[f"AMT_DRAWINGS_{name}_CURRENT"] for name in ("ATM", "POS", "OTHER")}
    found: dict[str, object] = {name: rows[name] for name in rows.columns} | {
        "base": limit_before,
        "moved": moved.astype(float),
        "kept": limit_before.where(~moved, 0.0),
        "new": limit.where(moved, 0.0),
        "limit": limit,
        "full": full,
        "of_limit": full * limit,
        "minimum": (rows["AMT_INST_MIN_REGULARITY"] / owed_before.where(owed_before > 0))
        .fillna(rows["AMT_INST_MIN_REGULARITY"] * 0.0).clip(0.0, 1.0).where(full.isna(), 0.0),
        "of_balance": rows["AMT_INST_MIN_REGULARITY"].where(full.isna(), 0.0),
        "AMT_INST_MIN_REGULARITY": rows["AMT_INST_MIN_REGULARITY"].fillna(0.0),
        "unstated": rows["AMT_INST_MIN_REGULARITY"].isna().astype(float),
        "atm": (parts["ATM"] / scale).clip(0.0, 3.0),
        "pos": (parts["POS"] / scale).clip(0.0, 3.0),
        "other": (parts["OTHER"] / scale).clip(0.0, 3.0),
        "plain": parts["ATM"] + parts["POS"],
        "drawn": parts["ATM"] + parts["POS"] + parts["OTHER"],
        "drawings": drawings,
        "exactly": exactly.astype(np.float64),
        "part": (paid / gross.where(gross > 0)).fillna(0.0).where(~exactly, 0.0).clip(0.0, 1.3),
        "least": least,
        "by_part": np.where(exactly, 0.0, paid),
        "by_minimum": np.where(exactly, paid, 0.0),
        "otherwise": np.where(exactly, 0.0, paid),
        "paid": paid,
        "withheld": ((paid - total) / least.where(least > 0)).fillna(0.0).clip(0.0, 1.0),
        "noted": (current - paid).round(2),
        "gross": gross,
        "net": net,
        "growth": ((balance - net) / gross.where(gross > 0)).fillna(0.0).clip(-0.5, 0.5),
        "interest": balance - net,
        "use": (owed_before / limit.where(limit > 0)).fillna(0.0),
        "net_use": (net / limit.where(limit > 0)).fillna(0.0),
        "ceiling": 1.35 * limit,
        "grown": balance,
        "top": np.maximum(1.35 * limit, owed_before),
        "balance": balance,
        "AMT_BALANCE": balance,
        "principal": (rows["AMT_RECEIVABLE_PRINCIPAL"] / balance.where(balance > 0)).fillna(0.0).clip(-1.0, 2.0),
        "receivable": (rows["AMT_RECIVABLE"] / balance.where(balance > 0)).fillna(0.0).clip(-1.0, 2.0),
        "more": (matured - matured.groupby(rows["SK_ID_PREV"]).shift().fillna(0.0)),
        "matured": matured,
        "later": _change(rows["SK_DPD"], card["SK_DPD"].shift().fillna(0.0)),
        "lateness": rows["SK_DPD"],
        "serious": (rows["SK_DPD_DEF"] / rows["SK_DPD"].where(rows["SK_DPD"] > 0)).fillna(0.0),
    }  # fmt: skip
    weight = weights_of(rows["SK_ID_CURR"], read_clients(folder))
    runs, growing = _spells(rows, lengths, about), rows["SK_ID_CURR"].to_numpy() % GROWING_SHARE == 0
    return Observed(CARD_MONTHS, values_of(CARD_MONTHS, found), runs, weight, {}, growing)


def _change(now: pd.Series, before: pd.Series) -> pd.Series:
    return (now - before).where((now > 0) | (before == 0), TO_ZERO)


OBSERVERS: dict[str, Callable[[Path], Observed]] = {
    "POS_CASH_balance": observe_pos,
    "installments_payments": observe_payments,
    "credit_card_balance": observe_cards,
}
