"""Out-of-fold scores of any candidate, and what fitting it cost.

Belongs here: one fit per fold whatever the kind. Does not: how LightGBM grows (folds), the scorecard (scorecard).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from training.candidates.listed import Candidate
from training.candidates.scorecard import fit_scorecard
from training.folds import assign_folds, score_out_of_fold
from training.inputs import Inputs, Numbers, Rows
from training.settings import TrainingSettings

Score = Callable[[NDArray[np.float32]], Numbers]
Fit = Callable[[Inputs, Rows, TrainingSettings], Score]
FOREST_TREES, FOREST_LEAF, FOREST_SHARE = 150, 30, 0.5
SUREST = 1e-4  # a forest's vote is kept this far from 0 and 1, where log-odds end


@dataclass(frozen=True, eq=False)
class CandidateScores:
    """Per client its fold and its raw score (log-odds) by a model without that fold; CPU seconds of one fit."""

    fold: NDArray[np.int8]
    raw_score: Numbers
    fit_seconds: float


def score_candidate(candidate: Candidate, inputs: Inputs, common: TrainingSettings) -> CandidateScores:
    """The candidate's out-of-fold scores on the folds of the common settings.

    `fit_seconds` is processor time, all threads together, so that other work on the machine does not count; for
    LightGBM the search for the number of trees is in it.
    """
    settings, begun = candidate.settings(common), time.process_time()
    if candidate.family == "lightgbm":
        scored = score_out_of_fold(inputs, settings, lambda step, done, total: None)
        fold, raw_score = scored.fold, scored.raw_score
    else:
        fold = assign_folds(inputs.target, settings.folds, settings.seed, inputs.people)
        raw_score = scores_of_folds(FITS[candidate.family], inputs, fold, settings)
    return CandidateScores(fold, raw_score, (time.process_time() - begun) / settings.folds)


def scores_of_folds(fit: Fit, inputs: Inputs, fold: NDArray[np.int8], settings: TrainingSettings) -> Numbers:
    """Raw score per client by the model of the other folds."""
    raw_score = np.empty(len(fold), dtype=np.float64)
    for number in range(settings.folds):
        rows = inputs.rows_learned_from(np.flatnonzero(fold != number), settings)
        held_out = fold == number
        raw_score[held_out] = fit(inputs, rows, settings)(inputs.matrix[held_out])
    return raw_score


def _fit_dummy(inputs: Inputs, rows: Rows, settings: TrainingSettings) -> Score:
    """The default rate for everyone."""
    rate = float(inputs.outcome[rows].mean())
    return lambda matrix: np.full(len(matrix), np.log(rate / (1 - rate)))


def _fit_forest(inputs: Inputs, rows: Rows, settings: TrainingSettings) -> Score:
    """Trees on half of the clients each, leaves of at least 30; missing values as they are."""
    forest = RandomForestClassifier(
        n_estimators=FOREST_TREES,
        min_samples_leaf=FOREST_LEAF,
        max_samples=max(1, round(FOREST_SHARE * len(rows))),
        class_weight="balanced" if settings.imbalance == "weighted" else None,
        random_state=settings.seed,
        n_jobs=settings.threads,
    ).fit(inputs.matrix[rows], inputs.target[rows])

    def score(matrix: NDArray[np.float32]) -> Numbers:
        vote = np.clip(forest.predict_proba(matrix)[:, 1], SUREST, 1 - SUREST)
        return np.asarray(np.log(vote / (1 - vote)), dtype=np.float64)

    return score


def _fit_scorecard(inputs: Inputs, rows: Rows, settings: TrainingSettings) -> Score:
    return fit_scorecard(inputs, rows, settings).raw_score


FITS: dict[str, Fit] = {"dummy": _fit_dummy, "scorecard": _fit_scorecard, "forest": _fit_forest}
"""How each family but LightGBM is fitted: inputs, rows and settings to a function that scores a matrix."""
