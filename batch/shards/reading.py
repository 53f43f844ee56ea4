"""The files of a folder of tables, read once, piece by piece.

Belongs here: the text of a CSV, what a broken file looks like. Does not: which files there are (sources), Parquet
(parquet_rows), the lines of a CSV (csv_text), which shard a row goes to (spool).
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from upath import UPath

from batch.errors import InputError
from batch.shards.csv_text import Block, CsvLayout, CsvText
from batch.shards.lines import count_lines
from batch.shards.parquet_rows import read_parquet
from batch.shards.sources import Digest, Piece, Source, require_columns

BLOCK_BYTES = 4 << 20  # text, arrays and their copies stay close to the cache; larger blocks are slower
_BOM = b"\xef\xbb\xbf"


def read_pieces(source: Source, digest: Digest | None) -> Iterator[Piece]:
    """The file's rows in order; `digest`, if any, takes the content (text of a CSV, bytes of a Parquet file).

    Errors: InputError for an empty, truncated or unreadable file and for a missing column.
    """
    return read_parquet(source, digest) if source.is_parquet else _read_csv(source, digest)


def read_blocks(source: Source, digest: Digest) -> Iterator[Block]:
    """The file's rows in order, parsed one block after the other; all else as `read_pieces`."""
    for piece in read_pieces(source, digest):
        yield piece.parse()


def _read_csv(source: Source, digest: Digest | None) -> Iterator[Piece]:
    try:
        with _open(source.path) as file:
            header_line = file.readline()
            if not header_line.strip(_BOM + b"\r\n\t "):
                raise InputError(f"{source.path} is empty; expected a header and rows")
            header = _header(source.path, header_line)
            require_columns(source, header)
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
