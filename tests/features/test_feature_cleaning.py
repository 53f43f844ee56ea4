"""What each rule of cleaning reads as missing, and what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

from features import CATALOGUE, TABLES
from features.cleaning import RULES, Rule, clean_numbers, is_no_category
from features.vocabulary import SINGLE_ROW

NAN = np.nan
# table, column, raw values, what is left of them
EXAMPLES = [
    ("application", "DAYS_EMPLOYED", [365243, -1461, 0, NAN, 365242], [NAN, -1461, 0, NAN, 365242]),
    ("application", "REGION_RATING_CLIENT_W_CITY", [-1, 1, 2, 3, NAN], [NAN, 1, 2, 3, NAN]),
    ("application", "DAYS_LAST_PHONE_CHANGE", [0, -1, -4000, NAN], [NAN, -1, -4000, NAN]),
    ("application", "AMT_INCOME_TOTAL", [117e6, 50_000_001, 50e6, 0, NAN], [NAN, NAN, 50e6, 0, NAN]),
    ("application", "OWN_CAR_AGE", [64, 65, 91, 63, 0, NAN], [NAN, NAN, NAN, 63, 0, NAN]),
    ("previous_application", "DAYS_FIRST_DRAWING", [365243, -200, NAN], [NAN, -200, NAN]),
    ("previous_application", "DAYS_FIRST_DUE", [365243, -200, NAN], [NAN, -200, NAN]),
    ("previous_application", "DAYS_LAST_DUE_1ST_VERSION", [365243, 900, -200, NAN], [NAN, 900, -200, NAN]),
    ("previous_application", "DAYS_LAST_DUE", [365243, -200, NAN], [NAN, -200, NAN]),
    ("previous_application", "DAYS_TERMINATION", [365243, -200, NAN], [NAN, -200, NAN]),
    ("previous_application", "SELLERPLACE_AREA", [-1, 0, 4000000, NAN], [NAN, 0, 4000000, NAN]),
    ("bureau", "DAYS_CREDIT_ENDDATE", [-42060, -20001, -20000, 31199, NAN], [NAN, NAN, -20000, 31199, NAN]),
    ("bureau", "DAYS_ENDDATE_FACT", [-42023, -20000, -1, NAN], [NAN, -20000, -1, NAN]),
    ("bureau", "DAYS_CREDIT_UPDATE", [-41947, -20000, 372, NAN], [NAN, -20000, 372, NAN]),
]
RULE_COLUMNS = [(rule, column) for rule in RULES for column in rule.columns]


@pytest.mark.parametrize(("table", "column", "raw", "clean"), EXAMPLES, ids=[e[1] for e in EXAMPLES])
def test_rule_by_example(table: str, column: str, raw: list[float], clean: list[float]) -> None:
    """The odd value becomes missing, its neighbours stay, and the argument keeps every bit."""
    given = np.array(raw, dtype=np.float64)
    found = clean_numbers(table, column, given)
    np.testing.assert_array_equal(found, np.array(clean, dtype=np.float64))
    np.testing.assert_array_equal(given, np.array(raw, dtype=np.float64))


def test_every_rule_has_an_example() -> None:
    """A rule without an example would be a belief."""
    assert {(rule.table, column) for rule, column in RULE_COLUMNS} == {(e[0], e[1]) for e in EXAMPLES}


@pytest.mark.parametrize(("rule", "column"), RULE_COLUMNS, ids=[column for _, column in RULE_COLUMNS])
def test_rule_is_about_a_number_of_its_table_and_gives_evidence(rule: Rule, column: str) -> None:
    """Each rule names a column that is there and a number, and says how one knows."""
    assert TABLES[rule.table].columns[column].kind != "category"
    assert len(rule.evidence) > 20


@pytest.mark.parametrize("table", list(TABLES))
def test_columns_without_a_rule_are_left_alone(table: str) -> None:
    """The sentinels of one column are ordinary values in another."""
    ruled = {column for rule in RULES if rule.table == table for column in rule.columns}
    values = np.array([365243, -1, 0, 117e6, -42060, NAN])
    for column in set(TABLES[table].columns) - ruled:
        assert clean_numbers(table, column, values) is values


def test_rules_hold_in_their_table_only() -> None:
    """AMT_ANNUITY, DAYS_EMPLOYED and the like mean something else in a table of another name."""
    values = np.array([365243.0])
    assert clean_numbers("bureau", "DAYS_EMPLOYED", values) is values


@pytest.mark.parametrize("name", ["", "XNA", "XAP", "nan", "None"])
def test_names_that_stand_for_no_category(name: str) -> None:
    """These names are missing, not categories."""
    assert is_no_category(name)


def test_no_category_is_declared_under_a_name_for_missing() -> None:
    """No closed list of categories holds a name that means missing, and none holds a name twice."""
    for feature in CATALOGUE:
        assert not any(is_no_category(name) for name in feature.categories), feature.name
        assert len(set(feature.categories)) == len(feature.categories), feature.name


def test_features_that_read_ruled_columns_are_many_enough_to_matter() -> None:
    """Rules are applied where features read: at least one feature reads each ruled application column."""
    read = {column for feature in CATALOGUE if feature.table in SINGLE_ROW for column in feature.columns}
    assert {column for rule, column in RULE_COLUMNS if rule.table == "application"} <= read
