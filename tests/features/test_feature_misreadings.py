"""A declaration whose expressions read what they may not, or as what it is not, is refused when it is written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from right_declarations import (
    EDUCATION,
    ENCODED,
    HOUSING,
    LAST_STATUS,
    MONTHLY,
    ONE_ROW,
    RIGHT,
    STATUS,
    STATUSES,
)

from features import Catalogue, DeclarationError, Feature
from features.expressions import Condition, Number, as_number, col, mean_of

CONSTANT = as_number(1.0)
MISTAKES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("unknown column", RIGHT, {"value": col("AMT_DUE")}, "no column AMT_DUE; it has due, due_day, number"),
    ("unknown column in where", RIGHT, {"where": col("amount") > 0}, "no column amount"),
    (
        "column of another table",
        ONE_ROW,
        {"value": col("AMT_CREDIT_SUM")},
        "application has no column AMT_CREDIT",
    ),
    (
        "misspelt category",
        MONTHLY,
        {"where": STATUS.is_in("Activ")},
        "never 'Activ'; it is one of Active, Comp",
    ),
    ("reads the outcome", ONE_ROW, {"value": col("TARGET")}, "reads TARGET, the outcome"),
    ("reads the outcome within", ONE_ROW, {"value": -(col("DAYS_BIRTH") + col("TARGET"))}, "reads TARGET"),
    ("combines the outcome", ONE_ROW, {"table": "client", "value": col("TARGET") > 0}, "reads TARGET"),
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
    (
        "one of no categories",
        MONTHLY,
        {"where": STATUS.is_in()},
        "is_in() is never true; name the categories",
    ),
    ("value without a column", RIGHT, {"value": -Number()}, "stands where an expression is expected"),
    ("constant value", ONE_ROW, {"value": CONSTANT}, "its value reads no column"),
    ("mean of nothing", ONE_ROW, {"value": mean_of()}, "the mean of nothing is always missing"),
    ("text beside a column", ONE_ROW, {"value": col("AMT_CREDIT") + "1"}, "the constant '1' is no number"),
    (
        "missing beside a column",
        ONE_ROW,
        {"value": col("AMT_CREDIT") * np.nan},
        "the constant nan is no number",
    ),
    (
        "nothing beside a column",
        ONE_ROW,
        {"value": col("AMT_CREDIT") > None},
        "the constant None is no number",
    ),
    (
        "number among expressions",
        ONE_ROW,
        {"value": mean_of(col("AMT_CREDIT"), 5)},
        "5 stands where an expres",
    ),
    ("column without a name", ONE_ROW, {"value": col(3)}, "col(3) names no column; give its name as a text"),
    ("column with a list for a name", ONE_ROW, {"value": col(["AMT_CREDIT"])}, "names no column"),
    (
        "number joined",
        RIGHT,
        {"where": (col("due") > 0) & col("paid")},
        "& joins conditions, but Column(name='p",
    ),
    ("condition of nothing", RIGHT, {"where": Condition()}, "stands where an expression is expected"),
    ("identifier", MONTHLY, {"value": col("SK_ID_PREV")}, "SK_ID_PREV is an identifier, which measures noth"),
    ("identifier in where", MONTHLY, {"where": col("SK_ID_CURR") > 0}, "SK_ID_CURR is an identifier"),
    ("identifier of one row", ONE_ROW, {"value": col("SK_ID_CURR")}, "SK_ID_CURR is an identifier"),
    ("codes as a number", ONE_ROW, {"value": col("NAME_HOUSING_TYPE").code_in(HOUSING)}, "not quantities"),
    ("other codes", ONE_ROW, {"value": col("NAME_HOUSING_TYPE").code_in(EDUCATION)}, "not quantities"),
    (
        "codes calculated with",
        ONE_ROW,
        {"value": col("NAME_HOUSING_TYPE").code_in(HOUSING) + 1},
        "use it alone, with unit='category'",
    ),
    (
        "codes in a condition",
        LAST_STATUS,
        {"where": STATUS.code_in(STATUSES) > 1},
        "use it alone, with unit='category'; else is_in",
    ),
    ("mean of codes", LAST_STATUS, {"agg": "mean"}, "agg is 'mean', but categories have no mean; expected"),
    ("codes counted", LAST_STATUS, {"agg": "count", "when_no_rows": 0}, "is no category: leave it out"),
    ("direction of categories", ENCODED, {"riskier": "lower"}, "categories have no higher and lower"),
    (
        "combination of an identifier",
        ONE_ROW,
        {"table": "client", "value": col("SK_ID_CURR") / col("app_age")},
        "SK_ID_CURR is an identifier",
    ),
    (
        "combination of a category as a number",
        ONE_ROW,
        {"table": "client", "value": col("NAME_HOUSING_TYPE") * col("app_age")},
        "NAME_HOUSING_TYPE holds categories, not numbers",
    ),
    (
        "combination of a number as a category",
        ONE_ROW,
        {"table": "client", "value": col("AMT_CREDIT").is_in("1")},
        "AMT_CREDIT holds numbers, not categories",
    ),
    (
        "combination of a misspelt category",
        ONE_ROW,
        {"table": "client", "value": col("NAME_HOUSING_TYPE").is_in("Hut")},
        "NAME_HOUSING_TYPE is never 'Hut'",
    ),
    (
        "combination of codes",
        ENCODED,
        {"table": "client", "value": col("app_age").code_in(HOUSING)},
        "must be the column's own list",
    ),
    (
        "protected column",
        ONE_ROW,
        {"value": col("CODE_GENDER").is_in("F")},
        "it reads CODE_GENDER, a protected characteristic: say protected=True, or do without",
    ),
    (
        "protected column among others",
        ONE_ROW,
        {"table": "client", "value": col("CODE_GENDER").is_in("F") * col("app_age")},
        "it reads CODE_GENDER, a protected characteristic",
    ),
]


@pytest.mark.parametrize(("right", "change", "says"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_misreading_is_refused_by_name(right: dict[str, Any], change: dict[str, Any], says: str) -> None:
    """Each misreading raises DeclarationError with the feature's name and what to do about it."""
    wrong = right | change
    with pytest.raises(DeclarationError) as refused:
        Feature(**wrong)
    assert str(refused.value).startswith(f"feature {wrong['name']!r}: ")
    assert says in str(refused.value)


def test_combination_reads_features_declared_before_it() -> None:
    """A feature of table "client" may read application columns and earlier features, not later ones."""
    ratio = Feature(
        **ONE_ROW
        | {"name": "inst_to_age", "table": "client", "unit": "ratio"}
        | {"value": col("inst_days_late_max_365d") / col("app_age")}
    )
    parts = [Feature(**ONE_ROW), Feature(**RIGHT)]
    assert len(Catalogue([*parts, ratio])) == 3
    with pytest.raises(
        DeclarationError, match=r"'inst_to_age': it reads inst_days_late_max_365d, neither a column"
    ):
        Catalogue([parts[0], ratio, parts[1]])


COMBINED = ONE_ROW | {"name": "app_combined", "table": "client", "unit": "ratio"}
GENDER: dict[str, Any] = ONE_ROW | {
    "name": "app_woman",
    "value": col("CODE_GENDER").is_in("F"),
    "unit": "flag",
    "protected": True,
}
MISREAD: list[tuple[str, Number, str]] = [
    ("codes as a number", col("app_housing") * 2, "app_housing holds categories, not numbers"),
    ("a number as a category", col("app_age").is_in("old"), "app_age holds numbers, not categories"),
    ("a number as no category", col("app_age").has_no_category(), "app_age holds numbers, not categories"),
    ("a protected feature", col("app_age") * col("app_woman"), "it reads app_woman, a protected charact"),
]


@pytest.mark.parametrize(("value", "says"), [m[1:] for m in MISREAD], ids=[m[0] for m in MISREAD])
def test_combination_that_misreads_a_feature_is_refused(value: Number, says: str) -> None:
    """What an earlier feature is decides how it may be read, and whether the combination is protected."""
    earlier = [Feature(**ONE_ROW), Feature(**ENCODED), Feature(**GENDER)]
    with pytest.raises(DeclarationError, match=f"^feature 'app_combined': {says}"):
        Catalogue([*earlier, Feature(**COMBINED | {"value": value})])


def test_protected_features_may_be_read_by_protected_ones() -> None:
    """A combination that says it is protected may read what is protected, and stays out of the model."""
    by_age = Feature(**COMBINED | {"value": col("app_age") * col("app_woman"), "protected": True})
    catalogue = Catalogue([Feature(**ONE_ROW), Feature(**GENDER), by_age])
    assert catalogue.model_inputs == ("app_age",)
