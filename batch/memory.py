"""How the process goes about the memory that it has freed.

Belongs here: what is kept for the next block, what is given back. Does not: who takes memory.
"""

from __future__ import annotations

import ctypes

import pyarrow as pa

KEPT_BLOCK, KEPT_FREE = 32 << 20, 1 << 30
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt(3)


def keep_freed_memory() -> None:
    """For a job that ends, not for a server. Blocks of a few megabytes, which a night takes and frees by the ten
    thousand, are not given back each time.

    The kernel would empty every page of the next one anew. Where the C library has no mallopt nothing changes.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, KEPT_BLOCK)
        mallopt(_TRIM_THRESHOLD, KEPT_FREE)


def give_freed_memory_back() -> None:
    """What one stage took and freed is not held beside what the next one takes, in other sizes.

    Where the C library has no malloc_trim only Arrow's is given back.
    """
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
