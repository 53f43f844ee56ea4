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
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from upath import UPath

from batch.console import Progress
from batch.errors import InputError
from batch.reading import Source, find_sources, read_blocks
from batch.register import Register, usable_rows
from batch.rejects import Rejects
from batch.sharding import FILE, ROW, ShardCounts, Spool, finish_shard, shards_for
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
        inputs = _read_all(sources, spool, shards, rejects, progress)
        counts = workers.map_shards("shard", finish_shard, shards, progress, spool, incoming)
        for shard in counts:
            _add_duplicates(shard, sources, rejects, inputs)
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
    facts = [(source.name, str(source.path), *_stat(source.path)) for source in sources]
    schemas = [(t.name, t.key, t.order, sorted(map(repr, t.columns.values()))) for t in TABLES.values()]
    return hashlib.sha256(json.dumps([facts, schemas]).encode()).hexdigest()[:12]


def _stat(path: UPath) -> tuple[int, str]:
    info = path.fs.info(path.path)
    changed = info.get("mtime") or info.get("LastModified") or info.get("ETag") or ""
    return int(info["size"]), str(changed)


def _estimated_clients(sources: tuple[Source, ...]) -> int:
    """Clients as guessed from the size of the application files; it only sets the number of shards."""
    total = 0.0
    for source in sources:
        if source.table.name == "application":
            total += _stat(source.path)[0] / BYTES_PER_APPLICATION[source.path.suffix.lower()]
    return int(total)


def _read_all(
    sources: tuple[Source, ...], spool: Path, shards: int, rejects: Rejects, progress: Progress
) -> list[dict[str, Any]]:
    """Every file read once into the spool: applications first (they say who is a client), bureau before months.

    Returns what run.json says of each file.
    """
    register = Register()
    inputs = []
    total = sum(_stat(source.path)[0] for source in sources)
    with progress.step("read", total, unit="bytes") as advance:
        for table in TABLES.values():
            target = Spool(spool, table, shards)
            try:
                for number, source in enumerate(s for s in sources if s.table is table):
                    inputs.append(_read_source(source, number, target, register, rejects, advance))
            finally:
                target.close()
    return inputs


def _read_source(
    source: Source,
    number: int,
    spool: Spool,
    register: Register,
    rejects: Rejects,
    advance: Callable[[float], None],
) -> dict[str, Any]:
    """Deals the usable rows of one file to shards; what was found in it. Errors: InputError if none is usable."""
    digest = hashlib.sha256()
    size, changed = _stat(source.path)
    found = used = shown = 0
    for block in read_blocks(source, digest):
        rows = usable_rows(source, number, block, register, rejects)
        found += len(block.rows) + len(block.malformed)
        used += len(rows)
        if len(rows):
            spool.add(rows)
        step = min(block.bytes_read, size - shown)  # a compressed file unpacks to more than its size
        shown += step
        advance(step)
    advance(size - shown)
    if not used:
        raise InputError(
            f"{source.path}: none of its {found} rows can be used; "
            + rejects.first_reason(source.table.name, source.path.name)
        )
    return {
        "table": source.name,
        "file": source.path.name,
        "bytes": size,
        "modified": changed,
        "sha256": digest.hexdigest(),
        "rows": found,
        "used": used,
    }


def _add_duplicates(
    shard: ShardCounts, sources: tuple[Source, ...], rejects: Rejects, inputs: list[dict[str, Any]]
) -> None:
    """Rows that repeat a key, met when the shard was sorted, join the rejects; the first in file order stays."""
    for name, rows in shard.duplicates.items():
        files = [source.path.name for source in sources if source.table.name == name]
        key = " and ".join(TABLES[name].key)
        for number, file in enumerate(files):
            part = rows.filter(pc.equal(rows.column(FILE), number))
            if len(part):
                many = len(part)
                rejects.add(name, file, part, part.column(ROW), [key] * many, ["duplicate key"] * many)
                entry = next(entry for entry in inputs if entry["file"] == file)
                entry["used"] -= many


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
        "inputs": inputs,
    }
