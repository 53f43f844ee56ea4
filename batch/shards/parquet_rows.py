"""The rows of a Parquet file, from its first to its last, or stretch by stretch in any thread.

Belongs here: decoding, what a file that is not whole looks like. Does not: CSV (reading), what a row must satisfy
(features.raw).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from batch.errors import InputError
from batch.shards.csv_text import Block
from batch.shards.sources import Digest, Piece, Source, require_columns
from model_store.storage import is_local

VALUES_AT_ONCE, VALUES_OF_A_ROW = 1 << 21, 4
"""Values of a block, in all its columns, and what is noted of each row besides (its line, its hash, whose it is): a
block holds as much memory whatever the table."""


@dataclass(frozen=True)
class Stretch:
    """Consecutive row groups of a Parquet file: the number of their first row, and how many rows they hold."""

    row_groups: tuple[int, ...]
    first_row: int
    rows: int


@dataclass(frozen=True)
class ParquetRows:
    """A Parquet file that is whole and has the columns of its table, to be read from its beginning or in stretches.

    What Arrow has read of row groups it holds until it is through with all that it was asked for, so it is asked
    for few: those of a stretch, which make a block where they are small.
    """

    source: Source
    metadata: pq.FileMetaData
    schema: pa.Schema

    @classmethod
    def of(cls, source: Source) -> ParquetRows:
        """Errors: InputError for a file that is none or truncated, for a missing column."""
        with _whole(source), _opened(source.path) as raw:
            file = pq.ParquetFile(raw)
            require_columns(source, [name.strip().upper() for name in file.schema_arrow.names])
            return cls(source, file.metadata, file.schema_arrow)

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """All rows in their order."""
        sizes = [self.metadata.row_group(number).num_rows for number in range(self.metadata.num_row_groups)]
        found, start, row = list[Stretch](), 0, 1
        while start < len(sizes):
            end = start + 1
            while end < len(sizes) and sum(sizes[start : end + 1]) <= self._rows_at_once:
                end += 1
            rows = sum(sizes[start:end])
            found.append(Stretch(tuple(range(start, end)), row, rows))
            start, row = end, row + rows
        return tuple(stretch for stretch in found if stretch.rows)

    def read(self, stretch: Stretch, threads: bool = False) -> Iterator[Piece]:
        """The rows of a stretch in order. `threads`: the columns are decoded side by side. Errors: InputError."""
        header = {name.strip().upper(): name for name in self.schema.names}
        wanted = [header[name] for name in self.source.columns]
        # texts as codes of the few that there are: two thirds of the time
        texts = [field.name for field in self.schema if pa.types.is_string(field.type)]
        row = stretch.first_row
        with _whole(self.source), _opened(self.source.path) as raw:
            file = pq.ParquetFile(raw, metadata=self.metadata, read_dictionary=texts)
            for batch in file.iter_batches(
                self._rows_at_once, stretch.row_groups, wanted, use_threads=threads
            ):
                columns = [_readable(batch.column(name)) for name in wanted]
                values = pa.table(columns, names=list(self.source.columns))
                yield Piece(partial(Block, values, np.arange(row, row + len(values))), batch.nbytes)
                row += len(values)

    @property
    def _rows_at_once(self) -> int:
        return max(VALUES_AT_ONCE // (len(self.source.columns) + VALUES_OF_A_ROW), 1)


def read_parquet(source: Source, digest: Digest | None) -> Iterator[Piece]:
    """The file's rows in order; `digest`, if any, takes its bytes. Errors: InputError."""
    with source.path.open("rb") as raw:
        while digest is not None and (data := raw.read(1 << 20)):
            digest.update(data)
    rows = ParquetRows.of(source)
    for stretch in rows.stretches:
        yield from rows.read(stretch, threads=True)


def rows_in_footer(source: Source) -> int:
    """Rows that a Parquet file says it has. Errors: InputError if it is none."""
    with _whole(source), _opened(source.path) as raw:
        return int(pq.read_metadata(raw).num_rows)


def _opened(path: UPath) -> Any:
    """The file's bytes; those of a local file are read beside other threads of Python."""
    return pa.OSFile(str(path)) if is_local(path) else path.open("rb")


@contextmanager
def _whole(source: Source) -> Iterator[None]:
    """Errors: InputError where the block meets a file that is none of Parquet, or not all of one."""
    try:
        yield
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(
            f"{source.path} is not a complete Parquet file ({_first_line(error)}); copy it again"
        ) from error


def _readable(column: pa.Array) -> pa.Array:
    """The column; bytes of a text that are no UTF-8 are U+FFFD in it, as in a CSV: such a row is set aside."""
    if pa.types.is_dictionary(column.type):
        texts = _readable(column.dictionary)
        return column if texts is column.dictionary else pa.DictionaryArray.from_arrays(column.indices, texts)
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        column = column.cast(pa.large_string(), safe=False)  # no bytes are looked at, nothing is copied
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        told = column.cast(pa.large_binary()).to_pylist()
        return pa.array(
            [None if text is None else text.decode(errors="replace") for text in told], column.type
        )
    return column


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
