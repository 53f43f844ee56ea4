"""From a default probability to one of three words: accept, review, decline.

Belongs here: the rule. Does not: where the cut-off comes from (cost).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from risk.arrays import require_probability

DECISIONS = ("accept", "review", "decline")


def require_thresholds(cut_off: float, review_from: float | None) -> None:
    """A cut-off from 0 (decline everyone) to just above 1 (nobody), a review band that starts below it.

    Errors: ValueError.
    """
    if not 0 <= cut_off <= np.nextafter(1.0, 2.0):
        raise ValueError(f"cut_off is {cut_off}, expected a probability, or just above 1")
    if review_from is not None and not 0 <= review_from <= cut_off:
        raise ValueError(f"review_from is {review_from}, expected between 0 and the cut-off {cut_off}")


def decide(probability: ArrayLike, cut_off: float, review_from: float | None = None) -> NDArray[np.object_]:
    """The decision per client, an object array of str: decline from `cut_off` up, review from `review_from`
    up to below the cut-off (never without `review_from`), otherwise accept.

    Probabilities [0.05, 0.08, 0.10], cut-off 0.10, review from 0.08: accept, review, decline.
    """
    require_thresholds(cut_off, review_from)
    numbers = require_probability(probability)
    review = np.zeros(len(numbers), dtype=np.bool_) if review_from is None else numbers >= review_from
    code = np.where(numbers >= cut_off, 2, np.where(review, 1, 0))
    return np.array(DECISIONS, dtype=object)[code]
