"""Do two builders say the same of every client? Some columns at a time, so that memory stays small.

Belongs here: comparing features written as Parquet. Does not: building them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.schemas import CLIENT

LARGEST_DIFFERENCE = 1e-4
COLUMNS_AT_ONCE = 50


class Disagreement(Exception):
    """Two builders do not say the same; the message names columns and clients."""


@dataclass(frozen=True)
class ColumnDifference:
    """How far two columns are apart.

    missing: clients for whom one is missing and the other is not. relative: largest difference over the value
    or the column's mean absolute value, whichever is larger. client: where that is (or the first missing).
    """

    name: str
    missing: int
    relative: float
    client: int

    @property
    def agrees(self) -> bool:
        return self.missing == 0 and self.relative <= LARGEST_DIFFERENCE


def compare_columns(
    name: str, ours: NDArray[np.float64], theirs: NDArray[np.float64], clients: NDArray[np.int64]
) -> ColumnDifference:
    """The difference of one column; infinite counts as missing, as in `build_features`."""
    theirs = np.where(np.isinf(theirs), np.nan, theirs)
    apart = np.isnan(ours) != np.isnan(theirs)
    if apart.any():
        return ColumnDifference(name, int(apart.sum()), np.inf, int(clients[np.argmax(apart)]))
    known = ~np.isnan(ours)
    if not known.any():
        return ColumnDifference(name, 0, 0.0, int(clients[0]))
    size = np.maximum(np.abs(ours), np.abs(ours[known]).mean())
    relative = np.where(known & (size > 0), np.abs(ours - theirs) / np.where(size > 0, size, 1), 0.0)
    worst = int(np.argmax(relative))
    return ColumnDifference(name, 0, float(relative[worst]), int(clients[worst]))


def compare_files(ours: Path, theirs: Path, names: Sequence[str]) -> list[ColumnDifference]:
    """Every column's difference, the largest first. Errors: Disagreement if the clients are not the same."""
    order, clients = _order(ours)
    their_order, their_clients = _order(theirs)
    if not np.array_equal(clients, their_clients):
        raise Disagreement(
            f"{theirs} has {len(their_clients)} clients that are not the {len(clients)} of {ours}"
        )
    found = []
    for first in range(0, len(names), COLUMNS_AT_ONCE):
        some = list(names[first : first + COLUMNS_AT_ONCE])
        left, right = pq.read_table(ours, columns=some), pq.read_table(theirs, columns=some)
        found += [
            compare_columns(name, _numbers(left, name)[order], _numbers(right, name)[their_order], clients)
            for name in some
        ]
    return sorted(found, key=lambda column: (column.missing, column.relative), reverse=True)


def require_agreement(who: str, columns: Sequence[ColumnDifference]) -> None:
    """Errors: Disagreement naming the columns that differ, with the worst client of each."""
    wrong = [column for column in columns if not column.agrees]
    if wrong:
        shown = "; ".join(
            f"{c.name}: {c.missing} missing on one side only, else {c.relative:.2g} apart (client {c.client})"
            for c in wrong[:5]
        )
        raise Disagreement(f"{who} disagrees in {len(wrong)} of {len(columns)} columns: {shown}")


def _order(path: Path) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    clients = pq.read_table(path, columns=[CLIENT]).column(CLIENT).to_numpy().astype(np.int64)
    order = np.argsort(clients)
    return order, clients[order]


def _numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    return np.asarray(table.column(name).to_numpy(), dtype=np.float64)
