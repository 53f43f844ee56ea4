"""From a folder of tables to client shards: every file read once, checked, dealt to shards; nothing lost.

Belongs here: the flow, what is set aside and why, reuse of an ingest of the same files. Does not: features.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from upath import UPath

from batch.console import Progress
from batch.intake import add_duplicates, read_all, stat
from batch.reading import Source, find_sources
from batch.rejects import Rejects
from batch.sharding import ShardCounts, finish_shard, shards_for
from batch.unknown_categories import unknown_facts
from batch.workers import Workers
from features import TABLES
from model_store.storage import is_local, publish_json, read_json

KEPT_INGESTS = 3
_INCOMING = ".incoming-"
BYTES_PER_APPLICATION = {".csv": 540, ".gz": 110, ".parquet": 110}


@dataclass(frozen=True)
class Ingest:
    """A finished ingest: its folder of shards and what it says of the inputs (ingest.json)."""

    folder: UPath
    document: dict[str, Any]

    @property
    def shards(self) -> int:
        return int(self.document["shards"])

    @property
    def clients(self) -> int:
        return int(self.document["clients"])

    @property
    def fingerprint(self) -> str:
        """One hash over the content of the eight files, 16 hex digits."""
        return str(self.document["fingerprint"])


def ingest(data: UPath, store: UPath, workers: Workers, progress: Progress) -> Ingest:
    """Client shards of the tables in `data`, under STORE/ingests/; reused when the files are the same.

    Errors: InputError for a folder, file or column that is not there, a file that is empty or truncated.
    Nothing appears in the store before all files were read.
    """
    sources = find_sources(data)
    identifier = _identifier(sources)
    folder = store / "ingests" / identifier
    if (folder / "ingest.json").exists():
        progress.note(f"ingest: the eight files are those of ingest {identifier}, not read again")
        return Ingest(folder, read_json(folder / "ingest.json"))
    started = time.monotonic()
    _remove_leftovers(store / "ingests")
    incoming = store / "ingests" / f"{_INCOMING}{identifier}@{socket.gethostname()}@{os.getpid()}"
    incoming.mkdir(parents=True)
    spool = Path(tempfile.mkdtemp(prefix="pret-spool-", dir=str(incoming) if is_local(incoming) else None))
    try:
        shards = shards_for(_estimated_clients(sources))
        rejects = Rejects()
        inputs = read_all(sources, spool, shards, rejects, progress)
        counts = workers.map_shards("shard", finish_shard, shards, progress, spool, incoming)
        for shard in counts:
            add_duplicates(shard, sources, rejects, inputs)
        document = _document(data, identifier, inputs, counts, rejects, time.monotonic() - started)
        rejects.write(incoming / "rejects")
        publish_json(incoming / "ingest.json", document)
        shutil.rmtree(spool)
        _move(incoming, folder)
        _keep_latest(store / "ingests")
    except BaseException:
        shutil.rmtree(spool, ignore_errors=True)
        incoming.fs.rm(incoming.path, recursive=True)
        raise
    return Ingest(folder, document)


def _remove_leftovers(ingests: UPath) -> None:
    """Removes what an ingest of this machine left behind when it was killed; others may still be at work."""
    for path in ingests.iterdir() if ingests.exists() else ():
        owner = path.name.split("@")
        ours = path.name.startswith(_INCOMING) and owner[1:2] == [socket.gethostname()]
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


def _keep_latest(ingests: UPath) -> None:
    """Removes all but the latest ingests: each is a copy of every table, of personal data."""
    records = [path / "ingest.json" for path in ingests.iterdir() if not path.name.startswith(".")]
    finished = {path: str(read_json(path)["finished_at"]) for path in records if path.exists()}
    for record in sorted(finished, key=lambda path: finished[path])[:-KEPT_INGESTS]:
        record.parent.fs.rm(record.parent.path, recursive=True)


def _move(incoming: UPath, folder: UPath) -> None:
    """The finished ingest under its own name; another process may have finished the same one first."""
    if (folder / "ingest.json").exists():
        incoming.fs.rm(incoming.path, recursive=True)
        return
    if folder.exists():  # left by a copy or a clean-up that stopped half-way: moving into it would nest
        folder.fs.rm(folder.path, recursive=True)
    incoming.fs.mv(incoming.path, folder.path, recursive=True)


def _identifier(sources: tuple[Source, ...]) -> str:
    """12 hex digits over names, sizes and times of change of the files, and the schemas they are read with."""
    facts = [(source.name, str(source.path), *stat(source.path)) for source in sources]
    schemas = [(t.name, t.key, t.order, sorted(map(repr, t.columns.values()))) for t in TABLES.values()]
    return hashlib.sha256(json.dumps([facts, schemas]).encode()).hexdigest()[:12]


def _estimated_clients(sources: tuple[Source, ...]) -> int:
    """Clients as guessed from the size of the application files; it only sets the number of shards."""
    total = 0.0
    for source in sources:
        if source.table.name == "application":
            total += stat(source.path)[0] / BYTES_PER_APPLICATION[source.path.suffix.lower()]
    return int(total)


def _document(
    data: UPath,
    identifier: str,
    inputs: list[dict[str, Any]],
    counts: list[ShardCounts],
    rejects: Rejects,
    seconds: float,
) -> dict[str, Any]:
    content = [(entry["table"], entry["sha256"]) for entry in inputs]
    return {
        "ingest_id": identifier,
        "folder": str(data),
        "finished_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "seconds": round(seconds, 3),
        "fingerprint": hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16],
        "shards": len(counts),
        "clients": sum(shard.clients for shard in counts),
        "labelled": sum(shard.labelled for shard in counts),
        "rows": {name: sum(shard.rows[name] for shard in counts) for name in TABLES},
        "rejected": rejects.counts(),
        **unknown_facts(shard.unknown for shard in counts),
        "inputs": inputs,
    }
