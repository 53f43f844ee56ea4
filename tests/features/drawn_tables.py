"""Small tables full of the values where features go wrong: missing, zero, sentinels, window edges, ties.

Belongs here: drawing raw tables for the laws. Does not: the laws.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from features import TABLES, Column

CLIENT = "SK_ID_CURR"
Tables = dict[str, pd.DataFrame]

_EDGES: dict[str, list[float]] = {
    "days": [0, -1, -35, -364, -365, -366, -900, -20_000, -20_001, 365243],
    "months": [0, -1, -2, -11, -12, -13, -23, -24, -25, -60],
    "count": [-1, 0, 1, 2, 3, 12, 60],
    "flag": [0, 1],
    "amount": [0, 0.1, 100, 100.33, 22_500, 135_000.5, 50e6, 117e6],
    "rate": [0, 1, 0.25, 1 / 3, 0.5027, 1e-9],
}


def draw_tables(seed: int, clients: int, rows: int, strangers: int = 1) -> Tables:
    """Raw tables of `clients` clients with up to about `rows` rows each in every other table.

    The last `strangers` owners of rows have no application; some bureau months belong to no credit.
    """
    rng = np.random.default_rng(seed)
    owners = 100_001 + rng.choice(500, clients + strangers, replace=False)
    tables = {"application": _frame(rng, "application", clients, {CLIENT: owners[:clients]})}
    for name in ("bureau", "previous_application", "POS_CASH_balance", "credit_card_balance"):
        tables[name] = _many(rng, name, owners, rows)
    tables["bureau_balance"] = _months(rng, tables["bureau"]["SK_ID_BUREAU"].to_numpy(), rows)
    tables["installments_payments"] = _payments(rng, owners, rows)
    return tables


drawn_tables = st.builds(
    draw_tables,
    seed=st.integers(0, 2**32 - 1),
    clients=st.integers(1, 6),
    rows=st.integers(0, 9),
)


def _many(rng: np.random.Generator, table: str, owners: np.ndarray, rows: int) -> pd.DataFrame:
    count = int(rng.integers(0, len(owners) * rows + 1))
    given: dict[str, Any] = {CLIENT: rng.choice(owners, count)}
    for key in TABLES[table].key[:1]:  # one number per row: no two rows share the key
        given[key] = rng.permutation(np.arange(1, count + 1))
    if "MONTHS_BALANCE" in TABLES[table].columns:  # two loans per client, a month of a loan once
        given["SK_ID_PREV"] = 2 * given[CLIENT] + rng.integers(0, 2, count)
        frame = _frame(rng, table, count, given)
        return frame.drop_duplicates(["SK_ID_PREV", "MONTHS_BALANCE"]).reset_index(drop=True)
    return _frame(rng, table, count, given)


def _months(rng: np.random.Generator, credits: np.ndarray, rows: int) -> pd.DataFrame:
    owners = np.append(credits, 999_999)  # a credit that bureau does not hold
    count = int(rng.integers(0, 4 * rows + 1))
    frame = _frame(rng, "bureau_balance", count, {"SK_ID_BUREAU": rng.choice(owners, count)})
    return frame.drop_duplicates(["SK_ID_BUREAU", "MONTHS_BALANCE"]).reset_index(drop=True)


def _payments(rng: np.random.Generator, owners: np.ndarray, rows: int) -> pd.DataFrame:
    """Payments of few instalments, so that several settle the same one, which has one amount due."""
    count = int(rng.integers(0, 2 * len(owners) * rows + 1))
    client = rng.choice(owners, count)
    number = rng.integers(1, 5, count)
    given = {
        CLIENT: client,
        "SK_ID_PREV": 2 * client + rng.integers(0, 2, count),
        "NUM_INSTALMENT_VERSION": rng.integers(1, 3, count),
        "NUM_INSTALMENT_NUMBER": number,
        "DAYS_INSTALMENT": -np.array([0.0, 35.0, 365.0, 366.0, 700.0])[number],
        "AMT_INSTALMENT": np.array([0.0, 100.1, 0.0, 2500.33, 70.0])[number],
        "DAYS_ENTRY_PAYMENT": rng.choice([np.nan, 0.0, -30.0, -40.0, -365.0, -360.0, -690.0], count),
        "AMT_PAYMENT": rng.choice([np.nan, 0.0, 0.1, 33.37, 100.1, 2500.33, 1e6 / 3], count),
    }
    return _frame(rng, "installments_payments", count, given)


def _frame(rng: np.random.Generator, table: str, count: int, given: dict[str, Any]) -> pd.DataFrame:
    columns = TABLES[table].columns
    return pd.DataFrame(
        {
            name: given[name] if name in given else _drawn(rng, column, count)
            for name, column in columns.items()
        }
    )


def _drawn(rng: np.random.Generator, column: Column, count: int) -> np.ndarray:
    if column.kind == "category":
        unknown = [] if column.required else ["XNA", "XAP", "", "Unheard of", None, None]
        few = rng.permutation(np.array(column.categories, dtype=object))[:4]  # so that each is met
        return rng.choice(np.array([*few, *unknown], dtype=object), count)
    edges = [
        edge
        for edge in _EDGES[column.kind]
        if (column.minimum is None or edge >= column.minimum)
        and (column.maximum is None or edge <= column.maximum)
    ]
    missing = [] if column.required else [np.nan, np.nan]
    values = rng.choice(np.array(edges + missing, dtype=np.float64), count)
    if column.kind == "amount":  # some with every digit in use
        values = np.where(rng.random(count) < 0.5, values, np.exp(rng.uniform(0, 14, count)))
    return values
