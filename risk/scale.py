"""Points and bands: how a default probability is told to people.

Belongs here: score scale, risk bands. Does not: the decision (it is made on the probability, never on these).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from risk.arrays import Numbers, require_probability

LOWEST, HIGHEST = 0, 1000


@dataclass(frozen=True)
class ScoreScale:
    """Score points: `base_score` at good:bad odds of `base_odds`:1, `points_to_double` more per doubling."""

    base_score: float = 600.0
    base_odds: float = 10.0
    points_to_double: float = 50.0

    def __post_init__(self) -> None:
        if self.base_odds <= 0 or self.points_to_double <= 0:
            raise ValueError(
                f"base odds are {self.base_odds} and points to double {self.points_to_double}, "
                "expected two positive numbers"
            )

    def score(self, probability: ArrayLike) -> NDArray[np.int16]:
        """Points per client, int16, higher is safer, rounded and clipped to 0 … 1000.

        base_score + points_to_double x log2(odds / base_odds), odds = (1 - p) / p (Siddiqi 2006, ch. 6).
        p = 1/11 has odds 10: 600 points; p = 1/21 has odds 20: 650 points.
        """
        numbers = require_probability(probability)
        with np.errstate(divide="ignore"):
            odds_in_bits = np.log2(1 - numbers) - np.log2(numbers)
        points = self.base_score + self.points_to_double * (odds_in_bits - np.log2(self.base_odds))
        rounded: NDArray[np.int16] = np.clip(np.rint(points), LOWEST, HIGHEST).astype(np.int16)
        return rounded

    def probability(self, score: ArrayLike) -> Numbers:
        """The default probability that a score stands for, `score` inverted before rounding: 600 is 1/11."""
        points = np.asarray(score, dtype=np.float64)
        odds = self.base_odds * np.exp2((points - self.base_score) / self.points_to_double)
        return np.asarray(1 / (1 + odds), dtype=np.float64)


@dataclass(frozen=True)
class RiskBands:
    """Bands of default probability, safest first: band i reaches up to, and without, `upper_bounds[i]`.

    The last bound is 1 and included.
    """

    upper_bounds: tuple[float, ...] = (0.02, 0.04, 0.07, 0.11, 0.18, 1.0)
    names: tuple[str, ...] = ("A", "B", "C", "D", "E", "F")

    def __post_init__(self) -> None:
        ascending = all(a < b for a, b in zip((0.0, *self.upper_bounds), self.upper_bounds, strict=False))
        if not ascending or self.upper_bounds[-1:] != (1.0,):
            raise ValueError(f"upper bounds are {self.upper_bounds}, expected ascending from above 0 to 1.0")
        if len(self.names) != len(self.upper_bounds) or len(set(self.names)) != len(self.names):
            raise ValueError(f"{len(self.upper_bounds)} bands need as many names, found {self.names}")

    def band(self, probability: ArrayLike) -> NDArray[np.object_]:
        """The band name per client, object array of str. 0.02 is in the second band: bounds open upwards."""
        numbers = require_probability(probability)
        code = np.searchsorted(np.array(self.upper_bounds[:-1]), numbers, side="right")
        return np.array(self.names, dtype=object)[code]
