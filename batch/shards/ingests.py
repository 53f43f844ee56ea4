"""The ingests that lie in a store: which are finished, which are kept, what a killed one left behind.

Belongs here: their folders and how long they stay. Does not: making one (ingest).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Any

from upath import UPath

from model_store.storage import is_local, names_in, read_json, remove_folder

KEPT_INGESTS = 3
INCOMING = ".incoming-"
RECORD = "ingest.json"


def remove_leftovers(ingests: UPath) -> None:
    """Removes what an ingest of this machine left behind when it was killed; others may still be at work."""
    for name in names_in(ingests):
        owner = name.split("@")
        ours = name.startswith(INCOMING) and owner[1:2] == [socket.gethostname()]
        if ours and not _is_alive(int(owner[2])):
            remove_folder(ingests / name)


def _is_alive(process: int) -> bool:
    """True for another process of this machine that still runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process != os.getpid()


def usable(ingest: UPath, schemas: str) -> dict[str, Any] | None:
    """What a finished ingest says of itself if its tables were read with these schemas, and if it and the one it
    stands on are whole: as many bytes as were written. None for any other."""
    found = read_json(ingest / RECORD) if (ingest / RECORD).exists() else {}
    if not found or (found.get("schemas"), found.get("bytes")) != (schemas, bytes_of(ingest)):
        return None
    below = found["compared_with"]
    return found if below is None or usable(ingest.parent / str(below), schemas) else None


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


def keep_latest(ingests: UPath) -> None:
    """Removes all but the latest ingests and those they stand on: each is a copy of tables, of personal data."""
    finished = finished_ingests(ingests)
    kept = set(list(finished)[-KEPT_INGESTS:])
    kept |= {str(finished[name].get("compared_with")) for name in kept}
    for name in finished.keys() - kept:
        remove(ingests / name)


def finished_ingests(ingests: UPath) -> dict[str, dict[str, object]]:
    """What each finished ingest says of itself, by name, the oldest first."""
    records = [ingests / name / RECORD for name in names_in(ingests) if not name.startswith(".")]
    found = {path.parent.name: read_json(path) for path in records if path.exists()}
    return dict(sorted(found.items(), key=lambda item: (_number(item[1]), str(item[1]["finished_at"]))))


def latest_comparable(ingests: UPath, shards: int, schemas: str) -> UPath | None:
    """The ingest that the latest one stands on, or that one itself, if its shards are like those wanted now."""
    finished = finished_ingests(ingests)
    if not finished:
        return None
    name, latest = next(reversed(finished.items()))
    if latest["shards"] != shards or usable(ingests / name, schemas) is None:
        return None
    return ingests / str(latest["compared_with"] or name)


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
