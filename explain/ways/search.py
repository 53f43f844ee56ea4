"""What would change a decision: the smallest sets of things the client can change, each checked by scoring it anew.

Belongs here: the search, what an answer holds. Does not: what can be changed (features.CATALOGUE), how a changed
application becomes features (case), the words (words).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.answers import Decision
from explain.case import Case
from explain.seen import Seen
from explain.ways.moves import Plan, levers_of, plan_of
from features import CATALOGUE, Catalogue

MOST_CHANGES = 3
CHUNK = 64  # combinations whose neighbours are looked for at a time
_BETTER: dict[Decision, tuple[Decision, ...]] = {
    "decline": ("accept", "review"),
    "review": ("accept",),
    "accept": (),
}

Status = Literal["found", "nothing_to_change", "no_realistic_change"]


@dataclass(frozen=True)
class Moved:
    """One column of the application before and after, the feature that measures it, and the steps of that change.

    `steps`: signed; 0 where the column moved in proportion with another one only.
    """

    feature: str
    column: str
    before: float
    after: float
    steps: int

    @property
    def carried(self) -> bool:
        """Whether it follows from another change."""
        return not self.steps


@dataclass(frozen=True)
class Way:
    """A set of changes that alters the decision: what the client would do, and the figures with it.

    `changes`: what the client decides on, then what moves with it. `distance`: to the fifth nearest training
    client; `limit`: what 99 % of them keep among themselves.
    """

    changes: tuple[Moved, ...]
    default_probability: float
    score: int
    risk_band: str
    decision: Decision
    distance: float
    limit: float

    @property
    def chosen(self) -> tuple[Moved, ...]:
        """The changes that the client decides on."""
        return tuple(moved for moved in self.changes if not moved.carried)


@dataclass(frozen=True)
class Ways:
    """The answer for one client: `ways`, the one with the fewest and smallest changes first, or why there is none.

    `status`: "found"; "nothing_to_change" for an accepted client; "no_realistic_change": of the `tried`
    combinations none alters the decision and is like training clients. `default_probability`, `score`, `decision`:
    without a change.
    """

    client: int
    status: Status
    decision: Decision
    default_probability: float
    score: int
    cut_off: float
    ways: tuple[Way, ...]
    tried: int
    seconds: float


def find_ways(
    case: Case, seen: Seen, count: int = 3, most_changes: int = MOST_CHANGES, catalogue: Catalogue = CATALOGUE
) -> Ways:
    """Up to `count` ways to a better decision, each of other things than the ones before it.

    Every combination of declared steps of at most `most_changes` things is built from the client's own rows and
    scored. Kept are those that reach the decision, still do one step further, take no feature beyond the middle
    99 % of the training clients (or further than the client is), and lie no farther from training clients than
    99 % of these from each other. "accept" is looked for first, then "review". Ordered by number of
    changes, then of steps. Errors: ValueError for counts below 1.
    """
    if count < 1 or most_changes < 1:
        raise ValueError(f"count and most_changes must be 1 or more; found {count} and {most_changes}")
    begun = time.perf_counter()
    ways: tuple[Way, ...] = ()
    tried = 0
    if _BETTER[case.decision]:
        plan = plan_of(case.application, levers_of(case.application, catalogue), most_changes)
        features = case.variants(plan.applications)
        tried = len(plan.steps)
        probability = case.probability(features)
        decided = case.model.decide(probability)
        usual = _usual(features, case.features, seen, catalogue)
        for place in range(1, len(_BETTER[case.decision]) + 1):
            reached = np.isin(decided, _BETTER[case.decision][:place])
            chosen = _nearest_first(case, seen, plan, features, plan.holds_further(usual, reached), count)
            if chosen:
                ways = _told(case, seen, plan, features, chosen, catalogue)
                break
    return Ways(
        client=case.client,
        status="found" if ways else "no_realistic_change" if _BETTER[case.decision] else "nothing_to_change",
        decision=case.decision,
        default_probability=float(case.answers.probability[0]),
        score=int(case.answers.score[0]),
        cut_off=case.model.cut_off,
        ways=ways,
        tried=tried,
        seconds=time.perf_counter() - begun,
    )


def _usual(features: pd.DataFrame, own: pd.DataFrame, seen: Seen, catalogue: Catalogue) -> NDArray[np.bool_]:
    """Rows in which no feature moved to where few training clients are, unless the client is there already."""
    kept = np.ones(len(features), dtype=np.bool_)
    names = list(catalogue.moving)
    after, before_all = (frame[names].to_numpy(np.float64) for frame in (features, own))
    for place, name in enumerate(names):
        values, before = after[:, place], before_all[0, place]
        found = seen.range_of(name)
        low, high = np.fmin(found.low, before), np.fmax(found.high, before)
        with np.errstate(invalid="ignore"):
            kept &= ((values >= low) & (values <= high)) | (np.isnan(values) & np.isnan(before))
    return kept


def _nearest_first(
    case: Case, seen: Seen, plan: Plan, features: pd.DataFrame, reached: NDArray[np.bool_], count: int
) -> list[int]:
    """The rows to tell: in order, like training clients, each set of levers once and none with a told one in it."""
    limit = max(seen.limit, float(seen.distance(case.features, case.client)[0]))
    waiting = [row for row in plan.order.tolist() if reached[row]]
    told: list[tuple[int, frozenset[int]]] = []
    while waiting and len(told) < count:
        part, waiting = waiting[:CHUNK], waiting[CHUNK:]
        near = seen.distance(features.iloc[part], case.client) <= limit
        for row, is_near in zip(part, near.tolist(), strict=True):
            levers = plan.moved(row)
            if is_near and len(told) < count and not any(known <= levers for _, known in told):
                told.append((row, levers))
        waiting = [row for row in waiting if not any(known <= plan.moved(row) for _, known in told)]
    return [row for row, _ in told]


def _told(
    case: Case, seen: Seen, plan: Plan, features: pd.DataFrame, rows: Sequence[int], catalogue: Catalogue
) -> tuple[Way, ...]:
    chosen = features.iloc[list(rows)]
    answers = case.answer(chosen)
    distances = seen.distance(chosen, case.client)
    return tuple(
        Way(
            changes=_changes(case, plan, row, catalogue),
            default_probability=float(answers.probability[place]),
            score=int(answers.score[place]),
            risk_band=str(answers.band[place]),
            decision=answers.decision[place],
            distance=float(distances[place]),
            limit=seen.limit,
        )
        for place, row in enumerate(rows)
    )


def _changes(case: Case, plan: Plan, row: int, catalogue: Catalogue) -> tuple[Moved, ...]:
    """What the client decides on, then what moves with it."""
    own, after = case.application.iloc[0], plan.applications.iloc[row]
    steps = {lever.column: int(plan.steps[row, place]) for place, lever in enumerate(plan.levers)}
    measured = {column: lever.name for lever in catalogue.levers for column in lever.columns}
    moved = [
        Moved(
            measured.get(column, ""), column, float(own[column]), float(after[column]), steps.get(column, 0)
        )
        for column in plan.columns
        if float(own[column]) != float(after[column])
    ]
    return tuple(sorted(moved, key=lambda change: change.carried))
