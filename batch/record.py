"""The record of a night: its folder, its number, and run.json, true at every moment.

Belongs here: opening and closing a run's record. Does not: computing or publishing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any

from upath import UPath

from model_store import ScoringModel
from model_store.scorebook import runs_folder
from model_store.storage import publish_json


@dataclass
class RunRecord:
    """One night under STORE/runs/RUN_ID/; `say` adds facts to run.json at once."""

    run_id: str
    folder: UPath
    document: dict[str, Any] = field(default_factory=dict)

    def say(self, **facts: Any) -> None:
        self.document.update(facts)
        publish_json(self.folder / "run.json", self.document)


@contextmanager
def open_run(store: UPath, as_of: date, model: ScoringModel) -> Iterator[RunRecord]:
    """A new run of that night, its status "running" until `publish` says otherwise; "failed", with the error,
    if the block raises.

    RUN_ID is the night and a number: 2026-11-23-001, -002 when the same night is run again.
    """
    record = _new_run(store, as_of)
    record.say(
        run_id=record.run_id,
        as_of=as_of.isoformat(),
        status="running",
        started_at=_now(),
        model_version=model.version,
        model_content=model.content_hash,
        catalogue_hash=model.catalogue_hash,
        pret_version=version("pret-scoring"),
        clients=0,
        shards=0,
    )
    try:
        yield record
    except BaseException as error:
        said = record.document["status"]
        status = said if said in ("refused", "published") else "failed"
        record.say(status=status, finished_at=_now(), error=f"{type(error).__name__}: {error}")
        raise


def _new_run(store: UPath, as_of: date) -> RunRecord:
    for number in range(1, 1000):
        run_id = f"{as_of.isoformat()}-{number:03d}"
        folder = runs_folder(store) / run_id
        try:
            folder.mkdir(parents=True, exist_ok=False)
        except FileExistsError:
            continue
        return RunRecord(run_id, folder)
    raise RuntimeError(f"the night {as_of} was run 999 times")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
