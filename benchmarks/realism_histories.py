"""How well a machine tells real clients' histories from simulated ones, table by table and all tables together.

Belongs here: the aggregates per client that are compared, which clients with which. Does not: the classifier.

Real clients are those of the sample: most have every table but instalments, the others instalments but no
months elsewhere. Like is compared with like: train clients with train clients and test with test, without
instalments on either side; those with instalments on their own, without months elsewhere on either side and with
as many defaulters among the simulated as among the real ones (31 %). All tables together are every client's
aggregates side by side, missing where a client has no rows in a table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmarks.baseline import MANY_ROWS, aggregated
from benchmarks.realism import Discrimination, discriminate
from features.schemas import CLIENT, TARGET

Tables = dict[str, pd.DataFrame]
Pair = tuple[pd.DataFrame, pd.DataFrame]
PAYMENTS = "installments_payments"
MONTHS = "bureau_balance"
PARTS = ("train", "test")
WITH_PAYMENTS = "train, with instalments"


def client_aggregates(tables: Tables, table: str) -> pd.DataFrame:
    """Per client with rows: number of rows, min, max, mean and sum of each number, share of each category."""
    rows = tables[table]
    if CLIENT not in rows:
        owners = tables["bureau"][["SK_ID_BUREAU", CLIENT]]
        rows = rows.merge(owners, on="SK_ID_BUREAU", how="inner")
    frame = aggregated(rows, MANY_ROWS[table], identifiers=False)
    counts = rows.groupby(CLIENT).size().astype("float32")
    frame.columns = frame.columns.str.replace(r"[^\w]+", "_", regex=True)  # as the classifier wants names
    return frame.assign(**{f"{MANY_ROWS[table]}_rows": counts})


def compare_histories(
    real: Tables, simulated: Tables, threads: int = 2
) -> Iterator[tuple[str, str, Discrimination]]:
    """Group of clients, table or "all" of the group's tables together, how well they can be told apart.

    Groups: train and test clients without instalments, train clients with them.
    """
    paid = set(real[PAYMENTS][CLIENT])
    aggregates = {
        table: _same_columns(client_aggregates(real, table), client_aggregates(simulated, table))
        for table in MANY_ROWS
    }
    for part in PARTS:
        clients, others = (tables[f"application_{part}"][CLIENT] for tables in (real, simulated))
        fitting = [client for client in clients if client not in paid]
        yield from _compare_group(part, aggregates, PAYMENTS, fitting, list(others), threads)
    known = real["application_train"][CLIENT]
    fitting = [client for client in known if client in paid]
    yield from _compare_group(
        WITH_PAYMENTS, aggregates, MONTHS, fitting, _like(real, simulated, paid), threads
    )


def _compare_group(
    group: str,
    aggregates: dict[str, Pair],
    left_out: str,
    clients: list[int],
    others: list[int],
    threads: int,
) -> Iterator[tuple[str, str, Discrimination]]:
    """Each table but one, on the clients who have rows in it, then all of them together on every client."""
    chosen = {table: pair for table, pair in aggregates.items() if table != left_out}
    for table, (left, right) in chosen.items():
        yield group, table, _told_apart(left, right, clients, others, threads)
    sides = [
        pd.concat([pair[side].reindex(who) for pair in chosen.values()], axis=1)
        for side, who in enumerate((clients, others))
    ]
    yield group, "all", discriminate(sides[0], sides[1], threads=threads)


def _told_apart(
    left: pd.DataFrame, right: pd.DataFrame, clients: list[int], others: list[int], threads: int
) -> Discrimination:
    return discriminate(
        left.loc[left.index.intersection(clients)],
        right.loc[right.index.intersection(others)],
        threads=threads,
    )


def _same_columns(left: pd.DataFrame, right: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both with all columns; a category that one side never has is a share of 0 there."""
    columns = [*left.columns, *(name for name in right.columns if name not in left.columns)]
    filled = [frame.reindex(columns=columns) for frame in (left, right)]
    for frame in filled:
        unknown = [name for name in columns if frame[name].isna().all()]
        frame[unknown] = 0.0
    return filled[0], filled[1]


def _like(real: Tables, simulated: Tables, chosen: set[int]) -> list[int]:
    """Simulated train clients, defaulters among them as often as among the chosen real ones."""
    train = real["application_train"]
    rate = float(train.loc[train[CLIENT].isin(chosen), TARGET].mean())
    others = simulated["application_train"]
    bad, good = others[others[TARGET] == 1], others[others[TARGET] == 0]
    rows = int(min(len(bad) / max(rate, 1e-9), len(good) / max(1.0 - rate, 1e-9)))
    return [*bad[CLIENT].head(round(rows * rate)), *good[CLIENT].head(round(rows * (1.0 - rate)))]


def some_of(tables: Tables, most_train: int) -> Tables:
    """The test clients and the first so many train clients, with all their rows: aggregates take long."""
    train, test = (tables[f"application_{part}"] for part in PARTS)
    chosen = {*train[CLIENT].head(most_train), *test[CLIENT]}
    found = {
        name: rows[rows[CLIENT].isin(chosen)] if CLIENT in rows else rows for name, rows in tables.items()
    }
    months = tables[MONTHS]
    return found | {MONTHS: months[months["SK_ID_BUREAU"].isin(found["bureau"]["SK_ID_BUREAU"])]}


def read_tables(folder: Path) -> Tables:
    """The tables that are compared, from a folder of CSV."""
    names = [*MANY_ROWS, *(f"application_{part}" for part in PARTS)]
    return {name: pd.read_csv(folder / f"{name}.csv", low_memory=False) for name in names}
