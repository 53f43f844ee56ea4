"""A wrong declaration is refused when it is written, with an error that names it and says what to do."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest

from features import CATALOGUE, GROUPS, TABLES, Catalogue, DeclarationError, Feature
from features.declaration import over
from features.expressions import col, parts_of
from features.mistakes import PREFIX_OF, VIEW_COLUMNS
from features.schemas import categories_of

HOUSING = categories_of("application", "NAME_HOUSING_TYPE")
EDUCATION = categories_of("application", "NAME_EDUCATION_TYPE")
STATUS = col("NAME_CONTRACT_STATUS")

RIGHT: dict[str, Any] = {
    "name": "inst_days_late_max_365d",
    "table": "instalments",
    "value": col("paid_day") - col("due_day"),
    "agg": "max",
    "within_days": 365,
    "clock": "due_day",
    "when_no_rows": 0,
    "unit": "days",
    "group": "LATE_INSTALMENTS",
    "meaning": "Longest delay",
    "reason": "Late instalments",
}
ONE_ROW: dict[str, Any] = {
    "name": "app_age",
    "table": "application",
    "value": -col("DAYS_BIRTH"),
    "unit": "days",
    "group": "AGE",
    "meaning": "Age",
    "reason": "Age",
}
MONTHLY: dict[str, Any] = RIGHT | {
    "name": "pos_x_12m",
    "table": "POS_CASH_balance",
    "value": col("SK_DPD"),
    "clock": "MONTHS_BALANCE",
    "within_days": None,
    "within_months": 12,
}
ENCODED: dict[str, Any] = ONE_ROW | {
    "name": "app_housing",
    "value": col("NAME_HOUSING_TYPE").code_in(HOUSING),
    "unit": "category",
    "categories": HOUSING,
}

MISTAKES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (
        "unknown table",
        RIGHT,
        {"table": "instalment"},
        "unknown table 'instalment'; the tables are application",
    ),
    ("upper case", RIGHT, {"name": "inst_Late"}, "lower case and start with inst_"),
    ("wrong prefix", RIGHT, {"name": "pos_days_late"}, "start with inst_ for table instalments"),
    ("prefix alone", RIGHT, {"name": "inst"}, "start with inst_"),
    ("blank in the name", RIGHT, {"name": "inst_days late"}, "lower case"),
    ("no meaning", RIGHT, {"meaning": ""}, "meaning and reason must be written"),
    ("no reason", RIGHT, {"reason": ""}, "meaning and reason must be written"),
    (
        "unknown group",
        RIGHT,
        {"group": "LATE"},
        "unknown reason group 'LATE'; declare it in features/groups.py",
    ),
    ("unknown column", RIGHT, {"value": col("AMT_DUE")}, "no column AMT_DUE; it has due, due_day, number"),
    ("unknown column in where", RIGHT, {"where": col("amount") > 0}, "no column amount"),
    ("unknown clock", RIGHT, {"clock": "DAYS_INSTALMENT"}, "no column DAYS_INSTALMENT"),
    (
        "column of another table",
        ONE_ROW,
        {"value": col("AMT_CREDIT_SUM")},
        "application has no column AMT_CREDIT",
    ),
    ("unknown aggregation", RIGHT, {"agg": "median"}, "agg is 'median', expected one of count, sum, mean"),
    ("no aggregation", RIGHT, {"agg": None}, "agg is None, expected one of"),
    ("window without a clock", RIGHT, {"clock": None}, "a window needs a clock"),
    ("clock without a window", RIGHT, {"within_days": None}, "a clock is there for a window or a trend"),
    (
        "trend without a clock",
        RIGHT,
        {"agg": "trend", "clock": None, "within_days": None},
        "a trend needs a clock",
    ),
    ("two windows", RIGHT, {"within_months": 12}, "are windows; keep one"),
    ("window and last rows", RIGHT, {"last_rows": 3}, "are windows; keep one"),
    ("window not in the name", RIGHT, {"name": "inst_late"}, "call it inst_late_365d"),
    (
        "last rows not in the name",
        RIGHT | {"within_days": None, "clock": None},
        {"last_rows": 3},
        "_365d_last3",
    ),
    (
        "misspelt category",
        MONTHLY,
        {"where": STATUS.is_in("Activ")},
        "never 'Activ'; it is one of Active, Comp",
    ),
    ("empty window", RIGHT, {"within_days": 0}, "window of 0 holds no row; give a positive length"),
    ("negative window", MONTHLY, {"within_months": -3}, "window of -3 holds no row"),
    ("no last rows", RIGHT, {"last_rows": 0}, "last_rows=0 holds no row"),
    (
        "days over a clock in months",
        MONTHLY,
        {"within_months": None, "within_days": 365},
        "needs a clock in days",
    ),
    ("months over a clock in days", RIGHT, {"within_days": None, "within_months": 12}, "a clock in months"),
    (
        "clock that is no time",
        RIGHT,
        {"clock": "due"},
        "needs a clock in days, but due holds amount",
    ),
    ("count of nothing missing", RIGHT, {"agg": "count", "when_no_rows": np.nan}, "say when_no_rows=0"),
    ("count of nothing is one", RIGHT, {"agg": "count", "when_no_rows": 1}, "say when_no_rows=0"),
    ("reads the outcome", ONE_ROW, {"value": col("TARGET")}, "reads TARGET, the outcome"),
    ("reads the outcome within", ONE_ROW, {"value": -(col("DAYS_BIRTH") + col("TARGET"))}, "reads TARGET"),
    ("combines the outcome", ONE_ROW, {"table": "client", "value": col("TARGET") > 0}, "reads TARGET"),
    ("aggregates one row", ONE_ROW, {"agg": "max"}, "one row per client: leave out agg"),
    ("condition on one row", ONE_ROW, {"where": col("AMT_CREDIT") > 0}, "one row per client"),
    ("window on one row", ONE_ROW, {"within_days": 9, "clock": "DAYS_BIRTH"}, "one row per client"),
    ("last rows of one row", ONE_ROW, {"last_rows": 2}, "one row per client"),
    ("categories without the unit", ENCODED, {"unit": "count"}, "'category' and `categories` go together"),
    ("unit without the categories", ENCODED, {"categories": ()}, "'category' and `categories` go together"),
    ("other categories", ENCODED, {"categories": EDUCATION}, "must be the column's own list"),
    (
        "categories of a number",
        ENCODED,
        {"value": col("CNT_CHILDREN")},
        "must be the column's own list",
    ),
    (
        "category as a number",
        ONE_ROW,
        {"value": col("CODE_GENDER") > 0},
        "CODE_GENDER holds categories, not num",
    ),
    (
        "number as a category",
        ONE_ROW,
        {"value": col("AMT_CREDIT").is_in("1")},
        "AMT_CREDIT holds numbers, not cat",
    ),
    ("view's number as a category", RIGHT, {"where": col("due").has_no_category()}, "due holds numbers"),
]


@pytest.mark.parametrize(("right", "change", "says"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_mistake_is_refused_by_name(right: dict[str, Any], change: dict[str, Any], says: str) -> None:
    """Each mistake raises DeclarationError with the feature's name and what to do about it."""
    wrong = right | change
    with pytest.raises(DeclarationError) as refused:
        Feature(**wrong)
    assert str(refused.value).startswith(f"feature {wrong['name']!r}: ")
    assert says in str(refused.value)


@pytest.mark.parametrize("right", [RIGHT, ONE_ROW, MONTHLY, ENCODED], ids=lambda right: right["name"])
def test_right_declarations_pass(right: dict[str, Any]) -> None:
    """The declarations that the mistakes are made from are accepted themselves."""
    assert Feature(**right).name == right["name"]


def test_declaration_cannot_be_changed() -> None:
    """A feature is a value: nobody changes one that others already use."""
    with pytest.raises(FrozenInstanceError):
        CATALOGUE["app_age"].unit = "days"


def test_duplicate_names_are_refused() -> None:
    """Two features of one name are refused, and the name is told."""
    with pytest.raises(DeclarationError, match="declared twice: app_age; give each feature its own name"):
        Catalogue([Feature(**ONE_ROW), Feature(**RIGHT), Feature(**ONE_ROW)])


def test_combination_reads_features_declared_before_it() -> None:
    """A feature of table "client" may read application columns and earlier features, not later ones."""
    ratio = Feature(
        **ONE_ROW
        | {"name": "inst_to_age", "table": "client", "value": col("inst_days_late_max_365d") / col("app_age")}
    )
    parts = [Feature(**ONE_ROW), Feature(**RIGHT)]
    assert len(Catalogue([*parts, ratio])) == 3
    with pytest.raises(
        DeclarationError, match=r"'inst_to_age' reads inst_days_late_max_365d, neither a column"
    ):
        Catalogue([parts[0], ratio, parts[1]])


def test_catalogue_is_found_by_name_and_place() -> None:
    """A catalogue answers to names and positions, and says so when a name is unknown."""
    assert CATALOGUE["app_age"] is CATALOGUE[CATALOGUE.names.index("app_age")]
    assert "app_age" in CATALOGUE
    assert CATALOGUE["app_age"] in CATALOGUE
    assert "app_agee" not in CATALOGUE
    assert len(CATALOGUE) == len(CATALOGUE.names) == len(list(CATALOGUE))
    with pytest.raises(KeyError, match="no feature 'app_agee' is declared"):
        CATALOGUE["app_agee"]


def test_model_may_not_use_protected_features() -> None:
    """Gender is there for fairness and cohorts, and is no model input; everything else is, in order."""
    assert set(CATALOGUE.names) - set(CATALOGUE.model_inputs) == {"app_gender"}
    assert list(CATALOGUE.model_inputs) == [name for name in CATALOGUE.names if name != "app_gender"]


CHANGES: dict[str, dict[str, Any]] = {
    "value": {"value": col("paid_day") - col("due_day") - 1},
    "agg": {"agg": "min"},
    "where": {"where": col("due") > 0},
    "window": {"within_days": 366, "name": "inst_days_late_max_366d"},
    "last_rows": {"last_rows": 5, "within_days": None, "clock": None, "name": "inst_days_late_max_last5"},
    "when_no_rows": {"when_no_rows": -1.0},
    "unit": {"unit": "count"},
    "group": {"group": "INCOME"},
    "riskier": {"riskier": "higher"},
    "protected": {"protected": True},
    "name": {"name": "inst_other_365d"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_hash_changes_with_the_definition(change: dict[str, Any]) -> None:
    """Whatever changes the numbers or how a model reads them changes the hash of the catalogue."""
    assert Catalogue([Feature(**RIGHT | change)]).hash != Catalogue([Feature(**RIGHT)]).hash


def test_hash_changes_with_order_and_length() -> None:
    """The order of the columns belongs to the definition."""
    first, second = Feature(**RIGHT), Feature(**ONE_ROW)
    assert len({Catalogue(fs).hash for fs in ([first, second], [second, first], [first], [second])}) == 4


@pytest.mark.parametrize("words", [{"meaning": "Another wording"}, {"reason": "Another wording"}])
def test_hash_does_not_change_with_words(words: dict[str, Any]) -> None:
    """A better sentence does not make models unusable."""
    worded = Catalogue([replace(feature, **words) for feature in CATALOGUE])
    assert worded.hash == CATALOGUE.hash
    assert worded.definitions == CATALOGUE.definitions


def test_definitions_name_the_difference() -> None:
    """Comparing two catalogues' definitions tells which feature was redefined."""
    redefined = [replace(f, when_no_rows=7) if f.name == "inst_due_mean" else f for f in CATALOGUE]
    other = Catalogue(redefined).definitions
    assert [name for name in other if other[name] != CATALOGUE.definitions[name]] == ["inst_due_mean"]


def test_hash_is_16_hex_digits() -> None:
    """The hash is short enough to stand in every exported row."""
    assert len(CATALOGUE.hash) == 16
    assert set(CATALOGUE.hash) <= set("0123456789abcdef")


def test_over_declares_one_feature_per_window() -> None:
    """One declaration and its windows: the names tell them, the words get them, nothing else changes."""
    whole = Feature(**RIGHT | {"name": "inst_days_late_max", "within_days": None, "clock": None})
    found = over(whole, clock="due_day", days=(730, 90), last=(3,))
    assert [feature.suffix for feature in found] == ["", "_730d", "_90d", "_last3"]
    assert [feature.name for feature in found] == [whole.name + feature.suffix for feature in found]
    assert {feature.stem for feature in found} == {"inst_days_late_max"}
    assert [f.text().meaning for f in found[1:]] == [
        "Longest delay (last 24 months)",
        "Longest delay (last 3 months)",
        "Longest delay (last 3 instalments)",
    ]
    assert found[0].text().meaning == "Longest delay"
    assert over(whole, clock="due_day", days=(365,), all_time=False) == (Feature(**RIGHT),)


def test_every_group_but_none_is_used() -> None:
    """There is no reason code that no feature can give."""
    assert {feature.group for feature in CATALOGUE} == set(GROUPS)


def test_no_feature_reads_the_outcome() -> None:
    """No declared expression holds TARGET, however deep."""
    for feature in CATALOGUE:
        whole = [feature.value] + ([feature.where] if feature.where is not None else [])
        assert not any(part == col("TARGET") for each in whole for part in parts_of(each)), feature.name


def test_prefixes_cover_every_table() -> None:
    """Every table can be the source of features: under its own name or as the view of instalments."""
    assert set(PREFIX_OF) - {"client"} - set(VIEW_COLUMNS) == set(TABLES) - {"installments_payments"}


def test_months_of_the_bureau_answer_zero_without_rows() -> None:
    """bureau_balance covers test clients better than train clients: no feature may tell that it has rows."""
    from_months = [feature for feature in CATALOGUE if feature.table == "bureau_balance"]
    assert from_months
    assert all(feature.when_no_rows == 0 for feature in from_months)
