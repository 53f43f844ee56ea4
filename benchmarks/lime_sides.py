"""One client explained by each side: this system's LIME, and the lime package's own explainer of tables.

Belongs here: how each side is called and what is kept of its answer. Does not: which clients, what is
compared (lime).
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lime.lime_tabular import LimeTabularExplainer
from numpy.typing import NDArray

from explain import LimeExplanation
from explain.lime.explanation import rank_correlation, shared_top
from explain.lime.reference import ReferenceCohort
from explain.lime.stability import jaccard
from model_store import ScoringModel

Vector = NDArray[np.float64]
TOP, TOP_SHARED = 10, 5


@dataclass(frozen=True)
class Said:
    """What a side says of a client: weights by feature number, strongest first, fit, seconds."""

    weights: Mapping[int, float]
    r2: float
    seconds: float

    @property
    def top(self) -> list[int]:
        """The ten strongest features."""
        return list(self.weights)[:TOP]


class Stock:
    """lime_tabular with its defaults: 5,000 samples, quartiles, ten features, probabilities.

    It cannot take missing values: those of `clients`, and of the client explained, become the column's
    median, so that another client than the one scored is explained.
    """

    def __init__(self, model: ScoringModel, clients: pd.DataFrame, seed: int) -> None:
        self._model = model
        known = clients[list(model.feature_names)].astype(np.float64)
        self._medians = known.median().fillna(0.0)
        self._explainer = LimeTabularExplainer(
            known.fillna(self._medians).to_numpy(),
            feature_names=list(model.feature_names),
            random_state=seed,
        )

    def explain(self, client: pd.DataFrame) -> Said:
        """The explanation of one client; of two calls, each goes on with the random numbers."""
        row = client[list(self._model.feature_names)].astype(np.float64).fillna(self._medians).to_numpy()[0]
        begun = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of columns with one value
            found = self._explainer.explain_instance(row, self._probabilities)
        took = time.perf_counter() - begun
        return Said({int(k): float(v) for k, v in found.as_map()[1]}, float(found.score), took)

    def _probabilities(self, rows: Vector) -> Vector:
        bad = self._model.calibration.probability(self._model.raw_score_of_matrix(rows, threads=2))
        return np.column_stack([1.0 - bad, bad])


def ours(model: ScoringModel, found: LimeExplanation) -> Said:
    """This system's explanation in the same form."""
    place = {name: number for number, name in enumerate(model.feature_names)}
    weights = {place[n]: float(w) for n, w in zip(found.features, found.weights, strict=True)}
    return Said(weights, found.r2, found.seconds)


def same_top(left: Said, right: Said) -> float:
    """Jaccard index of the ten strongest features."""
    return jaccard(left.top, right.top)


def agreement(said: Said, exact: Vector, over: list[int]) -> tuple[float, float]:
    """Spearman's rank correlation with exact contributions over the features `over`, and the shared top five."""
    weights = np.zeros(len(exact))
    weights[list(said.weights)] = list(said.weights.values())
    return rank_correlation(weights[over], exact[over]), shared_top(weights, exact, TOP_SHARED)


def two_references(model: ScoringModel, clients: pd.DataFrame) -> tuple[ReferenceCohort, ReferenceCohort]:
    """Samples of two disjoint halves of the clients, drawn by chance: nobody is in both."""
    order = np.random.default_rng(0).permutation(len(clients))
    halves = np.array_split(order, 2)
    first, second = (ReferenceCohort.of(model, clients.iloc[np.sort(half)], "base") for half in halves)
    return first, second
