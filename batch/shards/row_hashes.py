"""The rows of a Parquet file as `lines` sees those of a CSV: what each says in a number, and whose it is.

Belongs here: numbers made of columns. Does not: the lines of a text (lines), what is made of them (ledger).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from batch.shards.lines import NOBODY, Ids, Lines
from features.segments import compiled

Words = NDArray[np.uint64]
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd: nothing is lost by multiplying
_LARGEST = 2.0**31 - 1


def hash_rows(values: pa.Table, first: str, second: str | None, seed: int) -> Lines:
    """The rows of a table; `first` and `second` are columns of identifiers.

    Equal rows have equal hashes under the same seed; numbers are compared as float64, missing ones are equal.
    What is no whole number above 0 is no identifier.
    """
    hashes = np.full(len(values), np.uint64(seed))
    for name in values.column_names:
        _mix(hashes, _words(values.column(name)))
    nobody = np.zeros(len(values), np.int64)
    return Lines(
        hashes,
        read_column(values.column(first)),
        nobody if second is None else read_column(values.column(second)),
    )


def read_column(column: pa.ChunkedArray) -> Ids:
    """The identifiers in a column, NOBODY where there is none to be read; texts hold none."""
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return np.full(len(column), NOBODY, np.int64)
    numbers = _numbers(column)
    good = (numbers > 0) & (numbers <= _LARGEST) & (numbers == np.floor(numbers))
    return np.where(good, numbers, NOBODY).astype(np.int64)


def _words(column: pa.ChunkedArray) -> Words:
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return _numbers(column).view(np.uint64)
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    parts = [np.zeros(0, np.uint64)]
    for chunk in column.chunks:
        told = np.array([*map(_word, chunk.dictionary.to_pylist()), _word(None)], np.uint64)
        parts.append(told[pc.fill_null(chunk.indices, len(told) - 1).to_numpy()])
    return np.concatenate(parts)


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = column.to_numpy().astype(np.float64, copy=False)
    return numbers


@lru_cache(maxsize=1 << 16)
def _word(text: str | None) -> int:
    told = b"\0" if text is None else b"\1" + text.encode()
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "little")


@compiled
def _mix(hashes: Words, words: Words) -> None:
    for row in range(len(hashes)):
        told = (hashes[row] ^ words[row]) * _SPREAD
        hashes[row] = told ^ (told >> np.uint64(29))
