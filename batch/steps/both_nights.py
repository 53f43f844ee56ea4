"""The clients of two nights side by side: who was there, with which probability, decision and band.

Belongs here: laying the scores of two nights beside one another, who moved. Does not: what moved them (comparison).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.schemas import CLIENT, TARGET
from model_store.reference import SCORE

KINDS = ("decision", "risk_band")
SCORES = [CLIENT, SCORE, *KINDS, "seen_in_training", TARGET]
"""What is read of a night's scores."""
Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]
Pair = tuple[str, str]
"""Before and after; "" before for a new client, after for one who is gone."""


@dataclass(frozen=True, eq=False)
class Side:
    """One night, with a place for every client of either night. Where a client was not there, numbers are NaN.

    `names`: by kind, "" for those not there first; `codes`: by kind, each client's place among them.
    """

    probability: Numbers
    outcome: Numbers
    seen_in_training: Mask
    names: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, Codes]


def side_of(scores: pa.Table, clients: NDArray[np.int64]) -> Side:
    """The SCORES of a night in the places of `clients`, ascending, all of the night's among them."""
    places, many = np.searchsorted(clients, scores.column(CLIENT).to_numpy()), len(clients)
    probability, outcome = np.full(many, np.nan), np.full(many, np.nan)
    seen = np.zeros(many, dtype=np.bool_)
    probability[places] = scores.column(SCORE).to_numpy()
    outcome[places] = scores.column(TARGET).to_numpy()
    seen[places] = scores.column("seen_in_training").to_numpy()
    names, codes = dict[str, tuple[str, ...]](), dict[str, Codes]()
    for kind in KINDS:
        names[kind] = ("", *pc.unique(scores.column(kind)).to_pylist())
        codes[kind] = np.zeros(many, dtype=np.int64)
        found = pc.index_in(scores.column(kind), value_set=pa.array(names[kind], pa.string()))
        codes[kind][places] = found.to_numpy()
    return Side(probability, outcome, seen, names, codes)


@dataclass(frozen=True, eq=False)
class BothNights:
    """The clients of either night, ascending, and what each night said of them."""

    clients: NDArray[np.int64]
    before: Side
    after: Side

    @classmethod
    def of(cls, before: pa.Table, after: pa.Table) -> BothNights:
        """Of the SCORES of two nights."""
        clients = np.union1d(before.column(CLIENT).to_numpy(), after.column(CLIENT).to_numpy())
        clients = clients.astype(np.int64)
        return cls(clients, side_of(before, clients), side_of(after, clients))

    def moves(self, kind: str) -> Counter[Pair]:
        """Clients by decision or band before and after; those who stayed where they were, came or went too."""
        left, right = self.before.names[kind], self.after.names[kind]
        found = np.bincount(self._pairs(kind), minlength=len(left) * len(right)).reshape(len(left), -1)
        return Counter({(left[n], right[m]): int(found[n, m]) for n, m in np.argwhere(found).tolist()})

    def moved(self, kind: str) -> dict[Pair, Mask]:
        """Of the clients with a probability in both nights, those of each move to another decision or band."""
        left, right = self.before.names[kind], self.after.names[kind]
        stayed = ~np.isnan(self.before.probability) & ~np.isnan(self.after.probability)
        pairs = self._pairs(kind)
        found = {divmod(int(pair), len(right)): pair for pair in np.unique(pairs[stayed])}
        return {
            (left[n], right[m]): stayed & (pairs == pair)
            for (n, m), pair in found.items()
            if left[n] != right[m]
        }

    def _pairs(self, kind: str) -> Codes:
        return self.before.codes[kind] * len(self.after.names[kind]) + self.after.codes[kind]

    def learnt(self) -> Mask:
        """Clients not used in either training whose outcome became known since the night before, which had
        promised them a probability."""
        return (
            np.isnan(self.before.outcome)
            & ~np.isnan(self.after.outcome)
            & ~np.isnan(self.before.probability)
            & ~self.before.seen_in_training
            & ~self.after.seen_in_training
        )
