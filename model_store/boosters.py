"""One call at a time on each LightGBM model, whoever makes it.

Belongs here: the lock of a Booster. Does not: what is asked of it (scoring_model, explain).
"""

from __future__ import annotations

from collections.abc import MutableMapping
from threading import Lock
from weakref import WeakKeyDictionary

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
