"""From many rows per client to one number per client: segment reductions over sorted rows.

Belongs here: how known values of a client's rows become one value. Does not: which rows or values (rows).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from features.expressions import Numbers
from features.rows import Selection

Aggregate = Literal["count", "sum", "mean", "min", "max", "last", "std", "trend"]
AGGREGATES: tuple[str, ...] = get_args(Aggregate)


_ONE_POINT = 1e-6  # two different days are 0.5 apart by this measure, two months more; rounding stays far below


def aggregate(agg: str, values: Numbers, rows: Selection, times: Numbers | None = None) -> Numbers:
    """One float64 per client of `rows`: the aggregation over `values`, one known value per selected row.

    A share is the mean of a condition: 3 late rows out of 12 read 0.25. "trend" needs `times`, whole days or
    months, is a change per day or month, and is missing where a client has one point in time only.
    """
    if not len(rows.starts):
        return np.zeros(0)
    if agg == "trend":
        assert times is not None
        return _trend(values, rows, times)
    return _REDUCTIONS[agg](values, rows)


def _sum(values: Numbers, rows: Selection) -> Numbers:
    total: Numbers = np.add.reduceat(values, rows.starts)
    return total


def _mean(values: Numbers, rows: Selection) -> Numbers:
    return _sum(values, rows) / rows.counts


def _last(values: Numbers, rows: Selection) -> Numbers:
    """Value of the last row (rows run from oldest to most recent)."""
    return values.take(rows.starts + rows.counts - 1)


def _centred(values: Numbers, rows: Selection) -> Numbers:
    return values - np.repeat(_mean(values, rows), rows.counts)


def _std(values: Numbers, rows: Selection) -> Numbers:
    """Population standard deviation; 0 for one row. Two passes, so large means cost no digits."""
    return np.sqrt(_mean(_centred(values, rows) ** 2, rows))


def _trend(values: Numbers, rows: Selection, times: Numbers) -> Numbers:
    """Slope of the least-squares line through a client's (time, value)."""
    away = _centred(times, rows)
    spread = _sum(away * away, rows)
    with np.errstate(divide="ignore"):
        slope = _sum(away * values, rows) / spread  # the values need no centring: `away` sums to 0
    return np.where(spread > _ONE_POINT, slope, np.nan)


_REDUCTIONS: dict[str, Callable[[Numbers, Selection], Numbers]] = {
    "count": lambda values, rows: rows.counts.astype(np.float64),
    "sum": _sum,
    "mean": _mean,
    "min": lambda values, rows: np.minimum.reduceat(values, rows.starts),
    "max": lambda values, rows: np.maximum.reduceat(values, rows.starts),
    "last": _last,
    "std": _std,
}
