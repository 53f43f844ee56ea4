"""Raw values become typed rows, or are told apart with the reason they cannot be used.

Belongs here: the checks every row passes, whether it comes from a file at night or a request by day.
Does not: reading files or requests, values that are odd but usable (cleaning).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


def typed_rows(table: Table, raw: pa.Table, columns: Sequence[str]) -> TypedRows:
    """The usable rows of `raw` with `columns` in the table's types, and a problem for each other row.

    `raw` holds numbers or strings. A row is unusable if a value cannot be read as its kind, is missing where
    it must not be, is no whole number where one is needed, or lies outside the column's range. The first
    problem in column order is reported.
    """
    found: dict[int, RowProblem] = {}
    typed: list[pa.Array | pa.ChunkedArray] = []
    for name in columns:
        column = table.columns[name]
        values, bad = _typed_column(column, raw.column(name))
        typed.append(values)
        for reason, rows in bad:
            for row in rows.tolist():
                shown = raw.column(name)[row].as_py()
                text = reason if shown is None else f"{reason}: {shown!r}"
                found.setdefault(row, RowProblem(table.name, row, name, text))
    usable = np.ones(raw.num_rows, dtype=np.bool_)
    usable[list(found)] = False
    rows = pa.table(dict(zip(columns, typed, strict=True)))
    if found:
        rows = rows.filter(pa.array(usable))
    return TypedRows(_narrowed(table, rows), usable, tuple(found[row] for row in sorted(found)))


Bad = list[tuple[str, NDArray[np.intp]]]


def _typed_column(column: Column, raw: pa.ChunkedArray) -> tuple[pa.Array | pa.ChunkedArray, Bad]:
    """The column as float64 (numbers) or dictionary (categories), and the rows that break its rules."""
    bad: Bad = []
    if column.kind == "category":
        if pa.types.is_null(raw.type):
            raw = raw.cast(pa.string())
        if pa.types.is_large_string(raw.type):  # pandas writes its strings so
            raw = raw.cast(pa.string())
        if not (pa.types.is_dictionary(raw.type) or pa.types.is_string(raw.type)):
            text = raw.cast(pa.string())
            bad.append(("unparsable, expected a category", np.flatnonzero(pc.is_valid(raw).to_numpy())))
            return text.dictionary_encode(), bad
        values = raw if pa.types.is_dictionary(raw.type) else raw.dictionary_encode()
    else:
        values, unparsable = _numbers(raw)
        bad.append((f"unparsable, expected a number ({column.kind})", unparsable))
        bad.extend(_outside(column, values))
    if column.required and values.null_count:
        bad.append(("missing", np.flatnonzero(pc.is_null(values).to_numpy(zero_copy_only=False))))
    return values, [(reason, rows) for reason, rows in bad if len(rows)]


def _numbers(raw: pa.ChunkedArray) -> tuple[pa.Array | pa.ChunkedArray, NDArray[np.intp]]:
    """float64 with null for missing, and the rows whose text is no finite number."""
    none = np.zeros(0, dtype=np.intp)
    if pa.types.is_dictionary(raw.type):
        raw = raw.cast(raw.type.value_type)
    if pa.types.is_string(raw.type) or pa.types.is_large_string(raw.type):
        parsed = pd.to_numeric(pd.Series(raw.to_pylist(), dtype=object), errors="coerce")
        numbers = pa.chunked_array([pa.array(parsed.to_numpy(np.float64), from_pandas=True)])
    else:
        try:
            numbers = raw.cast(pa.float64(), safe=False)  # integers beyond 2**53 lose digits, no more
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):  # dates, lists: no numbers at all
            return pa.nulls(len(raw), pa.float64()), np.flatnonzero(pc.is_valid(raw).to_numpy())
        if numbers.null_count == len(numbers):
            return numbers, none
        not_a_number = pc.is_nan(numbers)
        if pc.any(not_a_number).as_py():
            numbers = pc.if_else(not_a_number, pa.scalar(None, pa.float64()), numbers)
    finite = pc.is_finite(numbers)
    lost = pc.and_(pc.is_null(numbers), _present(raw))
    wrong = pc.or_(lost, pc.fill_null(pc.invert(finite), False))
    rows = np.flatnonzero(wrong.to_numpy()) if pc.any(wrong).as_py() else none
    return numbers, rows


def _present(raw: pa.ChunkedArray) -> pa.ChunkedArray:
    """True where a value was given: not null, and not NaN as floats spell missing."""
    valid = pc.is_valid(raw)
    return pc.and_(valid, pc.invert(pc.is_nan(raw))) if pa.types.is_floating(raw.type) else valid


def _outside(column: Column, values: pa.Array | pa.ChunkedArray) -> Bad:
    """Rows outside the column's range, and identifiers that are not whole numbers."""
    bounds = pc.min_max(values).as_py()
    bad: Bad = []
    if bounds["min"] is None:
        return bad
    low = column.minimum is not None and bounds["min"] < column.minimum
    high = column.maximum is not None and bounds["max"] > column.maximum
    whole = column.kind in ("id", "flag")
    numbers = values.to_numpy() if low or high or whole else None
    if whole and numbers is not None:
        bad.append(("not a whole number", np.flatnonzero(np.isfinite(numbers) & (numbers % 1 != 0))))
    if (low or high) and numbers is not None:
        minimum = -np.inf if column.minimum is None else column.minimum
        maximum = np.inf if column.maximum is None else column.maximum
        text = f"out of range [{minimum:.10g}, {maximum:.10g}]"
        bad.append((text, np.flatnonzero((numbers < minimum) | (numbers > maximum))))
    return bad


def _narrowed(table: Table, rows: pa.Table) -> pa.Table:
    """The rows in the types of a shard."""
    arrays = [
        rows.column(name).cast(table.columns[name].arrow_type, safe=False) for name in rows.column_names
    ]
    return pa.table(dict(zip(rows.column_names, arrays, strict=True)))


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
