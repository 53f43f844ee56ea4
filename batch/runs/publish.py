"""The last step of a night: the BI export and the pointer that readers follow, each replaced in one step.

Belongs here: what becomes visible, and in which order. Does not: whether it may (checks).
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from batch.runs.record import RunRecord
from features.schemas import CLIENT
from model_store.contract import CONTRACT_VERSION, SCORES
from model_store.scorebook import shard_file
from model_store.storage import opened, publish_bytes, publish_json, read_json, remove_aside

ROW_GROUP = 1 << 20


def export_file(store: UPath, as_of: date) -> UPath:
    """The night's export: one file, so that replacing it is one step for every reader."""
    return store / "exports" / "scores" / f"as_of={as_of.isoformat()}" / "scores.parquet"


def publish(store: UPath, run: RunRecord, as_of: date, shards: int) -> None:
    """Readers see this run from now on: first the export of its night, last STORE/published.json.

    A night run again after a later one was published replaces its export; the pointer stays on the later one.
    """
    remove_aside(export_file(store, as_of).parent)
    publish_bytes(export_file(store, as_of), _export(run.folder, shards))
    run.say(status="published", finished_at=datetime.now(UTC).isoformat(timespec="seconds"))
    if _published_later_night(store, as_of):
        return
    point_to(store, run.run_id, as_of)


def point_to(store: UPath, run_id: str, as_of: date) -> None:
    """Readers see this run from now on."""
    publish_json(
        store / "published.json",
        {
            "run_id": run_id,
            "as_of": as_of.isoformat(),
            "contract": CONTRACT_VERSION,
            "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )


def _published_later_night(store: UPath, as_of: date) -> bool:
    pointer = store / "published.json"
    return pointer.exists() and date.fromisoformat(str(read_json(pointer)["as_of"])) > as_of


def _export(run: UPath, shards: int) -> bytes:
    """All clients of the run in the columns of the contract, sorted by client, as one Parquet file.

    Texts are codes until they are written, a row group at a time: a tenth of the memory.
    """
    texts = [field.name for field in SCORES if pa.types.is_string(field.type)]
    parts = []
    for shard in range(shards):
        with opened(run / "scores" / shard_file(shard)) as file:
            rows = pq.ParquetFile(file, read_dictionary=texts).read(columns=SCORES.names, use_threads=False)
        parts.append(rows)
    table = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
    table = table.take(pa.array(np.argsort(table.column(CLIENT).to_numpy(), kind="stable")))
    buffer = io.BytesIO()
    with pq.ParquetWriter(buffer, SCORES, compression="zstd") as writer:
        for start in range(0, len(table), ROW_GROUP):
            writer.write_table(table.slice(start, ROW_GROUP).cast(SCORES))
    return buffer.getvalue()
