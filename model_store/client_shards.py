"""The rows of clients as an ingest keeps them: by shard, sorted; read for a whole shard or for one client.

Belongs here: reading STORE/ingests/. Does not: making an ingest (batch), features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from upath import UPath

from features import CATALOGUE, TABLES
from features.schemas import CLIENT
from model_store.layers import among
from model_store.scorebook import Run, UnknownClient, shard_of
from model_store.storage import Location, open_store, opened

UNCHANGED = "unchanged.parquet"
BASE_ID = b"ingest_id"
"""An ingest that holds changed clients only names the others in UNCHANGED, and there the ingest that has them."""


class RowsNotKept(LookupError):
    """The rows that a night was made from are no longer in the store."""


@dataclass(frozen=True, eq=False)
class Base:
    """The ingest below another, and the clients that are read there."""

    folder: UPath
    clients: NDArray[np.int32]


def read_base(ingest: UPath) -> Base | None:
    """The ingest that this one was compared with; None for an ingest that holds every client itself."""
    if not (ingest / UNCHANGED).exists():
        return None
    with (ingest / UNCHANGED).open("rb") as file:
        table = pq.read_table(file)
    name = table.schema.metadata[BASE_ID].decode()
    return Base(ingest.parent / name, table.column(CLIENT).to_numpy())


def shard_folder(ingest: UPath, shard: int) -> UPath:
    return ingest / f"shard={shard:03d}"


def read_client_rows(store: Location, run: Run, client: int) -> dict[str, pd.DataFrame]:
    """All rows of one client that the night `run` was made from: what `build_features` needs, by table.

    Errors: UnknownClient; RowsNotKept where the night's ingest is gone (a store keeps the published
    run's and the last three).
    """
    stated = run.document.get("ingest")
    name = str(stated["ingest_id"]) if isinstance(stated, Mapping) else "unknown"
    folder = open_store(store) / "ingests" / name
    if not (folder / "ingest.json").exists():
        raise RowsNotKept(
            f"the rows that run {run.run_id} was made from (ingest {name}) are no longer in the store, so nothing "
            "can be asked about other values; open a later night, or run one"
        )
    shard = int(shard_of(client, run.shards))
    tables = read_shard(folder, shard, CATALOGUE.columns, np.array([client]))
    if not len(tables["application"]):
        raise UnknownClient(f"run {run.run_id} holds no client {client} (of {run.clients} clients)")
    return tables


def read_shard(
    ingest: UPath,
    shard: int,
    columns: Mapping[str, Sequence[str]] | None = None,
    clients: NDArray[np.int64] | None = None,
) -> dict[str, pd.DataFrame]:
    """Tables of one shard as pandas frames, sorted; all else as `read_shards`."""
    return read_shards(ingest, [shard], columns, clients)


def read_shards(
    ingest: UPath,
    shards: Sequence[int],
    columns: Mapping[str, Sequence[str]] | None = None,
    clients: NDArray[np.int64] | None = None,
) -> dict[str, pd.DataFrame]:
    """Tables of some shards as pandas frames, sorted by client; categories as pandas categories.

    `columns` says which tables to read and which of their columns (the client among them), in that order; without
    it all are read. `clients`: the rows of these only. Clients that did not change since an earlier ingest are
    read there.
    """
    wanted = dict.fromkeys(TABLES) if columns is None else {name: list(columns[name]) for name in columns}
    below = read_base(ingest)
    if below is not None and clients is not None and not among(clients, below.clients).any():
        below = None
    tables = {}
    for name, own in wanted.items():
        parts = [_rows(ingest, below, shard, name, own, clients) for shard in shards]
        tables[name] = (parts[0] if len(parts) == 1 else _by_client(parts)).to_pandas(split_blocks=True)
    return tables


def _rows(
    ingest: UPath,
    below: Base | None,
    shard: int,
    name: str,
    columns: list[str] | None,
    clients: NDArray[np.int64] | None,
) -> pa.Table:
    rows = read_table(ingest, shard, name, columns)
    if below is not None:
        rows = _laid_over(rows, read_table(below.folder, shard, name, columns), below.clients)
    return rows if clients is None else rows.filter(pa.array(among(rows.column(CLIENT).to_numpy(), clients)))


def read_table(ingest: UPath, shard: int, name: str, columns: list[str] | None) -> pa.Table:
    """One table of a shard as it lies in one ingest."""
    with opened(shard_folder(ingest, shard) / f"{name}.parquet", columns) as file:
        # shards are read side by side, and their columns are not gathered into one block: half the time
        return pq.ParquetFile(file).read(columns=columns, use_threads=False)


def _laid_over(rows: pa.Table, below: pa.Table, unchanged: NDArray[np.int32]) -> pa.Table:
    """The rows of changed clients and, of the earlier ones, those of unchanged clients, in one order by client."""
    kept = below.filter(pa.array(among(below.column(CLIENT).to_numpy(), unchanged)))
    if not len(rows):
        return kept
    return _by_client([kept, rows])


def _by_client(parts: Sequence[pa.Table]) -> pa.Table:
    """The rows of all parts in one order by client; those of a client, who is in one part only, stay in theirs."""
    all_rows = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
    return all_rows.take(pa.array(np.argsort(all_rows.column(CLIENT).to_numpy(), kind="stable")))
