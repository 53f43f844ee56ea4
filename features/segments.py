"""Loops over the rows of each client, compiled: one pass where arrays as a whole need several.

Belongs here: what is added up, compared and remembered row by row. Does not: which rows, which features.

`values` are float64 with NaN for missing, or 0 and 1 as bytes; `keep` tells the rows that count, empty for all of
them; client k has the rows starts[k] … starts[k] + counts[k] - 1. Each client is added up by itself, first row
first, so that its figures are the same bits whoever else is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.expressions import Mask, Numbers

Places = NDArray[np.intp]
Bytes = NDArray[np.uint8]
Loop = TypeVar("Loop", bound=Callable[..., object])
ONE_POINT = 1e-6  # two different days are 0.5 apart by the measure of `slopes`; rounding stays far below


def compiled(loop: Loop) -> Loop:
    """The loop as machine code that lets go of Python's lock, kept on disk for the next process where it can be."""
    try:
        kept: Loop = njit(nogil=True, cache=True)(loop)
    except RuntimeError:  # neither this folder nor a home to write to: compiled anew in each process
        kept = njit(nogil=True)(loop)
    return kept


@compiled
def look_up(answers: NDArray[Any], codes: NDArray[Any]) -> NDArray[Any]:
    """Per row the answer at its code; the last answer for code -1, which is missing."""
    found = np.empty(len(codes), answers.dtype)
    for row in range(len(codes)):
        code = codes[row]
        found[row] = answers[code] if code >= 0 else answers[len(answers) - 1]
    return found


@compiled
def settled(paid: Numbers, days: Numbers, starts: Places) -> tuple[Numbers, Numbers]:
    """Per instalment, whose payments begin at `starts`, the sum of the known payments and the last known day."""
    total, last = np.zeros(len(starts)), np.full(len(starts), np.nan)
    for place in range(len(starts)):
        end = starts[place + 1] if place + 1 < len(starts) else len(paid)
        for row in range(starts[place], end):
            if paid[row] == paid[row]:
                total[place] += paid[row]
            if days[row] > last[place] or last[place] != last[place]:
                last[place] = days[row]
    return total, last


@compiled
def recent(times: Numbers, oldest: float, starts: Places, counts: Places) -> tuple[Places, Places]:
    """Per client where the rows of time `oldest` or later begin, and how many they are.

    Each client's times ascend, missing ones last: what is recent is the end of a client's rows, without those.
    """
    first, found = np.empty_like(starts), np.empty_like(counts)
    for client in range(len(starts)):
        end = starts[client] + counts[client]
        while end > starts[client] and np.isnan(times[end - 1]):
            end -= 1
        begin = end
        while begin > starts[client] and times[begin - 1] >= oldest:
            begin -= 1
        first[client], found[client] = begin, end - begin
    return first, found


@compiled
def count_rows(keep: Mask, starts: Places, counts: Places) -> Numbers:
    """Per client the number of rows that count."""
    found = np.zeros(len(starts))
    for client in range(len(starts)):
        counted = 0
        for row in range(starts[client], starts[client] + counts[client]):
            counted += keep[row]
        found[client] = counted
    return found


@compiled
def add_up(values: Numbers | Bytes, keep: Mask, starts: Places, counts: Places) -> tuple[Numbers, Numbers]:
    """Per client how many values are known, and their sum: 0 of nothing."""
    clients, every = len(starts), len(keep) == 0
    known, total = np.zeros(clients), np.zeros(clients)
    for client in range(clients):
        found, added = 0, 0.0
        for row in range(starts[client], starts[client] + counts[client]):
            value = float(values[row])
            if (every or keep[row]) and value == value:  # not NaN
                found += 1
                added += value
        known[client], total[client] = found, added
    return known, total


@compiled
def extremes(values: Numbers | Bytes, keep: Mask, starts: Places, counts: Places) -> tuple[Numbers, Numbers]:
    """Per client the smallest and the largest known value, NaN of nothing."""
    clients, every = len(starts), len(keep) == 0
    low, high = np.full(clients, np.nan), np.full(clients, np.nan)
    for client in range(clients):
        smallest, largest = np.inf, -np.inf
        for row in range(starts[client], starts[client] + counts[client]):
            value = float(values[row])  # a comparison with NaN is false
            # each on its own: machine code without a jump that depends on `keep`, three times as fast
            if (every or keep[row]) and value < smallest:
                smallest = value
            if (every or keep[row]) and value > largest:
                largest = value
        if smallest <= largest:
            low[client], high[client] = smallest, largest
    return low, high


@compiled
def last_known(values: Numbers | Bytes, keep: Mask, starts: Places, counts: Places) -> Numbers:
    """Per client the known value of the last row that has one, NaN of nothing."""
    found = np.full(len(starts), np.nan)
    for client in range(len(starts)):
        for row in range(starts[client] + counts[client] - 1, starts[client] - 1, -1):
            value = float(values[row])
            if (len(keep) == 0 or keep[row]) and value == value:
                found[client] = value
                break
    return found


@compiled
def deviations(values: Numbers | Bytes, keep: Mask, starts: Places, counts: Places) -> Numbers:
    """Per client the population standard deviation of the known values; NaN of nothing, 0 of one value.

    Two passes, so that large means cost no digits.
    """
    found = np.full(len(starts), np.nan)
    for client in range(len(starts)):
        places = range(starts[client], starts[client] + counts[client])
        known, total, squares = 0, 0.0, 0.0
        for row in places:
            value = float(values[row])
            if (len(keep) == 0 or keep[row]) and not np.isnan(value):
                known += 1
                total += value
        if known == 0:
            continue
        mean = total / known
        for row in places:
            value = float(values[row])
            if (len(keep) == 0 or keep[row]) and not np.isnan(value):
                squares += (value - mean) ** 2
        found[client] = np.sqrt(squares / known)
    return found


@compiled
def slopes(values: Numbers | Bytes, times: Numbers, keep: Mask, starts: Places, counts: Places) -> Numbers:
    """Per client the slope of the least-squares line through (time, known value); NaN for one point in time."""
    found = np.full(len(starts), np.nan)
    for client in range(len(starts)):
        places = range(starts[client], starts[client] + counts[client])
        known, total = 0, 0.0
        for row in places:
            if (len(keep) == 0 or keep[row]) and not np.isnan(float(values[row]) + times[row]):
                known += 1
                total += times[row]
        if known == 0:
            continue
        spread, together, first, mean = 0.0, 0.0, np.nan, total / known
        for row in places:
            value = float(values[row])
            if (len(keep) == 0 or keep[row]) and not np.isnan(value + times[row]):
                if np.isnan(first):
                    first = value  # a constant has a slope of exactly 0, whatever rounding does to the times
                away = times[row] - mean
                spread += away * away
                together += away * (value - first)
        if spread > ONE_POINT:
            found[client] = together / spread
    return found
