"""How decisions and probabilities differ between groups of clients.

Belongs here: figures per group with intervals, the widest gap. Does not: which groups there are (training,
dashboard), what is done about a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from risk.arrays import Numbers, require_pair
from risk.intervals import Interval, rate_interval


@dataclass(frozen=True)
class GroupFigures:
    """One group; rates are 0 to 1 with 95 % Wilson intervals, NaN where nobody counts.

    `defaults_declined`: declined among those who default (true positive rate). `good_declined`: declined among
    those who repay (false positive rate). `calibration_gap`: observed default rate minus mean probability:
    above 0, the group's risk is understated.
    """

    group: str
    clients: int
    accepted: Interval
    default_rate: Interval
    defaults_declined: Interval
    good_declined: Interval
    mean_probability: float
    calibration_gap: Interval


def group_figures(
    groups: Sequence[str] | NDArray[np.object_], target: ArrayLike, probability: ArrayLike, cut_off: float
) -> list[GroupFigures]:
    """Figures of each group at the cut-off, groups in alphabetical order. Errors: ValueError.

    Group a: 100 clients, 10 defaults, 6 of them and 9 good clients declined: accepted 0.85, defaults declined
    0.60, good declined 0.10.
    """
    outcome, numbers = require_pair(target, probability)
    names = np.asarray(groups, dtype=object)
    if len(names) != len(outcome):
        raise ValueError(f"{len(names)} groups given for {len(outcome)} clients; expected one each")
    return [
        _figures(str(name), outcome[names == name], numbers[names == name], cut_off)
        for name in sorted(set(names.tolist()))
    ]


def _figures(name: str, outcome: Numbers, probability: Numbers, cut_off: float) -> GroupFigures:
    declined, default = probability >= cut_off, outcome == 1
    clients, defaults = len(outcome), int(default.sum())
    rate, promised = rate_interval(defaults, clients), float(probability.mean())
    return GroupFigures(
        group=name,
        clients=clients,
        accepted=rate_interval(int((~declined).sum()), clients),
        default_rate=rate,
        defaults_declined=rate_interval(int((declined & default).sum()), defaults),
        good_declined=rate_interval(int((declined & ~default).sum()), clients - defaults),
        mean_probability=promised,
        calibration_gap=Interval(
            rate.value - promised, rate.low - promised, rate.high - promised, rate.level
        ),
    )


def widest_gap(rates: Sequence[float]) -> float:
    """Highest minus lowest of the known rates; 0 for one group. [0.85, 0.60, NaN]: 0.25."""
    known = [rate for rate in rates if not np.isnan(rate)]
    return max(known) - min(known) if known else float("nan")
