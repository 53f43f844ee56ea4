"""Identifiers met so far: who is a client, whose a credit is, which keys are taken.

Belongs here: looking identifiers up by the million. Does not: the rows that carry them (block_rows).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from features.schemas import CLIENT
from features.segments import compiled

CREDIT, PREVIOUS = "SK_ID_BUREAU", "SK_ID_PREV"
KEPT_KEYS = {"application": CLIENT, "bureau": CREDIT, "previous_application": PREVIOUS}
"""Keys compared across all rows of their table while files are read; other keys repeat within a client."""
TABLE_SPAN, BITS_SPAN = 1 << 25, 1 << 28
"""Identifiers that lie close together: within a table of 128 MB, within 32 MB of bits."""
Identifiers = NDArray[np.int32]
Mask = NDArray[np.bool_]


class Known:
    """Identifiers that were met, not whose they are: a bit each while they lie close together, else sorted runs.

    An identifier is 1 or more. Look-ups may run in several threads, additions may not run beside them.
    """

    def __init__(self) -> None:
        self._low, self._high = 1, 0
        self._bits: NDArray[np.uint8] | None = None
        self._runs: list[Run] = []

    def holds(self, identifiers: Identifiers) -> Mask:
        """Which of the identifiers were met."""
        if self._bits is not None:
            return np.asarray(_are_set(self._bits, self._low, identifiers))
        return np.asarray(_found(self._runs, identifiers) != 0)

    def add(self, identifiers: Identifiers, _clients: Identifiers | None = None) -> None:
        """Remembers identifiers; whose they are nobody asks."""
        if not len(identifiers):
            return
        low, high = int(identifiers.min()), int(identifiers.max())
        if self._bits is None and not self._runs:
            self._low = _beginning(low, BITS_SPAN)
            self._bits = np.zeros(BITS_SPAN // 8, np.uint8)  # takes memory only where it is written
        if self._bits is not None and low >= self._low and high < self._low + BITS_SPAN:
            _set_bits(self._bits, self._low, identifiers)
            self._high = max(self._high, high)
            return
        if self._bits is not None:
            known = self.ascending()
            self._runs, self._bits = _with_run([], known, known), None
        new = np.unique(identifiers)
        new = new[~self.holds(new)]
        self._runs = _with_run(self._runs, new, new)

    def ascending(self) -> Identifiers:
        """Every identifier met, once."""
        if self._bits is None:
            return np.sort(np.concatenate([np.zeros(0, np.int32), *(known for known, _ in self._runs)]))
        written = self._bits[: (self._high - self._low) // 8 + 1]  # beyond it nothing was, nor takes memory
        met = np.flatnonzero(np.unpackbits(written, bitorder="little"))
        return (met + self._low).astype(np.int32)


class Directory:
    """Identifiers, each with its client: in a table by identifier while they lie close together, else in sorted
    runs.

    An identifier is 1 or more. Look-ups may run in several threads, additions may not run beside them.
    """

    def __init__(self) -> None:
        self._low, self._high = 1, 0
        self._table: Identifiers | None = None
        self._runs: list[Run] = []

    def clients_of(self, identifiers: Identifiers) -> Identifiers:
        """The client of each identifier, 0 where it was not met."""
        if self._table is not None:
            return np.asarray(_look_up(self._table, self._low, identifiers))
        return _found(self._runs, identifiers)

    def holds(self, identifiers: Identifiers) -> Mask:
        """Which of the identifiers were met."""
        return np.asarray(self.clients_of(identifiers) != 0)

    def add(self, identifiers: Identifiers, clients: Identifiers) -> None:
        """Remembers identifiers that were not met before."""
        if not len(identifiers):
            return
        low, high = int(identifiers.min()), int(identifiers.max())
        if self._table is None and not self._runs:
            self._low = _beginning(low, TABLE_SPAN)
            self._table = np.zeros(TABLE_SPAN, dtype=np.int32)  # takes memory only where it is written
        if self._table is not None and low >= self._low and high < self._low + TABLE_SPAN:
            self._table[identifiers - np.int32(self._low)] = clients
            self._high = max(self._high, high)
            return
        if self._table is not None:
            met = self._table[: self._high + 1 - self._low]  # beyond it nothing was written
            known = (np.flatnonzero(met) + self._low).astype(np.int32)
            self._runs, self._table = _with_run([], known, met[known - np.int32(self._low)]), None
        self._runs = _with_run(self._runs, identifiers, clients)


@dataclass
class Register:
    """Clients with an application, credits in bureau with their client, earlier applications.

    `previous`: with their clients where those of repeated ones are asked for.
    """

    clients: Known = field(default_factory=Known)
    credits: Directory = field(default_factory=Directory)
    previous: Known | Directory = field(default_factory=Known)

    def of(self, key: str) -> Known | Directory:
        """What is known of a key: one of KEPT_KEYS."""
        if key == CREDIT:
            return self.credits
        return self.clients if key == CLIENT else self.previous

    def clients_of(self, key: str, identifiers: Identifiers) -> Identifiers:
        """The client of each identifier, 0 where it was not met; of a client it is itself."""
        if key == CLIENT:
            return np.where(self.clients.holds(identifiers), identifiers, np.int32(0))
        owners = self.of(key)
        assert isinstance(owners, Directory), key
        return owners.clients_of(identifiers)

    def forget_credits(self) -> None:
        """Gives their memory back once nobody asks for them: they are several times as many as clients."""
        self.credits = Directory()


Run = tuple[Identifiers, Identifiers]
"""Identifiers, ascending, and the client of each."""


def _with_run(runs: list[Run], identifiers: Identifiers, clients: Identifiers) -> list[Run]:
    """The runs and one more, each at least twice as long as the next: an addition sorts little, a look-up searches
    few."""
    while runs and len(runs[-1][0]) < 2 * len(identifiers):
        *runs, (known, owners) = runs
        identifiers, clients = np.concatenate([known, identifiers]), np.concatenate([owners, clients])
    order = np.argsort(identifiers, kind="stable")  # which merges what is sorted already
    return [*runs, (identifiers[order], clients[order])] if len(identifiers) else runs


def _found(runs: list[Run], identifiers: Identifiers) -> Identifiers:
    """The client of each identifier, 0 where it is in no run."""
    clients = np.zeros(len(identifiers), dtype=np.int32)
    for known, owners in runs:
        at = np.minimum(np.searchsorted(known, identifiers), len(known) - 1)
        clients += np.where(known[at] == identifiers, owners[at], np.int32(0))  # in one run at most
    return clients


def _beginning(lowest: int, span: int) -> int:
    """Where a table begins: some of it is left for what comes later and is lower."""
    return max(1, lowest - span // 4)


@compiled
def _look_up(table: Identifiers, low: int, identifiers: Identifiers) -> Identifiers:
    """What the table says of each identifier from `low` on; 0 where it has no place."""
    found = np.zeros(len(identifiers), np.int32)
    for at in range(len(identifiers)):
        place = np.int64(identifiers[at]) - low
        if 0 <= place < len(table):
            found[at] = table[place]
    return found


@compiled
def _are_set(bits: NDArray[np.uint8], low: int, identifiers: Identifiers) -> Mask:
    found = np.zeros(len(identifiers), np.bool_)
    for at in range(len(identifiers)):
        place = np.int64(identifiers[at]) - low
        if 0 <= place < 8 * len(bits):
            found[at] = (bits[place >> 3] >> (place & 7)) & 1 != 0
    return found


@compiled
def _set_bits(bits: NDArray[np.uint8], low: int, identifiers: Identifiers) -> None:
    for at in range(len(identifiers)):
        place = np.int64(identifiers[at]) - low
        bits[place >> 3] |= np.uint8(1 << (place & 7))
