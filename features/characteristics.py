"""What a person is and cannot change for the sake of a credit: which features know of it.

Belongs here: the protected characteristics and the columns they are read from. Does not: what a model leaves
out (training), how groups differ (risk).
"""

from __future__ import annotations

from collections.abc import Iterable

from features.declaration import Catalogue
from features.vocabulary import CHARACTERISTICS

NEVER_AN_INPUT = ("gender",)


def features_knowing(catalogue: Catalogue, characteristic: str) -> tuple[str, ...]:
    """Names, in order, of the features computed from the characteristic, directly or through another feature.

    Errors: ValueError for an unknown characteristic, naming the known ones.
    """
    if characteristic not in CHARACTERISTICS:
        raise ValueError(
            f"characteristic {characteristic!r} is unknown, expected one of {', '.join(CHARACTERISTICS)}"
        )
    tainted = set(CHARACTERISTICS[characteristic])
    found = []
    for feature in catalogue:
        of_application = feature.table in ("application", "client")
        if of_application and feature.columns & tainted:
            found.append(feature.name)
            tainted.add(feature.name)
    return tuple(found)


def inputs_without(catalogue: Catalogue, characteristics: Iterable[str]) -> tuple[str, ...]:
    """The model inputs that know nothing of these characteristics, in order. Errors: as `features_knowing`."""
    out = {name for characteristic in characteristics for name in features_knowing(catalogue, characteristic)}
    return tuple(name for name in catalogue.model_inputs if name not in out)
