"""LightGBM's models: one call at a time on each, whoever makes it; a stored one is loaded when it is asked.

Belongs here: the lock of a Booster, its text until it is needed. Does not: what is asked of it (scoring_model,
explain).
"""

from __future__ import annotations

from collections.abc import MutableMapping
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from lightgbm import Booster

_LOCKS: MutableMapping[Booster, Lock] = WeakKeyDictionary()
_LOCKS_LOCK = Lock()


def lock_of(booster: Booster) -> Lock:
    """The lock to hold while `booster` predicts or explains.

    Concurrent predictions on one Booster have an open race (LightGBM #6142); a call may use all cores, so
    waiting costs nothing.
    """
    with _LOCKS_LOCK:
        return _LOCKS.setdefault(booster, Lock())


class StoredBooster:
    """A Booster by its text: exact contributions are made of the text alone; for all else LightGBM is loaded, which
    takes a second, and reads it."""

    best_iteration = -1  # all trees, as of any Booster that was read from a text

    def __init__(self, text: str) -> None:
        self._text = text
        self._read: Booster | None = None

    def model_to_string(self, *which: Any, **named: Any) -> str:
        """The text; of some of the trees as LightGBM says it."""
        return str(self._loaded().model_to_string(*which, **named)) if which or named else self._text

    def num_trees(self) -> int:
        return self._text.count("\nTree=")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._loaded(), name)

    def _loaded(self) -> Booster:
        if self._read is None:
            import lightgbm  # with scikit-learn and SciPy behind it

            self._read = lightgbm.Booster(model_str=self._text)
        return self._read
