"""Here: turning a loop over clients or rows into machine code.
Not here: the loops.
"""

from collections.abc import Callable
from typing import TypeVar

from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., object])


def compiled(loop: Loop) -> Loop:
    """The loop as machine code that lets go of Python's lock, kept on disk where it can be."""
    try:
        kept: Loop = njit(nogil=True, cache=True)(loop)
    except RuntimeError:  # neither this folder nor a home to write to: compiled anew in each process
        kept = njit(nogil=True)(loop)
    return kept
