"""Here: what a leaf keeps of the real rows that came to it: shares of values and of the stretches between them.
Not here: the growing of trees (derive_histories.py), the drawing (sequences.py).

Every number written stands for five clients at least: those who all have it, or neighbours whose mean it is. What
fewer have is left out. Categories are public: all are kept.
"""

import numpy as np

from simulator.facts import Floats, Ints

FEWEST_CLIENTS = 5
ATOM_SHARE = 0.02
QUANTILES = np.array(
    [0.0, 0.01, 0.04, 0.1, 0.18, 0.27, 0.36, 0.45, 0.55, 0.64, 0.73, 0.82, 0.9, 0.96, 0.99, 1.0]
)
Piece = tuple[float, float, float]


def pieces_of(values: Floats, weights: Floats, owners: Ints, categories: bool) -> list[Piece]:
    """(low, high, cumulated share in thousandths): missing, then in rising order frequent values, where low is
    high, and stretches of the others. Categories are all kept as they are. Fewer than five owners are a ValueError.
    """
    if (count := len(np.unique(owners))) < FEWEST_CLIENTS:
        raise ValueError(
            f"Found a leaf of {count} clients, expected {FEWEST_CLIENTS} at least: prune the tree."
        )
    gone = np.isnan(values)
    order = np.flatnonzero(~gone)[np.argsort(values[~gone], kind="stable")]
    present, mass, clients = values[order], weights[order], owners[order]
    frequent = _frequent(present, clients, categories)
    found = [(value, value, float(mass[present == value].sum())) for value in frequent]
    rest = ~np.isin(present, frequent)
    if len(np.unique(clients[rest])) >= FEWEST_CLIENTS:
        found += _stretches(present[rest], mass[rest], clients[rest], len(values))
    missing = [(np.nan, np.nan, float(weights[gone].sum()))] if gone.any() else []
    return cumulated([*missing, *sorted(found)])


def cumulated(pieces: list[Piece]) -> list[Piece]:
    """The pieces with cumulated shares in thousandths for their sizes."""
    sizes = np.array([size for *_, size in pieces])
    shares = np.round(np.cumsum(sizes) / sizes.sum() * 1000.0, 2)
    shares[-1] = 1000.0
    return [
        (_rounded(low), _rounded(high), share) for (low, high, _), share in zip(pieces, shares, strict=True)
    ]


def _frequent(present: Floats, clients: Ints, categories: bool) -> Floats:
    distinct, counts = np.unique(present, return_counts=True)
    if categories:
        return distinct
    often = distinct[counts >= ATOM_SHARE * len(present)]
    return np.array([v for v in often if len(np.unique(clients[present == v])) >= FEWEST_CLIENTS])


def _stretches(values: Floats, weights: Floats, owners: Ints, rows: int) -> list[Piece]:
    """Stretches between quantiles, more of them the more rows there are."""
    if len(values) == 0:
        return []
    often = len(values) / rows
    levels = QUANTILES if often >= 0.3 else QUANTILES[::3] if often >= 0.06 else QUANTILES[::15]
    places = (np.cumsum(weights) - weights / 2.0) / weights.sum()
    levels = _without_thin_ends(levels, places, owners)
    centres = np.rint(np.interp(levels, places, np.arange(len(values)))).astype(int)
    knots = np.maximum.accumulate([_mean_about(values, owners, centre) for centre in centres])
    for end, inner, row in ((0, 1, 0), (-1, -2, -1)):
        own = places <= levels[inner] if end == 0 else places >= levels[inner]
        level = 2.0 * np.average(values[own], weights=weights[own]) - knots[inner]
        if min(values[row], knots[inner]) < level < max(values[row], knots[inner]):
            knots[end] = level
    sizes = np.diff(levels) * weights.sum()
    return [
        (float(low), float(high), float(size))
        for low, high, size in zip(knots[:-1], knots[1:], sizes, strict=True)
    ]


def _without_thin_ends(levels: Floats, places: Floats, owners: Ints) -> Floats:
    """The levels without those that would leave fewer than five clients in the first or the last stretch: the outer
    ends of these are chosen so that their means are those of the rows in them, and long tails keep their weight.
    """
    while len(levels) > 2 and len(np.unique(owners[places >= levels[-2]])) < FEWEST_CLIENTS:
        levels = np.delete(levels, -2)
    while len(levels) > 2 and len(np.unique(owners[places <= levels[1]])) < FEWEST_CLIENTS:
        levels = np.delete(levels, 1)
    return levels


def _mean_about(values: Floats, owners: Ints, place: int) -> float:
    """Mean of the nearest neighbours of a place that belong to five clients."""
    low = high = place
    clients = {owners[place]}
    while len(clients) < FEWEST_CLIENTS and high - low + 1 < len(values):
        low, high = max(low - 1, 0), min(high + 1, len(values) - 1)
        clients |= {owners[low], owners[high]}
    return float(values[low : high + 1].mean())


def _rounded(value: float) -> float:
    return value if np.isnan(value) else float(f"{value:.6g}")
