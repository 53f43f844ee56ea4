"""Every file read once into the spool, several blocks at a time.

Belongs here: what runs beside what, in which order blocks are taken, what is said of a file. Does not: the
checks on a block (block_rows), the store (ingest).
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from dask.system import CPU_COUNT
from upath import UPath

from batch.block_rows import BlockRows, checked_rows, first_of_key
from batch.console import Progress
from batch.errors import InputError
from batch.reading import Digest, Piece, Source, read_pieces
from batch.register import KEPT_KEYS, Register
from batch.rejects import Rejects
from batch.sharding import ShardCounts
from batch.spool import Dealt, Spool, deal
from features import TABLES

THREADS = min(int(CPU_COUNT), 8)  # reading, hashing and spooling stay in one: more would wait for it


@dataclass(frozen=True)
class Intake:
    """Where the rows of all files go while they are read."""

    spool: Path
    shards: int
    register: Register
    rejects: Rejects
    pool: ThreadPoolExecutor


def stat(path: UPath) -> tuple[int, str]:
    """Size of a file and when it was changed, or what its storage says instead."""
    info = path.fs.info(path.path)
    changed = info.get("mtime") or info.get("LastModified") or info.get("ETag") or ""
    return int(info["size"]), str(changed)


def read_all(
    sources: tuple[Source, ...], spool: Path, shards: int, rejects: Rejects, progress: Progress
) -> list[dict[str, Any]]:
    """Every file read once into the spool: applications first (they say who is a client), bureau before months.

    Returns what run.json says of each file.
    """
    inputs = []
    total = sum(stat(source.path)[0] for source in sources)
    with ThreadPoolExecutor(THREADS, "read") as pool, progress.step("read", total, unit="bytes") as advance:
        intake = Intake(spool, shards, Register(), rejects, pool)
        for table in TABLES.values():
            target = Spool(spool, table, shards)
            try:
                for number, source in enumerate(s for s in sources if s.table is table):
                    inputs.append(_read_source(source, number, target, intake, advance))
            finally:
                target.close()
    return inputs


def _read_source(
    source: Source, number: int, target: Spool, intake: Intake, advance: Callable[[float], None]
) -> dict[str, Any]:
    """Deals the usable rows of one file to shards; what was found in it. Errors: InputError if none is usable."""
    digest = hashlib.sha256()
    size, changed = stat(source.path)
    found = used = shown = 0
    for rows, dealt, bytes_read in _blocks(source, number, digest, intake):
        if dealt is None:
            rows = first_of_key(rows, intake.register)
            dealt = deal(rows, number, intake.shards)
        target.add(dealt)
        intake.rejects.extend(rows.rejects)
        found += rows.found
        used += dealt.rows
        step = min(bytes_read, size - shown)  # a compressed file unpacks to more than its size
        shown += step
        advance(step)
    advance(size - shown)
    _require_rows(source, found, used, intake.rejects)
    return {
        "table": source.name,
        "file": source.path.name,
        "bytes": size,
        "modified": changed,
        "sha256": digest.hexdigest(),
        "rows": found,
        "used": used,
    }


def _require_rows(source: Source, found: int, used: int, rejects: Rejects) -> None:
    """Errors: InputError if the file holds no rows, or none that can be used."""
    if not found:
        raise InputError(f"{source.path} holds no rows; expected at least one after the header")
    if not used:
        raise InputError(
            f"{source.path}: none of its {found} rows can be used; "
            + rejects.first_reason(source.table.name, source.path.name)
        )


Prepared = tuple[BlockRows, Dealt | None, int]


def _blocks(source: Source, number: int, digest: Digest, intake: Intake) -> Iterator[Prepared]:
    """The blocks of a file in order, prepared in the pool while the next ones are read here.

    A few are under way at once, so that memory holds no more than those.
    """

    def prepare(piece: Piece) -> Prepared:
        rows = checked_rows(source, piece.parse(), intake.register)
        registered = source.table.name in KEPT_KEYS  # needs the blocks in order, before they are dealt
        return rows, None if registered else deal(rows, number, intake.shards), piece.bytes_read

    under_way: deque[Future[Prepared]] = deque()
    try:
        for piece in read_pieces(source, digest):
            under_way.append(intake.pool.submit(prepare, piece))
            if len(under_way) > THREADS + 1:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()


def add_duplicates(
    shard: ShardCounts, sources: tuple[Source, ...], rejects: Rejects, inputs: list[dict[str, Any]]
) -> None:
    """Rows that repeat a key, met when the shard was sorted, join the rejects; the first in file order stays."""
    for name, repeated in shard.duplicates.items():
        key = " and ".join(TABLES[name].key)
        for number, source in enumerate(source for source in sources if source.table.name == name):
            own = np.flatnonzero(repeated.files == number)
            if len(own):
                rejects.add(source, repeated.rows.take(own), repeated.lines[own], key, "duplicate key")
                entry = next(entry for entry in inputs if entry["file"] == source.path.name)
                entry["used"] -= len(own)
