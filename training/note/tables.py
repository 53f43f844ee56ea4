"""The note's tables: rows of cells as text.

Belongs here: what stands in which column. Does not: layout (templates/), charts (drawings).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from features import Catalogue
from features.texts import group_title
from model_store.scoring_model import ScoringModel
from training.note.values import SHOWN_FEATURES, Costs
from training.note.words import candidate_name
from training.wording import Wording

IN_PERCENT = ("accepted_share", "default_rate_accepted", "cut_off", "calibration_error")
SHOWN_TRIALS = 8
Rows = list[list[str]]
Tell = Callable[[float | None], str]


def headline(figures: Any, words: Wording, cost: Costs) -> list[str]:
    """AUC, cost, accepted share, default rate among accepted, each with its standard error."""
    found = figures["metrics"]
    return [
        _plus_minus(found["auc"], lambda value: words.decimal(value, 3)),
        _plus_minus(found["cost_per_client"], cost.tell),
        _plus_minus(found["accepted_share"], words.percent),
        _plus_minus(found["default_rate_accepted"], lambda rate: words.percent(rate, 2)),
    ]


def rule_rows(figures: Any, words: Wording, cost: Costs, texts: Any) -> Rows:
    """Decision rules beside each other."""
    return [
        [
            title,
            words.percent(found["cut_off"] if 0 < found["cut_off"] <= 1 else None, 2),
            cost.tell(found["cost_per_client"]),
            words.percent(found["accepted_share"]),
            words.percent(found["default_rate_accepted"]),
            words.integer(found["good_refused"]),
            words.integer(found["defaults_accepted"]),
        ]
        for name, title in texts["cost"]["rules"].items()
        if (found := figures["cut_off"].get(name)) is not None
    ]


def model_rows(figures: Any, words: Wording, cost: Costs, texts: Any) -> list[dict[str, Any]]:
    """Candidates of the last comparison, in the order they were tried; none without one."""
    found = figures["history"].get("comparison")
    rows = []
    for row in found["candidates"] if found else ():
        cells = [
            candidate_name(row, texts),
            *(
                _in_two_lines(row["metrics"][name], tell)
                for name, tell in _of_candidates(words, cost).items()
            ),
            words.decimal(row["fit_seconds"], 1),
        ]
        rows.append({"cells": cells, "chosen": row["name"] == found["choice"]["chosen"]})
    return rows


def _of_candidates(words: Wording, cost: Costs) -> dict[str, Tell]:
    """The measures of a candidate and how each is written."""
    three, four, percent = (
        (lambda value: words.decimal(value, 3)),
        (lambda value: words.decimal(value, 4)),
        (lambda value: words.percent(value, 2)),
    )
    ranking = {"auc": four, "gini": three, "ks": three, "average_precision": three}
    probabilities = {"log_loss": four, "brier": four, "calibration_error": percent}
    return {**ranking, **probabilities, "cost_per_client": cost.tell}


def trial_rows(figures: Any, words: Wording, cost: Costs) -> Rows:
    """The cheapest finished trials of the last search, the chosen one first."""
    found = figures["history"].get("tuning")
    if found is None or found["best"] is None:
        return []
    finished = [trial for trial in found["trials"] if trial["cost"] is not None]
    ordered = sorted(finished, key=lambda trial: (trial["number"] != found["best"], trial["cost"]))
    return [
        [
            words.integer(trial["number"] + 1),
            cost.tell(trial["cost"]),
            words.decimal(trial["log_loss"], 4),
            words.decimal(trial["auc"], 4),
            _settings(trial["parameters"], words),
        ]
        for trial in ordered[:SHOWN_TRIALS]
    ]


def metric_rows(figures: Any, words: Wording, cost: Costs, texts: Any) -> Rows:
    """This version's figures over folds."""
    rows = []
    for name, title in texts["results"]["metrics"].items():
        found = figures["metrics"][name]
        known = [value for value in found["per_fold"] if value is not None]
        values = [found["mean"], found["standard_error"], min(known, default=None), max(known, default=None)]
        rows.append([title, *(_metric(name, value, words, cost) for value in values)])
    return rows


def _metric(name: str, value: float | None, words: Wording, cost: Costs) -> str:
    if name == "cost_per_client" and cost.money:
        return cost.tell(value)
    return words.percent(value, 2) if name in IN_PERCENT else words.decimal(value, 4)


def method_rows(figures: Any, words: Wording, texts: Any) -> Rows:
    """Calibration methods that were tried."""
    return [
        [
            texts["calibration"]["method_names"][row["method"]],
            words.decimal(row["log_loss"], 5),
            words.signed(row["difference"], 5),
            words.decimal(row["error"], 5),
        ]
        for row in figures["calibration"]["tried"]
    ]


def calibration_rows(figures: Any, words: Wording) -> Rows:
    """Promised and observed default rates."""
    return [
        [
            words.integer(number),
            words.integer(row["clients"]),
            words.integer(row["defaults"]),
            words.percent(row["mean_probability"]),
            words.percent(row["observed_rate"]),
            words.span(row["low"], row["high"]),
        ]
        for number, row in enumerate(figures["calibration_table"], start=1)
    ]


def band_rows(figures: Any, words: Wording) -> Rows:
    """Risk bands."""
    return [
        [
            row["band"],
            words.percent(row["from"], 0),
            words.percent(row["to"], 0),
            words.integer(row["clients"]),
            words.percent(row["mean_probability"]),
            words.percent(row["observed_rate"]),
            words.span(row["low"], row["high"]),
        ]
        for row in figures["band_table"]
    ]


def importance_rows(figures: Any, catalogue: Catalogue, words: Wording, texts: Any) -> list[dict[str, Any]]:
    """The strongest features."""
    shown = figures["importance"][:SHOWN_FEATURES]
    strongest = max((row["mean_abs_shap"] for row in shown), default=0.0) or 1.0
    directions = texts["global"]["riskier"]
    return [
        {
            "feature": row["feature"],
            "meaning": catalogue[row["feature"]].text(words.language).meaning,
            "bar": f"{100 * row['mean_abs_shap'] / strongest:.0f}",
            "strength": f"{words.decimal(row['mean_abs_shap'], 3)} ± {words.decimal(row['error'], 3)}",
            "gain": f"{words.percent(row['gain_share'])} ± {words.percent(row['gain_error'])}",
            "shuffled": f"{words.signed(row['shuffled_loss'], 4)} ± {words.decimal(row['shuffled_error'], 4)}",
            "riskier": directions[row["riskier"] or "unclear"],
        }
        for row in shown
    ]


def family_rows(figures: Any, words: Wording) -> list[dict[str, str]]:
    """Families of features."""
    strongest = max((row["mean_abs_shap"] for row in figures["families"]), default=0.0) or 1.0
    return [
        {
            "family": group_title(row["group"], words.language),
            "features": words.integer(row["features"]),
            "bar": f"{100 * row['mean_abs_shap'] / strongest:.0f}",
            "strength": f"{words.decimal(row['mean_abs_shap'], 3)} ± {words.decimal(row['error'], 3)}",
        }
        for row in figures["families"]
    ]


def reproduction_rows(model: ScoringModel, figures: Any, words: Wording, texts: Any) -> Rows:
    """What it takes to make the same model again."""
    settings, history = figures["settings"], figures["history"]
    variant = {
        "family": "lightgbm",
        "constraints": settings["constraints"],
        "imbalance": settings["imbalance"],
    }
    calibration, told = figures["calibration"], texts["calibration"]
    numbers = [
        f"{told['numbers'][name]} {words.decimal(value, 5)}"
        for name, value in calibration.items()
        if name in told["numbers"]
    ]
    values = {
        "version": model.version,
        "created_at": words.minute(figures["created_at"]),
        "fingerprint": figures["training_data"]["fingerprint"] or texts["none"],
        "catalogue_hash": model.catalogue_hash,
        "seed": str(settings["seed"]),
        "variant": candidate_name(variant, texts),
        "settings": _settings(settings["trees"], words),
        "calibration": "; ".join([told["method_names"][calibration["method"]], *numbers]),
        "history": ", ".join(
            f"{texts['reproduction'][name]} {words.minute(found['created_at'])}"
            for name, found in history.items()
        )
        or texts["none"],
        "packages": ", ".join(f"{name} {found}" for name, found in figures["packages"].items()),
    }
    return [[title, values[name]] for name, title in texts["reproduction"]["rows"].items()]


def _settings(settings: Mapping[str, float], words: Wording) -> str:
    """Settings by LightGBM's own names: "num_leaves 15; lambda_l2 4,46"."""
    return "; ".join(f"{name} {words.compact(value)}" for name, value in settings.items())


def _plus_minus(found: Any, tell: Tell) -> str:
    return f"{tell(found['mean'])} ± {tell(found['standard_error'])}"


def _in_two_lines(found: Any, tell: Tell) -> str:
    return f"{tell(found['mean'])}\n± {tell(found['standard_error'])}"
