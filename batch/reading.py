"""The files of a folder of tables, read once, block by block.

Belongs here: finding the eight files, CSV and Parquet, what a broken file looks like. Does not: what a row
must satisfy (features.raw), which shard it goes to (sharding).
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray
from upath import UPath

from batch.errors import InputError
from features import TABLES, Table

BLOCK_BYTES = 16 << 20
PARQUET_ROWS = 1 << 18
SUFFIXES = (".csv", ".csv.gz", ".parquet")
_BOM = b"\xef\xbb\xbf"
_NULLS = ["", "NA", "NaN", "nan", "null", "NULL"]


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
class Malformed:
    """A line of a CSV that does not divide into the header's columns, and why."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True)
class Block:
    """Some rows of a file, as read: numbers or text. `rows` holds their line (CSV) or row (Parquet) numbers."""

    values: pa.Table
    rows: pa.Array
    malformed: tuple[Malformed, ...] = ()
    bytes_read: int = 0


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
                found[name] = path
    missing = [name for name, _ in wanted if name.lower() not in found]
    if missing:
        raise InputError(
            f"{folder} lacks {', '.join(missing)}; expected the eight Home Credit tables as "
            f"{' or '.join(SUFFIXES)}"
        )
    return tuple(Source(name, table, found[name.lower()]) for name, table in wanted)


def read_blocks(source: Source, digest: Digest) -> Iterator[Block]:
    """The file's rows in order; `digest` takes the content (text of a CSV, bytes of a Parquet file).

    Errors: InputError for an empty, truncated or unreadable file and for a missing column.
    """
    reader = _read_parquet if source.path.name.lower().endswith(".parquet") else _read_csv
    some = False
    for block in reader(source, digest):
        some = some or len(block.rows) > 0 or bool(block.malformed)
        yield block
    if not some:
        raise InputError(f"{source.path} holds no rows; expected at least one after the header")


def _read_parquet(source: Source, digest: Digest) -> Iterator[Block]:
    try:
        with source.path.open("rb") as raw:
            while data := raw.read(1 << 20):
                digest.update(data)
            raw.seek(0)
            file = pq.ParquetFile(raw)
            names = file.schema_arrow.names
            _require_columns(source, [name.strip().upper() for name in names])
            header = {name.strip().upper(): name for name in names}
            wanted = [header[name] for name in source.columns]
            row = 1
            for batch in file.iter_batches(batch_size=PARQUET_ROWS, columns=wanted):
                values = pa.Table.from_batches([batch]).select(wanted).rename_columns(list(source.columns))
                yield Block(values, pa.array(range(row, row + len(values))), bytes_read=batch.nbytes)
                row += len(values)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(
            f"{source.path} is not a complete Parquet file ({_first_line(error)}); copy it again"
        ) from error


def _read_csv(source: Source, digest: Digest) -> Iterator[Block]:
    try:
        with _open(source.path) as file:
            header_line = file.readline()
            if not header_line.strip(_BOM + b"\r\n\t "):
                raise InputError(f"{source.path} is empty; expected a header and rows")
            header = _header(source.path, header_line)
            _require_columns(source, header)
            if not header_line.endswith(b"\n"):
                raise InputError(f"{source.path} holds no rows; expected at least one after the header")
            digest.update(header_line)
            line = 2
            for block in _whole_lines(source.path, file):
                digest.update(block)
                yield _parsed(source, header, block, line)
                line += block.count(b"\n")
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
            yield rest + data[:cut]
            rest = data[cut:]
        else:
            rest += data
    if rest.strip():
        raise InputError(
            f"{path} is truncated: it ends in the middle of a line ({rest[-40:].decode(errors='replace')!r}); "
            "copy it again, or end the last line if it is complete"
        )


def _parsed(source: Source, header: list[str], block: bytes, first_line: int) -> Block:
    """The block with numbers as float64 and categories as dictionaries; as text where that does not work."""
    types = {
        name: pa.dictionary(pa.int32(), pa.string()) if column.kind == "category" else pa.float64()
        for name, column in source.table.columns.items()
    }
    lines = _numbered(block, first_line)
    try:
        values = _arrow_csv(source, header, block, types, threads=True)
    except pa.ArrowInvalid:
        return _parsed_as_text(source, header, block, first_line)
    if len(values) != len(lines):  # a quote left open has swallowed lines
        return _parsed_as_text(source, header, block, first_line)
    return Block(values, pa.array(lines), bytes_read=len(block))


def _numbered(block: bytes, first_line: int) -> NDArray[np.int64]:
    """Line numbers of the lines that are not blank."""
    if not (block.startswith((b"\n", b"\r\n")) or b"\n\n" in block or b"\n\r\n" in block):
        return np.arange(first_line, first_line + block.count(b"\n"))
    lines = block.split(b"\n")[:-1]
    return np.array([first_line + at for at, line in enumerate(lines) if line.rstrip(b"\r")], dtype=np.int64)


def _parsed_as_text(source: Source, header: list[str], block: bytes, first_line: int) -> Block:
    """Every value as text, so that one bad value costs one row; lines that are no rows apart."""
    malformed: list[Malformed] = []
    numbers: list[int] = []
    rows: list[bytes] = []
    for number, line in enumerate(block.split(b"\n"), start=first_line):
        if not line.rstrip(b"\r"):
            continue
        text = line.rstrip(b"\r").decode("utf-8", errors="replace")
        reason = _why_no_row(text, len(header))
        if reason:
            malformed.append(Malformed(number, text, reason))
        else:
            numbers.append(number)
            rows.append(text.encode())
    types = {name: pa.string() for name in source.table.columns}
    values = pa.table({name: pa.nulls(0, pa.string()) for name in source.columns})
    if rows:
        values = _arrow_csv(source, header, b"\n".join([*rows, b""]), types, threads=False)
    return Block(values, pa.array(numbers, pa.int64()), tuple(malformed), len(block))


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


def _arrow_csv(
    source: Source,
    header: list[str],
    block: bytes,
    types: dict[str, pa.DataType],
    threads: bool,
) -> pa.Table:
    reading = pacsv.ReadOptions(column_names=header, block_size=max(len(block), 1024), use_threads=threads)
    converting = pacsv.ConvertOptions(
        column_types=types,
        include_columns=list(source.columns),
        null_values=_NULLS,
        strings_can_be_null=True,
    )
    table = pacsv.read_csv(io.BytesIO(block), read_options=reading, convert_options=converting)
    return table.combine_chunks()


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
