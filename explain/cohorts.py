"""Why one cohort is riskier than another: mean contributions side by side, exact, with what chance explains.

Belongs here: means, differences and their intervals. Does not: who belongs to a cohort (dashboard), reading a
night (model_store), the words for groups and features (features.texts).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.segments import compiled

Vector = NDArray[np.float64]
Values = NDArray[np.float32]
Members = NDArray[np.bool_]
NORMAL = 1.959964
SUM, SQUARES = 0, 1


@dataclass(frozen=True, eq=False)
class CohortContrast:
    """Per group (or feature) its mean contribution in A and in B, in log-odds before calibration.

    `difference`: A less B, which add up over all groups to the difference of the mean raw scores. `low`,
    `high`: its 95 % interval, NaN where a cohort has one client. `clients_a`, `clients_b`; `shared`: clients
    in both.
    """

    codes: tuple[str, ...]
    mean_a: Vector
    mean_b: Vector
    low: Vector
    high: Vector
    clients_a: int
    clients_b: int
    shared: int

    @property
    def difference(self) -> Vector:
        """What each group adds to A's mean log-odds over B's; positive: makes A riskier."""
        return self.mean_a - self.mean_b

    @property
    def order(self) -> NDArray[np.intp]:
        """Places by the size of the difference, largest first; equal ones in the order of the codes."""
        return np.argsort(-np.abs(self.difference), kind="stable")


def contrast_cohorts(
    contributions: Values, codes: Sequence[str], in_a: Members, in_b: Members
) -> CohortContrast:
    """Mean contributions of the clients in A against those in B.

    `contributions`: float32, (clients, groups), the columns named by `codes`; quickest column by column in
    memory (as frames have them). `in_a`, `in_b`: True for each client who belongs; a client may be in both.

    The interval is normal, of the difference of two means; clients in both count on both sides, so that of a
    cohort against itself it is 0 wide. Worked number: A has 0.1 and 0.3, B has 0.0 and 0.2: means 0.2 and
    0.1, variances 0.02 each, the error is the root of 0.02 / 2 + 0.02 / 2, 0.141: 0.1, between -0.177 and
    0.377.

    Errors: ValueError for an empty cohort, or for shapes that do not fit.
    """
    if contributions.shape != (len(in_a), len(codes)) or len(in_a) != len(in_b):
        raise ValueError(
            f"contributions have shape {contributions.shape}, expected ({len(in_a)}, {len(codes)}): a row per "
            f"client of A's {len(in_a)} and B's {len(in_b)} marks, a column per code"
        )
    for name, members in (("A", in_a), ("B", in_b)):
        if not members.any():
            raise ValueError(f"cohort {name} is empty: there is nothing to compare; remove a condition")
    marks = (in_a + 2 * in_b.astype(np.uint8)).astype(np.uint8)
    columns = np.asarray(contributions.T, dtype=np.float32)
    sums = np.zeros((len(codes), 4, 2))
    for place, column in enumerate(columns):
        add_marked(np.ascontiguousarray(column), marks, sums[place])
    count = np.bincount(marks, minlength=4).astype(np.float64)
    return _contrast(tuple(codes), sums, count)


def _contrast(codes: tuple[str, ...], sums: NDArray[np.float64], count: Vector) -> CohortContrast:
    n_a, n_b = count[1] + count[3], count[2] + count[3]
    of_a, of_b = sums[:, 1] + sums[:, 3], sums[:, 2] + sums[:, 3]
    mean_a, mean_b = of_a[:, SUM] / n_a, of_b[:, SUM] / n_b
    around_a = of_a[:, SQUARES] - n_a * mean_a**2
    around_b = of_b[:, SQUARES] - n_b * mean_b**2
    both = sums[:, 3]
    together = both[:, SQUARES] - (mean_a + mean_b) * both[:, SUM] + count[3] * mean_a * mean_b
    if min(n_a, n_b) > 1:
        variance = (
            around_a / (n_a * (n_a - 1))
            + around_b / (n_b * (n_b - 1))
            - 2 * together / np.sqrt(n_a * (n_a - 1) * n_b * (n_b - 1))
        )
        error = np.sqrt(np.maximum(variance, 0.0))
    else:
        error = np.full(len(codes), np.nan)
    difference = mean_a - mean_b
    return CohortContrast(
        codes=codes,
        mean_a=mean_a,
        mean_b=mean_b,
        low=difference - NORMAL * error,
        high=difference + NORMAL * error,
        clients_a=int(n_a),
        clients_b=int(n_b),
        shared=int(count[3]),
    )


@compiled
def add_marked(values: Values, marks: NDArray[np.uint8], sums: Vector) -> None:
    """Adds every value and its square to the line of its client's mark (0 to 3), in float64, first client first."""
    for client in range(len(values)):
        value = np.float64(values[client])
        sums[marks[client], 0] += value
        sums[marks[client], 1] += value * value
