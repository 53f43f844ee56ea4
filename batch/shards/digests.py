"""What a file held, in a number, computed beside the reading of it.

Belongs here: the running hash. Does not: reading (reading), which lines there are (lines).
"""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor

from upath import UPath

READ_BYTES = 1 << 20


class FileDigest:
    """SHA-256 of blocks in their order; a thread of its own is at most one block behind who reads: where lines are
    only compared, reading and hashing one after the other would keep all others waiting."""

    def __init__(self) -> None:
        self._sum, self._thread = hashlib.sha256(), ThreadPoolExecutor(1, "digest")
        self._last: Future[None] | None = None

    def update(self, data: bytes, /) -> None:
        """The next block; waits until the one before is done, so that memory holds no more than two."""
        self._wait()
        self._last = self._thread.submit(self._sum.update, data)

    def take(self, path: UPath) -> None:
        """The whole of a file, whose content others read meanwhile in another order."""
        self._wait()
        self._last = self._thread.submit(self._take, path)

    def _take(self, path: UPath) -> None:
        with path.open("rb") as file:
            while data := file.read(READ_BYTES):
                self._sum.update(data)

    def hexdigest(self) -> str:
        """64 hex digits over all blocks up to now."""
        self._wait()
        return self._sum.hexdigest()

    def _wait(self) -> None:
        if self._last is not None:
            self._last.result()
