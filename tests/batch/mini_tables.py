"""Thirty clients in the eight tables, small enough to spoil by hand, and what an ingest makes of them.

Belongs here: rows as text, writing them, reading shards back. Does not: tests.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from batch.console import Progress
from batch.ingest import Ingest, ingest
from batch.night import run_night
from batch.runs.record import RunRecord
from batch.workers import connect
from features import TABLES, build_features
from features.schemas import Column
from model_store import open_store
from model_store.client_shards import read_shard

TRAIN = range(100_001, 100_021)
TEST = range(100_021, 100_031)
CLIENTS = (*TRAIN, *TEST)
FILES = tuple(file for table in TABLES.values() for file in table.files)
_TEXTS = {
    "NAME_TYPE_SUITE": "Spouse, partner",  # the comma makes it a quoted field
    "CODE_GENDER": "F",
    "STATUS": "1",
    "CREDIT_ACTIVE": "Active",
    "NAME_CONTRACT_STATUS": "Approved",
}
_NUMBERS = {"flag": "1", "days": "-{}", "months": "-{}", "count": "{}", "amount": "{}000.37", "rate": "0.{}"}


@dataclass
class Sheet:
    """One file as text: its columns and its rows; lines are counted from 1, the header being the first."""

    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)

    def add(self, seed: int, **values: object) -> None:
        """A row whose values differ with `seed`, except for those given."""
        table = next(t for t in TABLES.values() if set(self.columns) <= set(t.columns))
        cells = {name: _cell(table.columns[name], seed + n) for n, name in enumerate(self.columns)}
        self.rows.append([str(values.get(name, cells[name])) for name in self.columns])

    def put(self, line: int, column: str, value: str) -> None:
        """Writes another value at a line and column."""
        self.rows[line - 2][self.columns.index(column)] = value

    def text(self, newline: str = "\n") -> str:
        out = io.StringIO()
        csv.writer(out, lineterminator=newline).writerows([self.columns, *self.rows])
        return out.getvalue()

    def frame(self) -> pd.DataFrame:
        return pd.read_csv(
            io.StringIO(self.text()), keep_default_na=False, na_values=[""], dtype={"STATUS": str}
        )


Sheets = dict[str, Sheet]


def _cell(column: Column, seed: int) -> str:
    """A text that the column may hold; missing in one of seven where it may be."""
    if column.kind == "category":
        return _TEXTS.get(column.name, "XNA" if seed % 3 else "Other")
    if seed % 7 == 0 and not column.required:
        return ""
    shape = "count" if column.kind == "days" and column.minimum == 0 else column.kind
    return _NUMBERS.get(shape, "{}").format(1 + seed % 9)


def mini_tables() -> Sheets:
    """The eight files: each client with two credits, two earlier loans and their months and instalments."""
    sheets = {
        file: Sheet([c for c in table.columns if c != "TARGET" or file == "application_train"])
        for table in TABLES.values()
        for file in table.files
    }
    for client in CLIENTS:
        own = {"SK_ID_CURR": client}
        file = "application_train" if client in TRAIN else "application_test"
        sheets[file].add(client, **own, TARGET=client % 4 // 3, DAYS_BIRTH=-12_000 - client % 97)
        for number in (0, 1):
            credit, loan = client * 10 + number, client * 100 + number
            sheets["bureau"].add(credit, **own, SK_ID_BUREAU=credit)
            sheets["previous_application"].add(loan, **own, SK_ID_PREV=loan)
            for month in (-2, -1):
                at = {"MONTHS_BALANCE": month}
                sheets["bureau_balance"].add(credit + month, SK_ID_BUREAU=credit, **at)
                sheets["POS_CASH_balance"].add(loan + month, **own, SK_ID_PREV=loan, **at)
                sheets["credit_card_balance"].add(loan + month, **own, SK_ID_PREV=loan, **at)
                sheets["installments_payments"].add(loan + month, **own, SK_ID_PREV=loan)
    return sheets


def write_tables(
    folder: Path, sheets: Sheets, write: Callable[[Path, str, Sheet], None] | None = None
) -> Path:
    """The files in `folder`, as plain CSV or as `write(folder, file, sheet)` does it."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, sheet in sheets.items():
        (write or write_plain)(folder, file, sheet)
    return folder


def write_plain(folder: Path, file: str, sheet: Sheet) -> None:
    (folder / f"{file}.csv").write_text(sheet.text(), encoding="utf-8")


def take_in(folder: Path, store: Path) -> Ingest:
    """The ingest of `folder` into `store`, by threads."""
    with connect(threads=2) as workers:
        return ingest(open_store(folder), open_store(store), workers, Progress())


def night_of(
    folder: Path, store: Path, as_of: date = date(2026, 11, 24), scheduler: str | None = None
) -> RunRecord:
    """One night of `folder` in `store`."""
    return run_night(open_store(folder), open_store(store), as_of, Progress(), scheduler)


def shard_frames(done: Ingest) -> dict[str, pd.DataFrame]:
    """Every table of all shards below one another by client, categories as texts."""
    shards = [read_shard(done.folder, shard) for shard in range(done.shards)]
    return {
        name: pd.concat([shard[name].astype(_plain(shard[name])) for shard in shards])
        .sort_values("SK_ID_CURR", kind="stable")
        .reset_index(drop=True)
        for name in TABLES
    }


def _plain(frame: pd.DataFrame) -> dict[str, str]:
    return {name: "object" for name in frame.columns if isinstance(frame[name].dtype, pd.CategoricalDtype)}


def shard_features(done: Ingest) -> pd.DataFrame:
    """The features of every client of an ingest, shard by shard."""
    return pd.concat([build_features(read_shard(done.folder, n)) for n in range(done.shards)]).sort_index()


def rejects_of(done: Ingest, table: str) -> pd.DataFrame:
    """rejects/TABLE.parquet of an ingest; empty if there is none."""
    path = done.folder / "rejects" / f"{table}.parquet"
    return pq.read_table(str(path)).to_pandas() if path.exists() else pd.DataFrame({"file": [], "row": []})


def require_nothing_lost(done: Ingest) -> None:
    """Every row of every file is used or set aside, and the counts say so."""
    for entry in done.document["inputs"]:
        table = next(t.name for t in TABLES.values() if entry["table"] in t.files)
        aside = rejects_of(done, table)
        assert entry["rows"] == entry["used"] + int((aside["file"] == entry["file"]).sum()), entry
    for name, table in TABLES.items():
        used = sum(entry["used"] for entry in done.document["inputs"] if entry["table"] in table.files)
        assert used == done.document["rows"][name], name
        assert sum(done.document["rejected"].get(name, {}).values()) == len(rejects_of(done, name))


def published_bytes(store: Path) -> dict[str, bytes]:
    """The published pointer and every export, byte by byte."""
    paths = [store / "published.json", *sorted((store / "exports").rglob("*"))]
    return {str(path.relative_to(store)): path.read_bytes() for path in paths if path.is_file()}
