"""Here: a few rows of a table as a pandas frame and back, so that single clients can be changed.
Not here: which rows change and how (nights.py, passing.py).
"""

import numpy as np
import pandas as pd

from simulator.facts import Bools, Coded, Column, Ints, Rows


def frame_of(rows: Rows, chosen: Ints | Bools) -> pd.DataFrame:
    """The chosen rows, texts as objects with None for missing; indexed by their place in `rows`."""
    place = np.arange(len(next(iter(rows.values()))), dtype=np.int64)[chosen]
    return pd.DataFrame({name: _plain(column, place) for name, column in rows.items()}, index=place)


def with_frame(rows: Rows, frame: pd.DataFrame) -> Rows:
    """The rows with those that the frame's index names replaced by the frame's."""
    return {name: _replaced(column, frame[name], frame.index.to_numpy()) for name, column in rows.items()}


def with_more(rows: Rows, frame: pd.DataFrame) -> Rows:
    """The rows, then those of the frame."""
    if frame.empty:
        return rows
    length = len(next(iter(rows.values())))
    places = np.arange(length, length + len(frame))
    return {
        name: _replaced(_longer(column, len(frame)), frame[name], places) for name, column in rows.items()
    }


def without(rows: Rows, dropped: Bools) -> Rows:
    """The rows without those that are dropped."""
    return {
        name: column.take(~dropped) if isinstance(column, Coded) else column[~dropped]
        for name, column in rows.items()
    }


def _plain(column: Column, place: Ints) -> object:
    if not isinstance(column, Coded):
        return column[place].astype(np.float64)
    values = np.array([*column.values, None], dtype=object)
    return values[column.codes[place]]


def _longer(column: Column, more: int) -> Column:
    if isinstance(column, Coded):
        return Coded(np.concatenate([column.codes, np.full(more, -1, dtype=np.int64)]), column.values)
    return np.concatenate([column.astype(np.float64), np.zeros(more)])


def _replaced(column: Column, values: pd.Series, place: Ints) -> Column:
    if not isinstance(column, Coded):
        numbers = column.astype(np.float64)
        numbers[place] = values.to_numpy(dtype=np.float64)
        return numbers
    known = {value: code for code, value in enumerate(column.values)}
    texts = [None if value is None or value != value else str(value) for value in values]
    for value in texts:
        if value is not None:
            known.setdefault(value, len(known))
    codes = column.codes.copy()
    codes[place] = [-1 if value is None else known[value] for value in texts]
    return Coded(codes, tuple(known))
