"""The BI export of a night: all clients in the columns of the contract, sorted by client, in one Parquet file.

Belongs here: putting the shards' scores in one order. Does not: when readers see it (publish).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from upath import UPath

from features.schemas import CLIENT
from model_store.contract import SCORES
from model_store.layers import shard_file
from model_store.rows import read_rows
from model_store.storage import opened

ROW_GROUP = 1 << 18
STRETCH = 1 << 19
"""Clients in memory at once: the shards are read once for each such stretch of clients."""
_TEXTS = [field.name for field in SCORES if pa.types.is_string(field.type)]


def write_export(run: UPath, shards: int, file: IO[bytes]) -> None:
    """Writes the scores of all shards of a run, whatever the number of clients in the memory of a stretch."""
    with pq.ParquetWriter(file, SCORES, compression="zstd", use_dictionary=_TEXTS) as writer:
        for first, end in _stretches(run, shards):
            rows = _between(run, shards, first, end)
            for start in range(0, len(rows), ROW_GROUP):
                writer.write_table(rows.slice(start, ROW_GROUP).cast(SCORES))


def _stretches(run: UPath, shards: int) -> Iterator[tuple[int, int]]:
    """From which client up to which other one, that one not included: about `STRETCH` of them, all together all."""
    clients = np.sort(np.concatenate([_clients(run, shard) for shard in range(shards)]))
    starts = clients[::STRETCH].tolist()
    yield from zip(starts, [*starts[1:], int(clients[-1]) + 1], strict=True)


def _clients(run: UPath, shard: int) -> NDArray[np.int32]:
    clients: NDArray[np.int32] = (
        read_rows(run / "scores" / shard_file(shard), [CLIENT]).column(CLIENT).to_numpy()
    )
    return clients


def _between(run: UPath, shards: int, first: int, end: int) -> pa.Table:
    """The rows of a stretch of clients, by client; texts are codes, a tenth of the memory."""
    parts = (_part(run, shard, first, end) for shard in range(shards))
    table = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
    return table.take(pa.array(np.argsort(table.column(CLIENT).to_numpy(), kind="stable")))


def _part(run: UPath, shard: int, first: int, end: int) -> pa.Table:
    with opened(run / "scores" / shard_file(shard)) as file:
        rows = pq.ParquetFile(file, read_dictionary=_TEXTS).read(columns=SCORES.names, use_threads=False)
    clients = rows.column(CLIENT).to_numpy()
    return rows.filter(pa.array((clients >= first) & (clients < end)))
