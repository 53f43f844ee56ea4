"""Rows dealt to client shards: first spooled block by block, then sorted and written, shard by shard.

Belongs here: which shard a client is in, duplicates within a shard, the order of rows. Does not: reading files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
from upath import UPath

from features import TABLES, Table
from features.schemas import CLIENT
from model_store.scorebook import shard_of
from model_store.storage import naming

ROW, FILE = "_row", "_file"
CLIENTS_PER_SHARD = 12_000


def shards_for(clients: int) -> int:
    """Number of shards: a power of two with at most 12,000 clients each, at least 4. 356,255 clients: 32."""
    needed = max(clients / CLIENTS_PER_SHARD, 4)
    return 1 << int(np.ceil(np.log2(needed)))


class Spool:
    """The rows of one table on their way into shards: one Arrow stream per shard, appended block by block."""

    def __init__(self, folder: Path, table: Table, shards: int) -> None:
        self._folder, self._table, self._shards = folder, table, shards
        self._writers: dict[int, ipc.RecordBatchStreamWriter] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, rows: pa.Table) -> None:
        """Deals rows (the table's columns, SK_ID_CURR, _file and _row) to their shards, keeping their order."""
        shard = shard_of(rows.column(CLIENT).to_numpy(), self._shards)
        dealt = rows.take(pa.array(np.argsort(shard, kind="stable")))
        bounds = np.concatenate(([0], np.cumsum(np.bincount(shard, minlength=self._shards))))
        for number in np.flatnonzero(np.diff(bounds)).tolist():
            if number not in self._writers:
                path = str(spool_file(self._folder, self._table.name, number))
                self._writers[number] = ipc.new_stream(path, rows.schema)
            part = dealt.slice(bounds[number], bounds[number + 1] - bounds[number])
            self._writers[number].write_table(part.combine_chunks())

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()


def spool_file(folder: Path, table: str, shard: int) -> Path:
    return folder / f"{table}-{shard:03d}.arrows"


def shard_folder(ingest: UPath, shard: int) -> UPath:
    return ingest / f"shard={shard:03d}"


@dataclass(frozen=True)
class ShardCounts:
    """What one shard holds: clients, labelled clients, rows per table; and rows set aside as duplicates."""

    clients: int
    labelled: int
    rows: dict[str, int]
    duplicates: dict[str, pa.Table]


def finish_shard(shard: int, spool: Path, ingest: UPath) -> ShardCounts:
    """Sorts and writes every table of one shard as Parquet, setting aside rows that repeat a key."""
    folder = shard_folder(ingest, shard)
    folder.mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    duplicates: dict[str, pa.Table] = {}
    clients = labelled = 0
    for table in TABLES.values():
        rows = _spooled(spool_file(spool, table.name, shard), table)
        rows, repeated = _without_duplicates(table, _in_order(table, rows))
        if len(repeated):
            duplicates[table.name] = repeated
        counts[table.name] = len(rows)
        if table.name == "application":
            clients = len(rows)
            labelled = clients - rows.column("TARGET").null_count
        path = folder / f"{table.name}.parquet"
        with naming(path), path.open("wb") as file:
            pq.write_table(rows.drop_columns([ROW, FILE]), file, compression="lz4")
    return ShardCounts(clients, labelled, counts, duplicates)


def _spooled(path: Path, table: Table) -> pa.Table:
    if not path.exists():
        return spool_schema(table).empty_table()
    with ipc.open_stream(str(path)) as stream:
        return stream.read_all().unify_dictionaries().combine_chunks()


def spool_schema(table: Table) -> pa.Schema:
    """Columns of the spool: the table's own, the client where the table lacks it, file and line of the row."""
    fields = [(name, column.arrow_type) for name, column in table.columns.items()]
    if CLIENT not in table.columns:
        fields.append((CLIENT, pa.int32()))
    return pa.schema([*fields, (FILE, pa.int8()), (ROW, pa.int64())])


def _in_order(table: Table, rows: pa.Table) -> pa.Table:
    keys = [rows.column(name).to_numpy().astype(np.float64, copy=False) for name in (*table.order, FILE, ROW)]
    filled = [np.where(np.isnan(key), np.inf, key) for key in keys]
    return rows.take(pa.array(np.lexsort(filled[::-1])))


def _without_duplicates(table: Table, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The rows (sorted, file order last) without those that repeat a key; and the repeating ones.

    Compared within a client: what counts as a repeat must not depend on which clients share a shard.
    """
    if not table.key or not len(rows):
        return rows, rows.slice(0, 0)
    repeated = (
        pd.DataFrame({name: rows.column(name).to_numpy() for name in (*table.key, "SK_ID_CURR")})
        .duplicated()
        .to_numpy()
    )
    return rows.filter(pa.array(~repeated)), rows.filter(pa.array(repeated))


def read_shard(ingest: UPath, shard: int) -> dict[str, pd.DataFrame]:
    """All tables of one shard as pandas frames, sorted; categories as pandas categories."""
    tables = {}
    for name in TABLES:
        with (shard_folder(ingest, shard) / f"{name}.parquet").open("rb") as file:
            tables[name] = pq.read_table(file).to_pandas()
    return tables
