"""From many rows per client to one number per client.

Belongs here: what each aggregation makes of a client's rows. Does not: the loops over rows (segments).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from features.declared import Declared
from features.expressions import Numbers
from features.rows import Rows
from features.segments import add_up, deviations, extremes, last_known, slopes

Aggregate = Literal["count", "sum", "mean", "min", "max", "last", "std", "trend"]
YEAR_OF = {"days": 365.25, "months": 12.0}
AGGREGATES: tuple[str, ...] = get_args(Aggregate)


def aggregate(feature: Declared, rows: Rows) -> Numbers:
    """One float64 per client that has rows in the table: the aggregation over the rows that count.

    `when_no_rows` where none counts; NaN where rows count but none has a value. A share is the mean of a
    condition: 3 late rows out of 12 read 0.25. A trend is a change per year, NaN for one point in time.
    """
    if feature.agg == "count":
        return rows.count(feature.rows_that_count)
    found = _REDUCTIONS[str(feature.agg)](feature, rows)
    if np.isnan(feature.when_no_rows):
        return found  # nothing known of no rows: missing already
    return np.where(rows.count(feature.rows_that_count) > 0, found, feature.when_no_rows)


def _sum(feature: Declared, rows: Rows) -> Numbers:
    known, total = rows.reduced(add_up, feature.value, feature.rows_that_count)
    return np.where(known > 0, total, np.nan)


def _mean(feature: Declared, rows: Rows) -> Numbers:
    known, total = rows.reduced(add_up, feature.value, feature.rows_that_count)
    mean: Numbers = total / known
    return mean


def _trend(feature: Declared, rows: Rows) -> Numbers:
    slope: Numbers = rows.reduced(slopes, feature.value, feature.rows_that_count, feature.clock)
    return slope * YEAR_OF[feature.clock_unit]


_REDUCTIONS: dict[str, Callable[[Declared, Rows], Numbers]] = {
    "sum": _sum,
    "mean": _mean,
    "min": lambda feature, rows: rows.reduced(extremes, feature.value, feature.rows_that_count)[0],
    "max": lambda feature, rows: rows.reduced(extremes, feature.value, feature.rows_that_count)[1],
    "last": lambda feature, rows: rows.reduced(last_known, feature.value, feature.rows_that_count),
    "std": lambda feature, rows: rows.reduced(deviations, feature.value, feature.rows_that_count),
    "trend": _trend,
}
