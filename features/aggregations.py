"""From many rows per client to one number per client: segment reductions over sorted rows.

Belongs here: how values of a client's rows become one value. Does not: which rows or values (declarations).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from features.expressions import Mask, Numbers

Starts = NDArray[np.intp]
Aggregation = Callable[[Numbers, Mask, Starts], Numbers]
"""(value per row, rows that count, first row of each client) -> value per client, NaN where no row counts."""


def count_rows(values: Numbers, keep: Mask, starts: Starts) -> Numbers:
    """Number of rows that count; 0 where none does."""
    return np.add.reduceat(keep, starts, dtype=np.float64)


def _sum(values: Numbers, keep: Mask, starts: Starts) -> Numbers:
    return np.add.reduceat(np.where(keep, values, 0.0), starts)


def _mean(values: Numbers, keep: Mask, starts: Starts) -> Numbers:
    return _sum(values, keep, starts) / np.maximum(count_rows(values, keep, starts), 1.0)


def _min(values: Numbers, keep: Mask, starts: Starts) -> Numbers:
    return np.minimum.reduceat(np.where(keep, values, np.inf), starts)


def _max(values: Numbers, keep: Mask, starts: Starts) -> Numbers:
    return np.maximum.reduceat(np.where(keep, values, -np.inf), starts)


def _last(values: Numbers, keep: Mask, starts: Starts) -> Numbers:
    """Value of the last row that counts (rows run from oldest to most recent)."""
    last_row = np.maximum.reduceat(np.where(keep, np.arange(len(values)), 0), starts)
    return values[last_row]


def _std(values: Numbers, keep: Mask, starts: Starts) -> Numbers:
    """Population standard deviation; 0 for one row. Two passes, so large means cost no digits."""
    counts = np.diff(np.append(starts, len(values)))
    centred = values - np.repeat(_mean(values, keep, starts), counts)
    return np.sqrt(_mean(centred**2, keep, starts))


AGGREGATIONS: dict[str, Aggregation] = {
    "count": count_rows,
    "sum": _sum,
    "mean": _mean,
    "min": _min,
    "max": _max,
    "last": _last,
    "std": _std,
}


def aggregate(agg: str, values: Numbers, keep: Mask, starts: Starts, when_no_rows: float) -> Numbers:
    """One float64 per client: the aggregation over the rows that count and have a value.

    `when_no_rows` where no row of the client counts; NaN where rows count but none has a value. A share
    is the mean of a condition: 3 late rows out of 12 read 0.25.
    """
    if not len(starts):
        return np.zeros(0)
    rows = count_rows(values, keep, starts)
    if agg == "count":
        return rows
    usable = keep & ~np.isnan(values)
    found = AGGREGATIONS[agg](values, usable, starts)
    found = np.where(count_rows(values, usable, starts) > 0, found, np.nan)
    return np.where(rows > 0, found, when_no_rows)
