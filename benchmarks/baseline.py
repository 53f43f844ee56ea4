"""The generic baseline: what anybody gets from the tables without knowing what a loan is.

Belongs here: every numeric column's min, max, mean, sum and every category's share per client. Does not: a
window, a ratio, a cleaned value; that is what declared features have to beat.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from features.schemas import CLIENT, TARGET

Tables = Mapping[str, pd.DataFrame]
IDENTIFIERS = (CLIENT, "SK_ID_PREV", "SK_ID_BUREAU")
STATISTICS = ["min", "max", "mean", "sum"]
MANY_ROWS = {
    "bureau": "bureau",
    "bureau_balance": "balance",
    "previous_application": "prev",
    "POS_CASH_balance": "pos",
    "installments_payments": "inst",
    "credit_card_balance": "card",
}


def build_baseline(tables: Tables, identifiers: bool = False) -> pd.DataFrame:
    """One float32 row per client of `tables["application"]`, indexed by SK_ID_CURR ascending.

    Numbers of the application as they are, its categories as codes in alphabetical order (missing: NaN); per table
    with many rows min, max, mean and sum of each number and the share of each category among the client's rows.
    Sentinels are not cleaned, XNA is a category like any other. `identifiers`: as somebody aggregates who takes
    "every numeric column" at its word, SK_ID_PREV and SK_ID_BUREAU as well, and counts the rows.
    """
    application = application_columns(tables["application"])
    parts = [
        aggregated(_with_client(name, tables), prefix, identifiers) for name, prefix in MANY_ROWS.items()
    ]
    return pd.concat([application, *(part.reindex(application.index) for part in parts)], axis=1)


def application_columns(application: pd.DataFrame) -> pd.DataFrame:
    """The application's own columns: numbers as they are, categories as codes."""
    frame = application.set_index(CLIENT).sort_index().drop(columns=TARGET, errors="ignore")
    texts = frame.columns.difference(frame.select_dtypes("number").columns, sort=False)
    codes = {name: _codes(frame[name]) for name in texts}
    return frame.assign(**codes).astype("float32").add_prefix("app_")


def _codes(values: pd.Series) -> pd.Series:
    codes = values.astype("category").cat.codes
    return codes.where(codes >= 0)


def aggregated(rows: pd.DataFrame, prefix: str, identifiers: bool) -> pd.DataFrame:
    """Min, max, mean, sum of the numbers and share of each category, per client."""
    left_out = [CLIENT] if identifiers else [name for name in IDENTIFIERS if name in rows]
    columns = rows.drop(columns=left_out)
    numbers = columns.select_dtypes("number")
    texts = columns.columns.difference(numbers.columns, sort=False)
    statistics = numbers.groupby(rows[CLIENT]).agg(STATISTICS)
    statistics.columns = pd.Index([f"{prefix}_{'_'.join(names)}" for names in statistics.columns])
    shares = [
        pd.get_dummies(columns[name], prefix=f"{prefix}_{name}", dtype="float32").groupby(rows[CLIENT]).mean()
        for name in texts
    ]
    counts = [rows.groupby(CLIENT).size().rename(f"{prefix}_rows")] if identifiers else []
    return pd.concat([statistics, *shares, *counts], axis=1).astype("float32")


def _with_client(name: str, tables: Tables) -> pd.DataFrame:
    """The rows with their client; months of a credit that bureau does not hold are nobody's."""
    rows = tables[name]
    if CLIENT in rows:
        return rows
    return rows.merge(tables["bureau"][["SK_ID_BUREAU", CLIENT]], on="SK_ID_BUREAU", how="inner")
