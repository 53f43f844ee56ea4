"""Client shards: what was dealt to each is sorted and written, shard by shard.

Belongs here: how many shards, duplicates within a shard, the order of rows. Does not: reading files,
dealing (spool), reading a shard back (model_store.client_shards).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from upath import UPath

from batch.shards.ordering import sorted_order
from batch.shards.spool import PLACE, Codes, Columns, compared_in_shard, place_of, read_spooled
from batch.shards.unknown_categories import Unknown, clients_of_unknown, unknown_categories
from features import CATALOGUE, TABLES, Table
from features.schemas import CLIENT, TARGET
from model_store.client_shards import shard_folder
from model_store.storage import naming

CLIENTS_PER_SHARD = 12_000
READ = {**CATALOGUE.columns, "application": (*CATALOGUE.columns["application"], TARGET)}
"""What the jobs read of a shard: what the features are made of, and the outcome."""


def shards_for(clients: int) -> int:
    """Number of shards: 2^k or 3·2^k with at most 12,000 clients each, at least 4.

    356,255 clients: 32; ten times as many: 384.
    A base that grows is seldom cut anew, and then most shards of two nights have clients in common.
    """
    needed = max(clients / CLIENTS_PER_SHARD, 4)
    return min(base << int(np.ceil(np.log2(needed / base))) for base in (3, 4))


@dataclass(frozen=True)
class Duplicates:
    """Rows that repeat a key of an earlier row of their client, with the number of their file and their line."""

    rows: pa.Table
    files: NDArray[np.int64]
    lines: NDArray[np.int64]


@dataclass(frozen=True)
class ShardCounts:
    """What one shard holds: clients, rows per table; what was set aside as duplicates; rows by unknown category.

    `again`: clients of either, whose rows are to be read again the next night.
    """

    clients: int
    rows: dict[str, int]
    duplicates: dict[str, Duplicates]
    unknown: Counter[Unknown]
    again: NDArray[np.int32]


def finish_shard(shard: int, spool: Path, ingest: UPath) -> ShardCounts:
    """Sorts and writes every table of one shard as Parquet, setting aside rows that repeat a key."""
    folder = shard_folder(ingest, shard)
    folder.mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    duplicates: dict[str, Duplicates] = {}
    unknown: Counter[Unknown] = Counter()
    again = [np.zeros(0, dtype=np.int32)]
    clients = 0
    for table in TABLES.values():
        spooled, names = read_spooled(spool, table, shard)
        order, repeated = _in_order(table, spooled)
        if len(repeated):
            files, lines = place_of(spooled[PLACE][repeated])
            duplicates[table.name] = Duplicates(_rows_at(spooled, names, repeated), files, lines)
            again.append(spooled[CLIENT][repeated])
        rows = _rows_at(spooled, names, order)
        counts[table.name] = len(rows)
        if found := unknown_categories(table, rows):
            unknown.update(found)
            again.append(clients_of_unknown(table, rows, found))
        if table.name == "application":
            clients = len(rows)
        _write(folder / f"{table.name}.parquet", rows)
    return ShardCounts(clients, counts, duplicates, unknown, np.unique(np.concatenate(again)))


def _in_order(table: Table, rows: Columns) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows to use as the table sorts them; and those that repeat a key, of which the first stays.

    Compared within a client: what counts as a repeat must not depend on which clients share a shard. The order
    of such a table is its client and its key.
    """
    order, equal = sorted_order([rows[name] for name in table.order])
    if not compared_in_shard(table):
        return order, order[:0]
    return order[~equal], order[equal]


def _rows_at(rows: Columns, names: Mapping[str, list[str]], at: NDArray[np.intp]) -> pa.Table:
    """The rows at some positions, as a shard holds them: no nulls in numbers, NaN says missing."""
    fields, arrays = [], []
    for name, spooled in rows.items():
        if name == PLACE:
            continue
        values = np.take(spooled, at)
        array = _category(values, names[name]) if name in names else pa.array(values)
        fields.append(pa.field(name, array.type, nullable=name in names))
        arrays.append(array)
    return pa.table(arrays, schema=pa.schema(fields))


def _category(codes: Codes, names: list[str]) -> pa.DictionaryArray:
    """The names of the codes, of which only those in use are kept."""
    rows = np.bincount(codes + 1, minlength=len(names) + 1)  # the first is that of -1, missing
    used = np.flatnonzero(rows[1:])
    if len(used) < len(names):
        position = np.full(len(names) + 1, -1, dtype=np.int32)
        position[used] = np.arange(len(used))
        codes, names = position[codes], [names[code] for code in used.tolist()]
    indices = pa.array(codes, mask=codes < 0) if rows[0] else pa.array(codes)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))


def _write(path: UPath, rows: pa.Table) -> None:
    coded = [field.name for field in rows.schema if pa.types.is_dictionary(field.type)]
    with naming(path), path.open("wb") as file:
        # numbers as they are: coding them takes longer than all else here, and statistics nobody asks for
        pq.write_table(rows, file, compression="lz4", use_dictionary=coded, write_statistics=False)
