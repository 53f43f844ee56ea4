"""What makes a declaration of a feature wrong, said when it is written.

Belongs here: the checks, as sentences that end in what to do. Does not: the declaration itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from features.aggregations import AGGREGATES
from features.expressions import CategoryCode, CategoryIn, Column, Number, parts_of
from features.groups import GROUPS
from features.schemas import TABLES

if TYPE_CHECKING:
    from features.declaration import Feature

PREFIX_OF = {
    "application": ("app",),
    "bureau": ("bureau",),
    "bureau_balance": ("bureau",),
    "previous_application": ("prev",),
    "POS_CASH_balance": ("pos",),
    "instalments": ("inst",),
    "credit_card_balance": ("card",),
    "client": ("app", "bureau", "prev", "pos", "inst", "card"),
}
VIEW_COLUMNS = {
    "instalments": {
        "due": "amount",
        "paid": "amount",
        "due_day": "days",
        "paid_day": "days",
        "payments": "count",
        "number": "count",
        "version": "count",
    }
}
SINGLE_ROW = ("application", "client")
_SOURCES = {"instalments": "installments_payments", "client": "application"}


class DeclarationError(ValueError):
    """A feature or catalogue that makes no sense; the message names it and says what to change."""


def source_of(table: str) -> str:
    """The table of the schemas from which the rows of a view come; a table is its own source."""
    return _SOURCES.get(table, table)


def kind_of(table: str, column: str) -> str:
    """Kind of a column of a table or view: "days", "months", "amount", "category", …"""
    return VIEW_COLUMNS[table][column] if table in VIEW_COLUMNS else TABLES[table].columns[column].kind


def mistakes_of(feature: Feature) -> Iterator[str]:
    """What is wrong with a declaration, as sentences that end in what to do."""
    if feature.table not in PREFIX_OF:
        yield f"unknown table {feature.table!r}; the tables are {', '.join(PREFIX_OF)}"
        return
    yield from _name_mistakes(feature)
    if not feature.meaning or not feature.reason:
        yield "meaning and reason must be written: they are what a client and an analyst read"
    if feature.group not in GROUPS:
        yield f"unknown reason group {feature.group!r}; declare it in features/groups.py"
    yield from _row_mistakes(feature)
    yield from _clock_mistakes(feature)
    yield from _column_mistakes(feature)
    if not feature.name.endswith(feature.suffix):
        yield f"the window ends the name: call it {feature.name}{feature.suffix}"


def _name_mistakes(feature: Feature) -> Iterator[str]:
    starts = tuple(f"{prefix}_" for prefix in PREFIX_OF[feature.table])
    if not re.fullmatch(r"[a-z][a-z0-9_]*", feature.name) or not feature.name.startswith(starts):
        yield f"the name must be lower case and start with {' or '.join(starts)} for table {feature.table}"


def _row_mistakes(feature: Feature) -> Iterator[str]:
    one_row = feature.table in SINGLE_ROW
    if one_row and (feature.agg or feature.clock or feature.window or feature.last_rows or feature.where):
        yield f"table {feature.table} has one row per client: leave out agg, where, clock, windows and last_rows"
    if not one_row and feature.agg not in AGGREGATES:
        yield f"agg is {feature.agg!r}, expected one of {', '.join(AGGREGATES)}"
    if feature.last_rows is not None and feature.last_rows <= 0:
        yield f"last_rows={feature.last_rows} holds no row; give a positive number"
    if feature.agg == "count" and feature.when_no_rows != 0:
        yield "a count of no rows is 0: say when_no_rows=0"


def _clock_mistakes(feature: Feature) -> Iterator[str]:
    lengths = (feature.within_days, feature.within_months, feature.last_rows)
    if sum(length is not None for length in lengths) > 1:
        yield "within_days, within_months and last_rows are windows; keep one"
    if feature.window is not None and feature.window <= 0:
        yield f"a window of {feature.window} holds no row; give a positive length"
    if feature.window is not None and feature.clock is None:
        yield "a window needs a clock, the column that says when"
    if feature.agg == "trend" and feature.clock is None:
        yield "a trend needs a clock, the column that says when"
    if feature.clock is not None and feature.window is None and feature.agg != "trend":
        yield "a clock is there for a window or a trend: give one, or leave it out"


def _column_mistakes(feature: Feature) -> Iterator[str]:
    if "TARGET" in feature.columns:
        yield "it reads TARGET, the outcome itself; measure something known at the application"
    if feature.table == "client":
        return  # the catalogue checks these: they read features declared earlier
    known = VIEW_COLUMNS.get(feature.table) or TABLES[feature.table].columns
    unknown = sorted(feature.columns - set(known))
    if unknown:
        yield f"table {feature.table} has no column {', '.join(unknown)}; it has {', '.join(sorted(known))}"
        return
    yield from _kind_mistakes(feature)


def _kind_mistakes(feature: Feature) -> Iterator[str]:
    """Columns read as what they are not: these would fail at night, on the first row."""
    if feature.clock is not None:
        kind, wanted = kind_of(feature.table, feature.clock), "days or months"
        if feature.window is not None:
            wanted = "days" if feature.within_days is not None else "months"
        if kind not in wanted.split(" or "):
            yield f"it needs a clock in {wanted}, but {feature.clock} holds {kind}; give another clock"
    for expression in [feature.value] + ([feature.where] if feature.where is not None else []):
        for part in parts_of(expression):
            yield from _leaf_mistakes(feature.table, part)
    yield from _category_mistakes(feature)


def _leaf_mistakes(table: str, part: Number) -> Iterator[str]:
    if part.operands():
        return
    for name in part.columns():
        kind = kind_of(table, name)
        if isinstance(part, Column) and kind == "category":
            yield f"{name} holds categories, not numbers; read it with is_in, has_no_category or code_in"
        if not isinstance(part, Column) and kind != "category":
            yield f"{name} holds numbers, not categories; compare it with <, <=, > or >="
    if isinstance(part, CategoryIn) and kind_of(table, part.name) == "category":
        known = TABLES[table].columns[part.name].categories
        strange = [value for value in part.values if value not in known]
        if strange:
            yield f"{part.name} is never {' or '.join(map(repr, strange))}; it is one of {', '.join(known)}"


def _category_mistakes(feature: Feature) -> Iterator[str]:
    code = feature.value
    if (feature.unit == "category") != bool(feature.categories):
        yield "unit 'category' and `categories` go together: give both or neither"
    elif feature.categories and not (
        isinstance(code, CategoryCode)
        and code.categories == feature.categories == TABLES[feature.table].columns[code.name].categories
    ):
        yield "`categories` must be the column's own list: value=col(name).code_in(categories_of(table, name))"
