"""Files that were read once and are read again, stretch by stretch, in any thread.

Belongs here: where the lines of a file lie, that it is still the same file. Does not: which lines are wanted
(changes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from batch.errors import InputError
from batch.shards.csv_text import CsvLayout, CsvText
from batch.shards.digests import FileDigest
from batch.shards.reading import Digest, Piece, Source, read_pieces, stat

STRETCH_BYTES = 24 << 20


class ReadOnce:
    """A file whose pieces are read in order, once; then it is known what it held and where."""

    def __init__(self, source: Source) -> None:
        self._source, self._stat = source, stat(source.path)
        self._digest = FileDigest()
        self._stretches: list[tuple[CsvLayout, int, int, int, int]] = []

    def pieces(self) -> Iterator[Piece]:
        """The pieces of the file, as reading.read_pieces gives them."""
        for piece in read_pieces(self._source, self._digest):
            text = piece.text
            if text is not None:
                self._note(text)
            yield piece

    def _note(self, text: CsvText) -> None:
        """Few lines of a stretch are wanted: stretches are longer than the pieces that are parsed whole."""
        stretch = (text.layout, text.offset, len(text.text), text.first_line, text.lines)
        if self._stretches and self._stretches[-1][2] + stretch[2] <= STRETCH_BYTES:
            layout, offset, size, first_line, lines = self._stretches.pop()
            stretch = (layout, offset, size + stretch[2], first_line, lines + stretch[4])
        self._stretches.append(stretch)

    @property
    def sha256(self) -> str:
        """Of the content, as it was read."""
        return self._digest.hexdigest()

    def pieces_again(self) -> Iterator[Callable[[], Piece]]:
        """Each reads a piece of a CSV again, when and in which thread it is called; Parquet and what is packed is
        read from its beginning."""
        if self._stretches and not self._source.path.name.lower().endswith(".gz"):
            return (partial(self._again, *stretch) for stretch in self._stretches)
        return (partial(_itself, piece) for piece in read_pieces(self._source, None))

    def require_same(self) -> None:
        """Errors: InputError if the file was changed since it was read the first time."""
        if stat(self._source.path) != self._stat:
            raise InputError(
                f"{self._source.path} was changed while it was read; run again when it is complete"
            )

    def _again(self, layout: CsvLayout, offset: int, size: int, first_line: int, lines: int) -> Piece:
        path = self._source.path
        text = path.fs.cat_file(path.path, start=offset, end=offset + size)
        if len(text) != size:
            raise InputError(f"{path} was changed while it was read; run again when it is complete")
        known = CsvText(layout, text, first_line, lines, offset)
        return Piece(known.parse, size, known)


def as_they_come(source: Source, digest: Digest) -> Iterator[Callable[[], Piece]]:
    """The pieces of a file that is read for the first time."""
    return (partial(_itself, piece) for piece in read_pieces(source, digest))


def _itself(piece: Piece) -> Piece:
    return piece
