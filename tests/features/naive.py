"""The features once more, slowly: plain Python, one client and one row at a time, None for missing.

Belongs here: a second opinion that shares no arithmetic with features.builder. It reads the declarations only.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from features import Catalogue, Feature
from features import expressions as ex
from features.aggregations import YEAR_OF

Row = dict[str, Any]
Tables = dict[str, list[Row]]

ORDER = {
    "bureau": ("DAYS_CREDIT", "SK_ID_BUREAU"),
    "bureau_balance": ("MONTHS_BALANCE", "SK_ID_BUREAU"),
    "previous_application": ("DAYS_DECISION", "SK_ID_PREV"),
    "POS_CASH_balance": ("MONTHS_BALANCE", "SK_ID_PREV"),
    "credit_card_balance": ("MONTHS_BALANCE", "SK_ID_PREV"),
}
NOT_YET = 365243
MEANS_MISSING: dict[tuple[str, str], Callable[[float], bool]] = {
    ("application", "DAYS_EMPLOYED"): lambda days: days == NOT_YET,
    ("application", "REGION_RATING_CLIENT_W_CITY"): lambda rating: rating == -1,
    ("application", "DAYS_LAST_PHONE_CHANGE"): lambda days: days == 0,
    ("application", "AMT_INCOME_TOTAL"): lambda income: income > 50e6,
    ("previous_application", "DAYS_FIRST_DRAWING"): lambda days: days == NOT_YET,
    ("previous_application", "DAYS_FIRST_DUE"): lambda days: days == NOT_YET,
    ("previous_application", "DAYS_LAST_DUE_1ST_VERSION"): lambda days: days == NOT_YET,
    ("previous_application", "DAYS_LAST_DUE"): lambda days: days == NOT_YET,
    ("previous_application", "DAYS_TERMINATION"): lambda days: days == NOT_YET,
    ("previous_application", "SELLERPLACE_AREA"): lambda area: area == -1,
    ("bureau", "DAYS_CREDIT_ENDDATE"): lambda days: days < -20_000,
    ("bureau", "DAYS_ENDDATE_FACT"): lambda days: days < -20_000,
    ("bureau", "DAYS_CREDIT_UPDATE"): lambda days: days < -20_000,
}


def naive_features(frames: Mapping[str, pd.DataFrame], catalogue: Catalogue) -> pd.DataFrame:
    """float64, NaN for missing: one row per client of the application, in ascending order."""
    tables = {name: _rows(name, frame) for name, frame in frames.items()}
    applications = sorted(tables["application"], key=lambda row: row["SK_ID_CURR"])
    answers = [_client(row, tables, catalogue) for row in applications]
    index = pd.Index([row["SK_ID_CURR"] for row in applications], name="SK_ID_CURR")
    return pd.DataFrame(answers, index=index, columns=list(catalogue.names)).astype("float64")


def _rows(table: str, frame: pd.DataFrame) -> list[Row]:
    rows = []
    for record in frame.to_dict("records"):
        row = {str(name): None if pd.isna(value) else value for name, value in record.items()}
        for name, value in row.items():
            odd = MEANS_MISSING.get((table, name))
            if value is not None and odd is not None and odd(value):
                row[name] = None
        rows.append(row)
    return rows


def _client(application: Row, tables: Tables, catalogue: Catalogue) -> Row:
    known = dict(application)
    answers: Row = {}
    for feature in catalogue:
        if feature.table in ("application", "client"):
            answer = value_of(feature.value, known)
        else:
            answer = _aggregated(feature, _rows_of(feature.table, application["SK_ID_CURR"], tables))
        missing = answer is None or math.isnan(answer)  # of no rows: NaN; features made of it see None
        answers[feature.name] = known[feature.name] = None if missing else answer
    return answers


def _rows_of(table: str, client: int, tables: Tables) -> list[Row]:
    if table == "instalments":
        return _instalments([row for row in tables["installments_payments"] if row["SK_ID_CURR"] == client])
    if table == "bureau_balance":
        own = {row["SK_ID_BUREAU"] for row in tables["bureau"] if row["SK_ID_CURR"] == client}
        rows = [row for row in tables[table] if row["SK_ID_BUREAU"] in own]
    else:
        rows = [row for row in tables[table] if row["SK_ID_CURR"] == client]
    return sorted(rows, key=lambda row: [row[name] for name in ORDER[table]])


def _instalments(payments: list[Row]) -> list[Row]:
    found: dict[tuple[float, ...], list[Row]] = {}
    for payment in payments:
        names = ("DAYS_INSTALMENT", "SK_ID_PREV", "NUM_INSTALMENT_VERSION", "NUM_INSTALMENT_NUMBER")
        found.setdefault(tuple(payment[name] for name in names), []).append(payment)
    rows = []
    for key in sorted(found):
        days = [p["DAYS_ENTRY_PAYMENT"] for p in found[key] if p["DAYS_ENTRY_PAYMENT"] is not None]
        rows.append(
            {
                "due": found[key][0]["AMT_INSTALMENT"],
                "due_day": key[0],
                "paid": math.fsum(p["AMT_PAYMENT"] or 0.0 for p in found[key]),
                "paid_day": max(days, default=None),
                "payments": len(found[key]),
                "number": key[3],
                "version": key[2],
            }
        )
    return rows


def _aggregated(feature: Feature, rows: list[Row]) -> float | None:
    if feature.last_rows is not None:
        rows = rows[-feature.last_rows :]
    if feature.clock is not None and feature.window is not None:
        length = feature.within_days or feature.within_months
        assert length is not None
        rows = [row for row in rows if row[feature.clock] is not None and -row[feature.clock] <= length]
    if feature.where is not None:
        rows = [row for row in rows if value_of(feature.where, row)]
    if not rows:
        return feature.when_no_rows
    if feature.agg == "count":
        return len(rows)
    known = [(row, value) for row in rows if (value := value_of(feature.value, row)) is not None]
    if feature.agg == "trend":
        return _slope([(row[feature.clock] / YEAR_OF[feature.clock_unit], value) for row, value in known])
    values = [value for _, value in known]
    return AGGREGATE[str(feature.agg)](values) if values else None


AGGREGATE: dict[str, Callable[[list[float]], float]] = {
    "sum": math.fsum,
    "mean": lambda values: math.fsum(values) / len(values),
    "min": min,
    "max": max,
    "last": lambda values: values[-1],
    "std": statistics.pstdev,
}


def _slope(points: list[tuple[float, float]]) -> float | None:
    """Least-squares slope per year through (year, value); None where all points are of one time."""
    if len({time for time, _ in points}) < 2:
        return None
    times, values = zip(*points, strict=True)
    return statistics.linear_regression(times, values).slope


def value_of(expression: ex.Number, row: Row) -> float | None:
    """The expression on one row, by the rules of its words: anything with a missing part is missing."""
    match expression:
        case ex.Constant(value):
            return value
        case ex.Column(name):
            return row[name]
        case ex.CategoryIn(name, values):
            return float(row[name] is not None and row[name] in values)
        case ex.CategoryMissing(name):
            return float(row[name] in (None, "", "XNA", "XAP", "Unknown"))
        case ex.CategoryCode(name, categories):
            return categories.index(row[name]) if row[name] in categories else None
        case ex.Arithmetic(operator, left, right):
            return _arithmetic(operator, value_of(left, row), value_of(right, row))
        case ex.Comparison(operator, left, right):
            return _comparison(operator, value_of(left, row), value_of(right, row))
        case ex.Logical("~", (part,)):
            return float(not value_of(part, row))
        case ex.Logical(operator, parts):
            truths = [bool(value_of(part, row)) for part in parts]
            return float(all(truths) if operator == "&" else any(truths))
        case ex.Across(how, parts):
            return _across(how, [v for v in (value_of(part, row) for part in parts) if v is not None])
    raise AssertionError(f"no naive reading of {expression}")


def _arithmetic(operator: str, left: float | None, right: float | None) -> float | None:
    if operator == "else":
        return right if left is None else left
    if left is None or right is None or (operator == "/" and right == 0):
        return None
    if operator == "/":
        return left / right
    if operator in ("max", "min"):
        return max(left, right) if operator == "max" else min(left, right)
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


def _comparison(operator: str, left: float | None, right: float | None) -> float:
    if left is None or right is None:
        return 0.0
    return float({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator])


def _across(how: str, values: list[float]) -> float | None:
    if not values:
        return None
    if how == "mean":
        return math.fsum(values) / len(values)
    if how == "spread":
        return max(values) - min(values)
    return {"min": min(values), "max": max(values), "sum": math.fsum(values)}[how]
