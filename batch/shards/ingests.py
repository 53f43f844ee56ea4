"""The ingests that lie in a store: which are finished, which are kept, what a killed one left behind.

Belongs here: their folders and how long they stay. Does not: making one (ingest).
"""

from __future__ import annotations

import os
import socket

from upath import UPath

from model_store.storage import read_json

KEPT_INGESTS = 3
INCOMING = ".incoming-"


def remove_leftovers(ingests: UPath) -> None:
    """Removes what an ingest of this machine left behind when it was killed; others may still be at work."""
    for path in ingests.iterdir() if ingests.exists() else ():
        owner = path.name.split("@")
        ours = path.name.startswith(INCOMING) and owner[1:2] == [socket.gethostname()]
        if ours and not _is_alive(int(owner[2])):
            path.fs.rm(path.path, recursive=True)


def _is_alive(process: int) -> bool:
    """True for another process of this machine that still runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process != os.getpid()


def keep_latest(ingests: UPath) -> None:
    """Removes all but the latest ingests and those they stand on: each is a copy of tables, of personal data."""
    finished = finished_ingests(ingests)
    kept = set(list(finished)[-KEPT_INGESTS:])
    kept |= {str(finished[name]["compared_with"]) for name in kept}
    for name in finished.keys() - kept:
        (ingests / name / "ingest.json").unlink()  # first: half removed, it is no ingest any more
        ingests.fs.rm((ingests / name).path, recursive=True)


def finished_ingests(ingests: UPath) -> dict[str, dict[str, object]]:
    """What each finished ingest says of itself, by name, the oldest first."""
    records = [path / "ingest.json" for path in ingests.iterdir() if not path.name.startswith(".")]
    found = {path.parent.name: read_json(path) for path in records if path.exists()}
    return dict(sorted(found.items(), key=lambda item: str(item[1]["finished_at"])))


def latest_comparable(ingests: UPath, shards: int, schemas: str) -> UPath | None:
    """The ingest that the latest one stands on, or that one itself, if its shards are like those wanted now."""
    finished = finished_ingests(ingests)
    if not finished:
        return None
    name, latest = next(reversed(finished.items()))
    if (latest["shards"], latest.get("schemas")) != (shards, schemas):
        return None
    return ingests / str(latest["compared_with"] or name)


def move(incoming: UPath, folder: UPath) -> None:
    """The finished ingest under its own name; another process may have finished the same one first."""
    if (folder / "ingest.json").exists():
        incoming.fs.rm(incoming.path, recursive=True)
        return
    if folder.exists():  # left by a copy or a clean-up that stopped half-way: moving into it would nest
        folder.fs.rm(folder.path, recursive=True)
    incoming.fs.mv(incoming.path, folder.path, recursive=True)
