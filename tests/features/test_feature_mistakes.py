"""A wrong declaration is refused when it is written, with an error that names it and says what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from right_declarations import ENCODED, HOUSING, LAST_ROW, LAST_STATUS, MONTHLY, ONE_ROW, RIGHT, STATUS

from features import DeclarationError, Feature
from features.expressions import col

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
    ("unknown clock", RIGHT, {"clock": "DAYS_INSTALMENT"}, "give clock='due_day', in days"),
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
    ("empty window", RIGHT, {"within_days": 0}, "window of 0 holds no row; give a positive length"),
    ("negative window", MONTHLY, {"within_months": -3}, "window of -3 holds no row"),
    ("no last rows", RIGHT, {"last_rows": 0}, "last_rows=0 holds no row"),
    (
        "days over a clock in months",
        MONTHLY,
        {"within_months": None, "within_days": 365},
        "its clock MONTHS_BALANCE counts months: give the window as within_months",
    ),
    ("months over a clock in days", RIGHT, {"within_days": None, "within_months": 12}, "due_day counts days"),
    (
        "clock that is no time",
        RIGHT,
        {"clock": "due"},
        "due does not say when a row of instalments was; give clock='due_day', in days",
    ),
    ("count of nothing missing", RIGHT, {"agg": "count", "when_no_rows": np.nan}, "say when_no_rows=0"),
    ("count of nothing is one", RIGHT, {"agg": "count", "when_no_rows": 1}, "say when_no_rows=0"),
    ("aggregates one row", ONE_ROW, {"agg": "max"}, "one row per client: leave out agg"),
    ("condition on one row", ONE_ROW, {"where": col("AMT_CREDIT") > 0}, "one row per client"),
    ("window on one row", ONE_ROW, {"within_days": 9, "clock": "DAYS_BIRTH"}, "one row per client"),
    ("last rows of one row", ONE_ROW, {"last_rows": 2}, "one row per client"),
    ("name that is no text", RIGHT, {"name": 7}, "name is 7, expected a text"),
    ("table that is no text", RIGHT, {"table": ["instalments"]}, "table is ['instalments'], expected a text"),
    ("blank meaning", RIGHT, {"meaning": "  "}, "meaning and reason must be written"),
    ("blank reason", RIGHT, {"reason": "\n"}, "meaning and reason must be written"),
    ("reason that is no text", RIGHT, {"reason": None}, "reason is None, expected a text"),
    ("unknown unit", RIGHT, {"unit": "euros"}, "unit is 'euros', expected one of amount, years"),
    ("unknown direction", RIGHT, {"riskier": "up"}, "riskier is 'up', expected higher or lower, or None"),
    ("direction that is no text", RIGHT, {"riskier": 1}, "riskier is 1, expected a text or None"),
    ("aggregation that is no text", RIGHT, {"agg": max}, "expected a text or None"),
    ("group that is no text", RIGHT, {"group": ["LATE"]}, "group is ['LATE'], expected a text"),
    ("value that is a name", RIGHT, {"value": "due"}, "value is 'due', expected an expression of columns"),
    ("value that is a number", RIGHT, {"value": 1.0}, "value is 1.0, expected an expression of columns"),
    ("where that is a number", RIGHT, {"where": col("due")}, "expected a condition, such as col(name) > 0"),
    ("where that is a truth", RIGHT, {"where": True}, "where is True, expected a condition"),
    ("equality of columns", MONTHLY, {"where": STATUS == "Active"}, "where is False, expected a condition"),
    ("window that is a text", RIGHT, {"within_days": "365"}, "within_days is '365', expected a whole number"),
    ("window with a fraction", RIGHT, {"within_days": 30.5}, "within_days is 30.5, expected a whole number"),
    ("last rows that are a truth", RIGHT, {"last_rows": True}, "last_rows is True, expected a whole number"),
    ("clock that is a column", RIGHT, {"clock": col("due_day")}, "expected a text or None"),
    ("protected that is no truth", RIGHT, {"protected": "yes"}, "protected is 'yes', expected True or False"),
    ("categories in a list", ENCODED, {"categories": list(HOUSING)}, "expected a tuple of names"),
    ("answer that is a text", RIGHT, {"when_no_rows": "0"}, "when_no_rows is '0', expected a number"),
    ("infinite answer", RIGHT, {"when_no_rows": np.inf}, "when_no_rows=inf cannot be a days: give a finite"),
    ("answer of a share above 1", RIGHT, {"unit": "share", "when_no_rows": 2}, "a finite number from 0 to 1"),
    ("answer of a share below 0", RIGHT, {"unit": "share", "when_no_rows": -1}, "cannot be a share"),
    ("answer of a flag", RIGHT, {"unit": "flag", "when_no_rows": 2}, "cannot be a flag"),
    ("answer of a count", RIGHT, {"unit": "count", "when_no_rows": -1}, "a finite number of at least 0"),
    ("answer on one row", ONE_ROW, {"when_no_rows": 0}, "has a row for every client: leave out when_no_rows"),
    (
        "answer of a combination",
        ONE_ROW,
        {"table": "client", "when_no_rows": 0},
        "table client has a row for every client",
    ),
    ("answer of a category", LAST_STATUS, {"when_no_rows": 0}, "is no category: leave it out"),
    (
        "clock of another table",
        RIGHT,
        {"clock": "MONTHS_BALANCE"},
        "MONTHS_BALANCE does not say when a row of instalments was",
    ),
    ("day of payment as a clock", RIGHT, {"clock": "paid_day"}, "give clock='due_day', in days"),
    (
        "clock that looks forward",
        RIGHT,
        {"table": "bureau", "name": "bureau_x_365d", "clock": "DAYS_CREDIT_ENDDATE"},
        "give clock='DAYS_CREDIT', in days",
    ),
    ("deviation of one row", LAST_ROW, {"agg": "std"}, "last_rows=1 is one row, which has no std"),
    ("trend of one row", LAST_ROW, {"agg": "trend", "clock": "due_day"}, "one row, which has no trend"),
    (
        "days in the name",
        RIGHT,
        {"name": "inst_x_90d_365d"},
        "claims the window _90d, but its window is _365d",
    ),
    (
        "window only in the name",
        RIGHT,
        {"within_days": None, "clock": None},
        "the name claims the window _365d, but it has none",
    ),
    (
        "last rows only in the name",
        RIGHT,
        {"name": "inst_x_last5", "within_days": None, "clock": None},
        "the name claims the window _last5",
    ),
    (
        "months only in the name",
        MONTHLY,
        {"within_months": None, "clock": None},
        "the name claims the window _12m",
    ),
]


@pytest.mark.parametrize(("right", "change", "says"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_mistake_is_refused_by_name(right: dict[str, Any], change: dict[str, Any], says: str) -> None:
    """Each mistake raises DeclarationError with the feature's name and what to do about it."""
    wrong = right | change
    with pytest.raises(DeclarationError) as refused:
        Feature(**wrong)
    assert str(refused.value).startswith(f"feature {wrong['name']!r}: ")
    assert says in str(refused.value)
