"""A shard's rows in a night: all in one file, or those that changed in a layer over an earlier night's file.

Belongs here: what a layer is, reading a shard through it. Does not: which rows a night keeps (batch.steps.kept),
what the columns mean (scorebook).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from upath import UPath

from features.schemas import CLIENT
from model_store.rows import read_rows

_GONE = b"pret.gone"
Ids = NDArray[np.int64]


def shard_file(shard: int) -> str:
    """Name of a shard's file in each folder of a run."""
    return f"shard={shard:03d}.parquet"


def below_file(shard: int) -> str:
    """Name of the file below, where the shard's own file is a layer."""
    return f"shard={shard:03d}.below.parquet"


def as_layer(rows: pa.Table, gone: Ids) -> pa.Table:
    """The rows to be read beside those of the file below, but for the rows of the clients who are gone there."""
    return rows.replace_schema_metadata({_GONE: np.asarray(gone, "<i8").tobytes()})


def is_layer(rows: pa.Table) -> bool:
    """True for what `as_layer` made, false for all rows of a shard."""
    return _GONE in (rows.schema.metadata or {})


def gone_below(layer: pa.Table) -> Ids:
    """The clients whose rows in the file below are not to be read."""
    return np.frombuffer(layer.schema.metadata[_GONE], "<i8").astype(np.int64)


def read_shard_rows(
    folder: UPath, shard: int, columns: Sequence[str] | None = None, clients: Ids | None = None
) -> pa.Table:
    """The rows of a shard by client ascending; `columns`, the client among them, and `clients`: all by default.

    Errors: as `model_store.rows.read_rows`.
    """
    file = read_rows(folder / shard_file(shard), columns)
    own = _of_clients(file, clients)
    if not is_layer(file):
        return own
    gone = gone_below(file)
    if clients is not None:
        clients = np.setdiff1d(clients, [*gone, *own.column(CLIENT).to_numpy()])
        if not len(clients):
            return own.replace_schema_metadata(None)
    below = read_rows(folder / below_file(shard), columns)
    return laid_together(_of_clients(below, clients), gone, own)


def laid_together(below: pa.Table, gone: Ids, over: pa.Table) -> pa.Table:
    """The rows below but for those of the clients who are gone, and the rows over them, in one order by client."""
    both = pa.concat_tables([below, over.cast(below.schema)]).combine_chunks()
    clients = both.column(CLIENT).to_numpy()
    kept = np.ones(len(both), dtype=np.bool_)
    kept[: len(below)] = ~among(clients[: len(below)], gone)
    by_client = np.argsort(clients, kind="stable")
    return both.take(pa.array(by_client[kept[by_client]]))


def _of_clients(rows: pa.Table, clients: Ids | None) -> pa.Table:
    if clients is None:
        return rows
    return rows.take(pa.array(np.flatnonzero(among(rows.column(CLIENT).to_numpy(), clients))))


def among(clients: NDArray[np.integer], some: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Which of the clients are among some others; quicker than np.isin where those are few."""
    if not len(some):
        return np.zeros(len(clients), dtype=np.bool_)
    ascending = np.sort(some)
    at = np.minimum(np.searchsorted(ascending, clients), len(some) - 1)
    return np.asarray(ascending[at] == clients)
