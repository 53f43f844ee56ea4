"""The lines of a CSV without parsing them: what each says in a number, and whose it is.

Belongs here: loops over bytes. Does not: what is made of them (changes), the values (csv_text).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.segments import compiled

Bytes = NDArray[np.uint8]
Ids = NDArray[np.int64]
_BREAK, _RETURN, _COMMA, _QUOTE, _DOT, _ZERO, _NINE = (ord(sign) for sign in '\n\r,".09')
_PRIME, _SPREAD = np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)  # odd: nothing is lost by either
_BREAKS, _SEVENS, _ONES = (np.uint64(0x0101010101010101 * byte) for byte in (_BREAK, 0x7F, 1))
NO_FIELD = -1
NOBODY = 0
_LONGEST = 10  # digits of an identifier: it fits into 32 bits


Sizes = NDArray[np.uint32]


@dataclass(frozen=True)
class Lines:
    """Per line of a text: its hash; the identifiers in two of its fields, 0 where there is none to be read; its
    bytes, the line break included (None for rows that are no lines of a text)."""

    hashes: NDArray[np.uint64]
    first: Ids
    second: Ids
    sizes: Sizes | None = None


def read_lines(text: bytes, first: int, second: int, seed: int) -> Lines:
    """The lines of `text`, which ends with a line break; `first` and `second` are numbers of fields.

    Equal lines have equal hashes under the same seed, whatever their line break; a field in quotes, with blanks
    or with anything but digits (and a fraction of zeros) holds no identifier. NO_FIELD looks for none.
    """
    values, ends = np.frombuffer(text, np.uint8), line_ends(text)
    return Lines(
        _hash_lines(values, ends, np.uint64(seed)),
        _read_field(values, ends, first),
        _read_field(values, ends, second),
        np.diff(ends, prepend=-1).astype(np.uint32),
    )


def count_lines(text: bytes) -> int:
    """How many line breaks a text has."""
    return int(_count_breaks(np.frombuffer(text, np.uint8)))


def line_ends(text: bytes) -> Ids:
    """Where the line breaks of a text are."""
    values = np.frombuffer(text, np.uint8)
    return np.asarray(_line_ends(values, _count_breaks(values)))


def chosen_lines(text: bytes, sizes: Sizes, chosen: NDArray[np.bool_]) -> bytes:
    """The text of the chosen lines, one after the other; `sizes`: bytes of all lines of the text."""
    return bytes(_chosen_bytes(np.frombuffer(text, np.uint8), sizes, chosen))


@compiled
def _chosen_bytes(values: Bytes, sizes: Sizes, chosen: NDArray[np.bool_]) -> Bytes:
    size = 0
    for line in range(len(sizes)):
        size += sizes[line] if chosen[line] else 0
    found = np.empty(size, np.uint8)
    at, start = 0, 0
    for line in range(len(sizes)):
        stop = start + sizes[line]
        if chosen[line]:
            for place in range(start, stop):
                found[at] = values[place]
                at += 1
        start = stop
    return found


@compiled
def _count_breaks(values: Bytes) -> int:
    many = 0
    for at in range(len(values)):
        many += values[at] == _BREAK
    return many


@compiled
def _word(values: Bytes, at: int) -> np.uint64:
    """Eight bytes from there on as one number: one load, since no place is below 0 (it could mean the end)."""
    place, told = np.uint64(at), np.uint64(0)
    for byte in range(np.uint64(8)):
        told |= np.uint64(values[place + byte]) << (np.uint64(8) * byte)
    return told


@compiled
def _line_ends(values: Bytes, many: int) -> Ids:
    """Eight bytes at a time; those that are a line break keep their highest bit, all others are 0."""
    ends = np.empty(many, np.int64)
    found, at = 0, 0
    while at + 8 <= len(values):
        other = _word(values, at) ^ _BREAKS
        marks = ~(((other & _SEVENS) + _SEVENS) | other | _SEVENS)
        while marks:
            first = marks & (~marks + np.uint64(1))
            bytes_to = (((first - np.uint64(1)) & _ONES) * _ONES) >> np.uint64(56)
            ends[found] = at + np.int64(bytes_to) - 1
            found += 1
            marks ^= first
        at += 8
    while at < len(values):
        if values[at] == _BREAK:
            ends[found] = at
            found += 1
        at += 1
    return ends


@compiled
def _hash_lines(values: Bytes, ends: Ids, seed: np.uint64) -> NDArray[np.uint64]:
    """Eight bytes at a time, the last eight once more; the length goes in as well, so that bytes of 0 count."""
    hashes = np.empty(len(ends), np.uint64)
    start = 0
    for line in range(len(ends)):
        end = ends[line]
        stop = end - 1 if end > start and values[end - 1] == _RETURN else end
        told = (seed ^ np.uint64(stop - start)) * _SPREAD
        at = start
        while at + 8 <= stop:
            told = (told ^ _word(values, at)) * _PRIME
            told ^= told >> np.uint64(29)
            at += 8
        if at < stop and stop - start >= 8:
            told = (told ^ _word(values, stop - 8)) * _PRIME
            at = stop
        while at < stop:
            told = (told ^ np.uint64(values[at])) * _PRIME
            at += 1
        told ^= told >> np.uint64(32)
        told *= _SPREAD
        hashes[line] = told ^ (told >> np.uint64(29))
        start = end + 1
    return hashes


@compiled
def _read_field(values: Bytes, ends: Ids, wanted: int) -> Ids:
    """The identifier in a field of each line, 0 where there is none to be read."""
    found = np.zeros(len(ends), np.int64)
    if wanted < 0:
        return found
    at = np.uint64(0)
    for line in range(len(ends)):
        end, field, quoted = np.uint64(ends[line]), 0, False
        while at < end and field < wanted:
            if values[at] == _QUOTE:
                quoted = not quoted
            elif values[at] == _COMMA and not quoted:
                field += 1
            at += np.uint64(1)
        number, digits = 0, 0
        while at < end and _ZERO <= values[at] <= _NINE and digits <= _LONGEST:
            number = number * 10 + (values[at] - _ZERO)
            digits += 1
            at += np.uint64(1)
        if at < end and values[at] == _DOT:
            at += np.uint64(1)
            while at < end and values[at] == _ZERO:
                at += np.uint64(1)
        over = at >= end or values[at] == _COMMA or (values[at] == _RETURN and at + np.uint64(1) == end)
        if field == wanted and over and 0 < digits <= _LONGEST:
            found[line] = number
        at = end + np.uint64(1)
    return found


@compiled
def add_hashes(
    sums: NDArray[np.uint64], clients: NDArray[np.int32], low: int, hashes: NDArray[np.uint64]
) -> int:
    """Adds each line's hash to the sum of its client; NOBODY's lines count for no one. How many were added: all, or
    those before the first whose client has no place among the sums."""
    for line in range(len(clients)):
        if clients[line] != 0:
            place = clients[line] - low
            if place < 0 or place >= len(sums):
                return line
            sums[place] += hashes[line]
    return len(clients)
