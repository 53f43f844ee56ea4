"""An ingest that holds changed clients only says where the others lie: in the ingest it was compared with.

Belongs here: that note. Does not: comparing (changes), reading shards (sharding).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from upath import UPath

from features.schemas import CLIENT
from model_store.storage import naming

_NOTE = "unchanged.parquet"
_BASE = b"ingest_id"


@dataclass(frozen=True, eq=False)
class Base:
    """The ingest below another, and the clients that are read there."""

    folder: UPath
    clients: NDArray[np.int32]


def write_base(ingest: UPath, base: Base) -> None:
    """Notes in `ingest` that `base.clients` are to be read in the ingest beside it."""
    table = pa.table({CLIENT: base.clients}).replace_schema_metadata({_BASE: base.folder.name})
    with naming(ingest / _NOTE), (ingest / _NOTE).open("wb") as file:
        pq.write_table(table, file, compression="lz4")


def read_base(ingest: UPath) -> Base | None:
    """What the note says; None for an ingest that holds every client itself."""
    if not (ingest / _NOTE).exists():
        return None
    with (ingest / _NOTE).open("rb") as file:
        table = pq.read_table(file)
    name = table.schema.metadata[_BASE].decode()
    return Base(ingest.parent / name, table.column(CLIENT).to_numpy())
