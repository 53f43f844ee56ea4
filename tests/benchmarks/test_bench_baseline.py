"""The generic baseline: what it aggregates, and that it knows nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.baseline import MANY_ROWS, application_columns, build_baseline
from benchmarks.power import of_application_only, read_sample
from features import CATALOGUE


def _tables() -> dict[str, pd.DataFrame]:
    """Two clients; client 1 has two credits of which one has two months, client 2 has nothing."""
    empty = pd.DataFrame({"SK_ID_CURR": pd.Series(dtype="int64"), "SK_ID_PREV": pd.Series(dtype="int64")})
    return dict.fromkeys(MANY_ROWS, empty.assign(AMOUNT=0.0)) | {
        "application": pd.DataFrame(
            {"SK_ID_CURR": [2, 1], "TARGET": [1, 0], "DAYS_EMPLOYED": [365243, -5], "KIND": ["XNA", None]}
        ),
        "bureau": pd.DataFrame(
            {"SK_ID_CURR": [1, 1], "SK_ID_BUREAU": [7, 8], "DEBT": [10.0, 30.0], "TYPE": ["XNA", "Card"]}
        ),
        "bureau_balance": pd.DataFrame(
            {"SK_ID_BUREAU": [7, 7, 99], "MONTHS_BALANCE": [-1, -3, 0], "STATUS": ["C", "1", "C"]}
        ),
    }


def test_numbers_become_min_max_mean_sum_and_categories_become_shares() -> None:
    """Client 1 by hand: debts 10 and 30, one credit of two is a card; XNA is a category like any other."""
    found = build_baseline(_tables()).loc[1]
    debts = found[["bureau_DEBT_min", "bureau_DEBT_max", "bureau_DEBT_mean", "bureau_DEBT_sum"]]
    assert debts.tolist() == [10, 30, 20, 40]
    assert found[["bureau_TYPE_Card", "bureau_TYPE_XNA"]].tolist() == [0.5, 0.5]


def test_months_come_to_their_client_through_the_credit() -> None:
    """Months of a credit that bureau does not hold are nobody's."""
    found = build_baseline(_tables())
    assert found.loc[1, ["balance_MONTHS_BALANCE_sum", "balance_STATUS_C"]].tolist() == [-4, 0.5]
    assert found.loc[2].filter(like="balance").isna().all()


def test_nothing_is_cleaned_and_the_outcome_is_not_read() -> None:
    """The sentinel stays, categories are codes, TARGET and the client's number are no columns."""
    found = application_columns(_tables()["application"])
    assert found.index.tolist() == [1, 2]
    assert found.columns.tolist() == ["app_DAYS_EMPLOYED", "app_KIND"]
    assert found.loc[2].tolist() == [365243, 0]
    assert found["app_KIND"].isna().tolist() == [True, False]


def test_identifiers_are_aggregated_only_when_asked() -> None:
    """Taken at its word, every numeric column: identifiers too, and how many rows there are."""
    more = set(build_baseline(_tables(), identifiers=True)) - set(build_baseline(_tables()))
    assert {"bureau_SK_ID_BUREAU_mean", "bureau_rows", "balance_rows"} <= more


@pytest.mark.sample
def test_columns_on_the_real_sample(sample_folder: Path) -> None:
    """548 columns without identifiers, 578 with these and the numbers of rows."""
    tables = read_sample(sample_folder)
    assert build_baseline(tables).shape == (7_210, 548)
    assert build_baseline(tables, identifiers=True).shape == (7_210, 578)


def test_features_of_the_application_alone_read_nothing_else() -> None:
    """Combinations of other tables' features are left out, combinations of the application's stay."""
    kept = of_application_only(CATALOGUE)
    assert {feature.table for feature in kept} <= {"application", "client"}
    assert {feature.name for feature in CATALOGUE if feature.table == "application"} <= set(kept.names)
    assert "bureau_debt_to_income" not in kept
