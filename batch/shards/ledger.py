"""What the lines of each client add up to: two nights compare their clients without their tables.

Belongs here: the sums, the file they are kept in, which clients differ. Does not: bytes (lines), reading (changes).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from upath import UPath

from batch.shards.lines import NO_FIELD, NOBODY, Ids, Lines, add_hashes, read_lines
from batch.shards.register import CREDIT, KEPT_KEYS, TABLE_SPAN, Identifiers, Register
from batch.shards.row_hashes import hash_rows
from batch.shards.sources import Piece, Source
from features.schemas import CLIENT
from model_store.storage import naming

LEDGER = "clients.parquet"
_LARGEST = 2**31 - 1
_KEPT = pa.schema([(CLIENT, pa.int64()), ("lines", pa.uint64()), ("again", pa.bool_())])
_AT_ONCE = 1 << 18


def lines_of(source: Source, piece: Piece) -> Lines:
    """The lines of a piece of a file: `first` whose each is (its client; its credit, where the client comes through
    bureau), `second` its own key where that is compared over all rows.

    The same line of another file, or under another header, has another hash.
    """
    owner = CLIENT if CLIENT in source.table.columns else CREDIT
    key = KEPT_KEYS.get(source.table.name, CLIENT)
    if piece.text is None:
        values = piece.parse().values
        return hash_rows(values, owner, None if key == CLIENT else key, _seed(source, values.column_names))
    header = piece.text.layout.header
    second = NO_FIELD if key == CLIENT else header.index(key)
    return read_lines(piece.text.text, header.index(owner), second, _seed(source, header))


def _seed(source: Source, columns: Sequence[str]) -> int:
    told = hashlib.sha256(f"{source.name}\n{','.join(columns)}".encode()).digest()
    return int.from_bytes(told[:8], "little")


def identifiers(read: Ids) -> Identifiers:
    """Identifiers as read off lines; NOBODY for a number that is too large for one."""
    return np.where(read <= _LARGEST, read, NOBODY).astype(np.int32)


def clients_of(source: Source, owners: Ids, register: Register) -> Identifiers:
    """The client of each line, NOBODY where the register knows none."""
    ids = identifiers(owners)
    if CLIENT not in source.table.columns:
        return register.credits.clients_of(ids)
    return register.clients_of(CLIENT, ids)


Page = tuple[Identifiers, NDArray[np.uint64]]
"""Clients ascending, and what their lines add up to."""


class Ledger:
    """The sum of the hashes of each client's lines, over all files: the order of lines does not matter.

    In a table by identifier while they lie close together, else in sorted pages, each at least twice as long as the
    next. Blocks whose lines were not told make it `incomplete`: nothing is kept.
    """

    def __init__(self) -> None:
        self.incomplete = False
        self._low = 0
        self._table: NDArray[np.uint64] | None = None
        self._pages: list[Page] = []

    def add(self, clients: Identifiers, lines: Lines) -> None:
        """Adds lines to their clients; NOBODY's count for no one."""
        if self._pages:
            self._add_page(clients, lines.hashes)
            return
        if self._table is None:
            known = clients[clients != NOBODY]
            if not len(known):
                return
            self._low = max(1, int(known.min()) - TABLE_SPAN // 4)
            self._table = np.zeros(TABLE_SPAN, np.uint64)  # takes memory only where it is written
        added = add_hashes(self._table, clients, self._low, lines.hashes)
        if added < len(clients):  # too far apart for one table
            entered = np.flatnonzero(self._table)
            self._pages = [((entered + self._low).astype(np.int32), self._table[entered])]
            self._table = None
            self._add_page(clients[added:], lines.hashes[added:])

    def sums(self, clients: NDArray[np.integer]) -> NDArray[np.uint64]:
        """What the lines of these clients add up to; 0 for one without any."""
        found = np.zeros(len(clients), np.uint64)
        if self._table is not None:
            at = np.asarray(clients, np.int64) - self._low
            entered = (at >= 0) & (at < len(self._table))
            found[entered] = self._table[at[entered]]
        for known, sums in (page for page in self._pages if len(page[0])):
            at = np.minimum(np.searchsorted(known, clients), len(known) - 1)
            found += np.where(known[at] == clients, sums[at], np.uint64(0))
        return found

    def _add_page(self, clients: Identifiers, hashes: NDArray[np.uint64]) -> None:
        somebody = clients != NOBODY
        page = _summed(clients[somebody], hashes[somebody])
        while self._pages and len(self._pages[-1][0]) < 2 * len(page[0]):
            known, sums = self._pages.pop()
            page = _summed(np.concatenate([known, page[0]]), np.concatenate([sums, page[1]]))
        self._pages.append(page)


def _summed(clients: Identifiers, hashes: NDArray[np.uint64]) -> Page:
    """The clients ascending, each once, with the sum of its hashes."""
    order = np.argsort(clients, kind="stable")  # which merges what is sorted already
    ascending = clients[order]
    first = np.flatnonzero(np.diff(ascending, prepend=np.int32(NOBODY)))
    return ascending[first], np.add.reduceat(hashes[order], first) if len(first) else hashes[:0]


@dataclass(frozen=True, eq=False)
class KnownClients:
    """The clients of an ingest, ascending: what their lines add up to, and whether to read them again anyway.

    Rows set aside and unknown categories are told anew each night, with the lines they are on then.
    """

    clients: NDArray[np.int64]
    sums: NDArray[np.uint64]
    again: NDArray[np.bool_]


def write_known(ingest: UPath, ledger: Ledger, clients: Identifiers, again: Identifiers) -> None:
    """Keeps what `read_known` reads: the sums of these clients, as many at a time as take little memory."""
    ascending, path = np.sort(clients), ingest / LEDGER
    with (
        naming(path),
        path.open("wb") as file,
        pq.ParquetWriter(
            file, _KEPT, compression="lz4", use_dictionary=False, write_statistics=False
        ) as kept,
    ):
        for start in range(0, len(ascending), _AT_ONCE):
            some = ascending[start : start + _AT_ONCE]
            columns = [some.astype(np.int64), ledger.sums(some), np.isin(some, again)]
            kept.write_table(pa.table(columns, schema=_KEPT))


def read_known(ingest: UPath) -> KnownClients | None:
    """What an ingest kept of its clients; None if it kept nothing."""
    path = ingest / LEDGER
    if not path.exists():
        return None
    with path.open("rb") as file:
        table = pq.read_table(file)
    return KnownClients(*(table.column(name).to_numpy() for name in (CLIENT, "lines", "again")))


def differing(before: KnownClients, now: KnownClients) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Clients of `before` that are gone or have other lines; clients of `now` that are new or have other lines."""
    at = np.minimum(np.searchsorted(now.clients, before.clients), len(now.clients) - 1)
    same = (now.clients[at] == before.clients) & (now.sums[at] == before.sums)
    kept = np.zeros(len(now.clients), dtype=np.bool_)
    kept[at[same]] = True
    return before.clients[~same], now.clients[~kept]
