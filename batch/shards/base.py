"""An ingest that holds changed clients only says where the others lie: in the ingest it was compared with.

Belongs here: that note. Does not: comparing (changes), reading (model_store.client_shards).
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from features.schemas import CLIENT
from model_store.client_shards import BASE_ID, UNCHANGED, Base
from model_store.storage import naming


def write_base(ingest: UPath, base: Base) -> None:
    """Notes in `ingest` that `base.clients` are to be read in the ingest beside it."""
    table = pa.table({CLIENT: base.clients}).replace_schema_metadata({BASE_ID: base.folder.name})
    with naming(ingest / UNCHANGED), (ingest / UNCHANGED).open("wb") as file:
        pq.write_table(table, file, compression="lz4")
