"""How much of an explanation would be said again: by other masks, by other reference clients.

Belongs here: the indices of Visani et al. and Jaccard's, over repeated fits. Does not: the fits (explanation), what
is stable enough (trust).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
TOP = 10  # the features that the indices look at, as many as readers are shown
NORMAL = 1.96


@dataclass(frozen=True, eq=False)
class Fit:
    """One fit: a weight per perturbed feature (0 where the sparse model leaves it out), its standard error."""

    weights: Vector
    errors: Vector
    intercept: float
    r2: float

    def strongest(self, count: int = TOP) -> tuple[int, ...]:
        """Places of the `count` largest weights, strongest first; ties by place. Weights of 0 do not count."""
        order = np.argsort(-np.abs(self.weights), kind="stable")[:count]
        return tuple(int(place) for place in order if self.weights[place] != 0)


@dataclass(frozen=True)
class LimeStability:
    """Between 0 and 1, 1 for fits that all say the same.

    `fits` with mask seeds of their own: `jaccard` of their ten strongest features, `vsi` and `csi` as below.
    `reference_jaccard`: of the ten strongest between the two halves of the reference sample, NaN if it has
    none.
    """

    fits: int
    jaccard: float
    vsi: float
    csi: float
    reference_jaccard: float


def jaccard(left: Sequence[int], right: Sequence[int]) -> float:
    """Features named by both as a share of those named by either; 1 if neither names any.

    Worked number: {a, b, c} and {b, c, d} share 2 of 4: 0.5.
    """
    either = set(left) | set(right)
    return len(set(left) & set(right)) / len(either) if either else 1.0


def mean_jaccard(fits: Sequence[Fit], count: int = TOP) -> float:
    """Mean of `jaccard` over all pairs of fits."""
    named = [fit.strongest(count) for fit in fits]
    return float(np.mean([jaccard(left, right) for left, right in combinations(named, 2)]))


def variables_stability(fits: Sequence[Fit], count: int = TOP) -> float:
    """VSI: over all pairs of fits, the mean share of the `count` features that both name.

    Visani, Bagli, Chesani, Poluzzi and Capuzzo, "Statistical stability indices for LIME", arXiv 2001.11757,
    whose index counts to 100. Worked number: three fits name {a, b}, {a, b} and {a, c}; the pairs share 2, 1
    and 1 of 2: (1 + 0.5 + 0.5) / 3 = 0.667.
    """
    named = [set(fit.strongest(count)) for fit in fits]
    most = max(map(len, named))
    return (
        float(np.mean([len(left & right) / most for left, right in combinations(named, 2)])) if most else 1.0
    )


def coefficients_stability(fits: Sequence[Fit], count: int = TOP) -> float:
    """CSI: per feature the share of the pairs of fits naming it whose 95 % intervals of its weight overlap; then
    the mean over the features named at least twice.

    Same source. Worked number: a weighs 0.10 ± 0.02, 0.12 ± 0.02 and 0.30 ± 0.02 in three fits (interval
    half-widths): one pair of three overlaps, 0.333; b weighs 0.50 ± 0.10 twice: 1. CSI is 0.667.
    """
    named = [fit.strongest(count) for fit in fits]
    of_features = []
    for place in sorted({place for one in named for place in one}):
        naming = [fit for fit, one in zip(fits, named, strict=True) if place in one]
        pairs = [_overlap(left, right, place) for left, right in combinations(naming, 2)]
        if pairs:
            of_features.append(float(np.mean(pairs)))
    return float(np.mean(of_features)) if of_features else 1.0


def _overlap(left: Fit, right: Fit, place: int) -> bool:
    apart = abs(float(left.weights[place] - right.weights[place]))
    return bool(apart <= NORMAL * float(left.errors[place] + right.errors[place]))


def weight_errors(kept: NDArray[np.float64], residuals: Vector, kernel: Vector, ridge: float) -> Vector:
    """Standard errors of the weights of a ridge regression weighted by `kernel`, with an intercept.

    `kept`: (masks, features of the sparse model). Visani et al. (above): with X centred at its weighted mean,
    W = diag(kernel) and A = X'WX + ridge·I, the variance is s² A⁻¹ X'WX A⁻¹, where s² is the weighted sum of
    squared residuals over masks - features - 1. Worked number: masks 1, 1, 0, 0, kernel 1, no ridge,
    residuals 0.1, -0.1, 0.1, -0.1: s² = 0.04 / 2, X'WX = 1, the error is 0.141.
    """
    centred = kept - np.average(kept, axis=0, weights=kernel)
    # einsum keeps to this thread: threads of BLAS wait for each other on a busy machine, 50 ms for this
    gram = np.einsum("mi,mj,m->ij", centred, centred, kernel)
    inverse = np.linalg.inv(gram + ridge * np.eye(len(gram)))
    free = max(len(kept) - kept.shape[1] - 1, 1)
    spread = np.diag(inverse) - ridge * (inverse**2).sum(axis=1)  # of A⁻¹ X'WX A⁻¹ = A⁻¹ - ridge·A⁻²
    variance = float((kernel * residuals**2).sum()) / free * spread
    errors: Vector = np.sqrt(np.maximum(variance, 0.0))
    return errors
