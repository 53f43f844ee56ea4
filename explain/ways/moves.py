"""Other applications of one client: every combination of steps of what the client can change.

Belongs here: which levers a client has, the combinations, the changed rows. Does not: what they lead to (search).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features import Catalogue, Feature
from features.rows import Rows, segments_of
from features.schemas import CLIENT

Steps = NDArray[np.int64]


@dataclass(frozen=True)
class Lever:
    """Something this client can change: the feature that measures it, its column, the client's own value."""

    feature: Feature
    column: str
    own: float

    @property
    def carries(self) -> tuple[str, ...]:
        """Columns that move in the same proportion."""
        return self.feature.change.carries

    @property
    def is_flag(self) -> bool:
        return self.feature.unit == "flag"


def levers_of(application: pd.DataFrame, catalogue: Catalogue) -> tuple[Lever, ...]:
    """The levers of the client of one application: those whose condition holds and whose value is known.

    A flag that is given already cannot be given again.
    """
    columns = {name: application[name].array for name in application.columns}
    rows = Rows("application", columns, segments_of(application[CLIENT].to_numpy()))
    found = []
    for feature in catalogue.levers:
        (column,) = feature.value.columns()
        own = float(rows.number(column)[0])
        when = feature.change.when
        if np.isnan(own) or own == (1.0 if feature.unit == "flag" else 0.0):
            continue
        if when is None or bool(rows.mask(when)[0]):
            found.append(Lever(feature, column, own))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Plan:
    """Combinations of steps and the applications they make: `steps` (rows, levers), `applications` row by row.

    `columns`: those that any of the combinations moves, the levers' own first.
    """

    levers: tuple[Lever, ...]
    steps: Steps
    applications: pd.DataFrame
    columns: tuple[str, ...]

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Rows by number of changes, then by steps, then as planned."""
        sizes = np.abs(self.steps)
        return np.lexsort([sizes.sum(axis=1), (sizes > 0).sum(axis=1)])

    def moved(self, row: int) -> frozenset[int]:
        """The levers that a row moves."""
        return frozenset(np.flatnonzero(self.steps[row]).tolist())

    def holds_further(self, usual: NDArray[np.bool_], reached: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The usual rows that reach the decision, also with one step more of any change, where that is usual, too.

        Who does a little more than asked must not be refused for it.
        """
        place = {tuple(steps): row for row, steps in enumerate(self.steps.tolist()) if usual[row]}
        holds = usual & reached
        for row in np.flatnonzero(holds).tolist():
            holds[row] = all(reached[place[further]] for further in self._further(row) if further in place)
        return holds

    def _further(self, row: int) -> list[tuple[int, ...]]:
        steps = self.steps[row].tolist()
        signs = np.sign(self.steps[row]).tolist()
        return [
            tuple(value + (signs[at] if at == lever else 0) for at, value in enumerate(steps))
            for lever in self.moved(row)
        ]


def plan_of(application: pd.DataFrame, levers: Sequence[Lever], most_changes: int) -> Plan:
    """Every combination of steps of 1 to `most_changes` levers whose amounts keep above their floors."""
    steps = _combinations(levers, most_changes)
    columns = _columns(application, levers, steps)
    kept = np.ones(len(steps), dtype=np.bool_)
    for place, lever in enumerate(levers):
        floor = lever.feature.change.not_below
        if floor is not None:
            least = columns.get(floor, np.full(len(steps), float(application[floor].iloc[0])))
            kept &= (steps[:, place] == 0) | np.isnan(least) | (columns[lever.column] >= least)
    repeated = application.iloc[np.zeros(int(kept.sum()), dtype=np.intp)].reset_index(drop=True)
    changed = repeated.assign(**{name: values[kept] for name, values in columns.items()})
    own_first = dict.fromkeys([*(lever.column for lever in levers), *columns])
    return Plan(tuple(levers), steps[kept], changed, tuple(own_first))


def _combinations(levers: Sequence[Lever], most_changes: int) -> Steps:
    found: list[list[int]] = []
    for size in range(1, min(most_changes, len(levers)) + 1):
        for together in combinations(range(len(levers)), size):
            for chosen in product(*(levers[place].feature.change.steps for place in together)):
                row = [0] * len(levers)
                for place, steps in zip(together, chosen, strict=True):
                    row[place] = steps
                found.append(row)
    return np.array(found, dtype=np.int64).reshape(len(found), len(levers))


def _columns(
    application: pd.DataFrame, levers: Sequence[Lever], steps: Steps
) -> dict[str, NDArray[np.float64]]:
    """The moved columns, row by row: flags as given, amounts times the shares of every lever that moves them."""
    shares: dict[str, NDArray[np.float64]] = {}
    columns: dict[str, NDArray[np.float64]] = {}
    for place, lever in enumerate(levers):
        change = lever.feature.change
        if lever.is_flag:
            columns[lever.column] = np.where(steps[:, place] != 0, 1.0, lever.own)
            continue
        share = np.round(change.start + steps[:, place] * change.step, 9)
        for column in (lever.column, *lever.carries):
            shares[column] = shares.get(column, np.ones(len(steps))) * share
    for column, share in shares.items():
        own = float(application[column].iloc[0])
        columns[column] = np.where(share == 1.0, own, np.round(own * share, 2))
    return columns
