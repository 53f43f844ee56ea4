"""From features and known outcomes to a model version: the flow on one screen.

Belongs here: the order of the steps and what a version consists of. Does not: the steps themselves.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from upath import UPath

import risk
from features import Catalogue
from features.characteristics import NEVER_AN_INPUT
from model_store import declared, save
from model_store.scoring_model import ScoringModel
from risk import calibration_document
from training.calibrating import CalibrationChoice, choose_calibration
from training.dependence import partial_dependence
from training.drift import drift_figures
from training.example import explained_client, nearest_to_cut_off
from training.fairness import fairness_figures, groups_of
from training.figures import (
    band_table,
    calibration_table,
    cut_off_figures,
    mean_costs,
    metrics_over_folds,
    pooled_figures,
)
from training.folds import OutOfFold, Progress, score_out_of_fold
from training.importance import (
    HeldOut,
    family_importance,
    global_importance,
    representative_rows,
)
from training.inputs import Inputs, Numbers, Rows, build_inputs
from training.note import LANGUAGES, write_card, write_note
from training.persons import count_shared
from training.settings import TrainingSettings

PACKAGES = ("lightgbm", "numpy", "pandas", "pyarrow", "scikit-learn", "numba", "pret-scoring")
UNSAVED = "unsaved"
DEPENDENCES = 10
Json = dict[str, Any]


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
    unlabelled: pd.DataFrame | None = None,
    history: Mapping[str, Any] | None = None,
) -> TrainedModel:
    """The model of these clients with everything a version holds; nothing is written.

    `features`: float32, index SK_ID_CURR, the catalogue's columns. `target`: 0 or 1, the same index. Only
    `catalogue.model_inputs` are used. `unlabelled`: features of clients whose outcome is unknown, for the drift.
    `history`: the last comparison and tuning as stored, for the note. `progress(step, done, of)` is called as
    the work goes on. Errors: ValueError saying what is wrong with clients, outcomes or columns.
    """
    settings = settings or TrainingSettings()
    progress = progress or (lambda step, done, total: None)
    inputs = build_inputs(features, target, catalogue, settings)

    scored = score_out_of_fold(inputs, settings, progress, with_final=True)
    booster = _require_final(scored)
    choice = choose_calibration(inputs.outcome, scored.raw_score, scored.fold, settings.calibration)
    probability = choice.calibration.probability(scored.raw_score)
    chosen = risk.cheapest_cut_off(inputs.outcome, probability, inputs.fn_cost, inputs.fp_cost)
    shown = representative_rows(scored.raw_score, settings.dependence_clients, settings.seed + 1)

    metadata: Json = {
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "training_data": {
            "fingerprint": data_fingerprint,
            "clients": len(inputs.target),
            "defaults": int(inputs.target.sum()),
            "default_rate": float(inputs.outcome.mean()),
            "people": asdict(count_shared(features, settings.seed)),
        },
        "circumstances": {"threads": settings.threads},
        "settings": {name: value for name, value in asdict(settings).items() if name != "threads"},
        "constrained_features": sum(direction != 0 for direction in inputs.directions),
        "protected_features": [name for name in catalogue.names if name not in inputs.names],
        "left_out": list(dict.fromkeys([*NEVER_AN_INPUT, *settings.without])),
        "trees": _tree_figures(scored),
        **_measured(inputs, scored, choice, probability, chosen, settings),
        "fairness": fairness_figures(
            groups_of(features, catalogue), inputs.outcome, probability, chosen.cut_off
        ),
        **_interpreted(inputs, scored, booster, choice, shown, catalogue, settings, progress),
        "drift": _drift(inputs, booster, choice, probability, unlabelled, settings),
        "history": dict(history or {}),
        "packages": {
            "python": platform.python_version(),
            **{name: installed_version(name) for name in PACKAGES},
        },
    }
    fn_cost, fp_cost = mean_costs(inputs)
    background = representative_rows(scored.raw_score, settings.background_clients, settings.seed)
    model = ScoringModel(
        version=UNSAVED,
        booster=booster,
        feature_names=inputs.names,
        catalogue_hash=catalogue.hash,
        definitions=catalogue.definitions,
        calibration=choice.calibration,
        cut_off=chosen.cut_off,
        review_from=None if settings.review_from is None else min(settings.review_from, chosen.cut_off),
        scale=settings.scale,
        bands=settings.bands,
        fn_cost=fn_cost,
        fp_cost=fp_cost,
        metadata=metadata,
        out_of_fold=_out_of_fold(features.index, inputs, probability, scored, settings.money is not None),
        background=_clients(inputs, background),
        declarations=declared(catalogue).declarations,
    )
    example = explained_client(model, nearest_to_cut_off(model, _clients(inputs, shown)))
    return TrainedModel(replace(model, metadata={**metadata, "example": example}), catalogue)


def _clients(inputs: Inputs, rows: Rows) -> pd.DataFrame:
    """Model inputs of some clients, float32, without identifiers."""
    return pd.DataFrame(inputs.matrix[rows], columns=list(inputs.names))


def save_version(store: UPath, trained: TrainedModel) -> str:
    """The name of the new version in the store, its note and model card in every language with it."""
    return save(store, trained.model, lambda model: _pages(model, trained.catalogue))


def _pages(model: ScoringModel, catalogue: Catalogue) -> dict[str, str]:
    """The note and the model card in every language."""
    pages: dict[str, str] = {language: write_note(model, catalogue, language) for language in LANGUAGES}
    return {**pages, **{f"model_card.{language}.md": write_card(model, language) for language in LANGUAGES}}


def _require_final(scored: OutOfFold) -> lightgbm.Booster:
    if scored.final is None:
        raise RuntimeError("the folds were grown without the model of all clients")
    return scored.final


def _tree_figures(scored: OutOfFold) -> Json:
    return {
        "final": scored.trees,
        "per_fold": list(scored.trees_of_fold),
        "grown": scored.loss.shape[1],
        "mean_loss": [float(value) for value in scored.loss.mean(axis=0)],
    }


def _measured(
    inputs: Inputs,
    scored: OutOfFold,
    choice: CalibrationChoice,
    probability: Numbers,
    chosen: risk.CutOff,
    settings: TrainingSettings,
) -> Json:
    """How good the model is: ranking, probabilities, decisions."""
    method = choice.calibration.method
    metrics = metrics_over_folds(inputs, scored.fold, scored.raw_score, method)
    error = metrics["cost_per_client"]["standard_error"]
    return {
        "metrics": metrics,
        "pooled": pooled_figures(inputs, scored.fold, scored.raw_score, probability, method),
        "cut_off": cut_off_figures(inputs, probability, chosen, error, settings),
        "calibration": {
            **calibration_document(choice.calibration),
            "tried": [
                {
                    "method": name,
                    "log_loss": choice.log_loss[name],
                    "difference": choice.difference[name],
                    "error": choice.error[name],
                }
                for name in choice.log_loss
            ],
        },
        "calibration_table": calibration_table(inputs.outcome, probability),
        "band_table": band_table(inputs.outcome, probability, settings),
    }


def _interpreted(
    inputs: Inputs,
    scored: OutOfFold,
    booster: lightgbm.Booster,
    choice: CalibrationChoice,
    shown: Rows,
    catalogue: Catalogue,
    settings: TrainingSettings,
    progress: Progress,
) -> Json:
    """What the model relies on: importance over folds, partial dependence over the clients at `shown`."""
    held_out = HeldOut(inputs, scored, settings, choice.calibration)
    importance = global_importance(booster, held_out, progress)
    strongest = [str(row["feature"]) for row in importance[:DEPENDENCES]]
    return {
        "importance": importance,
        "importance_clients": sum(len(found) for found in held_out.contributions),
        "families": family_importance(held_out, catalogue),
        "dependence": partial_dependence(booster, inputs, shown, strongest, choice.calibration),
    }


def _drift(
    inputs: Inputs,
    booster: lightgbm.Booster,
    choice: CalibrationChoice,
    probability: Numbers,
    unlabelled: pd.DataFrame | None,
    settings: TrainingSettings,
) -> Json | None:
    """None where no client without an outcome was given."""
    if unlabelled is None or not len(unlabelled):
        return None
    matrix = unlabelled[list(inputs.names)].to_numpy(dtype=np.float32)
    raw = np.asarray(booster.predict(matrix, raw_score=True, num_threads=settings.threads))
    return drift_figures(inputs, probability, unlabelled, choice.calibration.probability(raw), settings.seed)


def _out_of_fold(
    clients: pd.Index, inputs: Inputs, probability: Numbers, scored: OutOfFold, in_money: bool
) -> pd.DataFrame:
    """What clients are published and versions compared with; amounts where each client has its own."""
    amounts = {} if not in_money else {"fn_cost": inputs.fn_cost, "fp_cost": inputs.fp_cost}
    frame = pd.DataFrame(
        {"target": inputs.target, "default_probability": probability, "fold": scored.fold, **amounts},
        index=pd.Index(clients, name="SK_ID_CURR"),
    )
    return frame.sort_index()
