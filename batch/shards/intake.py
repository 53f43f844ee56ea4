"""Every file read once into the spool, several blocks at a time.

Belongs here: what runs beside what, in which order blocks are taken, what is said of a file. Does not: the
checks on a block (block_rows), the store (ingest).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from batch.console import Progress
from batch.errors import InputError
from batch.shards.again import Part, ReadOnce, as_they_come
from batch.shards.ahead import in_order
from batch.shards.block_rows import BlockRows, checked_rows, first_of_key
from batch.shards.changes import Changes
from batch.shards.digests import FileDigest
from batch.shards.ledger import Ledger, clients_of
from batch.shards.lines import Lines
from batch.shards.register import KEPT_KEYS, Register
from batch.shards.rejects import Rejects
from batch.shards.set_aside import SetAside
from batch.shards.sharding import ShardCounts
from batch.shards.sources import Source, stat
from batch.shards.spool import Spool, UsableRows, usable_rows
from features import TABLES
from features.schemas import CLIENT


@dataclass(frozen=True)
class Intake:
    """Where the rows of all files go while they are read; with `changes`, those of unchanged clients go nowhere."""

    spool: Path
    shards: int
    rejects: SetAside
    changes: Changes | None = None
    register: Register = field(default_factory=Register)
    ledger: Ledger = field(default_factory=Ledger)


def read_all(
    sources: tuple[Source, ...], intake: Intake, pool: ThreadPoolExecutor, progress: Progress
) -> list[dict[str, Any]]:
    """Every file read once into the spool: applications first (they say who is a client), bureau before months.

    Returns what run.json says of each file.
    """
    inputs = []
    total = sum(stat(source.path)[0] for source in sources)
    with progress.step("read", total, unit="bytes") as advance:
        for table in TABLES.values():
            target = Spool(intake.spool, table, intake.shards, pool)
            try:
                for number, source in enumerate(s for s in sources if s.table is table):
                    inputs.append(_read_source(source, number, target, intake, pool, advance))
            finally:
                target.close()
            if CLIENT not in table.columns:
                intake.register.forget_credits()  # of all tables only this one asks whose they are
    return inputs


def _read_source(
    source: Source,
    number: int,
    target: Spool,
    intake: Intake,
    pool: ThreadPoolExecutor,
    advance: Callable[[float], None],
) -> dict[str, Any]:
    """Hands on the usable rows of one file; what was found in it. Errors: InputError if none is usable."""
    digest, known = FileDigest(), _known_places(source, intake)
    size, changed = stat(source.path)
    found = used = shown = 0
    for block in in_order(
        (partial(_prepare, source, number, read, intake) for read in _parts(source, digest, intake)), pool
    ):
        rows, usable = block.rows, block.usable
        if usable is None:
            rows = first_of_key(rows, intake.register)
            usable = usable_rows(rows, number)
        _enter(source, block.lines, intake)
        target.add(usable)
        intake.rejects.extend(rows.rejects, intake.register)
        found += rows.found + block.passed
        used += usable.rows + block.passed
        step = min(block.bytes_read, size - shown)  # a compressed file unpacks to more than its size
        shown += step
        advance(step)
    advance(size - shown)
    if known is not None:
        known.require_same()
    _require_rows(source, found, used, intake)
    return {
        "table": source.name,
        "file": source.path.name,
        "bytes": size,
        "modified": changed,
        "sha256": digest.hexdigest() if known is None else known.sha256,
        "rows": found,
        "used": used,
    }


def _enter(source: Source, lines: Lines | None, intake: Intake) -> None:
    """Enters the lines of a block where all are read; where some are, the comparison has entered them."""
    if intake.changes is None:
        if lines is None:
            intake.ledger.incomplete = True
        else:
            intake.ledger.add(clients_of(source, lines.first, intake.register), lines)


def _require_rows(source: Source, found: int, used: int, intake: Intake) -> None:
    """Errors: InputError if the file holds no rows, or none that can be used."""
    if not found:
        raise InputError(f"{source.path} holds no rows; expected at least one after the header")
    if not used:
        raise InputError(
            f"{source.path}: none of its {found} rows can be used; "
            + intake.rejects.first_reason(source.path.name)
        )


@dataclass(frozen=True, eq=False)
class Prepared:
    """A block of a file: its rows, those to use unless their keys must be compared first; lines passed over."""

    rows: BlockRows
    usable: UsableRows | None
    lines: Lines | None
    passed: int
    bytes_read: int


def _known_places(source: Source, intake: Intake) -> ReadOnce | None:
    """The file, if it was read before to find what changed."""
    return None if intake.changes is None else intake.changes.files[source.name]


def _parts(source: Source, digest: FileDigest, intake: Intake) -> Iterator[Callable[[], Part]]:
    """The parts of a file; with changes, what is wanted of them."""
    if intake.changes is None and source.is_parquet:
        digest.take(source.path)  # beside the reading, which decodes
        return as_they_come(source, None)
    if intake.changes is None:
        return as_they_come(source, digest)
    return intake.changes.files[source.name].again(intake.changes.wanted)


def _prepare(source: Source, number: int, read: Callable[[], Part], intake: Intake) -> Prepared:
    part = read()
    rows = checked_rows(source, part.block, intake.register)
    if intake.changes is not None:
        intake.changes.require_apart(rows)
    registered = source.table.name in KEPT_KEYS  # needs the blocks in order
    usable = None if registered else usable_rows(rows, number)
    return Prepared(rows, usable, part.lines, part.passed, part.bytes_read)


def add_duplicates(
    shards: Iterable[ShardCounts],
    sources: tuple[Source, ...],
    rejects: SetAside,
    inputs: list[dict[str, Any]],
) -> None:
    """Rows that repeat a key, met when shards were sorted, join the rejects; the first in file order stays."""
    found = Rejects()
    for name, repeated in (item for shard in shards for item in shard.duplicates.items()):
        key = " and ".join(TABLES[name].key)
        for number, source in enumerate(source for source in sources if source.table.name == name):
            own = np.flatnonzero(repeated.files == number)
            if len(own):
                found.add(source, repeated.rows.take(own), repeated.lines[own], key, "duplicate key")
                entry = next(entry for entry in inputs if entry["file"] == source.path.name)
                entry["used"] -= len(own)
    rejects.extend_late(found)
