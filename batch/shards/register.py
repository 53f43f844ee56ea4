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
TABLE_SPAN = 1 << 25
Identifiers = NDArray[np.int32]


class Directory:
    """Identifiers, each with its client: in a table by identifier while they lie close together, else in sorted
    runs, each at least twice as long as the next: an addition then sorts little, a look-up searches few.

    An identifier is 1 or more. Look-ups may run in several threads, additions may not run beside them.
    """

    def __init__(self) -> None:
        self._low, self._high = 1, 0
        self._table: Identifiers | None = None
        self._runs: list[tuple[Identifiers, Identifiers]] = []

    def clients_of(self, identifiers: Identifiers) -> Identifiers:
        """The client of each identifier, 0 where it was not met."""
        if self._table is not None:
            return np.asarray(_look_up(self._table, self._low, identifiers))
        clients = np.zeros(len(identifiers), dtype=np.int32)
        for known, owners in self._runs:
            at = np.minimum(np.searchsorted(known, identifiers), len(known) - 1)
            clients += np.where(known[at] == identifiers, owners[at], np.int32(0))  # in one run at most
        return clients

    def add(self, identifiers: Identifiers, clients: Identifiers) -> None:
        """Remembers identifiers that were not met before."""
        if not len(identifiers):
            return
        low, high = int(identifiers.min()), int(identifiers.max())
        if self._table is None and not self._runs:
            self._low = max(1, low - TABLE_SPAN // 4)
            self._high = self._low - 1
            self._table = np.zeros(TABLE_SPAN, dtype=np.int32)  # takes memory only where it is written
        if self._table is not None and low >= self._low and high < self._low + TABLE_SPAN:
            self._table[identifiers - np.int32(self._low)] = clients
            self._high = max(self._high, high)
            return
        self._leave_table()
        self._add_run(identifiers, clients)

    def known(self) -> Identifiers:
        """Every identifier met, ascending."""
        if self._table is not None:
            met = self._table[: self._high + 1 - self._low]  # beyond it nothing was written, nor takes memory
            return (np.flatnonzero(met) + self._low).astype(np.int32)
        return np.sort(np.concatenate([np.zeros(0, np.int32), *(known for known, _ in self._runs)]))

    def _add_run(self, identifiers: Identifiers, clients: Identifiers) -> None:
        while self._runs and len(self._runs[-1][0]) < 2 * len(identifiers):
            known, owners = self._runs.pop()
            identifiers, clients = np.concatenate([known, identifiers]), np.concatenate([owners, clients])
        order = np.argsort(identifiers, kind="stable")  # which merges what is sorted already
        self._runs.append((identifiers[order], clients[order]))

    def _leave_table(self) -> None:
        if self._table is not None:
            known = self.known()
            self._runs = [(known, self._table[known - np.int32(self._low)])] if len(known) else []
            self._table = None


@dataclass
class Register:
    """Clients with an application, credits in bureau, earlier applications: each with its client."""

    clients: Directory = field(default_factory=Directory)
    credits: Directory = field(default_factory=Directory)
    previous: Directory = field(default_factory=Directory)

    def of(self, key: str) -> Directory:
        """The directory of a key: one of KEPT_KEYS."""
        return {CLIENT: self.clients, CREDIT: self.credits, PREVIOUS: self.previous}[key]


@compiled
def _look_up(table: Identifiers, low: int, identifiers: Identifiers) -> Identifiers:
    """What the table says of each identifier from `low` on; 0 where it has no place."""
    found = np.zeros(len(identifiers), np.int32)
    for at in range(len(identifiers)):
        place = np.int64(identifiers[at]) - low
        if 0 <= place < len(table):
            found[at] = table[place]
    return found
