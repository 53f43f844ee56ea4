"""Rows of one table, sorted by client, as cleaned arrays that expressions read; and selections of them.

Belongs here: sorting, cleaning on reading, which rows count and whose they are. Does not: aggregations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from features.cleaning import clean_numbers, is_no_category
from features.expressions import Condition, Mask, Number, Numbers

Places = NDArray[np.intp]
Values = NDArray[Any] | ExtensionArray
Value = TypeVar("Value", bound=np.generic)
Window = tuple[Condition | None, str | None, int | None, int | None]
"""Which rows count: a condition, a clock and its length, a number of last rows."""


@dataclass(frozen=True, eq=False)
class Selection:
    """Some rows of a table, client by client.

    places: the rows, ascending; None for every row. starts: where each client's rows begin among them.
    counts: how many each has, 1 or more. owners: places of these clients in the index of the features.
    """

    places: Places | None
    starts: Places
    counts: Places
    owners: Places

    def where(self, keep: Mask) -> Selection:
        """The part of the selected rows for which `keep` (one per selected row) is true."""
        kept = np.flatnonzero(keep)
        if len(kept) == len(keep):
            return self
        bounds = np.searchsorted(kept, np.append(self.starts, len(keep)))
        counts = np.diff(bounds)
        some = counts > 0
        places = kept if self.places is None else self.places.take(kept)
        return Selection(places, bounds[:-1][some], counts[some], self.owners[some])

    def of(self, values: NDArray[Value]) -> NDArray[Value]:
        """The selected ones of the values of all rows."""
        return values if self.places is None else values.take(self.places)


def every_row(clients: NDArray[Any]) -> Selection:
    """All rows, given the client of each (ascending); the owners are places among the clients that have rows."""
    if not len(clients):
        none = np.zeros(0, dtype=np.intp)
        return Selection(None, none, none, none)
    starts = np.concatenate(([0], np.flatnonzero(clients[1:] != clients[:-1]) + 1))
    return Selection(None, starts, np.diff(np.append(starts, len(clients))), np.arange(len(starts)))


class Rows:
    """Columns of one table, in the table's declared order, read as clean arrays; each array is made once.

    `columns` maps names to equally long arrays; `every` selects all rows and says whose they are.
    """

    def __init__(self, table: str, columns: Mapping[str, object], every: Selection) -> None:
        self.table = table
        self.every = every
        self._columns = columns
        self._numbers: dict[str, Numbers] = {}
        self._categories: dict[str, tuple[NDArray[np.integer[Any]], list[str]]] = {}
        self._values: dict[Number, Numbers] = {}
        self._known_values: dict[Number, Mask | None] = {}
        self._masks: dict[Condition, Mask] = {}
        self._selections: dict[Window, Selection] = {}
        self._present: dict[tuple[Number, Window], tuple[Numbers, Selection]] = {}

    def __len__(self) -> int:
        return int(self.every.counts.sum())

    @cached_property
    def _from_end(self) -> Places:
        """Rank of each row from its client's last row: 1 is the last (most recent)."""
        return np.repeat(self.every.starts + self.every.counts, self.every.counts) - np.arange(len(self))

    def selection(self, window: Window) -> Selection:
        """The rows that satisfy the condition, inside the window; found once."""
        if window not in self._selections:
            where, clock, length, last_rows = window
            masks = [] if where is None else [self.mask(where)]
            if clock is not None and length is not None:
                masks.append(self.number(clock) >= -length)
            if last_rows is not None:
                masks.append(self._from_end <= last_rows)
            self._selections[window] = self.every.where(reduce(np.bitwise_and, masks)) if masks else self.every
        return self._selections[window]

    def present(self, expression: Number, window: Window) -> tuple[Numbers, Selection]:
        """The known values of the expression on the rows that count, and the selection of these; found once."""
        if (expression, window) not in self._present:
            values, known, selection = self.value(expression), self._known(expression), self.selection(window)
            if known is not None:
                selection = selection.where(selection.of(known))
            self._present[expression, window] = selection.of(values), selection
        return self._present[expression, window]

    def _known(self, expression: Number) -> Mask | None:
        """Where the expression is known; None if it is known in every row, as a condition always is."""
        if isinstance(expression, Condition):
            return None
        if expression not in self._known_values:
            known = ~np.isnan(self.value(expression))
            self._known_values[expression] = None if known.all() else known
        return self._known_values[expression]

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
        # code -1 (missing) reads the last entry
        return np.array([*(position.get(name, np.nan) for name in names), np.nan]).take(codes)

    def category_in(self, column: str, values: Sequence[str]) -> Mask:
        codes, names = self._category(column)
        return np.array([*(name in values for name in names), False], dtype=np.bool_).take(codes)

    def category_missing(self, column: str) -> Mask:
        codes, names = self._category(column)
        return np.array([*map(is_no_category, names), True], dtype=np.bool_).take(codes)

    def value(self, expression: Number) -> Numbers:
        """The expression on every row, float64, NaN for missing; computed once."""
        if expression not in self._values:
            found = expression.evaluate(self)
            self._values[expression] = np.broadcast_to(found, (len(self),)) if found.ndim == 0 else found
        return self._values[expression]

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
    values = as_numbers(key)
    missing = np.isnan(values)
    return np.where(missing, np.inf, values) if missing.any() else values
