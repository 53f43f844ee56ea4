"""Rows of one table, sorted by client, as cleaned arrays that expressions read.

Belongs here: sorting, cleaning on reading, the boundaries of each client's rows. Does not: aggregations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.cleaning import clean_numbers, is_no_category
from features.expressions import Condition, Mask, Number, Numbers


class Rows:
    """Columns of one table, in the table's declared order, read as clean arrays; each array is made once.

    `columns` maps names to equally long arrays or Series; `clients` is the client of each row, ascending.
    """

    def __init__(self, table: str, columns: Mapping[str, object], clients: NDArray[np.int64]) -> None:
        self.table = table
        self.clients = clients
        self._columns = columns
        self._numbers: dict[str, Numbers] = {}
        self._categories: dict[str, pd.Categorical] = {}
        self._values: dict[Number, Numbers] = {}
        self._masks: dict[Condition, Mask] = {}

    def __len__(self) -> int:
        return len(self.clients)

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """Index of each client's first row."""
        changes = np.flatnonzero(self.clients[1:] != self.clients[:-1]) + 1
        return np.concatenate(([0], changes)) if len(self) else np.zeros(0, dtype=np.intp)

    @cached_property
    def from_end(self) -> NDArray[np.intp]:
        """Rank of each row from its client's last row: 1 is the last (most recent)."""
        ends = np.append(self.starts[1:], len(self))
        return np.repeat(ends, np.diff(np.append(self.starts, len(self)))) - np.arange(len(self))

    def number(self, column: str) -> Numbers:
        if column not in self._numbers:
            raw = pd.Series(self._columns[column])
            values = raw.to_numpy(dtype=np.float64, na_value=np.nan)
            self._numbers[column] = clean_numbers(self.table, column, values)
        return self._numbers[column]

    def _category(self, column: str) -> pd.Categorical:
        if column not in self._categories:
            values = pd.Series(self._columns[column])
            found = values if isinstance(values.dtype, pd.CategoricalDtype) else values.astype("category")
            self._categories[column] = found.array
        return self._categories[column]

    def _by_category(self, column: str, answers: Sequence[float], missing: float) -> Numbers:
        """The answer of each row's category; `missing` where there is none."""
        table = np.array([*answers, missing], dtype=np.float64)
        answer: Numbers = table[self._category(column).codes]  # code -1 (missing) reads the last entry
        return answer

    def category_codes(self, column: str, categories: Sequence[str]) -> Numbers:
        position = {name: float(code) for code, name in enumerate(categories)}
        known = self._category(column).categories
        return self._by_category(column, [position.get(str(name), np.nan) for name in known], np.nan)

    def category_in(self, column: str, values: Sequence[str]) -> Mask:
        known = self._category(column).categories
        return self._by_category(column, [float(str(name) in values) for name in known], 0.0).astype(np.bool_)

    def category_missing(self, column: str) -> Mask:
        known = self._category(column).categories
        return self._by_category(column, [float(is_no_category(str(name))) for name in known], 1.0).astype(
            np.bool_
        )

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


def sorting_of(frame: pd.DataFrame, order: Sequence[str]) -> NDArray[np.intp] | None:
    """The row order that sorts `frame` by the columns `order` (missing last), or None if it is sorted."""
    keys = [frame[name].to_numpy(dtype=np.float64, na_value=np.inf) for name in order]
    tied = np.ones(max(len(frame) - 1, 0), dtype=np.bool_)
    for key in keys:
        if np.any(tied & (key[1:] < key[:-1])):
            return np.lexsort(keys[::-1])
        tied &= key[1:] == key[:-1]
    return None


def sorted_frame(frame: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """`frame` sorted by `order`; the same object when it is sorted already (a shard is)."""
    sorting = sorting_of(frame, order)
    return frame if sorting is None else frame.take(sorting)
