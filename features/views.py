"""The rows that features are made of: a table as it is, or a view that says more than its rows.

Belongs here: which columns are read, whose rows they are, one row per instalment. Does not: windows, values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.declaration import Catalogue
from features.raw import InvalidRows, RowProblem
from features.rows import Rows, Segments, Values, as_numbers, segments_of, sorting_of
from features.schemas import CLIENT, TABLES
from features.segments import settled
from features.vocabulary import source_of

Clients = NDArray[np.int64]
Columns = dict[str, Values]
_LARGEST = 2.0**53  # beyond it a float does not tell two clients apart
_INSTALMENT = (
    "SK_ID_CURR",
    "DAYS_INSTALMENT",
    "SK_ID_PREV",
    "NUM_INSTALMENT_VERSION",
    "NUM_INSTALMENT_NUMBER",
)


class MissingTable(ValueError):
    """A table or column that the catalogue reads is not there; the message names it."""


class UnknownTable(ValueError):
    """A table of a name that no schema has; the message names it and the tables there are."""


class RepeatedClients(ValueError):
    """A client has more than one application; the message names the client."""


def application_of(tables: Mapping[str, pd.DataFrame], catalogue: Catalogue) -> tuple[Columns, Clients]:
    """The applications' columns, one row per client, and the clients, ascending."""
    unknown = [repr(name) for name in tables if name not in TABLES]
    if unknown:
        raise UnknownTable(f"unknown table {', '.join(unknown)}; the tables are {', '.join(TABLES)}")
    if "application" not in tables:
        raise MissingTable("no table 'application': it says which clients there are")
    columns = _sorted_columns("application", tables["application"], catalogue)
    clients = np.asarray(columns[CLIENT], dtype=np.int64)
    twice = clients[1:][clients[1:] == clients[:-1]]
    if len(twice):
        raise RepeatedClients(
            f"table application has client {twice[0]} twice; give each client one application"
        )
    return columns, clients


def rows_of(table: str, tables: Mapping[str, pd.DataFrame], catalogue: Catalogue, clients: Clients) -> Rows:
    """The rows of a table or view that belong to `clients`, sorted; none where the table is not there."""
    source = source_of(table)
    frame = tables.get(source)
    if frame is None:
        return Rows(table, {}, segments_of(clients[:0]))
    if table == "bureau_balance" and CLIENT not in frame.columns:
        frame = _with_client(frame, tables.get("bureau"))
    columns = _sorted_columns(source, frame, catalogue)
    owners = np.asarray(columns[CLIENT])
    rows = segments_of(owners)
    having = owners[rows.starts]
    places = np.searchsorted(clients, having)
    known = np.append(clients, -1)[places] == having
    if not known.all():
        kept = np.repeat(known, rows.counts)
        columns = {name: values[kept] for name, values in columns.items()}
        places, rows = places[known], segments_of(owners[kept])
    rows = replace(rows, owners=places)
    return _instalments(columns, rows) if table == "instalments" else Rows(table, columns, rows)


def _sorted_columns(table: str, frame: pd.DataFrame, catalogue: Catalogue) -> Columns:
    """The columns that the catalogue reads, in the table's order; sorted ones (a shard's) are not copied."""
    needed = catalogue.columns[table]
    _require_columns(table, frame, needed)
    columns = {name: _array(table, frame[name]) for name in needed if name != CLIENT}
    columns[CLIENT] = _clients(table, frame)
    sorting = sorting_of([columns[name] for name in TABLES[table].order])
    return columns if sorting is None else {name: values.take(sorting) for name, values in columns.items()}


def _clients(table: str, frame: pd.DataFrame) -> NDArray[np.integer[Any]]:
    """The client of each row. Errors: InvalidRows naming table and row where it is no whole number."""
    given = frame[CLIENT]
    if isinstance(given.dtype, np.dtype) and given.dtype.kind in "iu":
        return given.to_numpy()
    numbers = pd.to_numeric(given, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    bad = np.flatnonzero((np.floor(numbers) != numbers) | (np.abs(numbers) > _LARGEST))
    if len(bad):
        raise InvalidRows([RowProblem(table, row, CLIENT, _trouble(given.iloc[row])) for row in bad.tolist()])
    return numbers.astype(np.int64)


def _trouble(client: Any) -> str:
    return "missing" if pd.isna(client) else f"not a whole number: {client!r}"


def _array(table: str, values: pd.Series) -> Values:
    """The values as they are, numbers as floats unless they are numbers already. Errors: InvalidRows naming
    table, row and column for what is no number."""
    if TABLES[table].columns[str(values.name)].kind == "category":
        return values.to_numpy() if isinstance(values.dtype, np.dtype) else values.array
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "fiub":
        return values.to_numpy()
    try:
        if not (
            isinstance(values.dtype, np.dtype) and values.dtype.kind in "mMc"
        ):  # these would become numbers
            return as_numbers(values)
    except (TypeError, ValueError):
        pass
    bad = [row for row, value in enumerate(values) if not _is_number(value)]
    raise InvalidRows(
        [RowProblem(table, row, str(values.name), f"not a number: {values.iloc[row]!r}") for row in bad]
    )


def _is_number(value: Any) -> bool:
    try:
        return bool(pd.isna(value)) or not np.isnan(float(value))
    except (TypeError, ValueError):
        return False


def _require_columns(table: str, frame: pd.DataFrame, needed: Iterable[str]) -> None:
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise MissingTable(
            f"table {table} lacks the column {', '.join(missing)}; it has {len(frame.columns)}: "
            "give every column that the catalogue reads, empty where nothing is known"
        )


def _with_client(balance: pd.DataFrame, bureau: pd.DataFrame | None) -> pd.DataFrame:
    """Months with the client of their credit; months of a credit that bureau does not hold are left out."""
    if bureau is None:
        return balance.iloc[:0].assign(**{CLIENT: np.zeros(0, dtype=np.int64)})
    _require_columns("bureau", bureau, ("SK_ID_BUREAU", CLIENT))
    _require_columns("bureau_balance", balance, ("SK_ID_BUREAU",))
    owners = bureau[["SK_ID_BUREAU"]].assign(**{CLIENT: _clients("bureau", bureau)})
    return balance.merge(owners, on="SK_ID_BUREAU", how="inner")


def _instalments(payments: Columns, segments: Segments) -> Rows:
    """One row per instalment: what was due and when, what was paid in all, the day of the last payment, the
    number of payments, the number and the version of the instalment (version 0: a credit card).

    Several payments may settle one instalment (same loan, version, number and due day); they are added up.
    An instalment without any payment has paid 0 and no paid_day.
    """
    read = Rows("installments_payments", payments, segments)
    count = len(read)
    if not count:
        return Rows("instalments", {}, segments)
    new = np.ones(count, dtype=np.bool_)
    new[1:] = False
    for key in (payments[name] for name in _INSTALMENT):
        new[1:] |= key[1:] != key[:-1]
    starts = np.flatnonzero(new)
    first = np.searchsorted(starts, np.append(segments.starts, count))  # each client's first instalment
    paid, paid_day = settled(read.number("AMT_PAYMENT"), read.number("DAYS_ENTRY_PAYMENT"), starts)
    columns = {
        "due": read.number("AMT_INSTALMENT").take(starts),
        "due_day": read.number("DAYS_INSTALMENT").take(starts),
        "paid": paid,
        "paid_day": paid_day,
        "payments": np.diff(starts, append=count).astype(np.float64),
        "number": read.number("NUM_INSTALMENT_NUMBER").take(starts),
        "version": read.number("NUM_INSTALMENT_VERSION").take(starts),
    }
    return Rows("instalments", columns, Segments(first[:-1], np.diff(first), segments.owners))
