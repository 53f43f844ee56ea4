"""What the benchmarks read: a folder of tables, the same as Parquet (one file per table) and as client shards.

Belongs here: making these once and finding them again. Does not: measuring, features.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from batch.reading import Source, find_sources, read_blocks
from features.raw import typed_rows
from features.schemas import TABLES

ROW_GROUP = 122_880


def write_parquet(data: Path, target: Path) -> None:
    """One Parquet file per table (train and test under one another) with rows in file order, in the types of a shard."""
    target.mkdir(parents=True, exist_ok=True)
    sources = find_sources(UPath(data))
    for table in TABLES.values():
        schema = pa.schema(
            [(name, pa.string() if c.kind == "category" else c.arrow_type) for name, c in table.columns.items()]
        )
        path = target / f"{table.name}.parquet"
        with pq.ParquetWriter(path, schema, compression="lz4") as writer:
            for source in (source for source in sources if source.table is table):
                _copy(source, schema, writer)


def _copy(source: Source, schema: pa.Schema, writer: pq.ParquetWriter) -> None:
    for block in read_blocks(source, hashlib.sha256()):
        rows = typed_rows(source.table, block.values, source.columns).rows
        for name in schema.names:
            if name not in rows.column_names:  # TARGET of application_test
                rows = rows.append_column(name, pa.nulls(len(rows), schema.field(name).type))
        writer.write_table(rows.select(schema.names).cast(schema), row_group_size=ROW_GROUP)
