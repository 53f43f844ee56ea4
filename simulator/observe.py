"""Here: real tables seen as histories, the inverse of what the tables' modules build.
Not here: the growing of trees (derive_histories.py). Rows are read, none is written.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.bureau import (
    ABOUT_MONTHS,
    CREDITS,
    ENDLESS,
    MONTHS,
    OLDEST_DAY,
    month_bounds,
    months_about,
)
from simulator.clients import CLIENTS
from simulator.columns import MONTHS_FELT, History, runs_of, runs_of_spells
from simulator.facts import Floats
from simulator.observed import Observed
from simulator.previous import APPLICATIONS, NEVER, NOT_YET
from simulator.previous import OLDEST_DAY as OLDEST_DECISION

FAR = 15_000.0  # days: a credit with a later end has none
Tables = dict[str, pd.DataFrame]
POPULATION = (282_686, 24_825, 48_744)  # clients of the full tables who repaid, defaulted, are in test


def values_of(history: History, found: dict[str, object]) -> Floats:
    """Array (rows, columns): numbers as they are, texts as the places of the declared values; NaN for missing."""
    columns = []
    for column in history.columns:
        values = pd.Series(found[column.name])
        if column.values:
            codes = pd.Categorical(values, categories=column.values).codes.astype(np.float64)
            values = pd.Series(np.where(codes < 0, np.nan, codes))
        columns.append(values.to_numpy(dtype=np.float64))
    return np.column_stack(columns)


def read_clients(folder: Path) -> pd.DataFrame:
    """SK_ID_CURR of train and test, `tested`, and whether instalments rather than months elsewhere are known;
    `group` is the client's place in POPULATION.
    """
    train = pd.read_csv(folder / "application_train.csv", usecols=["SK_ID_CURR", "TARGET"])
    test = pd.read_csv(folder / "application_test.csv", usecols=["SK_ID_CURR"]).assign(TARGET=2)
    clients = pd.concat([train, test]).sort_values("SK_ID_CURR", ignore_index=True)
    clients = clients.rename(columns={"TARGET": "group"})
    paid = pd.read_csv(folder / "installments_payments.csv", usecols=["SK_ID_CURR"])["SK_ID_CURR"]
    return clients.assign(tested=clients["group"] == 2, has_payments=clients["SK_ID_CURR"].isin(paid))


def weights_of(owners: pd.Series, clients: pd.DataFrame) -> Floats:
    """How many clients of the full tables each row's owner stands for, if `clients` are all whose rows are known.

    A sample has more test clients and more defaulters than the full tables: 3,000 of 48,744 test clients make
    each of them stand for 16.2, but 486 of 24,825 defaulters for 51.1.
    """
    group = clients.set_index("SK_ID_CURR")["group"]
    each = pd.Series(POPULATION) / group.value_counts()
    return np.asarray(owners.map(group).map(each), dtype=np.float64)


def read_bureau(folder: Path) -> pd.DataFrame:
    """bureau by client, oldest credit first, with the bounds of the months (NaN where there are none)."""
    bureau = pd.read_csv(folder / "bureau.csv")
    months = pd.read_csv(folder / "bureau_balance.csv", usecols=["SK_ID_BUREAU", "MONTHS_BALANCE"])
    bounds = months.groupby("SK_ID_BUREAU")["MONTHS_BALANCE"].agg(["min", "max"])
    bureau = bureau.join(bounds, on="SK_ID_BUREAU")
    bureau["known"] = bureau["max"].notna().groupby(bureau["SK_ID_CURR"]).transform("any")
    return bureau.sort_values(["SK_ID_CURR", "DAYS_CREDIT", "SK_ID_BUREAU"], ignore_index=True)


def observe_clients(folder: Path) -> Observed:
    """One row per client with all tables but instalments."""
    known = read_clients(folder)
    known = known[~known["has_payments"]]
    clients, weight = known.set_index("SK_ID_CURR"), weights_of(known["SK_ID_CURR"], known)
    bureau = read_bureau(folder)
    previous = pd.read_csv(folder / "previous_application.csv", usecols=["SK_ID_CURR"])
    card = pd.read_csv(folder / "credit_card_balance.csv", usecols=["SK_ID_CURR"])["SK_ID_CURR"]
    credits = bureau.groupby("SK_ID_CURR").size().reindex(clients.index)
    applications = previous.groupby("SK_ID_CURR").size().reindex(clients.index)
    months = bureau.groupby("SK_ID_CURR")["known"].any().reindex(clients.index)
    values = values_of(
        CLIENTS,
        {
            "credits": credits.to_numpy(),
            "months_known": months.map({True: "yes", False: "no"}).to_numpy(),
            "applications": applications.to_numpy(),
        },
    )
    about = [clients["tested"], credits.notna(), applications.notna(), clients.index.isin(card)]
    runs = runs_of(
        np.ones(len(clients), dtype=np.int64), [np.asarray(one, dtype=np.float64) for one in about]
    )
    taught: dict[str, pd.Series] = {
        "credits": credits,
        "months_known": months,
        "applications": applications,
    }
    return Observed(
        CLIENTS, values, runs, weight, {name: one.notna().to_numpy() for name, one in taught.items()}
    )


def observe_bureau(folder: Path) -> Observed:
    """All credits elsewhere; months only of clients that have any."""
    clients, bureau = read_clients(folder), read_bureau(folder)
    bureau["tested"] = bureau["SK_ID_CURR"].isin(clients.loc[clients["tested"], "SK_ID_CURR"])
    unseen = bureau["SK_ID_CURR"].isin(clients.loc[clients["has_payments"], "SK_ID_CURR"])
    reported = bureau["AMT_ANNUITY"].notna().groupby(bureau["SK_ID_CURR"]).transform("any")
    bureau["known"] = bureau["known"] | (unseen & reported)  # their months were left out, not unknown
    days, end, fact = (bureau[name] for name in ("DAYS_CREDIT", "DAYS_CREDIT_ENDDATE", "DAYS_ENDDATE_FACT"))
    end, fact = end.where(~(end > FAR), ENDLESS).clip(lower=-3650.0), fact.clip(lower=-3650.0)
    term = (end - days).where(end != ENDLESS, ENDLESS)
    before = days.groupby(bureau["SK_ID_CURR"]).shift().fillna(OLDEST_DAY)
    total = bureau["AMT_CREDIT_SUM"]
    span = np.minimum(end.fillna(0.0), 0.0) - days
    first, _ = month_bounds(days.to_numpy(dtype=np.float64), np.zeros(len(days)))
    found: dict[str, object] = {name: bureau[name] for name in bureau.columns}
    found |= {
        "gap": np.where(before < 0, 1.0 - days / np.where(before < 0, before, 1.0), 0.0),
        "endless": end.where(end == ENDLESS),
        "term": term,
        "planned": days + term,
        "DAYS_CREDIT_ENDDATE": end,
        "span": span,
        "lived": ((fact - days) / span.where(span > 0)).clip(0.0, 20.0),
        "lived_days": fact - days,
        "since": bureau["DAYS_CREDIT_UPDATE"] - fact.fillna(0.0),
        "end_or_now": fact.fillna(0.0),
        "updated": bureau["DAYS_CREDIT_UPDATE"],
        "debt": _share(bureau["AMT_CREDIT_SUM_DEBT"], total),
        "limit": _share(bureau["AMT_CREDIT_SUM_LIMIT"], total),
        "daily": np.where(term > 0, total / term.where(term > 0), term * 0.0),
        "silent": np.where(bureau["max"].notna(), bureau["max"] / np.where(first < 0, first, -1.0), np.nan),
    }
    counts = bureau.groupby("SK_ID_CURR").agg(
        count=("tested", "size"), tested=("tested", "any"), known=("known", "any")
    )
    runs = runs_of(
        counts["count"].to_numpy(), [counts[name].to_numpy(dtype=np.float64) for name in CREDITS.client]
    )
    weight = weights_of(bureau["SK_ID_CURR"], clients)
    silent = {"silent": bureau["max"].notna().to_numpy()}
    return Observed(CREDITS, values_of(CREDITS, found), runs, weight, silent)


def _share(part: pd.Series, total: pd.Series) -> pd.Series:
    return (part / total.where(total > 0)).fillna(part * 0.0).clip(-2.0, 5.0)


def observe_months(folder: Path) -> Observed:
    """All months of credits elsewhere."""
    clients, bureau = read_clients(folder), read_bureau(folder)
    bureau = bureau[bureau["max"].notna()].reset_index(drop=True)
    months = pd.read_csv(folder / "bureau_balance.csv")
    place = pd.Series(bureau.index, index=bureau["SK_ID_BUREAU"])
    months = months.assign(place=months["SK_ID_BUREAU"].map(place)).sort_values(["place", "MONTHS_BALANCE"])
    owner, owners = pd.factorize(bureau["SK_ID_CURR"])
    lengths = (bureau["max"] - bureau["min"] + 1).to_numpy(dtype=np.int64)
    coded = {name: _numbers(bureau[name], CREDITS) for name in ABOUT_MONTHS}
    about = months_about(coded, bureau["max"].to_numpy())
    left = bureau["max"].to_numpy()[months["place"]] - months["MONTHS_BALANCE"].to_numpy()
    recent = months["MONTHS_BALANCE"].to_numpy() >= -MONTHS_FELT
    found: dict[str, object] = {
        "since_end": about[-1][months["place"]] - left,
        "STATUS": months["STATUS"].to_numpy(),
    }
    tested = clients.set_index("SK_ID_CURR")["tested"].reindex(owners).to_numpy()
    runs = runs_of_spells(owner, owner.max() + 1, lengths, about, recent, [tested])
    weight = weights_of(bureau["SK_ID_CURR"], clients[~clients["has_payments"]])[months["place"]]
    return Observed(MONTHS, values_of(MONTHS, found), runs, weight, {})


def _numbers(values: pd.Series, history: History) -> Floats:
    """A column as numbers, texts as the places of the declared values."""
    column = next((one for one in history.columns if one.name == values.name), None)
    if column is None or not column.values:
        return values.to_numpy(dtype=np.float64)
    return pd.Categorical(values, categories=column.values).codes.astype(np.float64)


def read_previous(folder: Path) -> pd.DataFrame:
    """previous_application by client, oldest decision first."""
    previous = pd.read_csv(folder / "previous_application.csv")
    return previous.sort_values(["SK_ID_CURR", "DAYS_DECISION", "SK_ID_PREV"], ignore_index=True)


def observe_previous(folder: Path) -> Observed:
    """All earlier applications."""
    clients, rows = read_clients(folder), read_previous(folder)
    rows["tested"] = rows["SK_ID_CURR"].isin(clients.loc[clients["tested"], "SK_ID_CURR"])
    cards = pd.read_csv(folder / "credit_card_balance.csv", usecols=["SK_ID_CURR", "SK_ID_PREV"])
    rows["holds_card"] = rows["SK_ID_CURR"].isin(cards["SK_ID_CURR"])
    rows["holding"] = rows["SK_ID_PREV"].isin(cards["SK_ID_PREV"]).map({True: "yes", False: "no"})
    found: dict[str, object] = {name: rows[name] for name in rows.columns}
    found |= _amounts_of(rows) | _schedule_of(rows)
    by_client = rows.groupby("SK_ID_CURR")
    counts = by_client.agg(
        count=("tested", "size"), tested=("tested", "any"), holds_card=("holds_card", "any")
    )
    about = [counts[name].to_numpy(dtype=np.float64) for name in APPLICATIONS.client]
    runs = runs_of(counts["count"].to_numpy(), about)
    weight = weights_of(rows["SK_ID_CURR"], clients)
    return Observed(APPLICATIONS, values_of(APPLICATIONS, found), runs, weight, {})


def _amounts_of(rows: pd.DataFrame) -> dict[str, object]:
    days, asked, credit = rows["DAYS_DECISION"], rows["AMT_APPLICATION"], rows["AMT_CREDIT"]
    before = days.groupby(rows["SK_ID_CURR"]).shift().fillna(OLDEST_DECISION)
    there = asked > 0
    base = asked - rows["AMT_DOWN_PAYMENT"].fillna(0.0)
    per = credit / rows["CNT_PAYMENT"].clip(lower=1.0)
    return {
        "gap": 1.0 - days / before,
        "down": (rows["AMT_DOWN_PAYMENT"] / asked.where(there))
        .fillna(rows["AMT_DOWN_PAYMENT"] * 0.0)
        .clip(0.0, 1.0),
        "less_down": asked - rows["AMT_DOWN_PAYMENT"],
        "base": base,
        "loading": (credit / base.where(base > 0)).clip(0.0, 3.0),
        "limit": credit.where(base <= 0),
        "loaded": credit.where(base > 0),
        "price": (rows["AMT_GOODS_PRICE"] / asked.where(there)).clip(0.0, 3.0),
        "per": per,
        "cost": (rows["AMT_ANNUITY"] / per.where(per > 0)).clip(0.0, 4.0),
    }


def _schedule_of(rows: pd.DataFrame) -> dict[str, object]:
    decided, count = rows["DAYS_DECISION"], rows["CNT_PAYMENT"]
    due, last, end = (rows[name] for name in ("DAYS_FIRST_DUE", "DAYS_LAST_DUE", "DAYS_TERMINATION"))
    begun = due.notna()
    first = (due - decided).where(due != NEVER, NOT_YET)
    first_day = decided + first
    paid = ((last - due.where(due != NEVER, decided + 30.0)) / 30.0 + 1.0) / count.where(count > 0)
    lived = paid.where(rows["NAME_CONTRACT_TYPE"] != "Revolving loans", 1.0 - last / decided).clip(0.0, 3.0)
    lived = lived.where(last != NEVER, NOT_YET).where(begun)
    closing = (end - last).where((end != NEVER) & (last != NEVER), NOT_YET).where(begun)
    drawn_first = rows["DAYS_FIRST_DRAWING"]
    return {
        "first": first,
        "first_day": first_day,
        "length": 30.0 * count,
        "planned_end": first_day + 30.0 * count,
        "lived": lived,
        "instalments": lived * count,
        "lasted": 30.0 * lived * count,
        "last_day": first_day + 30.0 * lived * count,
        "closing": closing,
        "drawing": (drawn_first - decided).where(drawn_first != NEVER, NOT_YET).where(begun),
    }


OBSERVERS: dict[str, Callable[[Path], Observed]] = {
    "clients": observe_clients,
    "bureau": observe_bureau,
    "bureau_balance": observe_months,
    "previous_application": observe_previous,
}
