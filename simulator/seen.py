"""Here: what an application shows of each cause of default, in log-odds.
Not here: what it does not show, the truth (latents.py), the fitting (derive_seen.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from simulator.compiling import compiled
from simulator.facts import Floats, Ints, read_figures

CAUSES = ("ability", "indebtedness", "behaviour", "shocks")


@dataclass(frozen=True)
class Forest:
    """Small trees one after the other. Node k asks whether column feature[k] exceeds threshold[k] (missing does
    not); feature -1 is a leaf worth value[k] log-odds. Tree t starts at node start[t] and speaks of cause[t].
    """

    columns: tuple[str, ...]
    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    value: Floats
    start: Ints
    cause: Ints


def weigh_applications(columns: Mapping[str, Floats]) -> Floats:
    """Array (clients, 4) in the order of `CAUSES`: log-odds of default that the application's columns show.

    Each cause has columns of its own, which interact freely, but not with those of another cause. Fitted to the
    outcomes of 53,471 real applications; such a forest has an AUC of 0.76 out of fold.
    """
    forest = read_forest()
    matrix = np.column_stack([columns[name] for name in forest.columns])
    found: Floats = _add_up(
        matrix,
        forest.feature,
        forest.threshold,
        forest.left,
        forest.right,
        forest.value,
        forest.start,
        forest.cause,
    )
    return found


@compiled
def _add_up(
    matrix: Floats,
    feature: Ints,
    threshold: Floats,
    left: Ints,
    right: Ints,
    value: Floats,
    start: Ints,
    cause: Ints,
) -> Floats:
    found = np.zeros((len(matrix), 4))
    for client in range(len(matrix)):
        for tree in range(len(start)):
            node = start[tree]
            while feature[node] >= 0:
                node = right[node] if matrix[client, feature[node]] > threshold[node] else left[node]
            found[client, cause[tree]] += value[node]
    return found


@cache
def read_forest() -> Forest:
    """The forest of facts/applicant_causes.parquet."""
    nodes = read_figures("applicant_causes")
    names = tuple(dict.fromkeys(nodes.loc[nodes["column"] != "", "column"].astype(str)))
    place = {name: k for k, name in enumerate(names)} | {"": -1}
    first = nodes.drop_duplicates("tree")
    start = first.index.to_numpy(np.int64)
    begin = np.repeat(start, np.diff([*start, len(nodes)]))
    return Forest(
        columns=names,
        feature=np.array([place[name] for name in nodes["column"]], dtype=np.int64),
        threshold=nodes["threshold"].to_numpy(np.float64),
        left=nodes["left"].to_numpy(np.int64) + begin,
        right=nodes["right"].to_numpy(np.int64) + begin,
        value=nodes["value"].to_numpy(np.float64),
        start=start,
        cause=np.array([CAUSES.index(cause) for cause in first["cause"]], dtype=np.int64),
    )
