"""The text of some lines of a CSV becomes a block of values, or tells which of its lines are no rows.

Belongs here: parsing, line numbers, quotes left open. Does not: files (reading), what a row must satisfy
(features.raw).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from batch.shards.lines import Sizes, chosen_lines
from features import Table

_NULLS = ["", "NA", "NaN", "nan", "null", "NULL"]
_CODED = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class CsvLayout:
    """The columns of a file's lines in their order, those wanted of them, and the table they belong to."""

    header: list[str]
    columns: tuple[str, ...]
    table: Table


@dataclass(frozen=True)
class CsvText:
    """Whole lines of a file, the first of which has this number and begins at that byte of the file's text."""

    layout: CsvLayout
    text: bytes
    first_line: int
    lines: int
    offset: int

    def parse(self) -> Block:
        """Every line of the text."""
        return parse_csv(self.layout, self.text, self.first_line, self.lines)

    def parse_some(self, wanted: NDArray[np.bool_], sizes: Sizes) -> Block:
        """Some of the lines, which have so many bytes, as if the others were not there but for their numbers."""
        numbers = np.flatnonzero(wanted)
        text = chosen_lines(self.text, sizes, wanted)
        block = parse_csv(self.layout, text, 0, len(numbers)) if len(numbers) else self._nothing()
        malformed = tuple(
            replace(bad, row=int(numbers[bad.row]) + self.first_line) for bad in block.malformed
        )
        return Block(block.values, numbers[block.rows] + self.first_line, malformed)

    def _nothing(self) -> Block:
        values = pa.table({name: pa.nulls(0, pa.string()) for name in self.layout.columns})
        return Block(values, np.zeros(0, dtype=np.int64))


@dataclass(frozen=True)
class Malformed:
    """A line of a CSV that does not divide into the header's columns, and why."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True)
class Block:
    """Some rows of a file, as read: numbers or text. `rows` holds their line (CSV) or row (Parquet) numbers."""

    values: pa.Table
    rows: NDArray[np.int64]
    malformed: tuple[Malformed, ...] = ()


def parse_csv(layout: CsvLayout, text: bytes, first_line: int, lines: int) -> Block:
    """The `lines` lines of `text` with numbers as float64 and categories as dictionaries.

    As text where that does not work: a bad value then costs its row, a bad line itself, no other.
    """
    types = {
        name: _CODED if column.kind == "category" else pa.float64()
        for name, column in layout.table.columns.items()
    }
    try:
        values = _arrow_csv(layout, text, types)
    except pa.ArrowInvalid:
        return _parsed_as_text(layout, text, first_line)
    if len(values) == lines and not _has_lone_return(text):  # no line is blank, none is two rows
        return Block(values, np.arange(first_line, first_line + lines))
    rows = _not_blank(text, first_line)
    if len(values) != len(rows):  # a quote left open has swallowed lines
        return _parsed_as_text(layout, text, first_line)
    return Block(values, rows)


def _has_lone_return(text: bytes) -> bool:
    """True if a carriage return is followed by no line feed: Arrow ends a row there, lines are not counted so."""
    if b"\r" not in text:
        return False
    characters = np.frombuffer(text, np.uint8)
    returns = characters == ord("\r")
    return bool((returns[:-1] > (characters[1:] == ord("\n"))).any())  # the last one is a line feed


def _not_blank(text: bytes, first_line: int) -> NDArray[np.int64]:
    """Line numbers of the lines that are not blank."""
    lines = text.split(b"\n")[:-1]
    return np.array([first_line + at for at, line in enumerate(lines) if line.rstrip(b"\r")], dtype=np.int64)


def _parsed_as_text(layout: CsvLayout, block: bytes, first_line: int) -> Block:
    """Every value as text; lines that are no rows apart."""
    malformed: list[Malformed] = []
    numbers: list[int] = []
    rows: list[bytes] = []
    for number, line in enumerate(block.split(b"\n"), start=first_line):
        if not line.rstrip(b"\r"):
            continue
        text = line.rstrip(b"\r").decode("utf-8", errors="replace")
        reason = _why_no_row(text, len(layout.header))
        if reason:
            malformed.append(Malformed(number, text, reason))
        else:
            numbers.append(number)
            rows.append(text.encode())
    values = pa.table({name: pa.nulls(0, pa.string()) for name in layout.columns})
    if rows:
        values = _arrow_csv(layout, b"\n".join([*rows, b""]), dict.fromkeys(layout.columns, pa.string()))
    return Block(values, np.array(numbers, dtype=np.int64), tuple(malformed))


def _why_no_row(text: str, expected: int) -> str:
    """Why a line does not divide into the expected fields; empty if it does."""
    try:
        # splitting at commas is exact, and much faster, where nothing is quoted
        found = (
            len(next(csv.reader([text], strict=True))) if '"' in text or "\r" in text else text.count(",") + 1
        )
    except csv.Error as error:
        return f"not readable as fields ({error})"
    return "" if found == expected else f"{found} fields, expected {expected}"


def _arrow_csv(layout: CsvLayout, text: bytes, types: dict[str, pa.DataType]) -> pa.Table:
    """The wanted columns of the lines, in this thread: others parse other blocks meanwhile."""
    reading = pacsv.ReadOptions(
        column_names=layout.header, block_size=max(len(text), 1024), use_threads=False
    )
    converting = pacsv.ConvertOptions(
        column_types=types,
        include_columns=list(layout.columns),
        null_values=_NULLS,
        strings_can_be_null=True,
    )
    table = pacsv.read_csv(pa.BufferReader(text), read_options=reading, convert_options=converting)
    return table.combine_chunks()
