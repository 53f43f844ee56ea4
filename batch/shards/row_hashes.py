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
    for column in values.columns:
        start = 0
        for chunk in column.chunks:
            _mix_chunk(hashes[start : start + len(chunk)], chunk)
            start += len(chunk)
    nobody = np.full(len(values), NOBODY, np.int64)
    return Lines(
        hashes,
        _read_column(values.column(first)),
        nobody if second is None else _read_column(values.column(second)),
    )


def _read_column(column: pa.ChunkedArray) -> Ids:
    """The identifiers in a column, NOBODY where there is none to be read; texts hold none."""
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return np.full(len(column), NOBODY, np.int64)
    numbers = column.to_numpy()
    if numbers.dtype.kind == "f":
        numbers = np.where(numbers == np.floor(numbers), numbers, NOBODY)
    good = (numbers > 0) & (numbers <= _LARGEST)
    return np.where(good, numbers, NOBODY).astype(np.int64)


def _mix_chunk(hashes: Words, column: pa.Array) -> None:
    """Mixes the values of a column into the hashes of their rows."""
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        numbers = column.to_numpy(zero_copy_only=False).astype(np.float64, copy=False)
        _mix(hashes, numbers.view(np.uint64))
        return
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    told = np.array([*map(_word, column.dictionary.to_pylist()), _word(None)], np.uint64)
    codes = pc.fill_null(column.indices, len(told) - 1) if column.null_count else column.indices
    _mix_codes(hashes, told, codes.to_numpy())


@lru_cache(maxsize=1 << 16)
def _word(text: str | None) -> int:
    told = b"\0" if text is None else b"\1" + text.encode()
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "little")


@compiled
def _mix(hashes: Words, words: Words) -> None:
    for row in range(len(hashes)):
        told = (hashes[row] ^ words[row]) * _SPREAD
        hashes[row] = told ^ (told >> np.uint64(29))


@compiled
def _mix_codes(hashes: Words, words: Words, codes: NDArray[np.int32]) -> None:
    for row in range(len(hashes)):
        told = (hashes[row] ^ words[codes[row]]) * _SPREAD
        hashes[row] = told ^ (told >> np.uint64(29))
