"""Protected characteristics: every feature that knows of one is found, and gender is no input."""

import numpy as np
import pandas as pd
import pytest

from features import CATALOGUE, build_features
from features.characteristics import NEVER_AN_INPUT, features_knowing, inputs_without
from features.schemas import TABLES
from features.vocabulary import CHARACTERISTICS


def test_columns_are_columns_of_the_application() -> None:
    """What states a characteristic exists."""
    columns = set(TABLES["application"].columns)
    assert all(stated <= columns for stated in CHARACTERISTICS.values())


def test_gender_is_known_to_no_input() -> None:
    """No model input is computed from gender, directly or through another feature."""
    for characteristic in NEVER_AN_INPUT:
        assert features_knowing(CATALOGUE, characteristic)
        assert inputs_without(CATALOGUE, [characteristic]) == CATALOGUE.model_inputs


def test_features_through_features_are_found() -> None:
    """A ratio that reads the age through the application, or income per member, is found; a credit is not."""
    age = features_knowing(CATALOGUE, "age")
    assert {"app_age", "app_age_at_hiring", "app_ext_source_mean_times_age"} <= set(age)
    assert "app_income_per_member" in features_knowing(CATALOGUE, "family_status")
    assert not {"app_credit", "bureau_credits_count"} & set(age)
    left = inputs_without(CATALOGUE, ["age", "family_status"])
    assert not {"app_age", "app_family_status"} & set(left)
    assert len(left) < len(CATALOGUE.model_inputs)


@pytest.mark.parametrize("characteristic", CHARACTERISTICS)
def test_what_is_left_does_not_move_with_the_characteristic(characteristic: str) -> None:
    """Change the columns that state it and only the features found change."""
    rng = np.random.default_rng(0)
    clients = 40
    rows = {
        name: rng.integers(1, 4, clients).astype(float)
        if column.kind != "category"
        else np.array([None] * clients, dtype=object)
        for name, column in TABLES["application"].columns.items()
    }
    application = pd.DataFrame({**rows, "SK_ID_CURR": np.arange(1, clients + 1)})
    application["DAYS_BIRTH"] = -rng.integers(8_000, 20_000, clients)
    changed = application.copy()
    new = {"DAYS_BIRTH": -12_345, "CODE_GENDER": "F", "NAME_FAMILY_STATUS": "Married"}
    for column in CHARACTERISTICS[characteristic]:
        changed[column] = new.get(column, 7.0)
    before, after = build_features({"application": application}), build_features({"application": changed})
    moved = {name for name in before if not before[name].equals(after[name])}
    assert moved
    assert moved <= set(features_knowing(CATALOGUE, characteristic))


def test_an_unknown_characteristic_is_refused() -> None:
    """The error names the known ones."""
    with pytest.raises(ValueError, match="'religion' is unknown, expected one of gender, age, family_status"):
        features_knowing(CATALOGUE, "religion")
