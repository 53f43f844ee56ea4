"""The eight tables as they arrive: names, keys, columns, what each column may hold.

Belongs here: what is true of a table before any feature. Does not: oddities of values (cleaning), reading
files (batch). application_train and application_test are one table, "application"; TARGET is in train only.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import pyarrow as pa

Kind = Literal["id", "flag", "days", "months", "count", "amount", "rate", "category"]

_ARROW_TYPES: dict[str, pa.DataType] = {
    "id": pa.int32(),
    "flag": pa.float32(),
    "days": pa.float32(),
    "months": pa.float32(),
    "count": pa.float32(),
    "amount": pa.float64(),
    "rate": pa.float64(),
    "category": pa.dictionary(pa.int32(), pa.string()),
}
CLIENT = "SK_ID_CURR"
TARGET = "TARGET"


@dataclass(frozen=True)
class Column:
    """One column: its kind, the closed range outside which a row cannot be used, and if it must be there.

    `categories`: the names that a category column may hold, in the order of their codes (categories.toml); any
    other name is read as missing. Whole numbers (days, months, counts, flags) are stored as float32, exact up to
    16,777,216 and able to be missing; amounts and rates as float64; identifiers as int32.
    """

    name: str
    kind: Kind
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False
    categories: tuple[str, ...] = ()

    @property
    def arrow_type(self) -> pa.DataType:
        """Type in a shard."""
        return _ARROW_TYPES[self.kind]


@dataclass(frozen=True)
class Table:
    """One table: the files it may come in, its key (no two rows share it) and the order of rows in a shard.

    `order` starts with the client and ends so that the most recent row is the last; with it, two rows compare
    equal only if nothing that features read tells them apart.
    """

    name: str
    files: tuple[str, ...]
    key: tuple[str, ...]
    order: tuple[str, ...]
    columns: Mapping[str, Column]


@cache
def _categories() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(resources.files("features").joinpath("categories.toml").read_text(encoding="utf-8"))


def _read_columns(table: str) -> dict[str, Column]:
    text = resources.files("features").joinpath("tables.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["table"] == table]

    def bound(cell: str) -> float | None:
        return float(cell) if cell else None

    return {
        row["column"]: Column(
            row["column"],
            row["kind"],  # type: ignore[arg-type] # checked by tests against Kind
            bound(row["minimum"]),
            bound(row["maximum"]),
            row["required"] == "yes",
            tuple(_categories().get(table, {}).get(row["column"], ())),
        )
        for row in rows
    }


def _table(name: str, key: tuple[str, ...], order: tuple[str, ...], files: tuple[str, ...] = ()) -> Table:
    return Table(name, files or (name,), key, order, _read_columns(name))


_MONTHLY_KEY = ("SK_ID_PREV", "MONTHS_BALANCE")
_MONTHLY_ORDER = (CLIENT, "MONTHS_BALANCE", "SK_ID_PREV")
_INSTALMENT = ("DAYS_INSTALMENT", "SK_ID_PREV", "NUM_INSTALMENT_VERSION", "NUM_INSTALMENT_NUMBER")

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _table("application", (CLIENT,), (CLIENT,), ("application_train", "application_test")),
        _table("bureau", ("SK_ID_BUREAU",), (CLIENT, "DAYS_CREDIT", "SK_ID_BUREAU")),
        _table(
            "bureau_balance",
            ("SK_ID_BUREAU", "MONTHS_BALANCE"),
            (CLIENT, "MONTHS_BALANCE", "SK_ID_BUREAU"),
        ),
        _table("previous_application", ("SK_ID_PREV",), (CLIENT, "DAYS_DECISION", "SK_ID_PREV")),
        _table("POS_CASH_balance", _MONTHLY_KEY, _MONTHLY_ORDER),
        _table("credit_card_balance", _MONTHLY_KEY, _MONTHLY_ORDER),
        _table(
            "installments_payments",
            (),  # several payments may settle one instalment: the table has no key
            (CLIENT, *_INSTALMENT, "DAYS_ENTRY_PAYMENT", "AMT_PAYMENT", "AMT_INSTALMENT"),
        ),
    )
}


def categories_of(table: str, column: str) -> tuple[str, ...]:
    """The names that a category column may hold, in the order of their codes."""
    return TABLES[table].columns[column].categories
