"""The order of rows by several columns of numbers.

Belongs here: sorting fast, and which rows are equal. Does not: which columns, which tables (sharding).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BITS = 63
_EXACT = 2.0**52
Order = NDArray[np.intp]
Mask = NDArray[np.bool_]


def sorted_order(keys: Sequence[NDArray[Any]]) -> tuple[Order, Mask]:
    """Positions of the rows sorted by the first key, then the second, …; and which equal the row before in all.

    Missing values come last, equal rows stay in the order they are in. One number that holds as many keys as
    fit is sorted; the other keys are compared only between rows that are equal in it.
    """
    packed, used = _packed(keys)
    if bool((packed[1:] > packed[:-1]).all()):
        return np.arange(len(packed)), np.zeros(len(packed), dtype=np.bool_)
    order = np.argsort(packed)
    in_order = packed[order]
    equal = np.concatenate(([False], in_order[1:] == in_order[:-1]))
    if equal.any():
        tied = np.flatnonzero(equal | np.append(equal[1:], False))
        rows = np.sort(order[tied])
        rest = [_missing_last(key[rows]) for key in keys[used:]]
        by_all = np.lexsort((*rest[::-1], packed[rows]))
        order[tied] = rows[by_all]
        for key in rest:
            same = key[by_all][1:] == key[by_all][:-1]
            equal[tied[1:]] &= same  # the first of a tie is equal to none, whatever lies before it
    return order, equal


def _packed(keys: Sequence[NDArray[Any]]) -> tuple[NDArray[np.int64], int]:
    """As many of the keys as fit into one whole number that sorts as they do, and how many those are."""
    packed = np.zeros(len(keys[0]), dtype=np.int64)
    bits = 0
    for number, key in enumerate(keys):
        codes = _counted_from_zero(key)
        needed = 0 if codes is None or not len(codes) else int(codes.max()).bit_length()
        if codes is None or bits + needed > _BITS:
            return packed, number
        packed = (packed << needed) | codes
        bits += needed
    return packed, len(keys)


def _counted_from_zero(key: NDArray[Any]) -> NDArray[np.int64] | None:
    """Whole numbers less the smallest one, missing values above the largest; None if others are among them."""
    if not len(key):
        return np.zeros(0, dtype=np.int64)
    if key.dtype.kind == "i":
        return key.astype(np.int64) - int(key.min())
    low, high = np.fmin.reduce(key), np.fmax.reduce(key)
    if np.isnan(key.min()):
        key = np.where(np.isnan(key), float(high) + 1, key.astype(np.float64))
    if not (low > -_EXACT and high < _EXACT) or bool((np.floor(key) != key).any()):
        return None
    return key.astype(np.int64) - int(low)


def _missing_last(key: NDArray[Any]) -> NDArray[np.float64]:
    return np.where(np.isnan(key), np.inf, key).astype(np.float64)
