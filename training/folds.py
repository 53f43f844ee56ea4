"""Out-of-fold scores: every client scored by a model that never saw its outcome.

Belongs here: folds, the number of trees, the final fit. Does not: probabilities, cut-off, figures.

The number of trees is itself learned from outcomes. Stopping a fold where its own held-out part is best would
make that fold's score look better than it is, so fold k stops where the mean loss of the OTHER folds is
lowest; the final model stops at the lowest mean loss of all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from training.settings import TrainingSettings

Progress = Callable[[str, int, int], None]
Numbers = NDArray[np.float64]
ROUNDS_AT_ONCE = 10
SMALL_MATRIX = (
    5_000_000  # cells up to which one thread fits a tree faster than several that wait for each other
)


@dataclass(frozen=True)
class Inputs:
    """What a model learns from: float32 (clients, features), outcomes 0/1, names, positions of categories.

    `directions`: per feature 1 where risk may only rise with it, -1 only fall, 0 where either is learned.
    """

    matrix: NDArray[np.float32]
    target: NDArray[np.int8]
    names: tuple[str, ...]
    categorical: tuple[int, ...]
    directions: tuple[int, ...]

    def parameters(self, settings: TrainingSettings, threads: int) -> dict[str, object]:
        """LightGBM's parameters, with the directions it must keep to."""
        return {**settings.lightgbm(threads), "monotone_constraints": list(self.directions)}

    def dataset(
        self,
        rows: NDArray[np.intp],
        parameters: Mapping[str, object],
        reference: lightgbm.Dataset | None = None,
    ) -> lightgbm.Dataset:
        """These rows as LightGBM reads them, binned like `reference` if one is given.

        Built without `parameters` (num_threads), it would reset the threads of every booster in the process.
        """
        return lightgbm.Dataset(
            self.matrix[rows],
            label=self.target[rows],
            feature_name=list(self.names),
            categorical_feature=list(self.categorical),
            reference=reference,
            params=dict(parameters),
        )


@dataclass(frozen=True)
class OutOfFold:
    """Per client its fold and raw score (log-odds) from a model fitted without that fold.

    `loss` is (folds, trees): log-loss of each fold's held-out part after each tree; `trees_of_fold` the
    number used for each fold, `trees` the number for the final model.
    """

    fold: NDArray[np.int8]
    raw_score: Numbers
    loss: Numbers
    trees_of_fold: tuple[int, ...]
    trees: int


def assign_folds(target: NDArray[np.int8], folds: int, seed: int) -> NDArray[np.int8]:
    """Fold 0 … folds-1 per client, drawn by seed, with the same default rate in each (stratified)."""
    fold = np.zeros(len(target), dtype=np.int8)
    splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)
    for number, (_, held_out) in enumerate(splitter.split(np.zeros(len(target)), target)):
        fold[held_out] = number
    return fold


def score_out_of_fold(inputs: Inputs, settings: TrainingSettings, progress: Progress) -> OutOfFold:
    """All clients' out-of-fold raw scores; the models of the folds grow side by side.

    They stop once the mean held-out loss has not improved for `patience` trees.
    """
    fold = assign_folds(inputs.target, settings.folds, settings.seed)
    growing = [_start(inputs, fold, number, settings) for number in range(settings.folds)]
    loss = _grow(growing, settings, progress)
    trees_of_fold = tuple(
        int(np.argmin(np.delete(loss, number, axis=0).mean(axis=0))) + 1 for number in range(settings.folds)
    )
    raw_score = np.empty(len(fold), dtype=np.float64)
    for number, (booster, trees) in enumerate(zip(growing, trees_of_fold, strict=True)):
        held_out = fold == number
        raw_score[held_out] = booster.predict(
            inputs.matrix[held_out], raw_score=True, num_iteration=trees, num_threads=1
        )
    return OutOfFold(fold, raw_score, loss, trees_of_fold, int(np.argmin(loss.mean(axis=0))) + 1)


def _start(
    inputs: Inputs, fold: NDArray[np.int8], number: int, settings: TrainingSettings
) -> lightgbm.Booster:
    parameters = inputs.parameters(settings, _threads_of_a_fold(settings))
    train = inputs.dataset(np.flatnonzero(fold != number), parameters)
    booster = lightgbm.Booster(parameters, train)
    booster.add_valid(inputs.dataset(np.flatnonzero(fold == number), parameters, train), "held_out")
    return booster


def _grow(growing: Sequence[lightgbm.Booster], settings: TrainingSettings, progress: Progress) -> Numbers:
    """Held-out loss (folds, trees). Folds grow in threads of their own, a few rounds between looks at the mean:
    LightGBM's own threads would wait for each other at every node, long on a machine with other work."""
    loss = np.empty((len(growing), 0), dtype=np.float64)
    with ThreadPoolExecutor(settings.threads, initializer=_silence, initargs=(settings,)) as folds:
        while (grown := loss.shape[1]) < settings.trees.max_trees:
            rounds = min(ROUNDS_AT_ONCE, settings.trees.max_trees - grown)
            more = list(folds.map(_grow_one, growing, repeat(rounds)))
            loss = np.column_stack([loss, np.array(more, dtype=np.float64)])
            progress("folds", loss.shape[1], settings.trees.max_trees)
            if loss.shape[1] - 1 - int(np.argmin(loss.mean(axis=0))) >= settings.trees.patience:
                break
    return loss


def _silence(settings: TrainingSettings) -> None:
    """LightGBM keeps its log level per thread and takes it from the parameters of what the thread builds."""
    lightgbm.Dataset(np.zeros((2, 1)), params=settings.lightgbm(_threads_of_a_fold(settings))).construct()


def _threads_of_a_fold(settings: TrainingSettings) -> int:
    return max(1, settings.threads // settings.folds)


def _grow_one(booster: lightgbm.Booster, rounds: int) -> list[float]:
    loss = []
    for _ in range(rounds):
        booster.update()
        loss.append(float(booster.eval_valid()[0][2]))
    return loss


def fit_final(inputs: Inputs, trees: int, settings: TrainingSettings, progress: Progress) -> lightgbm.Booster:
    """The model of all clients with `trees` trees, without reference to the training data."""
    parameters = inputs.parameters(settings, settings.threads if inputs.matrix.size > SMALL_MATRIX else 1)
    everyone = np.arange(len(inputs.target))
    booster = lightgbm.Booster(parameters, inputs.dataset(everyone, parameters))
    for count in range(1, trees + 1):
        booster.update()
        progress("final model", count, trees)
    return lightgbm.Booster(model_str=booster.model_to_string(num_iteration=-1))
