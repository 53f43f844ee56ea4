"""Who a client is compared with: the members that stand for a reference cohort, and what the model makes of them.

Belongs here: choosing them without chance, preparing them once per model. Does not: stating a cohort
(dashboard), the comparison (explanation).
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.similar import SimilarIndex, find_similar
from explain.trees.exact import prepared
from explain.trees.masks import Decided, decide_rows
from model_store.scorebook import read_features, read_run
from model_store.scoring_model import ScoringModel
from model_store.storage import Location

if TYPE_CHECKING:
    from lightgbm import Booster  # a second to load, which a night can do without

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

BASE, ACCEPTED, SIMILAR, CHOSEN = "base", "accepted", "similar", "chosen"
COHORTS = (BASE, ACCEPTED, SIMILAR, CHOSEN)
"""Codes of the cohorts that have words of their own in both languages."""
REFERENCE_SIZE = 1024  # measured: Jaccard@10 between two independent samples 0.80 with 100, 0.93 with 1024
POOL_ROWS = 4096  # of a larger cohort, this many evenly spaced clients are scored to choose the sample from
HALVES = 2
SIMILAR_CLIENTS = 256

_KNOWN: MutableMapping[Booster, dict[str, ReferenceCohort]] = WeakKeyDictionary()
_PREPARING = Lock()


class EmptyCohort(ValueError):
    """Nobody to compare a client with."""


@dataclass(frozen=True, eq=False, repr=False)
class ReferenceCohort:
    """Clients to compare one client with, prepared for one model; any number of threads may use it at once.

    `code`: one of COHORTS. `members`: clients of the cohort, of whom `rows`, (size, features), stand for it,
    by log-odds ascending. `mean_contributions`: exact, per feature, over `rows`; `mean_log_odds`: of `rows`.
    The rows in even places and those in odd places are two halves, each of which stands for the cohort too.
    """

    code: str
    members: int
    rows: Matrix
    mean_contributions: Vector
    mean_log_odds: float
    decided: Decided

    @property
    def size(self) -> int:
        """Clients in the sample."""
        return len(self.rows)

    @classmethod
    def of(
        cls,
        model: ScoringModel,
        clients: pd.DataFrame,
        code: str = CHOSEN,
        size: int = REFERENCE_SIZE,
        members: int | None = None,
    ) -> ReferenceCohort:
        """The cohort of `clients` (columns of `build_features`), of whom at most `size` stand for it.

        `members`: how many there are in all, if `clients` are not all of them. Their order does not matter; no
        random number is drawn. Takes 0.1 s for 1024 of them.
        Errors: EmptyCohort for no clients; ValueError for absent columns, a size below 1, an unknown code.
        """
        if code not in COHORTS:
            raise ValueError(f"reference cohort {code!r} is unknown, expected one of {', '.join(COHORTS)}")
        if size < 1:
            raise ValueError(f"A reference needs size >= 1; found {size}.")
        if not len(clients):
            raise EmptyCohort(
                "The reference cohort is empty, so there is nothing to compare the client with. "
                "Choose a cohort with clients in it, or None for the model's own reference."
            )
        ordered = clients if clients.index.is_monotonic_increasing else clients.sort_index(kind="stable")
        rows = representative_rows(model, model.matrix(ordered), size)
        shap = prepared(model.booster)
        contributions, raw = shap.explain(rows)
        return cls(
            code=code,
            members=len(clients) if members is None else members,
            rows=rows,
            mean_contributions=contributions[:, :-1].mean(axis=0),
            mean_log_odds=float(raw.mean()),
            decided=decide_rows(shap.model.trees, rows, HALVES),
        )


def own_reference(model: ScoringModel, code: str = BASE) -> ReferenceCohort:
    """The sample stored with the model version, the same for every reader: all of it (BASE), or those of it that
    the model accepts (ACCEPTED). Prepared at the first call, remembered as long as the model lives.

    Errors: EmptyCohort if the model accepts none of them; ValueError for another code.
    """
    if code not in (BASE, ACCEPTED):
        raise ValueError(f"the model's own reference is {BASE!r} or {ACCEPTED!r}, not {code!r}")
    with _PREPARING:
        known = _KNOWN.setdefault(model.booster, {})
        if code not in known:
            known[code] = ReferenceCohort.of(model, _own_clients(model, code), code)
        return known[code]


def reference_of_run(
    store: Location, run_id: str, model: ScoringModel, clients: NDArray[np.int64], code: str = CHOSEN
) -> ReferenceCohort:
    """The cohort of these clients of a night, scored by `model`.

    Of a large one the first POOL_ROWS by shard are read: shards divide clients by the remainder of their
    identifiers, so these are as good as drawn by chance, and the same for every reader. Errors: UnknownClient
    naming the clients that the night does not hold; as `ReferenceCohort.of`.
    """
    shards = max(1, read_run(store, run_id).shards)
    ordered = np.sort(clients)
    pool = ordered[np.argsort(ordered % shards, kind="stable")][:POOL_ROWS]
    features = read_features(store, run_id, columns=model.feature_names, clients=pool.tolist())
    return ReferenceCohort.of(model, features, code, members=len(clients))


def similar_reference(
    store: Location, index: SimilarIndex, model: ScoringModel, client: int, count: int = SIMILAR_CLIENTS
) -> ReferenceCohort:
    """The `count` clients most like this one, of the night that `index` was built for and `model` scored.

    Errors: UnknownClient.
    """
    nearest = find_similar(index, client, count, count).nearest
    ids = np.array([one.client for one in nearest], dtype=np.int64)
    return reference_of_run(store, index.run_id, model, ids, SIMILAR)


def _own_clients(model: ScoringModel, code: str) -> pd.DataFrame:
    if code == BASE:
        return model.background
    accepted = model.decide(model.probability(model.background)) == "accept"
    if not accepted.any():
        raise EmptyCohort(
            f"Model {model.version} accepts none of the {len(accepted)} clients stored with it, so there are no "
            "accepted clients to compare with. Compare with all of them (base)."
        )
    clients: pd.DataFrame = model.background.loc[accepted]
    return clients


def representative_rows(model: ScoringModel, matrix: Matrix, size: int) -> Matrix:
    """`size` clients that stand for all: the middle ones of `size` equal slices of the log-odds, ascending.

    `matrix`: (clients, features), in an order that does not depend on chance. All clients where there are no
    more than `size`. The same in every process and for every seed.
    """
    pool = matrix[np.linspace(0, len(matrix) - 1, min(len(matrix), max(POOL_ROWS, size))).astype(np.intp)]
    order = np.argsort(model.raw_score_of_matrix(pool, threads=0), kind="stable")
    if len(order) > size:
        order = order[(2 * np.arange(size) + 1) * len(order) // (2 * size)]
    return pool[order]
