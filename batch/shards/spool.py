"""Rows on their way into shards: dealt block by block to one file per table and shard, in file order.

Belongs here: what lies between reading and shards, and is removed after. Does not: reading, sorting (sharding).
"""

from __future__ import annotations

import json
import resource
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc as ipc
from numpy.typing import NDArray
from upath import UPath

from batch.shards.block_rows import BlockRows
from batch.shards.register import KEPT_KEYS
from features import Table
from features.schemas import CLIENT
from model_store.scorebook import shard_of
from model_store.storage import naming

PLACE = "_place"
"""Number of the file within its table, times 2**48, plus the line: where a row repeats a key within a shard."""
_FILE = 48
_BUFFERS = 1 << 24  # bytes, of all shards of a table
_OTHER_FILES = 256
Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Dealt:
    """Rows of a block, those of one shard together and in file order.

    Shard n has rows bounds[n] to bounds[n + 1]. Categories are codes of `names` of the block, -1 for missing.
    """

    columns: Mapping[str, NDArray[Any]]
    names: Mapping[str, list[str]]
    bounds: NDArray[np.int64]

    @property
    def rows(self) -> int:
        return int(self.bounds[-1])


def deal(rows: BlockRows, number: int, shards: int) -> Dealt:
    """The rows to use of a block of the file with that number in its table, dealt to shards."""
    used = np.flatnonzero(rows.keep)
    shard = shard_of(rows.numbers(CLIENT)[used], shards)
    # numpy counts small numbers instead of comparing them
    order = used[np.argsort(shard.astype(np.min_scalar_type(shards - 1)), kind="stable")]
    columns, names = {}, {}
    for name, values in rows.columns.items():
        if not isinstance(values, np.ndarray):
            names[name] = values.dictionary.to_pylist()
            values = pc.fill_null(values.indices, -1).to_numpy()
        columns[name] = np.take(values, order)
    if compared_in_shard(rows.source.table):
        columns[PLACE] = rows.lines[order] + (number << _FILE)
    bounds = np.concatenate(([0], np.cumsum(np.bincount(shard, minlength=shards))))
    return Dealt(columns, names, bounds)


def compared_in_shard(table: Table) -> bool:
    """True for a table whose key is compared within each shard, the others' while files are read."""
    return bool(table.key) and table.name not in KEPT_KEYS


def place_of(places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of the file and line of each place."""
    return places >> _FILE, places & ((1 << _FILE) - 1)


class Spool:
    """The rows of one table: one Arrow stream per shard, appended block by block."""

    def __init__(self, folder: Path, table: Table, shards: int) -> None:
        self._folder, self._table, self._shards = folder, table, shards
        self._schema = spool_schema(table)
        _allow_open_files(shards + _OTHER_FILES)
        self._writers: dict[int, tuple[ipc.RecordBatchStreamWriter, pa.NativeFile]] = {}
        self._names: dict[str, dict[str, int]] = {
            name: {} for name, column in table.columns.items() if column.kind == "category"
        }

    def add(self, dealt: Dealt) -> None:
        """Appends a block's rows to their shards."""
        columns = {**dealt.columns, **{name: self._recoded(name, dealt) for name in self._names}}
        batch = pa.RecordBatch.from_arrays(
            [pa.array(columns[name]) for name in self._schema.names], schema=self._schema
        )
        for shard in np.flatnonzero(np.diff(dealt.bounds)).tolist():
            start, end = dealt.bounds[shard : shard + 2].tolist()
            path = spool_file(self._folder, self._table.name, shard)
            with naming(UPath(path)):
                if shard not in self._writers:
                    self._open(shard, path)
                self._writers[shard][0].write_batch(batch.slice(start, end - start))

    def _recoded(self, name: str, dealt: Dealt) -> Codes:
        """Codes of the block as codes of the table, given to names in the order of the file."""
        known = self._names[name]
        codes = [known.setdefault(text, len(known)) for text in dealt.names[name]]
        recoded: Codes = np.array([*codes, -1], dtype=np.int32)[dealt.columns[name]]
        return recoded

    def _open(self, shard: int, path: Path) -> None:
        sink = pa.BufferedOutputStream(pa.OSFile(str(path), "wb"), max(_BUFFERS // self._shards, 1 << 14))
        self._writers[shard] = (ipc.new_stream(sink, self._schema), sink)

    def close(self) -> None:
        """Ends the streams and writes down the names of the categories."""
        for shard, (writer, sink) in self._writers.items():
            with naming(UPath(spool_file(self._folder, self._table.name, shard))):
                writer.close()
                sink.close()
        names = {name: list(codes) for name, codes in self._names.items()}
        _names_file(self._folder, self._table.name).write_text(json.dumps(names))


def _allow_open_files(wanted: int) -> None:
    """One file a shard is open at a time: more than a process may have that did not ask."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now < wanted:
        allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))


def spool_schema(table: Table) -> pa.Schema:
    """Columns of the spool: the table's own, its client, its place if rows may repeat a key; codes for names."""
    types: dict[str, pa.DataType] = {
        name: pa.int32() if column.kind == "category" else column.arrow_type
        for name, column in table.columns.items()
    }
    types.setdefault(CLIENT, pa.int32())
    if compared_in_shard(table):
        types[PLACE] = pa.int64()
    return pa.schema(list(types.items()))


def spool_file(folder: Path, table: str, shard: int) -> Path:
    return folder / f"{table}-{shard:03d}.arrows"


def _names_file(folder: Path, table: str) -> Path:
    return folder / f"{table}.json"


def read_spooled(folder: Path, table: Table, shard: int) -> tuple[pa.Table, dict[str, list[str]]]:
    """The rows of one shard in file order, and the names that the codes of its category columns stand for."""
    names: dict[str, list[str]] = json.loads(_names_file(folder, table.name).read_text())
    path = spool_file(folder, table.name, shard)
    if not path.exists():
        return spool_schema(table).empty_table(), names
    with pa.memory_map(str(path)) as file, ipc.open_stream(file) as stream:
        return stream.read_all().combine_chunks(), names
