"""The ingests that lie in a store: which are finished, which are kept, what a killed one left behind.

Belongs here: their folders and how long they stay. Does not: making one (ingest).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import uuid4

from upath import UPath

from batch.owners import Owner, is_gone, owner_of, this_process
from model_store import NothingPublished, list_runs, published_run, read_run
from model_store.storage import is_local, names_in, publish_json, read_json, remove_folder

KEPT_INGESTS = 3
INCOMING = ".incoming-"
RECORD = "ingest.json"
MAKER = "process.json"
"""Which process makes, or made, an ingest, and with which one it compares."""


def begin(ingests: UPath, identifier: str) -> UPath:
    """The folder of a new ingest of this process, which says so."""
    incoming = ingests / f"{INCOMING}{identifier}-{uuid4().hex[:8]}"
    publish_json(incoming / MAKER, this_process().document)
    return incoming


def compare_with(incoming: UPath, base: UPath) -> None:
    """Notes that an ingest that is being made reads rows of another one, which must stay."""
    publish_json(incoming / MAKER, {**read_json(incoming / MAKER), "compared_with": base.name})


def remove_leftovers(ingests: UPath, gone: Owner | None = None) -> None:
    """Removes what an ingest left behind whose process has ended for certain; others may still be at work.

    `gone`: a process of another machine that somebody knows to have ended.
    """
    for incoming in _incoming(ingests):
        owner = owner_of(_told_by(incoming))
        older_program = "@" in incoming.name  # which named the process there
        if older_program or (owner is not None and (owner == gone or is_gone(owner))):
            remove_folder(incoming)


def _incoming(ingests: UPath) -> list[UPath]:
    return [ingests / name for name in names_in(ingests) if name.startswith(INCOMING)]


def _told_by(incoming: UPath) -> Mapping[str, object]:
    try:
        return read_json(incoming / MAKER)
    except FileNotFoundError:
        return {}


def usable(ingest: UPath, schemas: str) -> dict[str, Any] | None:
    """What a finished ingest says of itself if its tables were read with these schemas, and if it and the one it
    stands on are whole: as many bytes as were written. None for any other."""
    found = _record(ingest)
    if not found or (found.get("schemas"), found.get("bytes")) != (schemas, bytes_of(ingest)):
        return None
    below = found.get("compared_with")
    return found if below is None or usable(ingest.parent / str(below), schemas) else None


def _record(ingest: UPath) -> dict[str, Any]:
    """What a finished ingest says of itself; nothing if it is not finished, or if its record is damaged: what is no
    ingest is made again from the files."""
    try:
        told = read_json(ingest / RECORD)
    except (FileNotFoundError, ValueError):
        return {}
    return told if "finished_at" in told else {}


def bytes_of(ingest: UPath) -> int:
    """Bytes of all files of an ingest but its record."""
    files = ingest.fs.find(ingest.path, detail=True)
    return sum(int(file["size"]) for name, file in files.items() if not name.endswith(f"/{RECORD}"))


def remove(ingest: UPath) -> None:
    """Removes an ingest, its record first: half removed, it is no ingest any more."""
    (ingest / RECORD).unlink()
    ingest.fs.rm(ingest.path, recursive=True)


def next_number(ingests: UPath) -> int:
    """One more than the highest: the order of ingests, whatever the clock says."""
    return 1 + max((_number(told) for told in finished_ingests(ingests).values()), default=0)


def _number(told: Mapping[str, object]) -> int:
    return int(str(told.get("number", 0)))


def keep_latest(store: UPath) -> None:
    """Removes all ingests but the latest, those that a published or running night was made from, and those that any
    of them stands on or is compared with: each is a copy of tables, of personal data. A damaged one goes too."""
    ingests = store / "ingests"
    finished = finished_ingests(ingests)
    kept = {*list(finished)[-KEPT_INGESTS:], *_read_by_nights(store)}
    kept |= {str(finished[name].get("compared_with")) for name in kept & finished.keys()}
    kept |= {str(_told_by(incoming).get("compared_with")) for incoming in _incoming(ingests)}
    for name in _recorded(ingests) - kept:
        remove(ingests / name)


def _read_by_nights(store: UPath) -> Collection[str]:
    """The ingests of the published run, whose clients people ask about, and of runs at work."""
    try:
        published = published_run(store)
    except NothingPublished:
        published = ""
    runs = [read_run(store, run_id) for run_id in list_runs(store)]
    needed = [run for run in runs if run.run_id == published or run.status == "running"]
    told = [run.document.get("ingest") for run in needed]
    return {str(ingest["ingest_id"]) for ingest in told if isinstance(ingest, Mapping)}


def finished_ingests(ingests: UPath) -> dict[str, dict[str, object]]:
    """What each finished ingest says of itself, by name, the oldest first."""
    told = {name: _record(ingests / name) for name in _recorded(ingests)}
    found = {name: record for name, record in told.items() if record}
    return dict(sorted(found.items(), key=lambda item: (_number(item[1]), str(item[1]["finished_at"]))))


def _recorded(ingests: UPath) -> set[str]:
    return {
        name for name in names_in(ingests) if not name.startswith(".") and (ingests / name / RECORD).exists()
    }


def latest_comparable(ingests: UPath, shards: int, schemas: str) -> UPath | None:
    """The ingest that the latest one stands on, or that one itself, if its shards are like those wanted now."""
    finished = finished_ingests(ingests)
    if not finished:
        return None
    name, latest = next(reversed(finished.items()))
    if latest.get("shards") != shards or usable(ingests / name, schemas) is None:
        return None
    return ingests / str(latest.get("compared_with") or name)


def move(incoming: UPath, folder: UPath) -> None:
    """The finished ingest under its own name; another process may have finished the same one first."""
    if (folder / RECORD).exists():
        incoming.fs.rm(incoming.path, recursive=True)
        return
    if folder.exists():  # left by a copy or a clean-up that stopped half-way: moving into it would nest
        folder.fs.rm(folder.path, recursive=True)
    if is_local(incoming):
        incoming.fs.mv(incoming.path, folder.path, recursive=True)
        return
    # object by object, the one last that makes it an ingest
    record = incoming / RECORD
    for path in sorted(incoming.rglob("*")):
        if path != record and not path.is_dir():
            incoming.fs.copy(path.path, (folder / str(path.relative_to(incoming))).path)
    incoming.fs.copy(record.path, (folder / RECORD).path)
    incoming.fs.rm(incoming.path, recursive=True)
