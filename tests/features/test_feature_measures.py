"""Days are not added to amounts, no mean is a flag: what a value is measured in is checked when it is declared."""

from __future__ import annotations

from typing import Any

import pytest
from right_declarations import MONTHLY, ONE_ROW, RIGHT, STATUS

from features import CATALOGUE, Catalogue, DeclarationError, Feature
from features.expressions import as_number, col, mean_of

CREDIT, BIRTH = col("AMT_CREDIT"), col("DAYS_BIRTH")
PLAIN = RIGHT | {"name": "inst_x_365d"}
MISTAKES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("days said to be years", ONE_ROW, {"unit": "years"}, "its value is days, which is no unit 'years'"),
    (
        "days said to be an amount",
        ONE_ROW,
        {"unit": "amount"},
        "its value is days, which is no unit 'amount'",
    ),
    ("days said to be a count", ONE_ROW, {"unit": "count"}, "its value is days, which is no unit 'count'"),
    ("amount said to be a share", ONE_ROW, {"value": CREDIT, "unit": "share"}, "an amount, which is no unit"),
    ("amount said to be a ratio", ONE_ROW, {"value": CREDIT, "unit": "ratio"}, "an amount, which is no unit"),
    (
        "square of an amount",
        ONE_ROW,
        {"value": CREDIT * CREDIT, "unit": "amount"},
        "a product of amounts or times, which is no",
    ),
    ("share said to be days", ONE_ROW, {"value": CREDIT / col("AMT_ANNUITY")}, "a plain number, which is no"),
    ("condition said to be days", ONE_ROW, {"value": CREDIT > 0}, "a plain number, which is no unit 'days'"),
    ("flag that is a number", ONE_ROW, {"value": CREDIT, "unit": "flag"}, "a flag is a condition of one row"),
    (
        "flag that is a mean",
        PLAIN,
        {"value": col("due") > 0, "agg": "mean", "unit": "flag"},
        "a mean is a sh",
    ),
    ("amount and days", ONE_ROW, {"value": CREDIT + BIRTH}, "an amount and days are put together"),
    (
        "amount compared with days",
        ONE_ROW,
        {"value": CREDIT > BIRTH, "unit": "flag"},
        "(of AMT_CREDIT, DAYS_B",
    ),
    ("mean of amount and days", ONE_ROW, {"value": mean_of(CREDIT, BIRTH)}, "are put together"),
    (
        "mixture in where",
        RIGHT,
        {"where": col("due") > col("due_day")},
        "an amount and days are put together",
    ),
    ("days and months", MONTHLY, {"value": col("SK_DPD") + col("MONTHS_BALANCE")}, "days and months are put"),
    ("count of amounts", RIGHT, {"name": "inst_x_365d", "agg": "count"}, "a count of rows is no days"),
    ("sum of shares", PLAIN, {"value": col("due") > 0, "agg": "sum", "unit": "share"}, "a sum is no share"),
    ("largest named smallest", RIGHT, {"agg": "min"}, "the name claims the max, but agg is 'min'"),
    ("window said twice", RIGHT, {"meaning": "Delay in the last 12 months"}, "leave 'last 12 months' out"),
    (
        "window in the reason",
        RIGHT,
        {"reason": "Late in the last year"},
        "leave 'last year' out of its words",
    ),
    ("difference of the same", ONE_ROW, {"value": BIRTH - BIRTH}, "the same stands on both sides"),
    ("compared with itself", RIGHT, {"where": col("due") >= col("due")}, "the same stands on both sides"),
    ("nothing of it", ONE_ROW, {"value": BIRTH * 0}, "* 0 gives the same on every row"),
    ("divided by nothing", ONE_ROW, {"value": BIRTH / 0}, "/ 0 gives the same on every row"),
    ("infinitely much", ONE_ROW, {"value": BIRTH * float("inf")}, "* with infinity is no number"),
    ("constants compared", RIGHT, {"where": as_number(1) < 2}, "< compares constants"),
    (
        "two categories at once",
        MONTHLY,
        {"where": STATUS.is_in("Active") & STATUS.is_in("Completed")},
        "NAME_CONTRACT_STATUS is never both",
    ),
    (
        "condition and its opposite",
        RIGHT,
        {"where": (col("due") > 0) & ~(col("due") > 0)},
        "a condition and its opposite, which is never true",
    ),
    (
        "share of what always holds",
        PLAIN,
        {"value": col("due") > 0, "where": col("due") > 0, "agg": "mean", "unit": "share"},
        "so it is always 1; leave one out",
    ),
    (
        "trend of the clock",
        PLAIN,
        {"value": col("due_day"), "agg": "trend"},
        "a trend of its own clock is always 1",
    ),
    ("name that ends in a line", ONE_ROW, {"name": "app_age_"}, "lower case and start with app_"),
]
RIGHTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("days made years", ONE_ROW, {"value": -BIRTH / 365.25, "unit": "years"}),
    ("a constant added", ONE_ROW, {"value": (BIRTH + 30).at_most(0).or_else(-1)}),
    ("months counted", MONTHLY, {"agg": "count", "unit": "months"}),
    ("an age in a column of counts", ONE_ROW, {"value": col("OWN_CAR_AGE"), "unit": "years"}),
    ("an amount a month", PLAIN, {"value": col("due") / col("due_day") * 30, "unit": "amount"}),
    ("either category", MONTHLY, {"where": STATUS.is_in("Active") | STATUS.is_in("Completed")}),
    (
        "the same category twice",
        MONTHLY,
        {"where": STATUS.is_in("Active") & STATUS.is_in("Active", "Signed")},
    ),
    ("the last condition", PLAIN, {"value": col("due") > 0, "agg": "last", "unit": "flag"}),
]


@pytest.mark.parametrize(("right", "change", "says"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_value_that_makes_no_sense_is_refused(
    right: dict[str, Any], change: dict[str, Any], says: str
) -> None:
    """Each mistake raises DeclarationError with the feature's name and what is wrong with its measure."""
    wrong = {**right, "when_no_rows": float("nan"), **change}
    if wrong.get("agg") == "count":
        wrong["when_no_rows"] = 0
    with pytest.raises(DeclarationError) as refused:
        Feature(**wrong)
    assert str(refused.value).startswith(f"feature {wrong['name']!r}: ")
    assert says in str(refused.value)


@pytest.mark.parametrize(("right", "change"), [r[1:] for r in RIGHTS], ids=[r[0] for r in RIGHTS])
def test_measure_that_makes_sense_is_accepted(right: dict[str, Any], change: dict[str, Any]) -> None:
    """What looks odd and is right passes: converted times, constants, counted months, counts that are ages."""
    assert Feature(**right | change).unit == (right | change)["unit"]


def test_units_of_earlier_features_are_measures() -> None:
    """A combination of features is measured in their units: years are not added to days, but divide them."""
    years = Feature(**ONE_ROW | {"name": "app_years", "value": -BIRTH / 365.25, "unit": "years"})
    both = ONE_ROW | {"name": "app_both", "table": "client", "value": col("app_years") + BIRTH}
    with pytest.raises(DeclarationError, match="'app_both': years and days are put together"):
        Catalogue([years, Feature(**both)])
    assert (
        len(Catalogue([years, Feature(**both | {"value": col("app_years") / BIRTH, "unit": "ratio"})])) == 2
    )


def test_features_of_one_name_but_for_the_window_have_one_french() -> None:
    """French is written under the name without the window, so the English of both must be the same."""
    other = PLAIN | {"name": "inst_x_90d", "within_days": 90, "meaning": "Something else"}
    with pytest.raises(DeclarationError, match="'inst_x_90d': inst_x_365d has its name but for the window"):
        Catalogue([Feature(**PLAIN), Feature(**other)])


def test_no_two_features_compute_the_same() -> None:
    """A column under two names would count twice, in a model and in a client's reasons."""
    computed = [
        (of.table, of.value, of.agg, of.rows_that_count, of.clock, repr(of.when_no_rows)) for of in CATALOGUE
    ]
    assert len(set(computed)) == len(computed)
