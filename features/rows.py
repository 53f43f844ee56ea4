"""Rows of one table, sorted by client, as cleaned arrays that expressions read, and what they come to.

Belongs here: sorting, cleaning on reading, which rows count and whose they are. Does not: the loops (segments).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from features.cleaning import clean_numbers, is_no_category
from features.expressions import Condition, Mask, Number, Numbers
from features.segments import Bytes, Places, count_rows, look_up, recent

Values = NDArray[Any] | ExtensionArray
Reduced = TypeVar("Reduced")
Window = tuple[Condition | None, str | None, int | None, int | None]
"""Which rows count: a condition, a clock and its length, a number of last rows."""
_EVERY = np.zeros(0, dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class Segments:
    """Whose rows are whose: where each client's rows begin, how many there are (1 or more), and the place of the
    client in the index of the features."""

    starts: Places
    counts: Places
    owners: Places


def segments_of(clients: NDArray[Any]) -> Segments:
    """The segments of rows, given the client of each (ascending); owners count the clients that have rows."""
    if not len(clients):
        none = np.zeros(0, dtype=np.intp)
        return Segments(none, none, none)
    starts = np.concatenate(([0], np.flatnonzero(clients[1:] != clients[:-1]) + 1))
    return Segments(starts, np.diff(np.append(starts, len(clients))), np.arange(len(starts)))


class Rows:
    """Columns of one table, in the table's declared order, read as clean arrays; each array is made once.

    `columns` maps names to equally long arrays; `segments` says whose rows they are.
    """

    def __init__(self, table: str, columns: Mapping[str, object], segments: Segments) -> None:
        self.table = table
        self.segments = segments
        self._columns = columns
        self._numbers: dict[str, Numbers] = {}
        self._categories: dict[str, tuple[NDArray[np.integer[Any]], list[str]]] = {}
        self._last_value: tuple[Number, Numbers] | None = None
        self._masks: dict[Condition, Mask] = {}
        self._windows: dict[tuple[str | None, int | None, int | None], tuple[Places, Places]] = {}
        self._counts: dict[Window, Numbers] = {}
        self._reduced: dict[tuple[str, Number, Window, str | None], Any] = {}

    def __len__(self) -> int:
        return int(self.segments.counts.sum())

    def counting(self, window: Window) -> tuple[Mask, Places, Places]:
        """Which rows satisfy the condition (empty: all do), and per client where the window begins and its rows."""
        where, clock, length, last_rows = window
        return _EVERY if where is None else self.mask(where), *self._within(clock, length, last_rows)

    def _within(self, clock: str | None, length: int | None, last_rows: int | None) -> tuple[Places, Places]:
        """A window is the end of each client's rows, for they are sorted by their clock. Found once."""
        key = (clock, length, last_rows)
        if key not in self._windows:
            starts, counts = self.segments.starts, self.segments.counts
            if clock is not None and length is not None:
                starts, counts = recent(self.number(clock), -float(length), starts, counts)
            if last_rows is not None:
                kept = np.minimum(counts, last_rows)
                starts, counts = starts + counts - kept, kept
            self._windows[key] = starts, counts
        return self._windows[key]

    def count(self, window: Window) -> Numbers:
        """Rows that count, per client that has rows; found once."""
        if window not in self._counts:
            keep, starts, counts = self.counting(window)
            self._counts[window] = (
                count_rows(keep, starts, counts) if len(keep) else counts.astype(np.float64)
            )
        return self._counts[window]

    def reduced(
        self,
        reduction: Callable[..., Reduced],
        expression: Number,
        window: Window,
        clock: str | None = None,
    ) -> Reduced:
        """What a loop of features.segments makes of the expression (over a clock) on the rows that count, per
        client that has rows; found once."""
        key = (reduction.__name__, expression, window, clock)
        if key not in self._reduced:
            times = () if clock is None else (self.number(clock),)
            self._reduced[key] = reduction(self._plain(expression), *times, *self.counting(window))
        found: Reduced = self._reduced[key]
        return found

    def _plain(self, expression: Number) -> Numbers | Bytes:
        """The expression as a loop reads it: a condition as bytes, anything else as float64."""
        if isinstance(expression, Condition):
            return self.mask(expression).view(np.uint8)
        return self.value(expression)

    def number(self, column: str) -> Numbers:
        if column not in self._numbers:
            self._numbers[column] = clean_numbers(self.table, column, as_numbers(self._columns[column]))
        return self._numbers[column]

    def _category(self, column: str) -> tuple[NDArray[np.integer[Any]], list[str]]:
        """Code per row, -1 for missing, and the name of each code."""
        if column not in self._categories:
            values = pd.Series(self._columns[column])
            kept = values if isinstance(values.dtype, pd.CategoricalDtype) else values.astype("category")
            names = [str(name) for name in kept.cat.categories.to_numpy()]
            self._categories[column] = kept.cat.codes.to_numpy(), names
        return self._categories[column]

    def category_codes(self, column: str, categories: Sequence[str]) -> Numbers:
        codes, names = self._category(column)
        position = {name: float(code) for code, name in enumerate(categories)}
        return look_up(np.array([*(position.get(name, np.nan) for name in names), np.nan]), codes)

    def category_in(self, column: str, values: Sequence[str]) -> Mask:
        codes, names = self._category(column)
        return look_up(np.array([*(name in values for name in names), False], dtype=np.bool_), codes)

    def category_missing(self, column: str) -> Mask:
        codes, names = self._category(column)
        return look_up(np.array([*map(is_no_category, names), True], dtype=np.bool_), codes)

    def value(self, expression: Number) -> Numbers:
        """The expression on every row, float64, NaN for missing; the last one is kept, for it is often the next."""
        if self._last_value is None or self._last_value[0] != expression:
            found = expression.evaluate(self)
            self._last_value = expression, np.full(len(self), found) if found.ndim == 0 else found
        return self._last_value[1]

    def mask(self, condition: Condition) -> Mask:
        """The condition on every row; computed once."""
        if condition not in self._masks:
            self._masks[condition] = condition.mask(self)
        return self._masks[condition]


def as_numbers(values: object) -> Numbers:
    """float64 with NaN for missing, whatever the column came as."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiu":
        return np.asarray(values, dtype=np.float64)
    numbers: Numbers = pd.Series(values).to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def sorting_of(keys: Sequence[Values]) -> Places | None:
    """The row order that sorts by the keys, the first first (missing last), or None where the rows are sorted."""
    tied = np.ones(max(len(keys[0]) - 1, 0), dtype=np.bool_)
    for key in keys:
        values = _missing_last(key)
        if np.any(tied & (values[1:] < values[:-1])):
            return np.lexsort([_missing_last(key) for key in reversed(keys)])
        tied &= values[1:] == values[:-1]
        if not tied.any():
            break
    return None


def _missing_last(key: Values) -> NDArray[Any]:
    if isinstance(key, np.ndarray) and key.dtype.kind in "iu":
        return key
    values = key if isinstance(key, np.ndarray) and key.dtype.kind == "f" else as_numbers(key)
    missing = np.isnan(values)
    return np.where(missing, np.inf, values) if missing.any() else values
