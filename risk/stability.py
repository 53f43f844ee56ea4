"""How far a distribution has moved from the one it is compared with.

Belongs here: the population stability index of scores (PSI) or of one characteristic (CSI). Does not: alarms.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from risk.arrays import Numbers
from risk.intervals import normal_quantile

Counts = NDArray[np.int64]

SMALLEST_SHARE = 1e-4  # an empty bin counts as this share, so that the logarithm stays finite


def psi_of_shares(expected_shares: ArrayLike, actual_shares: ArrayLike) -> float:
    """Sum of (actual - expected) x ln(actual / expected); 0 for equal shares, by custom above 0.25 a shift.

    Expected [0.5, 0.5], actual [0.6, 0.4]: 0.1 ln 1.2 + (-0.1) ln 0.8 = 0.0405. Shares below 0.0001 count as
    0.0001. Errors: ValueError for different lengths, or shares that do not sum to 1.
    """
    expected = np.asarray(expected_shares, dtype=np.float64)
    actual = np.asarray(actual_shares, dtype=np.float64)
    if expected.shape != actual.shape or expected.ndim != 1:
        raise ValueError(f"shares have shapes {expected.shape} and {actual.shape}, expected one bin each")
    for name, shares in (("expected", expected), ("actual", actual)):
        if not np.isclose(shares.sum(), 1.0, atol=1e-6) or (shares < 0).any():
            raise ValueError(f"{name} shares sum to {shares.sum():.6f}, expected 1 and none negative")
    expected = np.maximum(expected, SMALLEST_SHARE)
    actual = np.maximum(actual, SMALLEST_SHARE)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def quantile_edges(expected: ArrayLike, bins: int = 10) -> Numbers:
    """Inner bin edges, ascending and distinct: the expected values' quantiles, missing left out.

    Up to `bins` distinct values get a bin each. A value that so many have that several quantiles, or the last one
    and all above it, are that value gets a bin of its own: the next smaller value is an edge too. No bin is empty.
    [0, 1, 1, 1]: edge 0. [-3, -2, -1, 0, 0, 0, 0, 0, 1, 2] in five bins (quantiles -2, 0, 0, 0): edges -2, -1, 0.
    """
    numbers = np.asarray(expected, dtype=np.float64)
    present = numbers[~np.isnan(numbers)]
    if bins < 2:
        raise ValueError(f"bins is {bins}, expected at least 2")
    if not len(present):
        return np.zeros(0, dtype=np.float64)
    few = _few_distinct(present, bins)
    if few is not None:
        return few[:-1]
    inner = np.linspace(0, 1, bins + 1)[1:-1]
    edges, times = np.unique(np.quantile(present, inner, method="inverted_cdf"), return_counts=True)
    highest = present.max()
    shared = edges[(times > 1) | (edges == highest)]
    below = [present[present < value].max(initial=-np.inf) for value in shared]
    found = np.unique(np.concatenate([edges, below]))
    inside: Numbers = found[(found > -np.inf) & (found < highest)]
    return inside


def _few_distinct(present: Numbers, most: int) -> Numbers | None:
    """The distinct values, ascending, None if there are more than `most`; a few clients mostly tell."""
    if len(np.unique(present[: 100 * most])) > most:
        return None
    distinct = np.unique(present)
    return distinct if len(distinct) <= most else None


def bin_shares(values: ArrayLike, edges: ArrayLike) -> Numbers:
    """Share of the clients in each bin (up to and including its edge), the last one being "missing".

    Length edges + 2. Errors: ValueError for no clients.
    """
    counts = bin_counts(values, edges)
    if not counts.sum():
        raise ValueError("no clients given, expected at least one to compare distributions")
    shares: Numbers = counts / counts.sum()
    return shares


def bin_counts(values: ArrayLike, edges: ArrayLike) -> Counts:
    """Clients in each bin (up to and including its edge), the last one being "missing"; length edges + 2.

    Counts of parts add up to those of the whole, which shares do not.
    """
    given = np.asarray(values)
    numbers = given if given.dtype == np.float32 else given.astype(np.float64)
    inner = np.asarray(edges).astype(numbers.dtype)  # not the values, of which there are many more
    code = np.searchsorted(inner, numbers, side="left")  # NaN sorts last: with those above the last edge
    counts = np.bincount(code, minlength=len(inner) + 2).astype(np.int64)
    counts[-1] = np.count_nonzero(np.isnan(numbers))
    counts[-2] -= counts[-1]
    return counts


def chance_psi(bins: int, expected_clients: int, actual_clients: int, level: float = 0.999) -> float:
    """The PSI that two samples of one and the same population stay below with probability `level`.

    (1/n + 1/m) times the chi-squared quantile of bins - 1 degrees of freedom (Yurdakul 2018), by Wilson and
    Hilferty's formula. 10 bins, 1,000 and 1,000 clients: 0.0561 (exactly 0.0558). Infinite without clients.
    """
    if not expected_clients or not actual_clients:
        return float("inf")
    degrees = max(bins - 1, 1)
    spread = 2 / (9 * degrees)
    quantile = degrees * (1 - spread + normal_quantile(2 * level - 1) * spread**0.5) ** 3
    return float((1 / expected_clients + 1 / actual_clients) * quantile)


def psi(expected: ArrayLike, actual: ArrayLike, bins: int = 10) -> float:
    """Population stability index of `actual` against `expected`, in bins of the expected values' quantiles.

    Missing (NaN) is a bin of its own. Columns of few distinct values get as many bins as they have. The PSI
    of a cohort with itself is 0. Errors: ValueError when either has no clients.
    """
    edges = quantile_edges(expected, bins)
    return psi_of_shares(bin_shares(expected, edges), bin_shares(actual, edges))
