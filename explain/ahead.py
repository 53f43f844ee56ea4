"""Libraries that the first question would otherwise wait for: a second, in a process that answers people.

Belongs here: loading them ahead. Does not: using them (lime, model_store).
"""

from __future__ import annotations

from importlib import import_module

LIBRARIES = ("lightgbm", "lime.lime_base", "sklearn.linear_model")
"""What predicts and what fits LIME: loaded where they are used, since a night uses neither."""


def load_libraries() -> None:
    """The first visitor is answered as fast as the second."""
    for name in LIBRARIES:
        import_module(name)
