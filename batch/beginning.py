"""What `pret` loads first: the collector of garbage stands still while modules are loaded.

Belongs here: the collector. Does not: loading modules (cli), freed memory (memory).
"""

from __future__ import annotations

import gc

gc.disable()


def all_is_loaded() -> None:
    """From now on garbage is collected; what was loaded stays to the end and is not gone through, then neither: a
    second of every command."""
    gc.freeze()
    gc.enable()
