"""Distances of one point to many clients, and which of them are nearest: loops that look at every client.

Belongs here: the arithmetic. Does not: what the axes are (seen, similar).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.segments import compiled

BLOCK = 8_192  # clients whose distances are added up at a time: they stay in the processor's cache

Axes = NDArray[np.float32]
Vector = NDArray[np.float32]


@compiled
def squared_distances(axes: Axes, point: Vector) -> Vector:
    """Sum of squared differences to `point` for each column of `axes` (dimensions, clients), float32."""
    dimensions, clients = axes.shape
    squares = np.zeros(clients, dtype=np.float32)
    for start in range(0, clients, BLOCK):
        end = min(start + BLOCK, clients)
        for axis in range(dimensions):
            own = point[axis]
            for client in range(start, end):
                difference = axes[axis, client] - own
                squares[client] += difference * difference
    return squares


def smallest(values: Vector, count: int) -> NDArray[np.intp]:
    """Places of the `count` smallest values, the smallest first, equal ones in the order of their places."""
    count = min(count, len(values))
    if not count:
        return np.zeros(0, dtype=np.intp)
    largest = np.partition(values, count - 1)[count - 1]
    places = np.flatnonzero(values <= largest)
    return np.asarray(places[np.argsort(values[places], kind="stable")][:count])
