"""Which cause of default an explanation names: features mapped to the simulator's causes, named against true.

Belongs here: the mapping, and how often a naming is right. Does not: explanations (lime_sides), simulating.

The mapping: a column of the application belongs to the cause that the simulator ties it to
(simulator.derive_seen.CAUSES); a feature made of several columns to their causes in equal parts; a feature
made of features to theirs. What is read from histories belongs to the cause of its reason group
(GROUP_CAUSES), as the simulator draws histories. `strain`, where debt meets little ability, belongs to no
feature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features import CATALOGUE
from features.vocabulary import SINGLE_ROW
from simulator.derive_seen import CAUSES as COLUMNS_OF_CAUSES

Vector = NDArray[np.float64]
CAUSES = ("ability", "indebtedness", "behaviour", "shocks", "strain")
GROUP_CAUSES = {
    **dict.fromkeys(
        ("INCOME", "EMPLOYMENT", "AGE", "EDUCATION", "HOUSEHOLD", "HOUSING", "REGION"), "ability"
    ),
    "PREVIOUS_TERMS": "ability",
    **dict.fromkeys(
        ("REQUESTED_CREDIT", "REPAYMENT_BURDEN", "BUREAU_DEBT", "BUREAU_HISTORY"), "indebtedness"
    ),
    **dict.fromkeys(
        ("BUREAU_NEW_CREDIT", "CREDIT_ENQUIRIES", "PREVIOUS_REFUSALS", "CARD_USE"), "indebtedness"
    ),
    **dict.fromkeys(("LATE_INSTALMENTS", "UNPAID_INSTALMENTS", "BUREAU_LATE", "CARD_LATE"), "behaviour"),
    **dict.fromkeys(("LOAN_HISTORY", "SOCIAL_CIRCLE", "CONTACT_DOCUMENTS", "EXTERNAL_SCORES"), "behaviour"),
}
CLEAR = 0.3  # log-odds by which the first cause leads the second where it counts as clear
ROUNDS = 150


@dataclass(frozen=True)
class Naming:
    """How often the cause named first is the true first: of all clients, and of those where it is clear (None where
    it is so of nobody)."""

    said_by: str
    right: float
    clients: int
    right_where_clear: float | None
    clear: int

    @property
    def error(self) -> float:
        """Standard error of `right`."""
        return float(np.sqrt(self.right * (1.0 - self.right) / self.clients))


@cache
def causes_of(feature: str) -> Mapping[str, float]:
    """The causes that a feature speaks of, with their shares."""
    declared = CATALOGUE[feature]
    columns = {column.split()[0]: cause for cause, names in COLUMNS_OF_CAUSES.items() for column in names}
    parts: list[Mapping[str, float]] = []
    for column in sorted(declared.columns):
        if column in CATALOGUE.names:
            parts.append(causes_of(column))
        elif declared.table in SINGLE_ROW and column in columns:
            parts.append({columns[column]: 1.0})
    if not parts:
        return {GROUP_CAUSES[declared.group]: 1.0}
    return {cause: sum(part.get(cause, 0.0) for part in parts) / len(parts) for cause in CAUSES}


def sums_by_cause(weights: Mapping[str, float]) -> Vector:
    """What an explanation ascribes to each of CAUSES: its weights by feature name, added up."""
    found = np.zeros(len(CAUSES))
    for feature, weight in weights.items():
        for cause, share in causes_of(feature).items():
            found[CAUSES.index(cause)] += share * weight
    return found


def count_right(said_by: str, named: Vector, truth: Vector) -> Naming:
    """How often the largest of `named` is the largest of `truth`; both (clients, causes), log-odds, higher is
    riskier."""
    return _counted(said_by, (named.argmax(axis=1) == truth.argmax(axis=1)).astype(np.float64), truth)


def by_chance(truth: Vector) -> tuple[Naming, Naming]:
    """How often it is right to name causes at random, as often as each is the first, and always the commonest."""
    first = truth.argmax(axis=1)
    share = np.bincount(first, minlength=len(CAUSES)) / len(first)
    constant = np.zeros_like(truth)
    constant[:, share.argmax()] = 1.0
    commonest = count_right(f"always “{CAUSES[int(share.argmax())]}”, the commonest", constant, truth)
    return _counted("chance", share[first], truth), commonest


def _counted(said_by: str, right: Vector, truth: Vector) -> Naming:
    """`right`: of each client, how probably the cause named is its first."""
    ordered = np.sort(truth, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] >= CLEAR
    where_clear = float(right[clear].mean()) if clear.any() else None
    return Naming(said_by, float(right.mean()), len(right), where_clear, int(clear.sum()))


def best_guess(features: pd.DataFrame, truth: pd.DataFrame, asked: pd.DataFrame) -> Vector:
    """What could be known at all: each cause as a model guesses it that was taught the truth of other clients.

    `features`, `truth`: those; `asked`: the features of the clients explained."""
    parameters = {
        "objective": "regression",
        "num_leaves": 15,
        "feature_fraction": 0.4,
        "learning_rate": 0.1,
        "verbosity": -1,
        "seed": 1,
        "num_threads": 2,
    }
    found = np.zeros((len(asked), len(CAUSES)))
    X, wanted = features.to_numpy(np.float32), asked.to_numpy(np.float32)
    for place, cause in enumerate(CAUSES):
        booster = lightgbm.train(parameters, lightgbm.Dataset(X, truth[cause].to_numpy()), ROUNDS)
        found[:, place] = booster.predict(wanted, num_threads=2)
    return found
