"""The record of a night: its folder, its number, and run.json, true at every moment.

Belongs here: opening and closing a run's record. Does not: computing or publishing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any

from upath import UPath

from batch.owners import this_process
from model_store import NothingPublished, ScoringModel, list_runs, published_run, read_run
from model_store.scorebook import runs_folder
from model_store.storage import names_in, publish_json, remove_aside

INTERRUPTED, FAILED = "interrupted", "failed"
FINISHED = "finished"
"""The folder of a run with a mark for each finished shard (steps.finished)."""
KILLED = "the process ended without a word: it was killed, or its machine stopped"


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
def open_run(store: UPath, as_of: date, model: ScoringModel, program: str) -> Iterator[RunRecord]:
    """A run of that night, its status "running" until `publish` says otherwise; "failed", with the error, if the
    block raises.

    RUN_ID is the night and a number: 2026-11-23-001, -002 when the same night is run again. If the night's last
    run was interrupted, or failed with shards finished, and was made by this model and program, it goes on under
    its number. Only for who has the store's turn (turn).
    """
    same = {
        "model_version": model.version,
        "model_content": model.content_hash,
        "catalogue_hash": model.catalogue_hash,
        "program": program,
    }
    record = _interrupted_run(store, as_of, same) or _new_run(store, as_of)
    record.say(
        run_id=record.run_id,
        as_of=as_of.isoformat(),
        status="running",
        started_at=_now(),
        process=this_process().document,
        pret_version=version("pret-scoring"),
        **same,
        clients=0,
        shards=0,
    )
    try:
        yield record
    except BaseException as error:
        said = record.document["status"]
        status = said if said in ("refused", "published") else FAILED
        with suppress(OSError):  # a disk too full for this too: the error itself is what to tell
            record.say(status=status, finished_at=_now(), error=f"{type(error).__name__}: {error}")
        raise


def mark_interrupted(store: UPath, error: str = KILLED) -> tuple[str, ...]:
    """The runs that say "running" are marked "interrupted", and returned: nobody works on them where the caller has
    the store's turn."""
    marked = []
    for run_id in list_runs(store):
        run = read_run(store, run_id)
        if run.status == "running":
            record = RunRecord(run_id, runs_folder(store) / run_id, dict(run.document))
            record.say(status=INTERRUPTED, error=error)
            marked.append(run_id)
    return tuple(marked)


def _interrupted_run(store: UPath, as_of: date, same: Mapping[str, object]) -> RunRecord | None:
    """The last run of the night if it did not come to its end and is the same as far as can be told before reading.

    One that failed before a shard was finished has nothing to go on from and keeps its number for itself.
    """
    of_night = [run_id for run_id in list_runs(store) if run_id.startswith(f"{as_of.isoformat()}-")]
    if not of_night:
        return None
    run = read_run(store, of_night[-1])
    told, folder = run.document, runs_folder(store) / run.run_id
    begun = run.status == INTERRUPTED or (run.status == FAILED and bool(names_in(folder / FINISHED)))
    if not begun or any(told.get(name) != value for name, value in same.items()):
        return None
    why = {"error": told["error"]} if run.status == FAILED and "error" in told else {}
    earlier = [*told.get("interrupted", []), {"started_at": told["started_at"], **why}]
    document = {"inputs": told.get("inputs"), "interrupted": earlier}
    for place in (folder, *(path for path in folder.iterdir() if path.is_dir())):
        remove_aside(place)
    return RunRecord(run.run_id, folder, document)


def _new_run(store: UPath, as_of: date) -> RunRecord:
    for number in range(1, 1000):
        run_id = f"{as_of.isoformat()}-{number:03d}"
        folder = runs_folder(store) / run_id
        if (folder / "run.json").exists() or run_id == _pointed_to(store):
            continue  # also where somebody removed the run that readers follow: it must not come back half-made
        if folder.exists():  # its record was the first to be removed, or was never written
            folder.fs.rm(folder.path, recursive=True)
        folder.mkdir(parents=True, exist_ok=True)
        return RunRecord(run_id, folder)
    raise RuntimeError(f"the night {as_of} was run 999 times")


def _pointed_to(store: UPath) -> str | None:
    try:
        return published_run(store)
    except NothingPublished:
        return None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
