"""Which features earn their place: missing, strength over folds against noise, redundancy, drift.

Belongs here: the figures of each feature and what they say of it. Does not: reading tables, the terminal (batch).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from explain import tree_shap
from features import Catalogue
from risk import psi
from training.folds import Progress, assign_folds
from training.inputs import Inputs, build_inputs
from training.settings import TrainingSettings

Numbers = NDArray[np.float64]
VARIED = 0.5  # a feature is varied if no value is held by more of the clients
Split = tuple[NDArray[np.intp], NDArray[np.intp], int]
"""Places of the clients a fit learns from, of those held out, and its seed."""


@dataclass(frozen=True)
class ReportSettings:
    """How the report is made, and from where on a figure counts against a feature.

    `noise`: shuffled copies of varied features that compete in every fit; a feature that in hardly any fit
    (`noise_below`) is stronger than nearly all of them (`noise_quantile`), and by itself does not rank
    (`ranks_from` standard errors), says nothing. `explained`: clients per fit over which strength is measured.
    """

    repeats: int = 2
    trees: int = 200
    noise: int = 40
    noise_quantile: float = 0.9
    noise_below: float = 0.25
    ranks_from: float = 3.0
    explained: int = 1000
    empty_from: float = 0.995
    redundant_from: float = 0.97
    drifts_from: float = 0.25
    training: TrainingSettings = field(default_factory=TrainingSettings)


def report_features(
    features: pd.DataFrame,
    target: pd.Series,
    unlabelled: pd.DataFrame,
    catalogue: Catalogue,
    progress: Progress,
    settings: ReportSettings | None = None,
) -> pd.DataFrame:
    """One row per model input, strongest first: feature, family, missing shares, AUC, importance, drift, finding.

    `importance` is the feature's share of the mean |SHAP value| of held-out clients, over repeats x folds, with
    its standard error; `above_noise` the share of these fits in which it was stronger than nearly all columns of
    noise; `auc` how well the known values alone rank (0.5 to 1) and `auc_z` how sure that is; `redundant_with` a
    stronger feature that says the same (Spearman); `drift` the PSI of clients without an outcome against those
    with one (NaN if there are none). `finding` is empty for a feature that earns its place.
    Errors: ValueError for features and target that do not fit, or too few defaults.
    """
    settings = settings or ReportSettings()
    inputs = build_inputs(features, target, catalogue, settings.training)
    matrix = inputs.matrix
    frequent = np.array([_most_frequent(matrix[:, column]) for column in range(matrix.shape[1])])
    varied = np.argsort(frequent, kind="stable")[: max(1, int((frequent < VARIED).sum()))]
    alone = [_auc(inputs.target, matrix[:, column]) for column in range(matrix.shape[1])]
    shares, above = _strength_over_folds(inputs, varied, settings, progress)
    found = pd.DataFrame(
        {
            "feature": inputs.names,
            "family": [catalogue[name].table for name in inputs.names],
            "missing_train": np.isnan(matrix).mean(axis=0),
            "missing_test": unlabelled[list(inputs.names)].isna().to_numpy().mean(axis=0)
            if len(unlabelled)
            else np.nan,
            "most_frequent": frequent,
            "auc": [auc for auc, _ in alone],
            "auc_z": [z for _, z in alone],
            "importance": shares.mean(axis=0),
            "importance_error": shares.std(axis=0, ddof=1) / np.sqrt(len(shares)),
            "above_noise": above.mean(axis=0),
            "drift": [_drift(features[name], unlabelled) for name in inputs.names],
        }
    ).sort_values("importance", ascending=False, kind="stable", ignore_index=True)
    found["redundant_with"] = _redundant_with(found["feature"].tolist(), features, catalogue, settings)
    found["finding"] = [_finding(row, settings) for _, row in found.iterrows()]
    return found


def _strength_over_folds(
    inputs: Inputs, varied: NDArray[np.intp], settings: ReportSettings, progress: Progress
) -> tuple[Numbers, NDArray[np.bool_]]:
    """(fits, features): share of the strength, and whether it is above that of nearly all columns of noise."""
    fits = settings.repeats * settings.training.folds
    shares, above = [], []
    with ThreadPoolExecutor(settings.training.threads) as pool:
        found = pool.map(lambda split: _strength(inputs, varied, split, settings), _splits(inputs, settings))
        for number, strength in enumerate(found):
            real, noise = strength[: len(inputs.names)], strength[len(inputs.names) :]
            shares.append(real / max(float(real.sum()), np.finfo(np.float64).tiny))
            above.append(real > np.quantile(noise, settings.noise_quantile))
            progress("importance", number + 1, fits)
    return np.array(shares), np.array(above)


def _splits(inputs: Inputs, settings: ReportSettings) -> Iterator[Split]:
    for repeat in range(settings.repeats):
        seed = settings.training.seed + repeat
        fold = assign_folds(inputs.target, settings.training.folds, seed, inputs.people)
        for number in range(settings.training.folds):
            yield np.flatnonzero(fold != number), np.flatnonzero(fold == number), seed * 100 + number


def _strength(inputs: Inputs, varied: NDArray[np.intp], split: Split, settings: ReportSettings) -> Numbers:
    """Mean |SHAP| per feature, then per column of noise, of some held-out clients."""
    train, held_out, seed = split
    rng = np.random.default_rng(seed)
    copied = rng.choice(varied, settings.noise)
    noise = np.column_stack([rng.permutation(inputs.matrix[:, column]) for column in copied])
    matrix = np.hstack([inputs.matrix, noise])
    names = [*inputs.names, *(f"noise_{number}" for number in range(settings.noise))]
    parameters = settings.training.lightgbm(threads=1)  # the fits run side by side
    data = lightgbm.Dataset(
        matrix[train],
        label=inputs.target[train],
        feature_name=names,
        params=parameters,
    )
    booster = lightgbm.train(parameters, data, num_boost_round=settings.trees)
    shown = rng.permutation(held_out)[: settings.explained]
    contributions = tree_shap(booster, matrix[shown].astype(np.float64))[:, :-1]
    strength: Numbers = np.abs(contributions).mean(axis=0)
    return strength


def _most_frequent(values: NDArray[np.float32]) -> float:
    """Share of the clients that have the most frequent known value."""
    known = values[~np.isnan(values)]
    return float(np.unique(known, return_counts=True)[1].max() / len(values)) if len(known) else 0.0


def _auc(target: NDArray[np.int8], values: NDArray[np.float32]) -> tuple[float, float]:
    """How well the known values alone rank, in whichever direction, and how many standard errors that is from
    ranking at random (Mann and Whitney 1947); NaN where one outcome only is known."""
    known = ~np.isnan(values)
    bad = int(target[known].sum())
    good = int(known.sum()) - bad
    if not bad or not good:
        return float("nan"), float("nan")
    auc = float(roc_auc_score(target[known], values[known]))
    return max(auc, 1 - auc), abs(auc - 0.5) / np.sqrt((bad + good + 1) / (12 * bad * good))


def _drift(values: pd.Series, unlabelled: pd.DataFrame) -> float:
    return psi(values, unlabelled[values.name]) if len(unlabelled) else float("nan")


def _redundant_with(
    strongest_first: list[str], features: pd.DataFrame, catalogue: Catalogue, settings: ReportSettings
) -> list[str]:
    """For each feature a stronger one that ranks the clients alike and is missing for the same; else empty."""
    numbers = features[strongest_first]
    alike = numbers.rank().corr(min_periods=30).abs().to_numpy() >= settings.redundant_from
    missing = numbers.isna().to_numpy(np.float32)
    differs = missing.T @ (1 - missing)
    together = (differs + differs.T) / len(numbers) <= 1 - settings.redundant_from
    coded = np.array([bool(catalogue[name].categories) for name in strongest_first])
    same = alike & together & ~coded[:, None] & ~coded[None, :]
    leaders: list[int] = []
    answer = []
    for place in range(len(strongest_first)):
        leader = next((other for other in leaders if same[place, other]), None)
        answer.append("" if leader is None else strongest_first[leader])
        if leader is None:
            leaders.append(place)
    return answer


def _finding(row: pd.Series, settings: ReportSettings) -> str:
    """What speaks against the feature, most serious first; empty if nothing does."""
    if max(row["missing_train"], row["most_frequent"]) >= settings.empty_from:
        return "empty"
    if row["redundant_with"]:
        return f"as {row['redundant_with']}"
    if row["drift"] >= settings.drifts_from:
        return "drifts"
    silent = row["above_noise"] < settings.noise_below and not row["auc_z"] >= settings.ranks_from
    return "noise" if silent else ""
