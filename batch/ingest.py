"""From a folder of tables to client shards: every file read once, checked, dealt to shards; nothing lost.

Belongs here: the flow, what is set aside and why, reuse of an ingest of the same files. Does not: features.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from upath import UPath

from batch.console import Progress
from batch.shards.ahead import THREADS, in_order
from batch.shards.base import write_base
from batch.shards.changes import Changes, NotComparable, find_changes
from batch.shards.ingests import (
    RECORD,
    begin,
    bytes_of,
    compare_with,
    keep_latest,
    latest_comparable,
    move,
    next_number,
    remove,
    remove_leftovers,
    usable,
)
from batch.shards.intake import Intake, add_duplicates, read_all
from batch.shards.ledger import read_known, write_known
from batch.shards.parquet_rows import rows_in_footer
from batch.shards.set_aside import SetAside
from batch.shards.sharding import ShardCounts, finish_shard, shards_for
from batch.shards.sources import Source, find_sources, stat
from batch.shards.unknown_categories import unknown_facts
from batch.workers import Workers
from features import TABLES
from model_store.client_shards import Base
from model_store.storage import is_local, publish_json, remove_folder
from model_store.store_format import FORMAT, note_format

BYTES_PER_APPLICATION = {".csv": 540, ".gz": 110}


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

    Where an earlier ingest lies there, only the lines of clients that differ from it are parsed, checked and
    sorted; all others are read there. Errors: InputError for a folder, file or column that is not there, a file
    that is empty or truncated. Until the ingest is whole it lies in a hidden folder, which goes if anything fails.
    """
    sources = find_sources(data)
    if (older := note_format(store)) is not None:
        progress.note(
            f"the store was written as format {older}: it stays readable and is of format {FORMAT} now"
        )
    identifier = _identifier(sources)
    folder = store / "ingests" / identifier
    if (document := usable(folder, _schemas())) is not None:
        progress.note(f"ingest: the eight files are those of ingest {identifier}, not read again")
        return Ingest(folder, document)
    if (folder / RECORD).exists():
        progress.note(f"ingest {identifier} is not as it was written: the eight files are read again")
        remove(folder)
    started = time.monotonic()
    remove_leftovers(store / "ingests")
    incoming = begin(store / "ingests", identifier)
    spool = Path(tempfile.mkdtemp(prefix="pret-spool-", dir=str(incoming) if is_local(incoming) else None))
    try:
        shards = shards_for(_estimated_clients(sources))
        with ThreadPoolExecutor(THREADS, "read") as pool:
            base, changes = _compared(incoming, sources, shards, spool, pool, progress)
            try:
                intake = Intake(spool, shards, SetAside(spool), changes)
                inputs = read_all(sources, intake, pool, progress)
            except NotComparable as reason:
                progress.note(f"ingest: everything is read, as {reason}")
                shutil.rmtree(spool)
                spool.mkdir()
                base, intake = None, Intake(spool, shards, SetAside(spool))
                inputs = read_all(sources, intake, pool, progress)
        counts = _sorted_shards(shards, spool, incoming, workers, progress)
        add_duplicates(counts, sources, intake.rejects, inputs)
        _finish(incoming, intake, counts, base)
        document = _document(
            data, identifier, inputs, counts, intake.rejects, base, time.monotonic() - started
        )
        intake.rejects.write(incoming / "rejects")
        shutil.rmtree(spool)
        document |= {"number": next_number(store / "ingests"), "bytes": bytes_of(incoming)}
        publish_json(incoming / RECORD, document)
        move(incoming, folder)
        keep_latest(store)
    except BaseException:
        shutil.rmtree(spool, ignore_errors=True)
        remove_folder(incoming)
        raise
    return Ingest(folder, document)


def _sorted_shards(
    shards: int, spool: Path, incoming: UPath, workers: Workers, progress: Progress
) -> list[ShardCounts]:
    """Every shard sorted and written: by the workers, or here if they cannot see the spool beside the store."""
    if is_local(incoming):
        return workers.map_shards("shard", finish_shard, shards, progress, spool, incoming)
    jobs = (partial(finish_shard, shard, spool, incoming) for shard in range(shards))
    counts = []
    with ThreadPoolExecutor(THREADS) as pool, progress.step("shard", shards, unit="shards") as advance:
        for count in in_order(jobs, pool):
            counts.append(count)
            advance(1)
    return counts


def _compared(
    incoming: UPath,
    sources: tuple[Source, ...],
    shards: int,
    spool: Path,
    pool: ThreadPoolExecutor,
    progress: Progress,
) -> tuple[Base | None, Changes | None]:
    """The ingest that most clients can be read from, and what differs from it; nothing where there is none."""
    before = latest_comparable(incoming.parent, shards, _schemas())
    known = None if before is None else read_known(before)
    if before is None or known is None:
        return None, None
    compare_with(incoming, before)
    total = sum(stat(source.path)[0] for source in sources)
    try:
        with progress.step("find changes", total, unit="bytes") as advance:
            changes = find_changes(sources, known, spool, pool, advance)
    except NotComparable as reason:
        progress.note(f"ingest: everything is read, as {reason}")
        return None, None
    return Base(before, changes.unchanged.ascending()), changes


def _finish(incoming: UPath, intake: Intake, counts: Sequence[ShardCounts], base: Base | None) -> None:
    """Notes which clients the ingest holds, here and in the ingest below, and what their lines add up to."""
    clients = intake.register.clients.ascending()
    if base is not None:
        write_base(incoming, base)
        clients = np.concatenate([clients, base.clients])  # none is in both
    ledger = intake.ledger if intake.changes is None else intake.changes.ledger
    if not ledger.incomplete:
        again = [intake.rejects.clients(intake.register), *(shard.again for shard in counts)]
        write_known(incoming, ledger, clients, np.unique(np.concatenate(again)))


def _identifier(sources: tuple[Source, ...]) -> str:
    """12 hex digits over places, sizes and times of change of the files, and the schemas they are read with."""
    facts = [(source.name, str(source.path.absolute()), *stat(source.path)) for source in sources]
    return hashlib.sha256(json.dumps([facts, _schemas()]).encode()).hexdigest()[:12]


def _schemas() -> str:
    """16 hex digits over what the tables may hold."""
    told = [(t.name, t.key, t.order, sorted(map(repr, t.columns.values()))) for t in TABLES.values()]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _estimated_clients(sources: tuple[Source, ...]) -> int:
    """Clients as guessed from the size of the application files; it only sets the number of shards."""
    total = 0.0
    for source in sources:
        if source.table.name == "application":
            suffix = source.path.suffix.lower()
            if source.is_parquet:
                total += rows_in_footer(source)
            else:
                total += stat(source.path)[0] / BYTES_PER_APPLICATION[suffix]
    return int(total)


def _document(
    data: UPath,
    identifier: str,
    inputs: list[dict[str, Any]],
    counts: list[ShardCounts],
    rejects: SetAside,
    base: Base | None,
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
        "schemas": _schemas(),
        "compared_with": None if base is None else base.folder.name,
        "unchanged": 0 if base is None else len(base.clients),
        "clients": sum(shard.clients for shard in counts) + (0 if base is None else len(base.clients)),
        "rows": {
            table.name: sum(entry["used"] for entry in inputs if entry["table"] in table.files)
            for table in TABLES.values()
        },
        "rejected": rejects.counts(),
        **unknown_facts(shard.unknown for shard in counts),
        "inputs": inputs,
    }
