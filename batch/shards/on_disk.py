"""Numbers that wait on disk, as memory would not hold those of all lines beside ten times the clients.

Belongs here: adding them, reading some of them back. Does not: what they say (again).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from upath import UPath

from model_store.storage import naming


class NumbersOnDisk:
    """Numbers of one kind in the order they were added; those added may be read in any thread."""

    def __init__(self, path: Path, kind: DTypeLike) -> None:
        self._path, self._kind = path, np.dtype(kind)

    def add(self, numbers: NDArray[Any]) -> None:
        """Adds numbers of this kind. Errors: OSError naming the file."""
        with naming(UPath(self._path)), self._path.open("ab") as file:
            file.write(np.ascontiguousarray(numbers, self._kind).data)

    def part(self, first: int, many: int) -> NDArray[Any]:
        """So many of them, from the one at that place on; the first is at 0."""
        return np.fromfile(self._path, self._kind, many, offset=first * self._kind.itemsize)
