"""Which clients' lines differ from an earlier ingest, so that only theirs are parsed, checked and sorted again.

Belongs here: comparing files with an ingest, choosing lines. Does not: what is kept of clients (ledger), parsing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from batch.shards.again import ReadOnce, Told
from batch.shards.ahead import in_order
from batch.shards.block_rows import BlockRows
from batch.shards.ledger import KnownClients, Ledger, clients_of, identifiers
from batch.shards.lines import NOBODY, Lines
from batch.shards.register import CREDIT, KEPT_KEYS, Directory, Identifiers, Known, Register
from batch.shards.sources import Source, stat
from features import TABLES
from features.schemas import CLIENT

MOST_CHANGED = 0.25
"""Share of changed clients from which reading everything is quicker than reading around the others."""


@dataclass(frozen=True, eq=False)
class Changes:
    """Whose every line is, and which clients have the lines of the earlier ingest; all others are read again."""

    register: Register
    ledger: Ledger
    unchanged: Known
    files: Mapping[str, ReadOnce]

    def wanted(self, clients: Identifiers) -> NDArray[np.bool_]:
        """Lines of clients that changed, and lines of no client: what is wrong with those is told each night."""
        return ~self.unchanged.holds(clients)

    def require_apart(self, rows: BlockRows) -> None:
        """Errors: NotComparable if a wanted line turns out to be of a client whose rows are read elsewhere."""
        clients = rows.numbers(CLIENT)
        if CLIENT not in rows.source.table.columns:
            clients = self.register.credits.clients_of(rows.numbers(CREDIT))
        both = np.flatnonzero(self.unchanged.holds(clients))
        if len(both):
            place = f"{rows.source.path.name}, line {rows.lines[both[0]]}"
            raise NotComparable(f"the identifier in {place}, can be read by parsing only")


class NotComparable(Exception):
    """The files cannot be compared with an earlier ingest line by line."""


def find_changes(
    sources: tuple[Source, ...],
    before: KnownClients,
    folder: Path,
    pool: ThreadPoolExecutor,
    advance: Callable[[float], None],
) -> Changes:
    """Reads every file once without parsing it; whose each line is, is kept in `folder`.

    Errors: NotComparable if too much differs.
    """
    register, ledger, repeated = Register(previous=Directory()), Ledger(), set[int]()
    files = {source.name: ReadOnce(source, folder) for source in sources}
    for table in TABLES.values():
        for source in (source for source in sources if source.table is table):
            left = float(stat(source.path)[0])
            file = files[source.name]
            scans = chain.from_iterable(in_order(_scans(source, file, register), pool))
            for lines, clients, size in scans:
                repeated.update(_enter(source, lines, clients, register))
                ledger.add(clients, lines)
                file.keep(clients, lines)
                advance(min(size, left))  # what is packed unpacks to more than its size
                left = max(left - size, 0.0)
    register.previous = Known()  # nobody asks for their clients any more
    now = register.clients.ascending()
    if not len(now):
        raise NotComparable("no client can be read")
    at = np.minimum(np.searchsorted(before.clients, now), len(before.clients) - 1)
    same = (before.clients[at] == now) & (before.sums[at] == ledger.sums(now)) & ~before.again[at]
    same &= ~np.isin(now, np.fromiter(repeated, np.int32))
    if same.sum() < (1 - MOST_CHANGED) * len(now):
        raise NotComparable(f"{1 - same.mean():.0%} of the clients differ")
    unchanged = Known()
    unchanged.add(now[same])
    return Changes(register, ledger, unchanged, files)


Scan = tuple[Lines, Identifiers, int]
"""The lines of a piece of a file, whose each is, bytes read."""


def _scans(source: Source, file: ReadOnce, register: Register) -> Iterator[Callable[[], list[Scan]]]:
    return (partial(_scan, source, read, register) for read in file.lines())


def _scan(source: Source, read: Callable[[], list[Told]], register: Register) -> list[Scan]:
    if KEPT_KEYS.get(source.table.name) == CLIENT:  # whoever has an application is a client
        return [(lines, identifiers(lines.first), size) for lines, size in read()]
    return [(lines, clients_of(source, lines.first, register), size) for lines, size in read()]


def _enter(source: Source, lines: Lines, clients: Identifiers, register: Register) -> set[int]:
    """Enters a block's keys; the clients with one that was met before, or cannot be read: read them again."""
    key = KEPT_KEYS.get(source.table.name)
    if key is None:
        return set()
    if key == CLIENT and not clients.all():
        raise NotComparable(f"{source.path.name} has lines on which no client can be read")
    keys = clients if key == CLIENT else identifiers(lines.second)
    return _met_before(register, key, keys, clients)


def _met_before(register: Register, key: str, keys: Identifiers, clients: Identifiers) -> set[int]:
    """Remembers the keys of clients; the clients of those that are met twice, the first one's too."""
    known = clients != NOBODY
    keys, clients = keys[known], clients[known]
    owners = register.clients_of(key, keys)
    first = np.zeros(len(keys), dtype=np.bool_)
    first[np.unique(keys, return_index=True)[1]] = True
    new = first & (owners == NOBODY) & (keys != NOBODY)
    register.of(key).add(keys[new], clients[new])
    again = ~new
    return {*clients[again].tolist(), *register.clients_of(key, keys[again]).tolist()} - {NOBODY}
