"""Tables whose rows cannot be given to a client are refused with table and row, not built into something."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn_tables import CLIENT, draw_tables

from features import TABLES, InvalidRows, UnknownTable, build_features

WITH_CLIENTS = [name for name in TABLES if name != "bureau_balance"]
STRANGE: list[tuple[str, Any, str]] = [
    ("missing", np.nan, "missing"),
    ("missing in a nullable column", pd.NA, "missing"),
    ("fraction", 100001.5, "not a whole number: 100001.5"),
    ("text", "A1", "not a whole number: 'A1'"),
    ("infinite", np.inf, "not a whole number: inf"),
    ("too large to be told apart", 2.0**60, "not a whole number"),
]


@pytest.mark.parametrize("table", WITH_CLIENTS)
@pytest.mark.parametrize(("client", "says"), [s[1:] for s in STRANGE], ids=[s[0] for s in STRANGE])
def test_row_of_no_client_is_named(table: str, client: object, says: str) -> None:
    """A row whose client is missing or no whole number is refused with its table and its place in the frame."""
    tables = draw_tables(seed=17, clients=6, rows=30)
    clients = tables[table][CLIENT].astype(object)
    clients.iloc[2] = client
    wrong = tables | {table: tables[table].assign(**{CLIENT: clients})}
    with pytest.raises(InvalidRows, match=re.escape(f"table {table}, row 2, column {CLIENT}: {says}")):
        build_features(wrong)


def test_month_of_no_client_is_named() -> None:
    """Months that come with a client of their own are checked like any other table."""
    tables = draw_tables(seed=17, clients=6, rows=8)
    months = tables["bureau_balance"].assign(**{CLIENT: np.nan})
    with pytest.raises(InvalidRows, match=f"table bureau_balance, row 0, column {CLIENT}: missing"):
        build_features(tables | {"bureau_balance": months})


@pytest.mark.parametrize("kind", ["float64", "Int64", "string", "object"])
def test_type_of_whole_clients_does_not_matter(kind: str) -> None:
    """Whole numbers are the same clients as floats, nullable integers, objects or texts."""
    tables = draw_tables(seed=17, clients=6, rows=8)
    retyped = {name: frame.astype({CLIENT: kind}) for name, frame in tables.items() if CLIENT in frame}
    pd.testing.assert_frame_equal(build_features(tables | retyped), build_features(tables))


@pytest.mark.parametrize("name", ["application_train", "installment_payments", "Bureau"])
def test_unknown_table_is_named(name: str) -> None:
    """A table under a name that no schema has would be ignored in silence: it is refused, the names are told."""
    tables = draw_tables(seed=17, clients=2, rows=3)
    with pytest.raises(UnknownTable, match=f"unknown table '{name}'; the tables are application, bureau, "):
        build_features(tables | {name: tables["bureau"]})


NUMBERS: list[tuple[str, Any]] = [
    ("text", "abc"),
    ("empty text", ""),
    ("moment", pd.Timestamp("2026-01-01")),
    ("complex number", 1j),
]


@pytest.mark.parametrize("value", [n[1] for n in NUMBERS], ids=[n[0] for n in NUMBERS])
@pytest.mark.parametrize(
    ("table", "column"),
    [("application", "AMT_CREDIT"), ("bureau", "DAYS_CREDIT"), ("bureau", "AMT_CREDIT_SUM")],
)
@pytest.mark.parametrize("everywhere", [False, True], ids=["in one row", "in every row"])
def test_value_that_is_no_number_is_named(table: str, column: str, value: object, everywhere: bool) -> None:
    """What is no number is refused with its table, row and column, be it alone or the type of the column."""
    tables = draw_tables(seed=17, clients=6, rows=30)
    values = tables[table][column].astype(object)
    values.iloc[2] = value
    wrong = pd.Series([value] * len(values), values.index) if everywhere else values
    first = 0 if everywhere else 2
    with pytest.raises(InvalidRows, match=f"table {table}, row {first}, column {column}: not a number: "):
        build_features(tables | {table: tables[table].assign(**{column: wrong})})


@pytest.mark.parametrize("kind", ["Float64", "string", "object", "float64[pyarrow]"])
def test_type_of_numbers_does_not_matter(kind: str) -> None:
    """Numbers are the same as nullable or Arrow floats, objects or texts."""
    tables = draw_tables(seed=17, clients=6, rows=8)
    retyped = {
        name: frame.astype({column: kind for column in frame if frame[column].dtype.kind == "f"})
        for name, frame in tables.items()
    }
    pd.testing.assert_frame_equal(build_features(retyped), build_features(tables))
