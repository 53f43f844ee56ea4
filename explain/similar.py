"""Similar clients of a night: near in what drives their risk and in their main characteristics.

Belongs here: the space, the search, what became of the neighbours. Does not: reading nights (model_store), what an
interval is (risk).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.answers import Decision
from explain.distances import smallest, squared_distances
from features import CATALOGUE, Catalogue
from model_store.scorebook import (
    UnknownClient,
    read_features,
    read_group_contributions,
    read_run,
    read_scores,
    read_targets,
)
from model_store.storage import Location
from risk.intervals import Interval, rate_interval

MAIN = (
    "app_age",
    "app_employed",
    "app_no_employment",
    "app_income",
    "app_credit",
    "app_credit_to_annuity",
    "app_annuity_to_income",
    "app_ext_source_mean",
)
"""The characteristics by which people would call two clients alike; amounts are compared by their logarithm."""
WIDE = 100  # neighbours whose outcomes are counted: ten would give no interval worth reading

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class SimilarClient:
    """One neighbour: how far, what was decided, and what became of it (1 default, 0 repaid, NaN unknown)."""

    client: int
    distance: float
    default_probability: float
    score: int
    decision: Decision
    target: float


@dataclass(frozen=True)
class Similar:
    """The nearest clients, nearest first, and of a wider circle the decisions and the observed default rate.

    `decisions`: clients of the circle by decision. `observed`: defaults among the `known` outcomes of the circle
    with a 95 % interval (Wilson); NaN where none is known.
    """

    client: int
    nearest: tuple[SimilarClient, ...]
    circle: int
    decisions: dict[str, int]
    known: int
    defaults: int
    observed: Interval
    seconds: float


@dataclass(frozen=True, eq=False)
class SimilarIndex:
    """A night's clients in the space of similarity: `axes` (dimensions, clients) float32, the scores beside.

    `scores`: indexed by client ascending: default_probability, score, decision, target. 48 MB at 356,255 clients.
    """

    run_id: str
    axes: NDArray[np.float32]
    scores: pd.DataFrame

    def place_of(self, client: int) -> int:
        """Column of the client in `axes`. Errors: UnknownClient."""
        ids = self.scores.index.to_numpy()
        place = int(np.searchsorted(ids, client))
        if place == len(ids) or ids[place] != client:
            raise UnknownClient(f"run {self.run_id} holds no client {client} (of {len(ids)} clients)")
        return place


def find_similar(index: SimilarIndex, client: int, count: int = 10, circle: int = WIDE) -> Similar:
    """The `count` clients most like this one, and what became of a `circle` around it; it is none of them.

    Distance: root of the summed squares over the axes; equal ones by identifier. Every client is looked at.
    Errors: UnknownClient; ValueError for counts below 1.
    """
    if count < 1 or circle < count:
        raise ValueError(f"count must be 1 or more and circle at least count; found {count} and {circle}")
    begun = time.perf_counter()
    place = index.place_of(client)
    squares = squared_distances(index.axes, np.ascontiguousarray(index.axes[:, place]))
    squares[place] = np.inf
    wide = smallest(squares, min(circle, len(squares) - 1))
    rows = index.scores.iloc[wide]
    known = rows["target"].dropna()
    observed = rate_interval(int(known.sum()), len(known))
    distances = np.sqrt(squares[wide[:count]]).tolist()
    nearest = tuple(
        SimilarClient(int(found[0]), distance, float(found[1]), int(found[2]), found[3], float(found[4]))
        for distance, found in zip(distances, rows[:count].itertuples(), strict=True)
    )
    decisions = {
        str(name): int(clients) for name, clients in rows["decision"].value_counts().items() if clients
    }
    return Similar(
        client=client,
        nearest=nearest,
        circle=len(rows),
        decisions=decisions,
        known=len(known),
        defaults=int(known.sum()),
        observed=observed,
        seconds=time.perf_counter() - begun,
    )


def build_similar_index(
    store: Location, run_id: str | None = None, catalogue: Catalogue = CATALOGUE
) -> SimilarIndex:
    """The index of a night: built once per night and kept by whoever asks.

    Axes: the contributions of each reason group (log-odds), and the MAIN characteristics scaled so that they weigh
    as much as all contributions together; a missing one lies in the middle. Errors: NothingPublished; UnknownRun,
    also for a night of an earlier release, which did not store contributions by group.
    """
    run = read_run(store, run_id)
    groups = read_group_contributions(store, run.run_id).to_numpy(np.float32).T
    features = read_features(store, run.run_id, columns=MAIN)
    people = np.vstack([_axis(name, features[name].to_numpy(), catalogue) for name in MAIN])
    scores = read_scores(store, run.run_id, ["default_probability", "score", "decision"])
    known = scores.assign(target=read_targets(store, run.run_id))
    return SimilarIndex(run.run_id, _weighed(groups, people), known)


def _axis(name: str, values: Vector, catalogue: Catalogue) -> Vector:
    """One characteristic with the middle at 0 and a spread of 1; missing lies in the middle."""
    axis = np.log(np.maximum(values, 1.0)) if catalogue[name].unit == "amount" else values
    known = axis[~np.isnan(axis)]
    middle, spread = (float(known.mean()), float(known.std())) if len(known) else (0.0, 0.0)
    placed = (axis - middle) / spread if spread > 0 else np.zeros_like(axis)
    return np.nan_to_num(placed, nan=0.0).astype(np.float32)


def _weighed(groups: Vector, people: Vector) -> Vector:
    """Contributions as they are, then characteristics weighed so that their variances add up to the same."""
    weight = np.sqrt(float(groups.var(axis=1).sum()) / max(float(people.var(axis=1).sum()), 1e-12))
    return np.ascontiguousarray(np.vstack([groups, people * np.float32(weight)]))
