"""Out-of-fold scores: every client scored by a model that never saw its outcome; and the model of them all.

Belongs here: folds, the number of trees, the final model. Does not: probabilities, cut-off, figures.

The number of trees is itself learned from outcomes. Stopping a fold where its own held-out part is best would
make that fold's score look better than it is, so fold k stops where the mean loss of the OTHER folds is
lowest; the final model stops at the lowest mean loss of all. It grows beside the folds and is cut there, which is
the same as growing it to that number afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.inputs import Inputs, Numbers
from training.persons import People
from training.settings import TrainingSettings

Progress = Callable[[str, int, int], None]
Observe = Callable[[int, float], None]
"""Told after some rounds how many trees there are and the lowest mean held-out loss; may raise to stop it all."""
ROUNDS_AT_ONCE = 10
EVERYONE = -1  # the fold that no client is in: its model learns from all of them


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Per client its fold and raw score (log-odds) from a model fitted without that fold.

    `loss` is (folds, trees): log-loss of each fold's held-out part after each tree; `trees_of_fold` the
    number used for each fold, `trees` the number for the final model. `models`: the boosters of the folds, with
    all the trees they grew; `final` the model of all clients, if it was asked for.
    """

    fold: NDArray[np.int8]
    raw_score: Numbers
    loss: Numbers
    trees_of_fold: tuple[int, ...]
    trees: int
    models: tuple[lightgbm.Booster, ...] = ()
    final: lightgbm.Booster | None = None


def assign_folds(
    target: NDArray[np.int8], folds: int, seed: int, people: People | None = None
) -> NDArray[np.int8]:
    """Fold 0 … folds-1 per client, drawn by seed, with the same default rate in each (stratified).

    Clients that are one person share a fold. People are dealt like cards, sorted by their defaults and
    applications, so that folds differ by no more than a few clients.
    """
    everyone = np.arange(len(target)) if people is None else people
    _, person = np.unique(everyone, return_inverse=True)
    defaults, applications = np.bincount(person, weights=target), np.bincount(person)
    drawn = np.random.default_rng(seed).random(len(applications))
    dealt = np.lexsort((drawn, applications, defaults))
    fold_of_person = np.empty(len(dealt), dtype=np.int8)
    fold_of_person[dealt] = np.arange(len(dealt)) % folds
    return fold_of_person[person]


def score_out_of_fold(
    inputs: Inputs,
    settings: TrainingSettings,
    progress: Progress,
    observe: Observe | None = None,
    with_final: bool = False,
) -> OutOfFold:
    """All clients' out-of-fold raw scores; the models of the folds, and of all clients if asked for, grow at once.

    They stop once the mean held-out loss has not improved for `patience` trees.
    """
    fold = assign_folds(inputs.target, settings.folds, settings.seed, inputs.people)
    numbers = [*range(settings.folds), *([EVERYONE] if with_final else [])]
    with _side_by_side(settings) as pool:
        everyone = inputs.binned(inputs.parameters(settings, _threads_of_a_fold(settings)))
        growing = [_start(inputs, everyone, fold, number, settings) for number in numbers]
        del everyone
        loss = _grow(growing, settings, pool, progress, observe)
        trees_of_fold = tuple(
            int(np.argmin(np.delete(loss, number, axis=0).mean(axis=0))) + 1
            for number in range(settings.folds)
        )
        models = growing[: settings.folds]
        parts = pool.map(
            _score_held_out, repeat(inputs), repeat(fold), range(settings.folds), models, trees_of_fold
        )
        raw_score = np.empty(len(fold), dtype=np.float64)
        for number, part in enumerate(parts):
            raw_score[fold == number] = part
    trees = int(np.argmin(loss.mean(axis=0))) + 1
    final = _cut(growing[-1], trees) if with_final else None
    return OutOfFold(fold, raw_score, loss, trees_of_fold, trees, tuple(models), final)


def _cut(booster: lightgbm.Booster, trees: int) -> lightgbm.Booster:
    """The booster with its first `trees` trees, without reference to the training data."""
    return lightgbm.Booster(model_str=booster.model_to_string(num_iteration=trees))


def _side_by_side(settings: TrainingSettings) -> ThreadPoolExecutor:
    """Folds in threads of their own: LightGBM's own threads would wait for each other at every node, long on a
    machine with other work."""
    return ThreadPoolExecutor(settings.threads, initializer=_silence, initargs=(settings,))


def _silence(settings: TrainingSettings) -> None:
    """LightGBM keeps its log level per thread and takes it from the parameters of what the thread builds."""
    lightgbm.Dataset(np.zeros((2, 1)), params=settings.lightgbm(_threads_of_a_fold(settings))).construct()


def _threads_of_a_fold(settings: TrainingSettings) -> int:
    return max(1, settings.threads // settings.folds)


def _start(
    inputs: Inputs,
    everyone: lightgbm.Dataset,
    fold: NDArray[np.int8],
    number: int,
    settings: TrainingSettings,
) -> lightgbm.Booster:
    learned, judged = (
        inputs.rows_learned_from(np.flatnonzero(side), settings) for side in (fold != number, fold == number)
    )
    booster = lightgbm.Booster(
        inputs.parameters(settings, _threads_of_a_fold(settings)), inputs.part(everyone, learned, settings)
    )
    if number != EVERYONE:
        booster.add_valid(inputs.part(everyone, judged, settings), "held_out")
    return booster


def _grow(
    growing: Sequence[lightgbm.Booster],
    settings: TrainingSettings,
    pool: ThreadPoolExecutor,
    progress: Progress,
    observe: Observe | None,
) -> Numbers:
    """Held-out loss (folds, trees); a few rounds between looks at the mean. A model of everyone has no loss."""
    loss = np.empty((settings.folds, 0), dtype=np.float64)
    while (grown := loss.shape[1]) < settings.trees.max_trees:
        rounds = min(ROUNDS_AT_ONCE, settings.trees.max_trees - grown)
        more = list(pool.map(_grow_one, growing, repeat(rounds)))
        loss = np.column_stack([loss, np.array(more[: len(loss)], dtype=np.float64)])
        progress("folds", loss.shape[1], settings.trees.max_trees)
        mean = loss.mean(axis=0)
        if observe is not None:
            observe(len(mean), float(mean.min()))
        if len(mean) - 1 - int(np.argmin(mean)) >= settings.trees.patience:
            break
    return loss


def _grow_one(booster: lightgbm.Booster, rounds: int) -> list[float]:
    """Held-out loss after each round; NaN for a model that holds nobody out."""
    loss = []
    for _ in range(rounds):
        booster.update()
        held_out = booster.eval_valid()
        loss.append(float(held_out[0][2]) if held_out else float("nan"))
    return loss


def _score_held_out(
    inputs: Inputs, fold: NDArray[np.int8], number: int, booster: lightgbm.Booster, trees: int
) -> Numbers:
    raw = booster.predict(inputs.matrix[fold == number], raw_score=True, num_iteration=trees, num_threads=1)
    return np.asarray(raw, dtype=np.float64)
