"""Histories of two portfolios are told apart where they differ, and not where they do not."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.baseline import MANY_ROWS
from benchmarks.realism import discriminate
from benchmarks.realism_histories import (
    MONTHS,
    PARTS,
    PAYMENTS,
    WITH_PAYMENTS,
    client_aggregates,
    compare_histories,
    some_of,
)
from simulator import simulate

Tables = dict[str, pd.DataFrame]


def read(folder: Path) -> Tables:
    """The tables of a portfolio."""
    names = [*MANY_ROWS, "application_train", "application_test"]
    return {name: pd.read_csv(folder / f"{name}.csv", low_memory=False) for name in names}


@pytest.fixture(scope="module")
def like_the_sample(portfolio: Path) -> Tables:
    """A portfolio in which, as in the real sample, only some train clients have payments."""
    tables = read(portfolio)
    train = tables["application_train"]["SK_ID_CURR"]
    chosen = train[train % 4 == 0]
    paid = tables[PAYMENTS]
    return tables | {PAYMENTS: paid[paid["SK_ID_CURR"].isin(chosen)]}


def test_aggregates_by_example() -> None:
    """Count, extremes, mean, sum and shares of a client's rows; months find their client through bureau."""
    bureau = pd.DataFrame(
        {"SK_ID_CURR": [1, 1, 2], "SK_ID_BUREAU": [10, 11, 12], "DAYS_CREDIT": [-9, -1, -5]}
    )
    months = pd.DataFrame(
        {"SK_ID_BUREAU": [10, 10, 11, 99], "MONTHS_BALANCE": [-1, 0, 0, 0], "STATUS": ["C", "0", "0", "5"]}
    )
    tables = {"bureau": bureau, "bureau_balance": months}
    credits = client_aggregates(tables, "bureau").loc[1]
    assert credits["bureau_rows"] == 2
    assert credits[
        ["bureau_DAYS_CREDIT_min", "bureau_DAYS_CREDIT_max", "bureau_DAYS_CREDIT_sum"]
    ].tolist() == [-9, -1, -10]
    balance = client_aggregates(tables, "bureau_balance")
    assert list(balance.index) == [1]
    assert balance.loc[1, "balance_STATUS_0"] == pytest.approx(2 / 3)


def test_some_clients_come_with_all_their_rows(portfolio: Path) -> None:
    """Of 100 train clients and every test client all rows are there, of the others none."""
    tables = read(portfolio)
    some = some_of(tables, 100)
    assert len(some["application_train"]) == 100
    assert len(some["application_test"]) == len(tables["application_test"])
    for table in MANY_ROWS:
        own, every = client_aggregates(some, table), client_aggregates(tables, table)
        pd.testing.assert_frame_equal(own.dropna(axis=1), every.loc[own.index, own.dropna(axis=1).columns])


def test_another_seed_is_hardly_told_apart(like_the_sample: Tables, tmp_path: Path) -> None:
    """Every table of every group is compared, train and test clients apart, and two seeds look alike."""
    simulate(tmp_path / "other", 1_500, seed=12)
    other = read(tmp_path / "other")
    found = {(part, table): one for part, table, one in compare_histories(like_the_sample, other)}
    expected = {(group, table) for group in (*PARTS, WITH_PAYMENTS) for table in (*MANY_ROWS, "all")}
    assert found.keys() == expected - {(part, PAYMENTS) for part in PARTS} - {(WITH_PAYMENTS, MONTHS)}
    assert found["train", "bureau"].auc < 0.62
    assert found["train", "all"].auc < 0.65


def test_doubled_sums_give_a_table_away(like_the_sample: Tables) -> None:
    """A table is told from itself with doubled sums by those sums, and not from itself."""
    bureau = like_the_sample["bureau"]
    doubled = bureau.assign(AMT_CREDIT_SUM=bureau["AMT_CREDIT_SUM"] * 2.0)
    own, other = (client_aggregates({"bureau": rows}, "bureau") for rows in (bureau, doubled))
    assert discriminate(own, own).auc < 0.55
    found = discriminate(own, other)
    assert found.auc > 0.7
    assert "AMT_CREDIT_SUM" in next(iter(found.shares))
