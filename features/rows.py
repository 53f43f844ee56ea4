"""Rows of one table, sorted by client, as cleaned arrays that expressions read; and selections of them.

Belongs here: sorting, cleaning on reading, which rows count and whose they are. Does not: aggregations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.cleaning import clean_numbers, is_no_category
from features.expressions import Condition, Mask, Number, Numbers

Places = NDArray[np.intp]
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
        places = kept if self.places is None else self.places[kept]
        return Selection(places, bounds[:-1][some], counts[some], self.owners[some])

    def of(self, values: Numbers) -> Numbers:
        """The selected ones of the values of all rows."""
        return values if self.places is None else values[self.places]


class Rows:
    """Columns of one table, in the table's declared order, read as clean arrays; each array is made once.

    `columns` maps names to equally long arrays or Series; `owners` is, for each row, the place of its client in
    the index of the features, ascending.
    """

    def __init__(self, table: str, columns: Mapping[str, object], owners: Places) -> None:
        self.table = table
        self._columns = columns
        self._owners = owners
        self._numbers: dict[str, Numbers] = {}
        self._categories: dict[str, pd.Categorical] = {}
        self._values: dict[Number, Numbers] = {}
        self._masks: dict[Condition, Mask] = {}
        self._selections: dict[Window, Selection] = {}
        self._present: dict[tuple[Number, Window], tuple[Numbers, Selection]] = {}

    def __len__(self) -> int:
        return len(self._owners)

    @cached_property
    def every(self) -> Selection:
        """All rows."""
        changes = np.flatnonzero(self._owners[1:] != self._owners[:-1]) + 1
        starts = np.concatenate(([0], changes)) if len(self) else np.zeros(0, dtype=np.intp)
        return Selection(None, starts, np.diff(np.append(starts, len(self))), self._owners[starts])

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
            self._selections[window] = self.every.where(np.logical_and.reduce(masks)) if masks else self.every
        return self._selections[window]

    def present(self, expression: Number, window: Window) -> tuple[Numbers, Selection]:
        """The known values of the expression on the rows that count, and the selection of these; found once."""
        if (expression, window) not in self._present:
            selection = self.selection(window)
            values = selection.of(self.value(expression))
            missing = np.isnan(values)
            if missing.any():
                selection = selection.where(~missing)
                values = values[~missing]
            self._present[expression, window] = values, selection
        return self._present[expression, window]

    def number(self, column: str) -> Numbers:
        if column not in self._numbers:
            raw = self._columns[column]
            known = isinstance(raw, np.ndarray) and raw.dtype.kind in "fiu"
            values = np.asarray(raw, np.float64) if known else _as_numbers(raw)
            self._numbers[column] = clean_numbers(self.table, column, values)
        return self._numbers[column]

    def _category(self, column: str) -> pd.Categorical:
        if column not in self._categories:
            values = pd.Series(self._columns[column])
            found = values if isinstance(values.dtype, pd.CategoricalDtype) else values.astype("category")
            self._categories[column] = found.array
        return self._categories[column]

    def category_codes(self, column: str, categories: Sequence[str]) -> Numbers:
        position = {name: float(code) for code, name in enumerate(categories)}
        found = self._category(column)
        answers = [position.get(str(name), np.nan) for name in found.categories]
        return np.array([*answers, np.nan]).take(found.codes)  # code -1 (missing) reads the last entry

    def category_in(self, column: str, values: Sequence[str]) -> Mask:
        found = self._category(column)
        known = np.array([*(str(name) in values for name in found.categories), False], dtype=np.bool_)
        return known.take(found.codes)

    def category_missing(self, column: str) -> Mask:
        found = self._category(column)
        missing = np.array([*map(is_no_category, map(str, found.categories)), True], dtype=np.bool_)
        return missing.take(found.codes)

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


def _as_numbers(values: object) -> Numbers:
    numbers: Numbers = pd.Series(values).to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def sorting_of(frame: pd.DataFrame, order: Sequence[str]) -> Places | None:
    """The row order that sorts `frame` by the columns `order` (missing last), or None if it is sorted."""
    keys = [frame[name].to_numpy(dtype=np.float64, na_value=np.inf) for name in order]
    tied = np.ones(max(len(frame) - 1, 0), dtype=np.bool_)
    for key in keys:
        if np.any(tied & (key[1:] < key[:-1])):
            return np.lexsort(keys[::-1])
        tied &= key[1:] == key[:-1]
        if not tied.any():
            break
    return None


def sorted_frame(frame: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """`frame` sorted by `order`; the same object when it is sorted already (a shard is)."""
    sorting = sorting_of(frame, order)
    return frame if sorting is None else frame.take(sorting)
