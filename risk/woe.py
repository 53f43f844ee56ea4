"""Weight of evidence: a feature in a few bins, each worth the log-odds that it adds.

Belongs here: bins, their weights, the information value. Does not: which features a scorecard takes (training).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from risk.arrays import Numbers, require_both_outcomes, require_target
from risk.stability import quantile_edges

BINS, LEAST_SHARE = 20, 0.05


@dataclass(frozen=True, eq=False)
class WeightOfEvidence:
    """Inner edges (ascending; a value equal to an edge lies below it) and a weight per bin, missing last.

    Weights are log-odds against all clients: above 0 is riskier. `information`: the information value, by
    custom below 0.02 useless and above 0.3 strong.
    """

    edges: Numbers
    weights: Numbers
    information: float

    def transform(self, values: ArrayLike) -> Numbers:
        """The weight of each client's bin, float64."""
        return self.weights[_place(np.asarray(values, dtype=np.float64), self.edges)]


def fit_weight_of_evidence(values: ArrayLike, target: ArrayLike, direction: int = 0) -> WeightOfEvidence:
    """Up to 20 bins of equal counts, pooled until the default rate only rises (`direction` 1) or falls (-1).

    Direction 0 takes the one that pools less information away. A weight is ln((defaults + 0.5) / (good + 0.5))
    minus the same of all clients (Siddiqi 2006, ch. 6, with the sign of risk); missing is a bin of its own, of
    weight 0 below 0.5 % of the clients. 100 clients, 20 defaults, in two bins of 50 with 15 and 5: weights
    ln(15.5 / 35.5) - ln(20.5 / 80.5) = 0.539 and ln(5.5 / 45.5) - ln(20.5 / 80.5) = -0.745.
    Errors: ValueError for one outcome only.
    """
    numbers, outcome = np.asarray(values, dtype=np.float64), require_target(target)
    require_both_outcomes(outcome)
    edges = quantile_edges(numbers, BINS)
    defaults, good = _counts(numbers, outcome, edges)
    tried = [_pooled(defaults, good, way) for way in ((1, -1) if direction == 0 else (direction,))]
    found = [_weigh(numbers, outcome, edges[keep]) for keep in tried]
    return max(found, key=lambda one: one.information)


def fit_category_weights(codes: ArrayLike, target: ArrayLike) -> WeightOfEvidence:
    """A bin per category code 0, 1, …, in no order; missing last. Weights as in `fit_weight_of_evidence`."""
    numbers = np.asarray(codes, dtype=np.float64)
    known = numbers[~np.isnan(numbers)]
    return _weigh(numbers, require_target(target), np.unique(known)[:-1])


def _place(values: Numbers, edges: Numbers) -> NDArray[np.intp]:
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="left"))


def _counts(values: Numbers, outcome: Numbers, edges: Numbers) -> tuple[Numbers, Numbers]:
    """Defaults and good clients per bin, missing last."""
    place, slots = _place(values, edges), len(edges) + 2
    defaults = np.asarray(np.bincount(place, weights=outcome, minlength=slots), dtype=np.float64)
    clients = np.bincount(place, minlength=slots).astype(np.float64)
    return defaults, clients - defaults


def _pooled(defaults: Numbers, good: Numbers, direction: int) -> NDArray[np.intp]:
    """Positions of the inner edges that stay: neighbours are pooled while their rates go the other way, or while
    one of them holds under 5 % of the known clients."""
    bad, fine = defaults[:-1], good[:-1]
    starts = np.arange(len(bad))
    while len(starts) > 1:
        odds = (np.add.reduceat(bad, starts) + 0.5) / (np.add.reduceat(fine, starts) + 0.5)
        size = np.add.reduceat(bad + fine, starts)
        wrong = np.flatnonzero(direction * np.diff(odds) <= 0)
        small = np.flatnonzero(size < LEAST_SHARE * size.sum())
        if not len(wrong) and not len(small):
            break
        dropped = wrong[0] + 1 if len(wrong) else max(small[0], 1)
        starts = np.delete(starts, dropped)
    return starts[1:] - 1


def _weigh(values: Numbers, outcome: Numbers, edges: Numbers) -> WeightOfEvidence:
    defaults, good = _counts(values, outcome, edges)
    overall = np.log((outcome.sum() + 0.5) / (len(outcome) - outcome.sum() + 0.5))
    weights = np.log((defaults + 0.5) / (good + 0.5)) - overall
    weights[defaults + good < 0.005 * len(outcome)] = 0.0
    share = defaults / outcome.sum() - good / (len(outcome) - outcome.sum())
    return WeightOfEvidence(
        np.asarray(edges, dtype=np.float64), weights, max(0.0, float((share * weights).sum()))
    )
