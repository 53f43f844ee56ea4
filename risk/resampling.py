"""How sure the cheapest cut-off is: what it would have been with other clients of the same kind.

Belongs here: the bootstrap of cut-off and cost. Does not: the cut-off itself (cost), other intervals (intervals).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from risk.arrays import require_pair
from risk.cost import FN_COST, FP_COST, Cost, business_cost, cheapest_cut_off, require_costs
from risk.intervals import Interval

DRAWS = 200


@dataclass(frozen=True)
class CutOffInterval:
    """The cheapest cut-off and the cost per client when deciding at it, each with its bootstrap interval."""

    cut_off: Interval
    cost_per_client: Interval
    draws: int


def bootstrap_cut_off(
    target: ArrayLike,
    probability: ArrayLike,
    fn_cost: Cost = FN_COST,
    fp_cost: Cost = FP_COST,
    draws: int = DRAWS,
    seed: int = 0,
    level: float = 0.95,
) -> CutOffInterval:
    """Percentile intervals over `draws` samples of the clients drawn with replacement (Efron 1979).

    The cut-off is sought anew in every sample; the cost is that of the chosen cut-off in every sample, so that
    it says what deciding at it may cost. Sorted once; the same seed gives the same interval. Errors: ValueError
    for fewer than two draws and unusable arguments.
    """
    require_costs(fn_cost, fp_cost)
    if draws < 2:
        raise ValueError(f"draws is {draws}, expected at least 2")
    outcome, numbers = require_pair(target, probability)
    chosen = cheapest_cut_off(outcome, numbers, fn_cost, fp_cost).cut_off
    cost = business_cost(outcome, numbers, chosen, fn_cost, fp_cost)
    distinct, inverse = np.unique(numbers, return_inverse=True)
    cut_offs = np.append(distinct, np.nextafter(distinct[-1], np.inf))
    change = np.where(outcome == 1, fn_cost, -np.asarray(fp_cost, dtype=np.float64))
    refused_at_first = np.where(outcome == 0, fp_cost, 0.0)
    at_chosen = np.searchsorted(cut_offs, chosen)
    rng, size = np.random.default_rng(seed), len(outcome)
    found = np.empty((draws, 2))
    for draw in range(draws):
        times = np.bincount(rng.integers(0, size, size), minlength=size)
        steps = np.bincount(inverse, weights=times * change, minlength=len(distinct))
        costs = np.concatenate(([0.0], np.cumsum(steps))) + (times * refused_at_first).sum()
        best = len(costs) - 1 - int(np.argmin(costs[::-1]))
        found[draw] = cut_offs[best], costs[at_chosen] / size
    tail = (1 - level) / 2
    low, high = np.quantile(found, [tail, 1 - tail], axis=0)
    return CutOffInterval(
        cut_off=Interval(chosen, float(low[0]), float(high[0]), level),
        cost_per_client=Interval(cost, float(low[1]), float(high[1]), level),
        draws=draws,
    )
