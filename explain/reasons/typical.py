"""What is usual in a cohort: the value that a client's own is compared with in every sentence.

Belongs here: medians and most frequent values, of a frame and of a published night. Does not: who belongs to a
chosen cohort, sentences (wording).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features import CATALOGUE, Catalogue, Feature
from model_store import read_features, read_run, read_scores
from model_store.scorebook import shard_of
from model_store.scoring_model import ScoringModel
from model_store.storage import Location

FEWEST = 30
"""Members below which a cohort's medians say more of who happens to be in it than of what is usual."""
ENOUGH = 5_000
"""Members that suffice: two standard errors of their median are 1.4 percentiles."""


class CohortTooSmall(ValueError):
    """A cohort with fewer members than a comparison needs; the message says how many it has."""


@dataclass(frozen=True)
class Typical:
    """The usual value of every feature in a cohort, among its members who have one; NaN where nobody has.

    `cohort`: its code, for the words. `clients`: how many members were looked at.
    """

    cohort: str
    clients: int
    values: Mapping[str, float]

    def of(self, feature: str) -> float:
        """The usual value of a feature, NaN if it is not known."""
        return self.values.get(feature, float("nan"))


def typical_of(features: pd.DataFrame, cohort: str, catalogue: Catalogue = CATALOGUE) -> Typical:
    """The usual values of a cohort's members: medians; of flags and categories the most frequent code, the lowest
    of several. Columns that the catalogue does not declare are left aside."""
    known = set(catalogue.names).intersection(features.columns)
    values = {name: _usual(catalogue[name], features[name].to_numpy(dtype=np.float64)) for name in known}
    return Typical(cohort, len(features), values)


def read_typical(
    store: Location, run_id: str | None = None, cohort: str = "accepted", members: Iterable[int] | None = None
) -> Typical:
    """The usual values in a night: of its accepted clients, of all where fewer than FEWEST were accepted, or of
    the `members` of a cohort given by their SK_ID_CURR. At most ENOUGH clients are read, whole shards first.

    Errors: CohortTooSmall for `members` below FEWEST; those of `read_scores`.
    """
    run = read_run(store, run_id)
    if members is None:
        decided = read_scores(store, run.run_id, ["decision"])["decision"]
        chosen = decided.index[(decided == "accept").to_numpy()].to_numpy(np.int64)
        if len(chosen) < FEWEST:
            cohort, chosen = "base", decided.index.to_numpy(np.int64)
    else:
        chosen = np.unique(np.fromiter(members, dtype=np.int64))
        require_members(len(chosen))
    by_shard = chosen[np.argsort(shard_of(chosen, run.shards), kind="stable")]
    return typical_of(read_features(store, run.run_id, clients=by_shard[:ENOUGH].tolist()), cohort)


def typical_of_model(model: ScoringModel) -> Typical:
    """The usual values among the reference clients that a version carries and would accept; of all of them where
    it would accept fewer than FEWEST. For answers where no night is published."""
    background = model.background
    accepted = model.decide(model.probability(background)) == "accept"
    return typical_of(background[accepted] if accepted.sum() >= FEWEST else background, "reference")


def require_members(count: int) -> None:
    """Nothing for a cohort large enough to compare with. Errors: CohortTooSmall."""
    if count < FEWEST:
        raise CohortTooSmall(
            f"the cohort has {count} clients, too few to say what is usual in it (at least {FEWEST}): "
            "choose a larger one"
        )


def _usual(feature: Feature, values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan")
    if feature.unit not in ("flag", "category"):
        return float(np.median(known))
    codes, counts = np.unique(known, return_counts=True)
    return float(codes[np.argmax(counts)])
