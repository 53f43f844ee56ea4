"""Files that are read twice: once to find what changed, then the lines that are wanted, in any thread.

Belongs here: where the lines of a file lie, whose they are, that it is still the same file. Does not: which lines
are wanted (changes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from batch.errors import InputError
from batch.shards.csv_text import Block, CsvLayout, CsvText
from batch.shards.digests import FileDigest
from batch.shards.ledger import lines_of
from batch.shards.lines import Lines
from batch.shards.on_disk import NumbersOnDisk
from batch.shards.parquet_rows import ParquetRows, Stretch
from batch.shards.reading import read_pieces
from batch.shards.register import Identifiers
from batch.shards.sources import Digest, Piece, Source, stat

STRETCH_BYTES = 24 << 20
Wanted = Callable[[Identifiers], NDArray[np.bool_]]
"""Of the clients of some lines, whose lines are to be read again."""


Told = tuple[Lines, int]
"""Some lines, and how many bytes were read for them."""


@dataclass(frozen=True, eq=False)
class Part:
    """Rows of a file to be checked; the lines they are, unless these are known; how many lines were passed over."""

    block: Block
    lines: Lines | None
    passed: int
    bytes_read: int


@dataclass(frozen=True)
class CsvStretch:
    """Lines of a CSV that lie there: their first byte in the file, how many bytes, the number of the first line."""

    layout: CsvLayout
    offset: int
    size: int
    first_line: int
    lines: int


class ReadOnce:
    """A file whose lines are read in order, once; then it is known what it held, where, and whose each line is."""

    def __init__(self, source: Source, folder: Path) -> None:
        """`folder`: where whose each line is waits for the second reading."""
        self._source, self._stat = source, stat(source.path)
        self._digest = FileDigest()
        self._clients = NumbersOnDisk(folder / f"clients-of-{source.path.name}", np.int32)
        self._sizes = NumbersOnDisk(folder / f"sizes-of-{source.path.name}", np.uint32)
        self._csv: list[CsvStretch] = []
        self._parquet: ParquetRows | None = None

    def lines(self) -> Iterator[Callable[[], list[Told]]]:
        """Each reads lines that follow those before, in any thread."""
        if self._source.is_parquet:
            self._digest.take(self._source.path)
            self._parquet = ParquetRows.of(self._source)
            yield from (partial(_lines_in, self._parquet, stretch) for stretch in self._parquet.stretches)
            return
        for piece in read_pieces(self._source, self._digest):
            if piece.text is not None:
                self._note(piece.text)
            yield partial(_lines_of, self._source, piece)

    def keep(self, clients: Identifiers, lines: Lines) -> None:
        """Notes whose the lines are that follow those noted before."""
        self._clients.add(clients)
        if lines.sizes is not None:
            self._sizes.add(lines.sizes)

    def _note(self, text: CsvText) -> None:
        """Few lines of a stretch are wanted: stretches are longer than the pieces that are parsed whole."""
        offset, size, first, lines = text.offset, len(text.text), text.first_line, text.lines
        if self._csv and self._csv[-1].size + size <= STRETCH_BYTES:
            last = self._csv.pop()
            offset, size, first, lines = last.offset, last.size + size, last.first_line, last.lines + lines
        self._csv.append(CsvStretch(text.layout, offset, size, first, lines))

    @property
    def sha256(self) -> str:
        """Of the content, as it was read."""
        return self._digest.hexdigest()

    def again(self, wanted: Wanted) -> Iterator[Callable[[], Part]]:
        """Each reads the wanted lines of a stretch, when and in which thread it is called; a packed file
        is unpacked from its beginning."""
        if self._parquet is not None:
            rows = self._parquet
            return (partial(self._rows_again, rows, stretch, wanted) for stretch in rows.stretches)
        if self._source.path.name.lower().endswith(".gz"):
            texts = (piece.text for piece in read_pieces(self._source, None))
            return (partial(self._chosen, text, wanted) for text in texts if text is not None)
        return (partial(self._lines_again, stretch, wanted) for stretch in self._csv)

    def require_same(self) -> None:
        """Errors: InputError if the file was changed since it was read the first time."""
        if stat(self._source.path) != self._stat:
            raise self._other_file()

    def _other_file(self) -> InputError:
        return InputError(f"{self._source.path} was changed while it was read; run again when it is complete")

    def _lines_again(self, stretch: CsvStretch, wanted: Wanted) -> Part:
        path = self._source.path
        text = path.fs.cat_file(path.path, start=stretch.offset, end=stretch.offset + stretch.size)
        if len(text) != stretch.size:
            raise self._other_file()
        known = CsvText(stretch.layout, text, stretch.first_line, stretch.lines, stretch.offset)
        return self._chosen(known, wanted)

    def _chosen(self, text: CsvText, wanted: Wanted) -> Part:
        place = text.first_line - 2  # the first line is the header
        chosen = wanted(self._clients.part(place, text.lines))
        block = text.parse_some(chosen, self._sizes.part(place, text.lines))
        return Part(block, None, text.lines - int(chosen.sum()), len(text.text))

    def _rows_again(self, rows: ParquetRows, stretch: Stretch, wanted: Wanted) -> Part:
        chosen = wanted(self._clients.part(stretch.first_row - 1, stretch.rows))
        numbers = np.flatnonzero(chosen)
        tables, start, size = list[pa.Table](), 0, 0
        for piece in rows.read(stretch):
            values = piece.parse().values
            tables.append(values.filter(pa.array(chosen[start : start + len(values)])))
            start, size = start + len(values), size + piece.bytes_read
        values = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
        return Part(Block(values, numbers + stretch.first_row), None, stretch.rows - len(numbers), size)


def as_they_come(source: Source, digest: Digest | None) -> Iterator[Callable[[], Part]]:
    """The parts of a file that is read for the first time."""
    return (partial(_whole, source, piece) for piece in read_pieces(source, digest))


def _whole(source: Source, piece: Piece) -> Part:
    return Part(piece.parse(), lines_of(source, piece), 0, piece.bytes_read)


def _lines_of(source: Source, piece: Piece) -> list[Told]:
    return [_told(source, piece)]


def _told(source: Source, piece: Piece) -> Told:
    return lines_of(source, piece), piece.bytes_read


def _lines_in(rows: ParquetRows, stretch: Stretch) -> list[Told]:
    return [_told(rows.source, piece) for piece in rows.read(stretch)]
