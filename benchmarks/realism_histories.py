"""How well a machine tells real clients' histories from simulated ones, table by table and all tables together.

Belongs here: the aggregates per client that are compared, which clients with which. Does not: the classifier.

Real clients are those of the sample: most have every table but instalments, the others instalments but no
months elsewhere. So train clients are compared with train clients and test with test, instalments on their own,
with as many defaulters on the simulated side as on the real one.

`python -m benchmarks.realism_histories REAL SIMULATED` reads two folders of CSV and prints a line per table.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmarks.baseline import MANY_ROWS, aggregated
from benchmarks.realism import Discrimination, discriminate
from features.schemas import CLIENT, TARGET

Tables = dict[str, pd.DataFrame]
PAYMENTS = "installments_payments"
PARTS = ("train", "test")


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
    """Part (train, test), table ("all" for those but instalments together), how well they can be told apart."""
    with_payments = set(real[PAYMENTS][CLIENT])
    sides = [{table: client_aggregates(tables, table) for table in MANY_ROWS} for tables in (real, simulated)]
    for part in PARTS:
        clients = real[f"application_{part}"][CLIENT]
        others = simulated[f"application_{part}"][CLIENT]
        fitting = clients[~clients.isin(with_payments)]
        joint: tuple[list[pd.DataFrame], list[pd.DataFrame]] = ([], [])
        for table in MANY_ROWS:
            left, right = _same_columns(sides[0][table], sides[1][table])
            if table == PAYMENTS:
                if part == "train":
                    chosen = _like(real, simulated, with_payments)
                    yield part, table, _told_apart(left, right, list(with_payments), chosen, threads)
                continue
            joint[0].append(left.reindex(fitting))
            joint[1].append(right.reindex(others))
            yield part, table, _told_apart(left, right, list(fitting), list(others), threads)
        both = [pd.concat(frames, axis=1) for frames in joint]
        yield part, "all", discriminate(both[0], both[1], threads=threads)


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


def read_tables(folder: Path) -> Tables:
    """The tables that are compared, from a folder of CSV."""
    names = [*MANY_ROWS, *(f"application_{part}" for part in PARTS)]
    return {name: pd.read_csv(folder / f"{name}.csv", low_memory=False) for name in names}


if __name__ == "__main__":
    sample, portfolio = (read_tables(Path(folder)) for folder in sys.argv[1:3])
    for part, table, found in compare_histories(sample, portfolio):
        line = f"{part:5} {table:22} AUC {found.auc:.3f} ± {found.error:.3f}  {found.give_away}"
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
