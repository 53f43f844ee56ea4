"""What `pret` loads first: how the process goes about its memory.

Belongs here: the collector of garbage while modules are loaded, what is kept of freed memory. Does not: loading
modules (cli).
"""

from __future__ import annotations

import ctypes
import gc

KEPT_BLOCK, KEPT_FREE = 32 << 20, 1 << 30
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt(3)

gc.disable()


def keep_freed_memory() -> None:
    """Blocks of a few megabytes, which a night takes and frees by the ten thousand, are not given back each time.

    The kernel would empty every page of the next one anew. Where the C library has no mallopt nothing changes.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, KEPT_BLOCK)
        mallopt(_TRIM_THRESHOLD, KEPT_FREE)


def all_is_loaded() -> None:
    """From now on garbage is collected; what was loaded stays to the end and is not gone through, then neither: a
    second of every command."""
    gc.freeze()
    gc.enable()
