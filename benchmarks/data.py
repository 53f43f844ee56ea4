"""What the benchmarks read: simulated tables, a folder of tables as Parquet (one file per table), shards' types.

Belongs here: making these once and finding them again. Does not: measuring, features.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from batch.console import Progress
from batch.shards.reading import read_blocks
from batch.shards.sources import Source, find_sources
from features.raw import typed_rows
from features.schemas import TABLES, Table
from simulator import simulate

ROW_GROUP = 122_880
SEED = 7


def simulated(
    folder: Path, clients: int, progress: Progress, file_format: Literal["csv", "parquet"] = "csv"
) -> Path:
    """The folder, with tables of two nights in it; made once, by whichever benchmark comes first."""
    if not (folder / "truth.parquet").exists():
        with progress.step(f"simulate {clients:,} clients, {file_format}"):
            simulate(folder, clients=clients, seed=SEED, nights=2, file_format=file_format)
    return folder


def write_parquet(data: Path, target: Path) -> None:
    """One Parquet file per table, train and test under one another: rows in file order, the types of a shard."""
    target.mkdir(parents=True, exist_ok=True)
    sources = find_sources(UPath(data))
    for table in TABLES.values():
        schema = arrow_schema(table)
        path = target / f"{table.name}.parquet"
        with pq.ParquetWriter(path, schema, compression="lz4") as writer:
            for source in (source for source in sources if source.table is table):
                _copy(source, schema, writer)


def arrow_schema(table: Table, columns: Iterable[str] | None = None) -> pa.Schema:
    """Types of the table's columns (of these, or all): those of a shard, categories as plain strings."""
    names = table.columns if columns is None else [name for name in columns if name in table.columns]
    types = {name: table.columns[name].arrow_type for name in names}
    words = pa.string()
    return pa.schema([(n, words if table.columns[n].kind == "category" else types[n]) for n in types])


def _copy(source: Source, schema: pa.Schema, writer: pq.ParquetWriter) -> None:
    for block in read_blocks(source, hashlib.sha256()):
        rows = typed_rows(source.table, block.values, source.columns).rows
        for name in schema.names:
            if name not in rows.column_names:  # TARGET of application_test
                rows = rows.append_column(name, pa.nulls(len(rows), schema.field(name).type))
        writer.write_table(rows.select(schema.names).cast(schema), row_group_size=ROW_GROUP)
