"""How far a measured rate, mean or difference may lie from the truth.

Belongs here: intervals from counts and values. Does not: which cohort is measured (cohorts).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from risk.arrays import Numbers


@dataclass(frozen=True)
class Interval:
    """A figure and the interval around it at the stated level; all NaN where nothing was measured."""

    value: float
    low: float
    high: float
    level: float = 0.95


@dataclass(frozen=True)
class Rate(Interval):
    """A share with the counts that it comes from: `successes` of `n`."""

    successes: int = 0
    n: int = 0


def normal_quantile(level: float) -> float:
    """Half-width of a two-sided interval in standard errors: 1.960 at 0.95. Errors: ValueError."""
    if not 0 < level < 1:
        raise ValueError(f"level is {level}, expected between 0 and 1, for instance 0.95")
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson_interval(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[Numbers, Numbers]:
    """(low, high) of a rate, float64 arrays (Wilson 1927); NaN where n is 0.

    8 of 100 at 95 %: 0.0411 to 0.1500. Errors: ValueError where successes are negative or more than n.
    """
    hits = np.asarray(successes, dtype=np.float64)
    size = np.asarray(n, dtype=np.float64)
    if np.any(hits < 0) or np.any(hits > size):
        raise ValueError(f"successes {hits} of n {size}: expected 0 <= successes <= n")
    z = normal_quantile(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = hits / size
        centre = (rate + z**2 / (2 * size)) / (1 + z**2 / size)
        half = z / (1 + z**2 / size) * np.sqrt(rate * (1 - rate) / size + z**2 / (4 * size**2))
    low = np.where(hits == 0, np.where(size > 0, 0.0, np.nan), np.maximum(centre - half, 0.0))
    high = np.where((hits == size) & (size > 0), 1.0, np.minimum(centre + half, 1.0))
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


def rate_interval(successes: int, n: int, level: float = 0.95) -> Rate:
    """The rate successes / n with its Wilson interval; all NaN when n is 0."""
    low, high = wilson_interval(successes, n, level)
    return Rate(successes / n if n else float("nan"), float(low), float(high), level, successes, n)


def mean_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """The mean, give or take normal quantile x standard error (sample deviation / sqrt(n)).

    NaN values are left out. NaN bounds below two values, NaN mean for none. [1, 2, 3]: 2 (0.868 to 3.132).
    """
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[~np.isnan(numbers)]
    half = normal_quantile(level)
    if not len(numbers):
        return Interval(float("nan"), float("nan"), float("nan"), level)
    mean = float(numbers.mean())
    error = float(numbers.std(ddof=1) / np.sqrt(len(numbers))) if len(numbers) > 1 else float("nan")
    return Interval(mean, mean - half * error, mean + half * error, level)


def difference_interval(
    successes_a: int, n_a: int, successes_b: int, n_b: int, level: float = 0.95
) -> Interval:
    """Rate a minus rate b with Newcombe's hybrid score interval (Newcombe 1998, method 10).

    56/70 against 48/80: 0.2000, from 0.0524 to 0.3339 (his example a). All NaN when a side has nobody.
    """
    a, b = rate_interval(successes_a, n_a, level), rate_interval(successes_b, n_b, level)
    difference = a.value - b.value
    down = np.sqrt((a.value - a.low) ** 2 + (b.high - b.value) ** 2)
    up = np.sqrt((a.high - a.value) ** 2 + (b.value - b.low) ** 2)
    return Interval(difference, float(difference - down), float(difference + up), level)
