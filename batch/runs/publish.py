"""The last step of a night: the BI export and the pointer that readers follow, each replaced in one step.

Belongs here: what becomes visible, and in which order. Does not: whether it may (checks).
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from batch.runs.record import RunRecord
from features.schemas import CLIENT
from model_store.contract import CONTRACT_VERSION, SCORES
from model_store.scorebook import shard_file
from model_store.storage import publish_bytes, publish_json, read_json, remove_aside


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
    """All clients of the run in the columns of the contract, sorted by client, as one Parquet file."""
    parts = []
    for shard in range(shards):
        with (run / "scores" / shard_file(shard)).open("rb") as file:
            parts.append(pq.read_table(file, columns=SCORES.names))
    table = pa.concat_tables(parts).sort_by(CLIENT).cast(SCORES)
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
