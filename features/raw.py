"""Raw values become typed rows, or are told apart with the reason they cannot be used.

Belongs here: the checks every row passes, whether it comes from a file at night or a request by day.
Does not: reading files or requests, values that are odd but usable (cleaning).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.schemas import TABLES, Column, Table


class InvalidRows(ValueError):
    """Rows that cannot be used; the message names table, row and column, `problems` holds them all."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(f"table {first.table}, row {first.row}, column {first.column}: {first.reason}{more}")


@dataclass(frozen=True)
class RowProblem:
    """One row (counted from 0 in what was given) that cannot be used, and why."""

    table: str
    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class TypedRows:
    """`rows`: the usable rows in the table's Arrow types; `usable`: which of the given rows they are."""

    rows: pa.Table
    usable: NDArray[np.bool_]
    problems: tuple[RowProblem, ...]


Numbers: TypeAlias = NDArray[np.float64]
Typed: TypeAlias = NDArray[Any] | pa.DictionaryArray
Bad: TypeAlias = list[tuple[str, NDArray[np.intp]]]


@dataclass(frozen=True)
class TypedColumns:
    """The usable rows, column by column: numbers as arrays with NaN for missing, categories as dictionaries."""

    columns: dict[str, Typed]
    usable: NDArray[np.bool_]
    problems: tuple[RowProblem, ...]


def typed_rows(table: Table, raw: pa.Table, columns: Sequence[str]) -> TypedRows:
    """The usable rows of `raw` as a table, null for missing; all else as `typed_columns` says."""
    typed = typed_columns(table, raw, columns)
    arrays = {name: pa.array(values, from_pandas=True) for name, values in typed.columns.items()}
    return TypedRows(pa.table(arrays), typed.usable, typed.problems)


def typed_columns(table: Table, raw: pa.Table, columns: Sequence[str]) -> TypedColumns:
    """The usable rows of `raw` with `columns` in the table's types, and a problem for each other row.

    `raw` holds numbers or strings. A row is unusable if a value cannot be read as its kind, is missing where
    it must not be, is no whole number where one is needed, or lies outside the column's range. The first
    problem in column order is reported.
    """
    found: dict[int, RowProblem] = {}
    typed: dict[str, Typed] = {}
    for name in columns:
        column = table.columns[name]
        typed[name], bad = _typed_column(column, raw.column(name))
        for reason, rows in bad:
            for row in rows.tolist():
                shown = raw.column(name)[row].as_py()
                text = reason if shown is None else f"{reason}: {shown!r}"
                found.setdefault(row, RowProblem(table.name, row, name, text))
    usable = np.ones(raw.num_rows, dtype=np.bool_)
    if found:
        usable[list(found)] = False
        typed = {name: _where(values, usable) for name, values in typed.items()}
    narrow = {name: _narrowed(table.columns[name], values) for name, values in typed.items()}
    return TypedColumns(narrow, usable, tuple(found[row] for row in sorted(found)))


def _typed_column(column: Column, raw: pa.ChunkedArray) -> tuple[Typed, Bad]:
    """The column as float64 (numbers) or dictionary (categories), and the rows that break its rules."""
    values: Typed
    if column.kind == "category":
        values, bad = _categories(column, raw)
        missing = np.flatnonzero(values.is_null()) if column.required and values.null_count else _NONE
    else:
        values, unparsable = _numbers(raw)
        bad = [(f"unparsable, expected a number ({column.kind})", unparsable), *_outside(column, values)]
        missing = np.flatnonzero(np.isnan(values)) if column.required else _NONE
    bad.append(("missing", missing))
    return values, [(reason, rows) for reason, rows in bad if len(rows)]


_NONE = np.zeros(0, dtype=np.intp)


def _categories(column: Column, raw: pa.ChunkedArray) -> tuple[pa.DictionaryArray, Bad]:
    """Names as one dictionary array, and the rows that hold no text."""
    bad: Bad = []
    if pa.types.is_null(raw.type) or pa.types.is_large_string(raw.type):  # pandas writes its strings large
        raw = raw.cast(pa.string())
    if not (pa.types.is_dictionary(raw.type) or pa.types.is_string(raw.type)):
        bad.append(("unparsable, expected a category", np.flatnonzero(pc.is_valid(raw).to_numpy())))
        raw = raw.cast(pa.string())
    coded = raw if pa.types.is_dictionary(raw.type) else raw.dictionary_encode()
    values = coded.cast(column.arrow_type)
    return values.chunk(0) if values.num_chunks == 1 else values.unify_dictionaries().combine_chunks(), bad


def _numbers(raw: pa.ChunkedArray) -> tuple[Numbers, NDArray[np.intp]]:
    """float64 with NaN for missing, and the rows that hold no finite number."""
    if pa.types.is_dictionary(raw.type):
        raw = raw.cast(raw.type.value_type)
    if pa.types.is_string(raw.type) or pa.types.is_large_string(raw.type):
        parsed = pd.to_numeric(pd.Series(raw.to_pylist(), dtype=object), errors="coerce")
        numbers = parsed.to_numpy(np.float64)
        lost = np.isnan(numbers) & pc.is_valid(raw).to_numpy()
        return numbers, np.flatnonzero(lost | np.isinf(numbers))
    try:
        numbers = raw.cast(pa.float64(), safe=False).to_numpy()  # integers beyond 2**53 lose digits, no more
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):  # dates, lists: no numbers at all
        return np.full(len(raw), np.nan), np.flatnonzero(pc.is_valid(raw).to_numpy())
    low, high = _extremes(numbers)
    return numbers, np.flatnonzero(np.isinf(numbers)) if low == -np.inf or high == np.inf else _NONE


def _extremes(numbers: Numbers) -> tuple[float, float]:
    """Smallest and largest number; infinity and minus infinity if there is none."""
    return np.fmin.reduce(numbers, initial=np.inf), np.fmax.reduce(numbers, initial=-np.inf)


def _outside(column: Column, numbers: Numbers) -> Bad:
    """Rows outside the column's range, and identifiers that are not whole numbers."""
    bad: Bad = []
    if column.kind in ("id", "flag"):
        bad.append(("not a whole number", _not_whole(numbers)))
    low, high = _extremes(numbers)
    minimum = -np.inf if column.minimum is None else column.minimum
    maximum = np.inf if column.maximum is None else column.maximum
    if low < minimum or high > maximum:
        text = f"out of range [{minimum:.10g}, {maximum:.10g}]"
        bad.append((text, np.flatnonzero((numbers < minimum) | (numbers > maximum))))
    return bad


def _not_whole(numbers: Numbers) -> NDArray[np.intp]:
    wrong = np.floor(numbers) != numbers
    return np.flatnonzero(wrong & ~np.isnan(numbers)) if wrong.any() else _NONE


def _where(values: Typed, usable: NDArray[np.bool_]) -> Typed:
    return values[usable] if isinstance(values, np.ndarray) else values.filter(pa.array(usable))


def _narrowed(column: Column, values: Typed) -> Typed:
    """The values in the type of a shard."""
    if not isinstance(values, np.ndarray):
        return values
    with np.errstate(over="ignore"):  # beyond float32 there is only infinity
        return values.astype(column.arrow_type.to_pandas_dtype(), copy=False)


def frame_of_rows(table_name: str, rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """The rows of a request as the frame that `build_features` reads, in the types the night uses.

    Every column of the table is there (missing where a row leaves it out), so floats keep every bit.
    Errors: InvalidRows naming table, row and column for an unknown column, a wrong type, a missing required
    value or a value out of range; KeyError for an unknown table.
    """
    table = TABLES[table_name]
    columns = [name for name in table.columns if name != "TARGET"]
    unknown = [
        RowProblem(table_name, number, name, f"no such column; the table has {len(columns)} columns")
        for number, row in enumerate(rows)
        for name in row
        if name not in columns
    ]
    if unknown:
        raise InvalidRows(unknown)
    arrays = {name: _json_values(table.columns[name], [row.get(name) for row in rows]) for name in columns}
    typed = typed_rows(table, pa.table(arrays), columns)
    if typed.problems:
        raise InvalidRows(typed.problems)
    frame: pd.DataFrame = typed.rows.to_pandas()
    return frame


def _json_values(column: Column, values: list[object]) -> pa.Array:
    """The values of one column of a request: numbers stay numbers, anything else is text to be judged.

    None and NaN are missing. True and false are numbers in flags only; an integer too large for a float is
    infinite, which is no value of any column.
    """
    given = [None if isinstance(value, float) and math.isnan(value) else value for value in values]
    if column.kind == "category":
        numbers = [_as_float(value) for value in given]
        if any(number is not None for number in numbers):
            return pa.array(numbers, pa.float64())
    elif all(value is None or _is_number(column, value) for value in given):
        return pa.array([_as_float(value) for value in given], pa.float64())
    return pa.array([None if value is None else str(value) for value in given], pa.string())


def _is_number(column: Column, value: object) -> bool:
    return isinstance(value, int | float) and (column.kind == "flag" or not isinstance(value, bool))


def _as_float(value: object) -> float | None:
    """The number as a float, None for anything else."""
    if not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
