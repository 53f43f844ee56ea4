"""All candidates on the same folds, the choice among them, and the price of leaving characteristics out.

Belongs here: the comparison as one JSON document. Does not: fitting (candidates), the rule (choice).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pandas as pd

import risk
from features import Catalogue
from features.characteristics import NEVER_AN_INPUT, features_knowing, inputs_without
from training.calibrating import NothingLearned, choose_calibration
from training.candidates import CANDIDATES, Candidate, CandidateScores, score_candidate
from training.choice import choose_production, difference_over_folds
from training.fairness import Groups, fairness_figures, groups_of
from training.figures import metrics_over_folds
from training.folds import Progress
from training.importance import sample_rows
from training.inputs import Inputs, build_inputs
from training.settings import TrainingSettings

Json = dict[str, Any]
MOST_COMPARED = 40_000
SWITCHABLE = ("age", "family_status")
KEPT, FREE = Candidate("lightgbm", constraints=True), Candidate("lightgbm")
"""With and without the declared directions, nothing else different: what they cost."""


def compare_candidates(
    features: pd.DataFrame,
    target: pd.Series,
    catalogue: Catalogue,
    settings: TrainingSettings,
    progress: Progress,
    data_fingerprint: str = "",
    most_clients: int = MOST_COMPARED,
) -> Json:
    """The comparison on at most `most_clients` clients drawn by seed: figures of every candidate over folds, which
    one the rule picks and why, what the declared directions cost, what each characteristic is worth.

    Errors: ValueError for features and target that do not fit, or too few defaults.
    """
    rows = sample_rows(settings.seed, len(features), most_clients)
    sampled, outcome = features.iloc[rows], target.iloc[rows]
    inputs = build_inputs(sampled, outcome, catalogue, settings)
    others = _other_inputs(catalogue, settings)
    steps = len(CANDIDATES) + len(others)
    scored: dict[str, CandidateScores] = {}
    for candidate in CANDIDATES:
        scored[candidate.name] = score_candidate(candidate, inputs, settings)
        progress("compare", len(scored), steps)
    candidates = [_judged(candidate, inputs, scored[candidate.name]) for candidate in CANDIDATES]
    choice = choose_production(candidates)
    by_name = {row["name"]: row for row in candidates}
    chosen = next(candidate for candidate in CANDIDATES if candidate.name == choice.chosen)
    groups = groups_of(sampled, catalogue)
    worth = [_valued("base", inputs, scored[chosen.name], groups)]
    for name, names in others.items():
        changed = build_inputs(sampled, outcome, catalogue, settings, names)
        worth.append(_valued(name, changed, score_candidate(chosen, changed, settings), groups))
        progress("compare", len(candidates) + len(worth) - 1, steps)
    return {
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "data_fingerprint": data_fingerprint,
        "catalogue_hash": catalogue.hash,
        "purpose": settings.purpose,
        "clients": len(rows),
        "drawn_from": len(features),
        "defaults": int(inputs.target.sum()),
        "folds": settings.folds,
        "seed": settings.seed,
        "trees": asdict(settings.trees),
        "candidates": candidates,
        "choice": asdict(choice),
        "differences": {row["name"]: _apart(by_name[choice.chosen], row) for row in candidates},
        "directions": _apart(by_name[KEPT.name], by_name[FREE.name]),
        "characteristics": [{**row, "difference": _apart(worth[0], row)} for row in worth],
    }


def _apart(first: Json, second: Json) -> Json:
    """Second minus first on the same folds, in what decides."""
    return {
        metric: difference_over_folds(first["metrics"], second["metrics"], metric)
        for metric in ("cost_per_client", "auc")
    }


def _judged(candidate: Candidate, inputs: Inputs, scored: CandidateScores) -> Json:
    """A candidate's figures; each gets the calibration that its own folds choose."""
    choice = _calibrated(inputs, scored)
    method = None if choice is None else choice.method
    return {
        "name": candidate.name,
        "family": candidate.family,
        "imbalance": candidate.imbalance,
        "constraints": candidate.constraints,
        "calibration": method,
        "fit_seconds": scored.fit_seconds,
        "metrics": metrics_over_folds(inputs, scored.fold, scored.raw_score, method),
    }


def _calibrated(inputs: Inputs, scored: CandidateScores) -> risk.Calibration | None:
    """The calibration that the candidate's folds choose; None where its scores do not rise with risk, as the
    dummy's: on few clients a candidate may learn nothing, and that is its result."""
    try:
        return choose_calibration(inputs.outcome, scored.raw_score, scored.fold).calibration
    except NothingLearned:
        return None


def _other_inputs(catalogue: Catalogue, settings: TrainingSettings) -> dict[str, Sequence[str]]:
    """Names of the inputs without each characteristic that can be left out, and with gender."""
    base = inputs_without(catalogue, settings.without)
    found: dict[str, Sequence[str]] = {}
    for name in SWITCHABLE:
        without = set(features_knowing(catalogue, name)) & set(base)
        if without and len(without) < len(base):
            found[f"without {name}"] = [feature for feature in base if feature not in without]
    for name in NEVER_AN_INPUT:
        known = set(features_knowing(catalogue, name))
        if known:
            found[f"with {name}"] = [feature for feature in catalogue.names if feature in {*base, *known}]
    return found


def _valued(name: str, inputs: Inputs, scored: CandidateScores, groups: dict[str, Groups]) -> Json:
    """The chosen candidate on these inputs: figures, and the gaps between groups at its own cut-off."""
    choice = _calibrated(inputs, scored)
    calibration = choice or risk.LogOddsCalibration(slope=1.0, intercept=0.0)
    probability = calibration.probability(scored.raw_score)
    cut_off = risk.cheapest_cut_off(inputs.outcome, probability, inputs.fn_cost, inputs.fp_cost).cut_off
    fairness: Json = fairness_figures(groups, inputs.outcome, probability, cut_off)
    method = None if choice is None else choice.method
    return {
        "inputs": name,
        "features": len(inputs.names),
        "metrics": metrics_over_folds(inputs, scored.fold, scored.raw_score, method),
        "gaps": {characteristic: found["gaps"] for characteristic, found in fairness.items()},
    }
