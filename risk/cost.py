"""What decisions at a cut-off cost the lender, and the cut-off that costs least.

Belongs here: counts of right and wrong decisions, their cost, its curve over all cut-offs. Does not: how a
probability is made (calibration), the word for a decision (decision).

A client is declined if and only if the default probability is at least the cut-off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from risk.arrays import Numbers, require_pair

Cost = float | Numbers
"""One cost for everyone, or one per client (risk.money)."""
FN_COST = 10.0  # a default that was accepted, in units of a good client refused: this field's usual ratio
FP_COST = 1.0


@dataclass(frozen=True)
class Confusion:
    """Clients by decision and outcome: tn accepted and repaid, fp declined though they would have repaid,
    fn accepted and defaulted, tp declined and would have defaulted."""

    tn: int
    fp: int
    fn: int
    tp: int


@dataclass(frozen=True)
class CutOff:
    """A cut-off and what follows from it on the clients it was measured on; shares are 0 to 1.

    `default_rate_accepted` is NaN when nobody is accepted.
    """

    cut_off: float
    cost_per_client: float
    accepted_share: float
    default_rate_accepted: float


@dataclass(frozen=True)
class CostCurve:
    """Cost per client, accepted share and default rate among the accepted at each cut-off, ascending.

    The default rate is NaN where nobody is accepted.
    """

    cut_offs: Numbers
    cost_per_client: Numbers
    accepted_share: Numbers
    default_rate_accepted: Numbers


def confusion(target: ArrayLike, probability: ArrayLike, cut_off: float) -> Confusion:
    """Counts at the cut-off. Target [0, 1], probability [0.2, 0.2], cut-off 0.2: both declined, fp=tp=1."""
    outcome, numbers = require_pair(target, probability)
    declined = numbers >= cut_off
    default = outcome == 1
    tp = int(np.count_nonzero(declined & default))
    fp = int(np.count_nonzero(declined)) - tp
    fn = int(np.count_nonzero(default)) - tp
    return Confusion(tn=len(outcome) - tp - fp - fn, fp=fp, fn=fn, tp=tp)


def business_cost(
    target: ArrayLike,
    probability: ArrayLike,
    cut_off: float,
    fn_cost: Cost = FN_COST,
    fp_cost: Cost = FP_COST,
) -> float:
    """Cost per client, in units of the costs: (fn_cost x FN + fp_cost x FP) / clients.

    100 clients, 8 defaults of which 3 accepted, 20 good clients refused: (10 x 3 + 1 x 20) / 100 = 0.50.
    With a cost per client, each wrong decision counts with the cost of its own client.
    """
    require_costs(fn_cost, fp_cost)
    outcome, numbers = require_pair(target, probability)
    declined = numbers >= cut_off
    if not isinstance(fn_cost, np.ndarray) and not isinstance(fp_cost, np.ndarray):
        counts = confusion(outcome, numbers, cut_off)
        return (fn_cost * counts.fn + fp_cost * counts.fp) / len(outcome)
    missed = np.where(~declined & (outcome == 1), fn_cost, 0.0)
    refused = np.where(declined & (outcome == 0), fp_cost, 0.0)
    return float((missed + refused).sum() / len(outcome))


def cost_curve(
    target: ArrayLike,
    probability: ArrayLike,
    fn_cost: Cost = FN_COST,
    fp_cost: Cost = FP_COST,
    points: int | None = None,
) -> CostCurve:
    """The cost at every cut-off that decides differently: each distinct probability (decline from it up) and
    one just above the largest (accept everyone). One sort, no loop over cut-offs.

    With `points`, at most that many of them, evenly spread over the clients, first and last kept.
    """
    require_costs(fn_cost, fp_cost)
    outcome, numbers = require_pair(target, probability)
    distinct, inverse, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    defaults_at = np.bincount(inverse, weights=outcome, minlength=len(distinct))
    accepted = np.concatenate(([0.0], np.cumsum(counts)))
    missed = np.concatenate(([0.0], np.cumsum(defaults_at)))
    missed_cost = _accepted_so_far(inverse, outcome, fn_cost)
    spared_cost = _accepted_so_far(inverse, 1 - outcome, fp_cost)
    with np.errstate(invalid="ignore"):
        rate = missed / np.where(accepted > 0, accepted, np.nan)
    keep = _evenly_spread(accepted, points)
    cut_offs = np.append(distinct, np.nextafter(distinct[-1], np.inf))
    return CostCurve(
        cut_offs=cut_offs[keep],
        cost_per_client=((missed_cost + (spared_cost[-1] - spared_cost)) / len(outcome))[keep],
        accepted_share=(accepted / len(outcome))[keep],
        default_rate_accepted=rate[keep],
    )


def _accepted_so_far(inverse: NDArray[np.intp], counted: Numbers, cost: Cost) -> Numbers:
    """Total cost of the counted clients accepted at each cut-off, ascending, 0 for none."""
    each = cost if isinstance(cost, np.ndarray) else 1.0
    factor = 1.0 if isinstance(cost, np.ndarray) else cost
    found = factor * np.cumsum(np.bincount(inverse, weights=counted * each))
    return np.concatenate(([0.0], found))


def _evenly_spread(accepted: Numbers, points: int | None) -> slice | NDArray[np.intp]:
    if points is None or points >= len(accepted):
        return slice(None)
    if points < 2:
        raise ValueError(f"points is {points}, expected at least 2: the first and the last cut-off")
    wanted = np.linspace(0, accepted[-1], points)
    return np.unique(np.append(np.searchsorted(accepted, wanted), len(accepted) - 1))


def cheapest_cut_off(
    target: ArrayLike, probability: ArrayLike, fn_cost: Cost = FN_COST, fp_cost: Cost = FP_COST
) -> CutOff:
    """The cut-off with the lowest cost per client on these clients; among equals the one that accepts most.

    Target [0, 0, 1], probability [0.1, 0.3, 0.2], costs 10:1: declining from 0.2 costs 1/3 (one good client
    refused); every other cut-off costs more, so cut_off=0.2, accepted_share=1/3, default_rate_accepted=0.
    """
    curve = cost_curve(target, probability, fn_cost, fp_cost)
    best = len(curve.cut_offs) - 1 - int(np.argmin(curve.cost_per_client[::-1]))
    return CutOff(
        cut_off=float(curve.cut_offs[best]),
        cost_per_client=float(curve.cost_per_client[best]),
        accepted_share=float(curve.accepted_share[best]),
        default_rate_accepted=float(curve.default_rate_accepted[best]),
    )


def indifference_probability(fn_cost: float = FN_COST, fp_cost: float = FP_COST) -> float:
    """The default probability at which accepting and declining cost the same, fp / (fn + fp): 1/11 at 10:1.

    The cheapest cut-off of perfectly calibrated probabilities (Elkan 2001, foundations of cost-sensitive
    learning); a cheapest cut-off far from it says that the sample is small or the calibration poor.
    """
    require_costs(fn_cost, fp_cost)
    return fp_cost / (fn_cost + fp_cost)


def require_costs(fn_cost: Cost, fp_cost: Cost) -> None:
    """Both costs positive and finite, of everyone. Errors: ValueError."""
    for cost in (fn_cost, fp_cost):
        values = np.atleast_1d(np.asarray(cost, dtype=np.float64))
        wrong = values[~((values > 0) & (values < np.inf))]
        if len(wrong) and isinstance(cost, np.ndarray):
            raise ValueError(f"the cost of a client is {wrong[0]}, expected a positive number")
        if len(wrong):
            raise ValueError(f"costs are FN {fn_cost!r} and FP {fp_cost!r}, expected two positive numbers")
