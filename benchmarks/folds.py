"""Sets of columns judged on the same folds with the same LightGBM, and the error of their difference.

Belongs here: fitting, AUC per fold, differences. Does not: which columns and clients there are (power).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import RepeatedStratifiedKFold

import risk

Mask = NDArray[np.bool_]
SEED, FOLDS = 20261123, 5
FIXED = {"objective": "binary", "seed": SEED, "deterministic": True, "force_row_wise": True, "verbosity": -1}


@dataclass(frozen=True)
class Trees:
    """One way to fit: LightGBM parameters and a number of rounds, fixed beforehand and the same for every set."""

    name: str
    rounds: int
    parameters: Mapping[str, float]

    @property
    def said(self) -> str:
        """Name, rounds and parameters in one line."""
        given = ", ".join(f"{name} {value:g}" for name, value in self.parameters.items())
        return f"{self.name}: {self.rounds} rounds" + (f", {given}" if given else "")


@dataclass(frozen=True, eq=False)
class Columns:
    """A set of columns for the same clients: what a model learns from.

    Codes of categories are numbers like any other: as LightGBM's own categories they cost AUC on few clients.
    directions: 1 where risk may only rise with a column, -1 only fall; 0 or left out: either.
    """

    name: str
    frame: pd.DataFrame
    directions: Mapping[str, int] = field(default_factory=dict)

    def fit_and_score(self, target: NDArray[np.int8], trees: Trees, train: Mask) -> NDArray[np.float64]:
        """Raw scores of the clients that are not in `train`, by a model of those that are."""
        matrix = self.frame.to_numpy()
        parameters = {**FIXED, **trees.parameters, "num_threads": 1}
        if self.directions:
            parameters["monotone_constraints"] = [self.directions.get(str(name), 0) for name in self.frame]
        data = lightgbm.Dataset(
            matrix[train],
            label=target[train],
            params=parameters,
        )
        booster = lightgbm.train(parameters, data, num_boost_round=trees.rounds)
        return np.asarray(booster.predict(matrix[~train], raw_score=True), dtype=np.float64)


@dataclass(frozen=True)
class Difference:
    """AUC of two sets on the same folds: means, mean difference and its standard error, plain and corrected.

    The plain error (deviation / sqrt(folds)) takes folds for independent samples; they share their training
    clients. Nadeau and Bengio (2003) correct it: variance * (1 / folds + test clients / training clients). With
    25 folds of 5 x 5 the corrected error is sqrt((1/25 + 1/4) / (1/25)) = 2.69 times the plain one.
    """

    ours: float
    theirs: float
    difference: float
    plain_error: float
    corrected_error: float

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float], folds: int = FOLDS) -> Difference:
        apart = np.asarray(ours) - np.asarray(theirs)
        variance, count = float(apart.var(ddof=1)), len(apart)
        return cls(
            float(np.mean(ours)),
            float(np.mean(theirs)),
            float(apart.mean()),
            float(np.sqrt(variance / count)),
            float(np.sqrt(variance * (1 / count + 1 / (folds - 1)))),
        )


def compare_sets(
    sets: Sequence[Columns],
    target: NDArray[np.int8],
    strata: NDArray[np.int8],
    groups: Mapping[str, Mask],
    trees: Trees,
    repeats: int,
    advance: Callable[[float], None],
) -> dict[tuple[str, str], list[float]]:
    """AUC of every fold by (set, group of clients), all sets on the same folds of the same `strata`."""
    splitter = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=repeats, random_state=SEED)
    splits = [_mask(len(target), train) for train, _ in splitter.split(target, strata)]

    def one(task: tuple[Columns, Mask]) -> dict[tuple[str, str], float]:
        columns, train = task
        scores = columns.fit_and_score(target, trees, train)
        advance(1)
        held_out = target[~train].astype(np.float64)
        return {
            (columns.name, name): risk.auc(held_out[group[~train]], scores[group[~train]])
            for name, group in groups.items()
        }

    found: dict[tuple[str, str], list[float]] = {}
    with ThreadPoolExecutor(2) as threads:
        for answer in threads.map(one, product(sets, splits)):
            for key, value in answer.items():
                found.setdefault(key, []).append(value)
    return found


def _mask(length: int, places: NDArray[np.intp]) -> Mask:
    mask = np.zeros(length, dtype=np.bool_)
    mask[places] = True
    return mask
