"""The last step of a night: the BI export and the pointer that readers follow, each replaced in one step.

Belongs here: what becomes visible, and in which order. Does not: whether it may (checks).
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from upath import UPath

from batch.runs.export import write_export
from batch.runs.record import RunRecord
from model_store.contract import CONTRACT_VERSION
from model_store.storage import publish_json, read_json, remove_aside, replacing


def export_file(store: UPath, as_of: date) -> UPath:
    """The night's export: one file, so that replacing it is one step for every reader."""
    return store / "exports" / "scores" / f"as_of={as_of.isoformat()}" / "scores.parquet"


def publish(store: UPath, run: RunRecord, as_of: date, shards: int) -> None:
    """Readers see this run from now on: first the export of its night, last STORE/published.json.

    A night run again after a later one was published replaces its export; the pointer stays on the later one.
    """
    remove_aside(export_file(store, as_of).parent)
    with replacing(export_file(store, as_of)) as file:
        write_export(run.folder, shards, file)
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
