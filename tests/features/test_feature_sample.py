"""The real rows: the builder on the sample that lies beside the project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features import CATALOGUE, TABLES, Feature, build_features
from features.expressions import Arithmetic, Constant, parts_of

pytestmark = pytest.mark.sample
NEVER_NEGATIVE = ("count", "months", "years", "flag", "category", "score", "rating", "area")


@pytest.fixture(scope="module")
def tables(sample_folder: Path) -> dict[str, pd.DataFrame]:
    """Every table of the sample as pandas reads it; train and test under one another."""
    return {
        name: pd.concat(
            [pd.read_csv(sample_folder / f"{file}.csv", low_memory=False) for file in table.files],
            ignore_index=True,
        )
        for name, table in TABLES.items()
    }


@pytest.fixture(scope="module")
def built(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return build_features(tables)


def test_every_client_has_a_row(tables: dict[str, pd.DataFrame], built: pd.DataFrame) -> None:
    """4,210 train and 3,000 test clients, each once, in ascending order, with every declared column."""
    assert built.shape == (7_210, len(CATALOGUE))
    assert built.index.tolist() == sorted(tables["application"]["SK_ID_CURR"])
    assert tuple(built.columns) == CATALOGUE.names
    assert set(built.dtypes) == {np.dtype(np.float32)}


def test_no_value_is_infinite(built: pd.DataFrame) -> None:
    """Real divisors are 0 at times: what comes of it is missing, not infinite."""
    assert not np.isinf(built.to_numpy()).any()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_external_scores_are_the_raw_columns(
    tables: dict[str, pd.DataFrame], built: pd.DataFrame, number: int
) -> None:
    """A feature that is a column holds that column, client by client."""
    raw = (
        tables["application"].set_index("SK_ID_CURR")[f"EXT_SOURCE_{number}"].sort_index().astype(np.float32)
    )
    np.testing.assert_array_equal(built[f"app_ext_source_{number}"], raw)


@pytest.mark.parametrize("name", CATALOGUE.names)
def test_every_feature_says_something(built: pd.DataFrame, name: str) -> None:
    """No feature is missing for everybody or the same for everybody."""
    assert built[name].nunique() > 1


def test_features_lie_where_their_unit_allows(built: pd.DataFrame) -> None:
    """Counts, months, years and flags are not negative, flags are 0 or 1, codes are within their list."""
    for feature in CATALOGUE:
        values = built[feature.name].dropna()
        if feature.unit in NEVER_NEGATIVE and not _differs(feature):
            assert values.min() >= 0, feature.name
        if feature.unit in ("flag", "score"):
            assert values.max() <= 1, feature.name
        if feature.unit == "category":
            assert values.max() < len(feature.categories), feature.name


def _differs(feature: Feature) -> bool:
    """True for a change or a difference, which may be negative; 0 - x is a sign, not a difference."""
    differences = [p for p in parts_of(feature.value) if isinstance(p, Arithmetic) and p.operator == "-"]
    return feature.agg == "trend" or any(part.left != Constant(0.0) for part in differences)


def test_known_category_names_cover_the_rows(tables: dict[str, pd.DataFrame], built: pd.DataFrame) -> None:
    """Hardly a row has a category that no list names: what is missing is missing in the rows."""
    columns = {"app_education": "NAME_EDUCATION_TYPE", "app_income_type": "NAME_INCOME_TYPE"}
    for name, column in columns.items():
        assert built[name].notna().sum() == tables["application"][column].notna().sum()
    organisations = tables["application"]["ORGANIZATION_TYPE"]
    assert built["app_organisation"].notna().sum() == (organisations != "XNA").sum()
