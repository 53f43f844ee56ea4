"""The files of a folder of tables, read once, piece by piece.

Belongs here: finding the eight files, CSV and Parquet, what a broken file looks like. Does not: the lines of a
CSV (csv_text), what a row must satisfy (features.raw), which shard it goes to (spool).
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from batch.errors import InputError
from batch.shards.csv_text import Block, CsvLayout, CsvText
from batch.shards.lines import count_lines
from features import TABLES, Table

BLOCK_BYTES = 4 << 20  # text, arrays and their copies stay close to the cache; larger blocks are slower
PARQUET_VALUES = 1 << 21  # of a block, in all its columns: it holds as much memory whatever the table
SUFFIXES = (".csv", ".csv.gz", ".parquet")
_BOM = b"\xef\xbb\xbf"


class Digest(Protocol):
    """A running hash of what was read."""

    def update(self, data: bytes, /) -> None: ...


@dataclass(frozen=True)
class Source:
    """One input file: which table it holds, whether its clients carry a TARGET, where it lies."""

    name: str
    table: Table
    path: UPath

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns the file must have: the table's, TARGET in application_train only."""
        return tuple(c for c in self.table.columns if c != "TARGET" or self.name == "application_train")


@dataclass(frozen=True)
class Piece:
    """Some consecutive rows of a file, not parsed yet: `parse` may be called in any thread. `text`: if a CSV's."""

    parse: Callable[[], Block]
    bytes_read: int
    text: CsvText | None = None


def stat(path: UPath) -> tuple[int, str]:
    """Size of a file and when it was changed, or what its storage says instead."""
    info = path.fs.info(path.path)
    changed = info.get("mtime") or info.get("LastModified") or info.get("ETag") or ""
    return int(info["size"]), str(changed)


def find_sources(folder: UPath) -> tuple[Source, ...]:
    """The eight files of `folder`, whatever the case of their names. Errors: InputError naming what lacks."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give the folder that holds the eight tables")
    wanted = [(name, table) for table in TABLES.values() for name in table.files]
    known = {name.lower() for name, _ in wanted}
    found: dict[str, UPath] = {}
    for path in sorted(folder.iterdir(), key=str):
        for suffix in SUFFIXES:
            name = path.name.lower().removesuffix(suffix)
            if name != path.name.lower() and name in known:
                if name in found:
                    raise InputError(f"{folder} holds {found[name].name} and {path.name}; keep one of them")
                if path.is_dir():
                    raise InputError(f"{path} is a folder, not a file; give the table itself")
                found[name] = path
    missing = [name for name, _ in wanted if name.lower() not in found]
    if missing:
        raise InputError(
            f"{folder} lacks {', '.join(missing)}; expected the eight Home Credit tables as "
            f"{' or '.join(SUFFIXES)}"
        )
    return tuple(Source(name, table, found[name.lower()]) for name, table in wanted)


def read_pieces(source: Source, digest: Digest | None) -> Iterator[Piece]:
    """The file's rows in order; `digest`, if any, takes the content (text of a CSV, bytes of a Parquet file).

    Errors: InputError for an empty, truncated or unreadable file and for a missing column.
    """
    is_parquet = source.path.name.lower().endswith(".parquet")
    return _read_parquet(source, digest) if is_parquet else _read_csv(source, digest)


def read_blocks(source: Source, digest: Digest) -> Iterator[Block]:
    """The file's rows in order, parsed one block after the other; all else as `read_pieces`."""
    for piece in read_pieces(source, digest):
        yield piece.parse()


def rows_in_footer(source: Source) -> int:
    """Rows that a Parquet file says it has. Errors: InputError if it is none."""
    try:
        with source.path.open("rb") as file:
            return int(pq.ParquetFile(file).metadata.num_rows)
    except (pa.ArrowInvalid, OSError) as error:
        raise _incomplete(source, error) from error


def _read_parquet(source: Source, digest: Digest | None) -> Iterator[Piece]:
    try:
        with source.path.open("rb") as raw:
            while digest is not None and (data := raw.read(1 << 20)):
                digest.update(data)
            raw.seek(0)
            file = pq.ParquetFile(raw, read_dictionary=_texts(raw))
            names = file.schema_arrow.names
            _require_columns(source, [name.strip().upper() for name in names])
            header = {name.strip().upper(): name for name in names}
            wanted = [header[name] for name in source.columns]
            row = 1
            for batch in _batches(file, wanted, max(PARQUET_VALUES // len(wanted), 1)):
                columns = [_readable(batch.column(name)) for name in wanted]
                values = pa.table(columns, names=list(source.columns))
                yield Piece(partial(Block, values, np.arange(row, row + len(values))), batch.nbytes)
                row += len(values)
    except (pa.ArrowInvalid, OSError) as error:
        raise _incomplete(source, error) from error


def _batches(file: pq.ParquetFile, columns: list[str], rows: int) -> Iterator[pa.RecordBatch]:
    """The rows of a file, so many at a time. What Arrow has read of row groups it holds until it is through with
    all that it was asked for, so it is asked for few: those that make a batch."""
    sizes = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    start = 0
    while start < len(sizes):
        end = start + 1
        while end < len(sizes) and sum(sizes[start : end + 1]) <= rows:
            end += 1
        yield from file.iter_batches(rows, row_groups=list(range(start, end)), columns=columns)
        start = end


def _incomplete(source: Source, error: BaseException) -> InputError:
    return InputError(f"{source.path} is not a complete Parquet file ({_first_line(error)}); copy it again")


def _texts(file: BinaryIO) -> list[str]:
    """Columns of texts: read as codes of the few that there are, in two thirds of the time."""
    names = [field.name for field in pq.read_schema(file) if pa.types.is_string(field.type)]
    file.seek(0)
    return names


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
            [None if text is None else text.decode(errors="replace") for text in told], pa.string()
        )
    return column


def _read_csv(source: Source, digest: Digest | None) -> Iterator[Piece]:
    try:
        with _open(source.path) as file:
            header_line = file.readline()
            if not header_line.strip(_BOM + b"\r\n\t "):
                raise InputError(f"{source.path} is empty; expected a header and rows")
            header = _header(source.path, header_line)
            _require_columns(source, header)
            if not header_line.endswith(b"\n"):
                raise InputError(f"{source.path} holds no rows; expected at least one after the header")
            if digest is not None:
                digest.update(header_line)
            layout = CsvLayout(header, source.columns, source.table)
            line, offset = 2, len(header_line)
            for text in _whole_lines(source.path, file):
                if digest is not None:
                    digest.update(text)
                lines = count_lines(text)
                piece = CsvText(layout, text, line, lines, offset)
                yield Piece(piece.parse, len(text), piece)
                line, offset = line + lines, offset + len(text)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{source.path} is truncated or not gzip ({error}); copy it again") from error


@contextmanager
def _open(path: UPath) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked if its name says that it is packed."""
    with path.open("rb") as raw:
        if not path.name.lower().endswith(".gz"):
            yield raw
            return
        with gzip.open(raw) as unpacked:
            yield unpacked  # type: ignore[misc] # both kinds of file read bytes and lines


def _header(path: UPath, line: bytes) -> list[str]:
    if b"\0" in line:
        raise InputError(f"{path}: its first line is no header in UTF-8 (UTF-16 perhaps); save it as UTF-8")
    text = line.removeprefix(_BOM).decode("utf-8", errors="replace").strip("\r\n")
    try:
        return [name.strip().upper() for name in next(csv.reader([text]))]
    except csv.Error as error:
        raise InputError(
            f"{path}: its first line is no header ({error}); expected comma-separated names and lines that "
            "end with LF or CR LF"
        ) from error


def _require_columns(source: Source, header: list[str]) -> None:
    missing = [name for name in source.columns if name not in header]
    if missing:
        shown = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
        raise InputError(
            f"{source.path} lacks {len(missing)} of {len(source.columns)} columns: {shown}; its header has "
            f"{len(header)} columns, the first {', '.join(header[:3])}"
        )
    twice = sorted(name for name in source.columns if header.count(name) > 1)
    if twice:
        raise InputError(f"{source.path} has the column {', '.join(twice)} twice; keep one")


def _whole_lines(path: UPath, file: BinaryIO) -> Iterator[bytes]:
    """Blocks of about BLOCK_BYTES that end with a line break. Errors: InputError if the last line has none."""
    rest = b""
    while data := file.read(BLOCK_BYTES):
        cut = data.rfind(b"\n") + 1
        if cut:
            yield b"".join((rest, memoryview(data)[:cut]))
            rest = data[cut:]
        else:
            rest += data
    if rest.strip():
        raise InputError(
            f"{path} is truncated: it ends in the middle of a line ({rest[-40:].decode(errors='replace')!r}); "
            "copy it again, or end the last line if it is complete"
        )


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
