"""From tables to one row of features per client: the same function for one client, a sample, a shard.

Belongs here: views of tables, windows, putting the columns together. Does not: declarations, files, Dask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.aggregations import aggregate
from features.catalogue import CATALOGUE
from features.declaration import SINGLE_ROW, Catalogue, Feature
from features.expressions import Mask, Numbers
from features.rows import Rows, sorted_frame
from features.schemas import CLIENT, TABLES


class MissingTable(ValueError):
    """A table or column that the catalogue reads is not there; the message names it."""


def build_features(tables: Mapping[str, pd.DataFrame], catalogue: Catalogue = CATALOGUE) -> pd.DataFrame:
    """One float32 row per client of `tables["application"]`, indexed by SK_ID_CURR ascending, columns
    `catalogue.names`; NaN means missing; no value is infinite.

    `tables` maps table names (features.schemas.TABLES) to raw frames; a table left out has no rows
    for anybody. Rows of clients without an application are not read. `bureau_balance` may come without
    SK_ID_CURR: it gets it through bureau. Row order does not matter; frames are not changed.
    Errors: MissingTable if there is no application table or a column is missing.
    """
    if "application" not in tables:
        raise MissingTable("no table 'application': it says which clients there are")
    application = _prepared("application", tables["application"])
    clients = application[CLIENT].to_numpy(dtype=np.int64)
    client_rows = Rows("application", _columns(application), clients)
    built: dict[str, Numbers] = {}
    rows_of: dict[str, Rows] = {"application": client_rows}
    combined = Rows("application", _Combined(application, built), clients)
    with np.errstate(over="ignore", invalid="ignore"):
        for feature in catalogue:
            if feature.table == "client":
                built[feature.name] = combined.value(feature.value)
            elif feature.table in SINGLE_ROW:
                built[feature.name] = client_rows.value(feature.value)
            else:
                if feature.table not in rows_of:
                    rows_of[feature.table] = _rows(feature.table, tables)
                built[feature.name] = _aggregated(feature, rows_of[feature.table], clients)
        columns = {name: _single(built[name]) for name in catalogue.names}
    return pd.DataFrame(columns, index=pd.Index(clients, name=CLIENT))


def _single(values: Numbers) -> NDArray[np.float32]:
    """The values as float32; what is too large for it (beyond 3.4e38) is missing, never infinite."""
    single = values.astype(np.float32)
    return np.where(np.isinf(single), np.float32(np.nan), single)


def _columns(frame: pd.DataFrame) -> dict[str, object]:
    return {str(name): frame[name] for name in frame.columns}


class _Combined(Mapping[str, object]):
    """Columns of the application and the features built so far, under one roof."""

    def __init__(self, application: pd.DataFrame, built: Mapping[str, Numbers]) -> None:
        self._application, self._built = application, built

    def __getitem__(self, name: str) -> object:
        return self._built[name] if name in self._built else self._application[name]

    def __iter__(self):  # type: ignore[no-untyped-def] # Mapping's own signature
        return iter((*self._built, *self._application))

    def __len__(self) -> int:
        return len(self._built) + len(self._application.columns)


def _aggregated(feature: Feature, rows: Rows, clients: NDArray[np.int64]) -> Numbers:
    """The feature for each client of `clients`: aggregated where there are rows, else when_no_rows."""
    assert feature.agg is not None
    answer = np.full(len(clients), feature.when_no_rows, dtype=np.float64)
    if not len(rows) or not len(clients):
        return answer
    values = aggregate(
        feature.agg, rows.value(feature.value), _counted(feature, rows), rows.starts, feature.when_no_rows
    )
    having = rows.clients[rows.starts]
    position = np.searchsorted(clients, having)
    known = clients[np.minimum(position, len(clients) - 1)] == having
    answer[position[known]] = values[known]
    return answer


def _counted(feature: Feature, rows: Rows) -> Mask:
    """Rows inside the window that satisfy `where`."""
    keep = np.ones(len(rows), dtype=np.bool_)
    if feature.where is not None:
        keep = rows.mask(feature.where)
    if feature.clock is not None and feature.window is not None:
        keep = keep & (rows.number(feature.clock) >= -feature.window)
    if feature.last_rows is not None:
        keep = keep & (rows.from_end <= feature.last_rows)
    return keep


def _rows(table: str, tables: Mapping[str, pd.DataFrame]) -> Rows:
    if table == "instalments":
        return _instalments(_prepared("installments_payments", tables.get("installments_payments")))
    frame = tables.get(table)
    if table == "bureau_balance" and frame is not None and CLIENT not in frame.columns:
        frame = _with_client(frame, tables.get("bureau"))
    prepared = _prepared(table, frame)
    return Rows(table, _columns(prepared), prepared[CLIENT].to_numpy(dtype=np.int64))


def _prepared(table: str, frame: pd.DataFrame | None) -> pd.DataFrame:
    """The frame sorted in the table's order; no frame is a frame without rows."""
    if frame is None:
        return pd.DataFrame({name: np.zeros(0) for name in (CLIENT, *TABLES[table].columns)})
    _require_columns(table, frame, (CLIENT, *(name for name in TABLES[table].columns if name != "TARGET")))
    return sorted_frame(frame, TABLES[table].order)


def _require_columns(table: str, frame: pd.DataFrame, needed: Sequence[str]) -> None:
    missing = [name for name in dict.fromkeys(needed) if name not in frame.columns]
    if missing:
        raise MissingTable(
            f"table {table} lacks the column {', '.join(missing)}; it has {len(frame.columns)}: "
            "give every column of the table, empty where nothing is known"
        )


def _with_client(balance: pd.DataFrame, bureau: pd.DataFrame | None) -> pd.DataFrame:
    """Months with the client of their credit; months of a credit that bureau does not hold are left out."""
    if bureau is None:
        return balance.iloc[:0].assign(**{CLIENT: np.zeros(0, dtype=np.int64)})
    _require_columns("bureau", bureau, ("SK_ID_BUREAU", CLIENT))
    _require_columns("bureau_balance", balance, ("SK_ID_BUREAU",))
    return balance.merge(bureau[["SK_ID_BUREAU", CLIENT]], on="SK_ID_BUREAU", how="inner")


def _instalments(payments: pd.DataFrame) -> Rows:
    """One row per instalment: what was due and when, what was paid in all, and the day of the last payment.

    Several payments may settle one instalment (same loan, version, number and due day); they are added up.
    An instalment without any payment has paid 0 and no paid_day.
    """
    names = (CLIENT, *(name for name in TABLES["installments_payments"].columns if name != CLIENT))
    frame = {name: payments[name].to_numpy(np.float64, na_value=np.nan) for name in names}
    keys = ("SK_ID_CURR", "DAYS_INSTALMENT", "SK_ID_PREV", "NUM_INSTALMENT_VERSION", "NUM_INSTALMENT_NUMBER")
    count = len(payments)
    new = np.ones(count, dtype=np.bool_)
    if count:
        new[1:] = np.any([frame[key][1:] != frame[key][:-1] for key in keys], axis=0)
    starts = np.flatnonzero(new)
    everything = np.ones(count, dtype=np.bool_)
    columns = {
        "due": frame["AMT_INSTALMENT"][starts],
        "due_day": frame["DAYS_INSTALMENT"][starts],
        "paid": aggregate("sum", np.nan_to_num(frame["AMT_PAYMENT"]), everything, starts, 0.0),
        "paid_day": aggregate("max", frame["DAYS_ENTRY_PAYMENT"], everything, starts, np.nan),
    }
    return Rows("instalments", columns, frame[CLIENT][starts].astype(np.int64))
