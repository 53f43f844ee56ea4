"""What `pret` loads first: libraries come in without Python going through all of them for garbage.

Belongs here: the collector of garbage while modules are loaded. Does not: loading them (cli).
"""

from __future__ import annotations

import gc

gc.disable()


def all_is_loaded() -> None:
    """From now on garbage is collected; what was loaded stays to the end and is not gone through, then neither: a
    second of every command."""
    gc.freeze()
    gc.enable()
