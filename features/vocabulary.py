"""The words of a declaration: units, directions, tables and views with their prefixes, clocks and kinds.

Belongs here: what can be said. Does not: what makes a declaration wrong (mistakes), the tables (schemas).
"""

from __future__ import annotations

from typing import Literal, get_args

from features.schemas import TABLES

Unit = Literal[
    "amount",
    "years",
    "months",
    "days",
    "count",
    "share",
    "ratio",
    "score",
    "rating",
    "area",
    "flag",
    "category",
]
Riskier = Literal["higher", "lower"]
UNITS: tuple[str, ...] = get_args(Unit)
DIRECTIONS: tuple[str, ...] = get_args(Riskier)
LIMITS_OF_NO_ROWS = {"share": (0.0, 1.0), "flag": (0.0, 1.0), "count": (0.0, float("inf"))}
"""Units whose answer for "no rows" has limits."""
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
CLOCK_OF = {
    "bureau": "DAYS_CREDIT",
    "bureau_balance": "MONTHS_BALANCE",
    "previous_application": "DAYS_DECISION",
    "POS_CASH_balance": "MONTHS_BALANCE",
    "instalments": "due_day",
    "credit_card_balance": "MONTHS_BALANCE",
}
"""The column that says when a row was: never after the application, so that a window looks back."""
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
PROTECTED_COLUMNS = frozenset({"CODE_GENDER"})
"""Columns of the application that no model may use, nor anything made of them."""
CHARACTERISTICS: dict[str, frozenset[str]] = {
    "gender": frozenset({"CODE_GENDER"}),
    "age": frozenset({"DAYS_BIRTH"}),
    "family_status": frozenset({"NAME_FAMILY_STATUS", "CNT_CHILDREN", "CNT_FAM_MEMBERS"}),
}
"""Characteristic to the columns of the application that state it."""
SINGLE_ROW = ("application", "client")
_SOURCES = {"instalments": "installments_payments", "client": "application"}


class DeclarationError(ValueError):
    """A feature or catalogue that makes no sense; the message names it and says what to change."""


def source_of(table: str) -> str:
    """The table of the schemas from which the rows of a view come; a table is its own source."""
    return _SOURCES.get(table, table)


def kinds_of(table: str) -> dict[str, str]:
    """Kind of each column of a table or view: "days", "months", "amount", "category", …

    Features of table "client" read the application's columns, and features declared earlier besides.
    """
    if table in VIEW_COLUMNS:
        return VIEW_COLUMNS[table]
    return {name: column.kind for name, column in TABLES[source_of(table)].columns.items()}


def kind_of(table: str, column: str) -> str:
    """Kind of one column of a table or view. Errors: KeyError if there is no such column."""
    return kinds_of(table)[column]
