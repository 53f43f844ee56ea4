"""The headline figures of any stated group of clients, each with its interval.

Belongs here: the summary of a cohort. Does not: who is in it (the dashboard filters), intervals' formulas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk.intervals import (
    Interval,
    difference_interval,
    mean_interval,
    rate_interval,
    wilson_interval,
)

__all__ = ["CohortSummary", "difference_interval", "mean_interval", "summarise_cohort", "wilson_interval"]


@dataclass(frozen=True)
class CohortSummary:
    """A cohort in figures; shares and rates are 0 to 1 with 95 % intervals, all NaN for an empty cohort.

    `labelled` clients have a known outcome; the observed default rates are measured on them only, and
    `default_rate_accepted` on those of them whose decision is "accept". Both are NaN where nobody is.
    """

    clients: int
    mean_probability: Interval
    median_score: float
    accepted_share: Interval
    review_share: Interval
    declined_share: Interval
    labelled: int
    defaults: int
    observed_default_rate: Interval
    default_rate_accepted: Interval


def summarise_cohort(
    scores: pd.DataFrame, target: pd.Series | None = None, labelled: pd.Series | None = None
) -> CohortSummary:
    """The figures of the clients in `scores` (columns default_probability, decision and score).

    `target` is 1, 0 or NaN (unknown) and `labelled` True where the target may be used (all known ones without
    it); both are read at the clients of `scores`, whatever else they hold. Errors: ValueError for a column
    that is not there.
    """
    absent = {"default_probability", "decision", "score"} - set(scores.columns)
    if absent:
        raise ValueError(f"scores lack {sorted(absent)}, found {list(scores.columns)}")
    decision = scores["decision"].to_numpy(dtype=object)
    outcome = _known_outcomes(scores.index, target, labelled)
    known = ~np.isnan(outcome)
    accepted = decision == "accept"
    return CohortSummary(
        clients=len(scores),
        mean_probability=mean_interval(scores["default_probability"].to_numpy(dtype=np.float64)),
        median_score=float(np.median(scores["score"].to_numpy())) if len(scores) else float("nan"),
        accepted_share=_share(accepted),
        review_share=_share(decision == "review"),
        declined_share=_share(decision == "decline"),
        labelled=int(known.sum()),
        defaults=int((outcome == 1).sum()),
        observed_default_rate=_share(outcome[known] == 1),
        default_rate_accepted=_share(outcome[known & accepted] == 1),
    )


def _share(hits: NDArray[np.bool_]) -> Interval:
    return rate_interval(int(np.count_nonzero(hits)), len(hits))


def _known_outcomes(
    clients: pd.Index, target: pd.Series | None, labelled: pd.Series | None
) -> NDArray[np.float64]:
    if target is None:
        return np.full(len(clients), np.nan)
    outcome = target.reindex(clients).to_numpy(dtype=np.float64, na_value=np.nan)
    if labelled is None:
        return outcome
    usable = labelled.reindex(clients).fillna(False).to_numpy(dtype=np.bool_)
    return np.where(usable, outcome, np.nan)
