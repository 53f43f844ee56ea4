"""From features and known outcomes to a model version: the flow on one screen.

Belongs here: the order of the steps and what a version consists of. Does not: the steps themselves.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed_version

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from upath import UPath

import risk
from features import Catalogue
from model_store import declared, save
from model_store.scoring_model import ScoringModel
from risk.arrays import require_target
from training.figures import (
    band_table,
    calibration_table,
    cut_off_figures,
    metrics_over_folds,
    pooled_figures,
    published_probability,
)
from training.folds import Inputs, OutOfFold, fit_final, score_out_of_fold
from training.importance import example_client, global_importance, representative_rows, sample_rows
from training.note import LANGUAGES, write_note
from training.settings import TrainingSettings

Progress = Callable[[str, int, int], None]
PACKAGES = ("lightgbm", "numpy", "pandas", "pyarrow", "scikit-learn", "numba", "pret-scoring")
UNSAVED = "unsaved"
DIRECTION = {"higher": 1, "lower": -1, None: 0}


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A model that has no version yet, and the catalogue whose words its note is written in."""

    model: ScoringModel
    catalogue: Catalogue


def train_version(
    features: pd.DataFrame,
    target: pd.Series,
    catalogue: Catalogue,
    settings: TrainingSettings | None = None,
    data_fingerprint: str = "",
    progress: Progress | None = None,
) -> TrainedModel:
    """The model of these clients with everything a version holds; nothing is written.

    `features`: float32, index SK_ID_CURR, the catalogue's columns. `target`: 0 or 1, the same index. Only
    `catalogue.model_inputs` are used. `progress(step, done, of)` is called as the work goes on. Errors:
    ValueError saying what is wrong with clients, outcomes or columns.
    """
    settings = settings or TrainingSettings()
    progress = progress or (lambda step, done, total: None)
    inputs = build_inputs(features, target, catalogue, settings)
    outcome = inputs.target.astype(np.float64)

    scored = score_out_of_fold(inputs, settings, progress)
    calibration = _require_ranking(risk.fit_calibration(scored.raw_score, outcome))
    probability = published_probability(calibration, scored)
    chosen = risk.cheapest_cut_off(outcome, probability, settings.fn_cost, settings.fp_cost)
    metrics = metrics_over_folds(outcome, scored, settings)
    cost_error = metrics["cost_per_client"]["standard_error"]
    booster = fit_final(inputs, scored.trees, settings, progress)

    background = representative_rows(scored.raw_score, settings.background_clients, settings.seed)
    explained = sample_rows(settings.seed, len(outcome), settings.importance_clients)
    fitted = calibration.probability(
        np.asarray(booster.predict(inputs.matrix, raw_score=True, num_threads=1))
    )
    nearest = int(np.argmin(np.abs(fitted - chosen.cut_off)))
    metadata: dict[str, object] = {
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "training_data": {
            "fingerprint": data_fingerprint,
            "clients": len(outcome),
            "defaults": int(outcome.sum()),
            "default_rate": float(outcome.mean()),
        },
        "circumstances": {"threads": settings.threads},
        "settings": {name: value for name, value in asdict(settings).items() if name != "threads"},
        "constrained_features": sum(direction != 0 for direction in inputs.directions),
        "protected_features": [feature.name for feature in catalogue if feature.protected],
        "trees": {
            "final": scored.trees,
            "per_fold": list(scored.trees_of_fold),
            "grown": scored.loss.shape[1],
            "mean_loss": [float(value) for value in scored.loss.mean(axis=0)],
        },
        "metrics": metrics,
        "pooled": pooled_figures(outcome, scored, probability),
        "cut_off": cut_off_figures(outcome, probability, chosen, cost_error, settings),
        "calibration_table": calibration_table(outcome, probability),
        "band_table": band_table(outcome, probability, settings),
        "importance": global_importance(booster, inputs, explained),
        "importance_clients": len(explained),
        "example": example_client(booster, inputs, nearest, calibration),
        "packages": {
            "python": platform.python_version(),
            **{name: installed_version(name) for name in PACKAGES},
        },
    }
    model = ScoringModel(
        version=UNSAVED,
        booster=booster,
        feature_names=inputs.names,
        catalogue_hash=catalogue.hash,
        definitions=catalogue.definitions,
        calibration=calibration,
        cut_off=chosen.cut_off,
        review_from=_review_below(settings.review_from, chosen.cut_off),
        scale=settings.scale,
        bands=settings.bands,
        fn_cost=settings.fn_cost,
        fp_cost=settings.fp_cost,
        metadata=metadata,
        out_of_fold=_out_of_fold(features.index, inputs.target, probability, scored),
        background=pd.DataFrame(inputs.matrix[background], columns=list(inputs.names)),
        declarations=declared(catalogue).declarations,
    )
    return TrainedModel(model, catalogue)


def save_version(store: UPath, trained: TrainedModel) -> str:
    """The name of the new version in the store, its note in every language with it."""
    return save(
        store,
        trained.model,
        lambda model: {language: write_note(model, trained.catalogue, language) for language in LANGUAGES},
    )


def build_inputs(
    features: pd.DataFrame, target: pd.Series, catalogue: Catalogue, settings: TrainingSettings
) -> Inputs:
    """The model's inputs in the catalogue's order. Errors: ValueError naming what does not fit."""
    if not features.index.equals(target.index):
        raise ValueError(
            f"features have {len(features)} clients and the target {len(target)}, or in another order; "
            "expected the same index SK_ID_CURR"
        )
    if not features.index.is_unique:
        repeated = features.index[features.index.duplicated()][0]
        raise ValueError(f"client {repeated} occurs more than once, expected one row per client")
    names = tuple(catalogue.model_inputs)
    absent = [name for name in names if name not in features.columns]
    if absent:
        raise ValueError(f"features lack {len(absent)} model inputs, the first {absent[:5]}; build them all")
    outcome = require_target(target.to_numpy(dtype=np.float64))
    rarest = int(min(outcome.sum(), len(outcome) - outcome.sum()))
    if rarest < settings.folds:
        raise ValueError(
            f"{len(outcome)} clients with {int(outcome.sum())} defaults cannot fill {settings.folds} folds; "
            f"expected at least {settings.folds} defaults and as many good clients"
        )
    categorical = tuple(place for place, name in enumerate(names) if catalogue[name].categories)
    matrix = np.ascontiguousarray(features[list(names)].to_numpy(dtype=np.float32))
    directions = tuple(DIRECTION[catalogue[name].riskier] for name in names)
    return Inputs(matrix, outcome.astype(np.int8), names, categorical, directions)


def _require_ranking(calibration: risk.LogOddsCalibration) -> risk.LogOddsCalibration:
    if calibration.slope <= 0:
        raise ValueError(
            f"out of fold, higher raw scores do not mean more defaults (slope {calibration.slope:.3f}): "
            "these features say nothing about default on so few clients; train on more clients"
        )
    return calibration


def _review_below(review_from: float | None, cut_off: float) -> float | None:
    return None if review_from is None else min(review_from, cut_off)


def _out_of_fold(
    clients: pd.Index, target: NDArray[np.int8], probability: NDArray[np.float64], scored: OutOfFold
) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"target": target, "default_probability": probability, "fold": scored.fold},
        index=pd.Index(clients, name="SK_ID_CURR"),
    )
    return frame.sort_index()
