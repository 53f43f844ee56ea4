"""What a training measured, as JSON values: the only source of every number in the note.

Belongs here: figures from outcomes and out-of-fold scores. Does not: fitting (folds), wording (note).

Figures "per fold" are honest twice over: the score comes from a model without the fold, and so do the
calibration and the cut-off that it is judged with.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import risk
from risk import Calibration, CutOff
from training.folds import OutOfFold
from training.settings import TrainingSettings

Numbers = NDArray[np.float64]
Json = dict[str, object]
LOG_LOSS_FLOOR = 1e-15


def log_loss(target: Numbers, probability: Numbers) -> float:
    """Mean of -ln(probability given to what happened). Certain of nothing, 0.5 for all: 0.6931."""
    happened = np.where(target == 1, probability, 1 - probability)
    return float(-np.log(np.maximum(happened, LOG_LOSS_FLOOR)).mean())


def brier(target: Numbers, probability: Numbers) -> float:
    """Mean squared difference between outcome and probability. 0.5 for all: 0.25."""
    return float(np.mean((target - probability) ** 2))


def metrics_over_folds(
    target: Numbers, scored: OutOfFold, settings: TrainingSettings
) -> dict[str, dict[str, Any]]:
    """Per metric: mean over folds, standard error (sample deviation / sqrt(folds)), and each fold's value.

    Calibration and cut-off of a fold are fitted on the other folds' out-of-fold scores.
    """
    per_fold: dict[str, list[float]] = {}
    for number in range(settings.folds):
        held_out = scored.fold == number
        others = ~held_out
        calibration = risk.fit_calibration(scored.raw_score[others], target[others])
        cut_off = risk.cheapest_cut_off(
            target[others],
            calibration.probability(scored.raw_score[others]),
            settings.fn_cost,
            settings.fp_cost,
        ).cut_off
        probability = calibration.probability(scored.raw_score[held_out])
        for name, value in _fold_metrics(target[held_out], probability, cut_off, settings).items():
            per_fold.setdefault(name, []).append(value)
    return {name: mean_and_error(values) for name, values in per_fold.items()}


def _fold_metrics(
    target: Numbers, probability: Numbers, cut_off: float, settings: TrainingSettings
) -> dict[str, float]:
    accepted = probability < cut_off
    return {
        "auc": risk.auc(target, probability),
        "gini": risk.gini(target, probability),
        "ks": risk.ks(target, probability),
        "log_loss": log_loss(target, probability),
        "brier": brier(target, probability),
        "cost_per_client": risk.business_cost(
            target, probability, cut_off, settings.fn_cost, settings.fp_cost
        ),
        "accepted_share": float(accepted.mean()),
        "default_rate_accepted": float(target[accepted].mean()) if accepted.any() else float("nan"),
        "cut_off": cut_off,
    }


def mean_and_error(values: list[float]) -> dict[str, Any]:
    """{"mean", "standard_error", "per_fold"}; folds without a value (NaN) are left out of the mean."""
    known = [value for value in values if not np.isnan(value)]
    error = float(np.std(known, ddof=1) / np.sqrt(len(known))) if len(known) > 1 else None
    return {
        "mean": float(np.mean(known)) if known else None,
        "standard_error": error,
        "per_fold": [None if np.isnan(value) else value for value in values],
    }


def pooled_figures(target: Numbers, scored: OutOfFold, probability: Numbers) -> Json:
    """Figures over all clients at once: AUC with DeLong's interval, calibration error of cross-fitted
    probabilities (and of the published ones, fitted on the same clients)."""
    area = risk.auc_interval(target, scored.raw_score)
    crossed = np.empty_like(probability)
    for number in np.unique(scored.fold):
        others = scored.fold != number
        calibration = risk.fit_calibration(scored.raw_score[others], target[others])
        crossed[~others] = calibration.probability(scored.raw_score[~others])
    return {
        "auc": {"value": area.value, "low": area.low, "high": area.high, "level": area.level},
        "calibration_error": risk.expected_calibration_error(target, crossed),
        "calibration_error_published": risk.expected_calibration_error(target, probability),
        "log_loss_of_base_rate": log_loss(target, np.full_like(probability, target.mean())),
    }


def calibration_table(target: Numbers, probability: Numbers) -> list[Json]:
    """Ten bins of about equally many clients, safest first: promised and observed default rate."""
    curve = risk.reliability_curve(target, probability, bins=10)
    return [
        {
            "clients": int(curve.clients[row]),
            "defaults": int(curve.defaults[row]),
            "mean_probability": float(curve.mean_probability[row]),
            "observed_rate": float(curve.observed_rate[row]),
            "low": float(curve.low[row]),
            "high": float(curve.high[row]),
        }
        for row in range(len(curve.clients))
    ]


def band_table(target: Numbers, probability: Numbers, settings: TrainingSettings) -> list[Json]:
    """Per risk band, safest first: clients, mean probability, observed default rate (None: nobody in it)."""
    band = settings.bands.band(probability)
    rows: list[Json] = []
    lower = 0.0
    for name, upper in zip(settings.bands.names, settings.bands.upper_bounds, strict=True):
        inside = band == name
        clients, defaults = int(inside.sum()), int(target[inside].sum())
        low, high = risk.wilson_interval(defaults, clients)
        rows.append(
            {
                "band": name,
                "from": lower,
                "to": upper,
                "clients": clients,
                "mean_probability": float(probability[inside].mean()) if clients else None,
                "observed_rate": defaults / clients if clients else None,
                "low": float(low) if clients else None,
                "high": float(high) if clients else None,
            }
        )
        lower = upper
    return rows


def cut_off_figures(
    target: Numbers, probability: Numbers, chosen: CutOff, error: float, settings: TrainingSettings
) -> Json:
    """The chosen cut-off beside three others, and the cost curve, on the published probabilities.

    "within_one_error": the lowest and highest cut-off that cost at most `error` (the standard error of the
    cost over folds) more than the chosen one.
    """
    costs = (settings.fn_cost, settings.fp_cost)
    indifference = risk.indifference_probability(*costs)
    cut_offs = {
        "chosen": chosen.cut_off,
        "indifference": indifference,
        "accept_all": float(np.nextafter(1.0, 2.0)),
        "decline_all": 0.0,
    }
    every = risk.cost_curve(target, probability, *costs)
    near = every.cut_offs[every.cost_per_client <= chosen.cost_per_client + error]
    curve = risk.cost_curve(target, probability, *costs, points=200)
    shown = curve.cut_offs <= max(4 * indifference, 2 * chosen.cut_off)
    return {
        **{name: _at(target, probability, cut_off, settings) for name, cut_off in cut_offs.items()},
        "within_one_error": {"from": float(near[0]), "to": float(near[-1])},
        "curve": {
            "cut_off": [float(value) for value in curve.cut_offs[shown]],
            "cost_per_client": [float(value) for value in curve.cost_per_client[shown]],
        },
    }


def _at(target: Numbers, probability: Numbers, cut_off: float, settings: TrainingSettings) -> Json:
    accepted = probability < cut_off
    counts = risk.confusion(target, probability, cut_off)
    return {
        "cut_off": cut_off,
        "cost_per_client": risk.business_cost(
            target, probability, cut_off, settings.fn_cost, settings.fp_cost
        ),
        "accepted_share": float(accepted.mean()),
        "default_rate_accepted": float(target[accepted].mean()) if accepted.any() else None,
        "good_refused": counts.fp,
        "defaults_accepted": counts.fn,
    }


def published_probability(calibration: Calibration, scored: OutOfFold) -> Numbers:
    """Default probability of each training client as the night will publish it: out of fold, calibrated."""
    return calibration.probability(scored.raw_score)
