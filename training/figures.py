"""What a training measured, as JSON values: the only source of every number in the note.

Belongs here: figures from outcomes and out-of-fold scores. Does not: fitting (folds), wording (note).

Figures "per fold" are honest twice over: the score comes from a model without the fold, and so do the
calibration and the cut-off that it is judged with.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import risk
from risk import Calibration, CalibrationMethod, CutOff
from training.calibrating import Fold, cross_fitted
from training.inputs import Inputs, Numbers
from training.settings import TrainingSettings

Json = dict[str, Any]


def metrics_over_folds(
    inputs: Inputs, fold: Fold, raw_score: Numbers, method: CalibrationMethod | None
) -> dict[str, dict[str, Any]]:
    """Per metric: mean over folds, standard error (sample deviation / sqrt(folds)), and each fold's value.

    Calibration and cut-off of a fold are fitted on the other folds' out-of-fold scores. Without a method the
    scores are taken for the log-odds that they are, and decided at the equal-cost probability: that is for a model
    which says the same of everybody.
    """
    target = inputs.outcome
    per_fold: dict[str, list[float]] = {}
    for number in np.unique(fold):
        held_out, others = fold == number, fold != number
        calibration: Calibration = risk.LogOddsCalibration(slope=1.0, intercept=0.0)
        cut_off = risk.indifference_probability(*mean_costs(inputs))
        if method is not None:
            calibration = risk.FITS[method](raw_score[others], target[others])
            promised = calibration.probability(raw_score[others])
            cut_off = risk.cheapest_cut_off(
                target[others], promised, inputs.fn_cost[others], inputs.fp_cost[others]
            ).cut_off
        probability = calibration.probability(raw_score[held_out])
        for name, value in _fold_metrics(inputs, held_out, probability, cut_off).items():
            per_fold.setdefault(name, []).append(value)
    return {name: mean_and_error(values) for name, values in per_fold.items()}


def _fold_metrics(inputs: Inputs, rows: Any, probability: Numbers, cut_off: float) -> dict[str, float]:
    target, accepted = inputs.outcome[rows], probability < cut_off
    ranked = target.min() < target.max() and probability.min() < probability.max()
    area = risk.auc(target, probability) if ranked else 0.5
    return {
        "auc": area,
        "gini": 2 * area - 1,
        "ks": risk.ks(target, probability) if ranked else 0.0,
        "average_precision": risk.average_precision(target, probability),
        "log_loss": risk.log_loss(target, probability),
        "brier": risk.brier_score(target, probability),
        "calibration_error": risk.expected_calibration_error(target, probability),
        "cost_per_client": risk.business_cost(
            target, probability, cut_off, inputs.fn_cost[rows], inputs.fp_cost[rows]
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


def pooled_figures(
    inputs: Inputs, fold: Fold, raw_score: Numbers, probability: Numbers, method: CalibrationMethod
) -> Json:
    """Figures over all clients at once: AUC with DeLong's interval, calibration error of cross-fitted
    probabilities (of the published ones, fitted on the same clients; and of perfect ones, by chance)."""
    target = inputs.outcome
    area = risk.auc_interval(target, raw_score)
    crossed = cross_fitted(target, raw_score, fold, method)
    return {
        "auc": {"value": area.value, "low": area.low, "high": area.high, "level": area.level},
        "calibration_error": risk.expected_calibration_error(target, crossed),
        "calibration_error_published": risk.expected_calibration_error(target, probability),
        "calibration_error_by_chance": risk.chance_calibration_error(crossed),
        "log_loss_of_base_rate": risk.log_loss(target, np.full_like(probability, target.mean())),
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
    inputs: Inputs, probability: Numbers, chosen: CutOff, error: float, settings: TrainingSettings
) -> Json:
    """The chosen cut-off beside three others, its bootstrap interval, and the cost curve, on the published
    probabilities.

    "within_one_error": the lowest and highest cut-off that cost at most `error` (the standard error of the
    cost over folds) more than the chosen one.
    """
    target = inputs.outcome
    indifference = risk.indifference_probability(*mean_costs(inputs))
    cut_offs = {
        "chosen": chosen.cut_off,
        "indifference": indifference,
        "accept_all": float(np.nextafter(1.0, 2.0)),
        "decline_all": 0.0,
    }
    if settings.review_from is not None and settings.review_from < chosen.cut_off:
        cut_offs["review_from"] = settings.review_from
    every = risk.cost_curve(target, probability, inputs.fn_cost, inputs.fp_cost)
    near = every.cut_offs[every.cost_per_client <= chosen.cost_per_client + error]
    curve = risk.cost_curve(target, probability, inputs.fn_cost, inputs.fp_cost, points=200)
    shown = curve.cut_offs <= max(4 * indifference, 2 * chosen.cut_off)
    sure = risk.bootstrap_cut_off(target, probability, inputs.fn_cost, inputs.fp_cost, seed=settings.seed)
    return {
        **{name: _at(inputs, probability, cut_off) for name, cut_off in cut_offs.items()},
        "interval": {"from": sure.cut_off.low, "to": sure.cut_off.high, "draws": sure.draws},
        "cost_interval": {"from": sure.cost_per_client.low, "to": sure.cost_per_client.high},
        "within_one_error": {"from": float(near[0]), "to": float(near[-1])},
        "curve": {
            "cut_off": [float(value) for value in curve.cut_offs[shown]],
            "cost_per_client": [float(value) for value in curve.cost_per_client[shown]],
        },
    }


def mean_costs(inputs: Inputs) -> tuple[float, float]:
    """Mean cost of a default accepted over the defaults, of a good client refused over the good ones."""
    default = inputs.target == 1
    return float(inputs.fn_cost[default].mean()), float(inputs.fp_cost[~default].mean())


def _at(inputs: Inputs, probability: Numbers, cut_off: float) -> Json:
    target, accepted = inputs.outcome, probability < cut_off
    counts = risk.confusion(target, probability, cut_off)
    return {
        "cut_off": cut_off,
        "cost_per_client": risk.business_cost(target, probability, cut_off, inputs.fn_cost, inputs.fp_cost),
        "accepted_share": float(accepted.mean()),
        "default_rate_accepted": float(target[accepted].mean()) if accepted.any() else None,
        "good_refused": counts.fp,
        "defaults_accepted": counts.fn,
    }
