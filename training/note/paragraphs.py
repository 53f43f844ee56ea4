"""Which sentences a note has: they depend on what was measured and how the model was made.

Belongs here: the choice of texts per chapter. Does not: the texts, their figures (values).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from training.note.values import best_scorecard

Paragraphs = dict[str, list[str]]


def chosen_paragraphs(figures: Any, t: Any) -> Paragraphs:
    """Per chapter its paragraphs, in order. `t`: the texts, filled."""
    settings, comparison = figures["settings"], figures["history"].get("comparison")
    tuning, drift = figures["history"].get("tuning"), figures["drift"]
    recognised = figures["training_data"]["people"]["recognised"]
    costs = "money" if settings["money"] else "counts"
    searched = tuning is not None and tuning["best"] is not None
    return {
        **{name: t[name]["text"] for name in ("summary", "evaluation", "results", "local", "calibration")},
        "data": [*t["data"]["text"], t["data"]["people" if recognised else "nobody_shared"]],
        "method": [
            *t["method"]["text"],
            t["method"]["constrained" if settings["constraints"] else "free"],
            *t["method"]["folds"],
        ],
        "imbalance": [
            t["imbalance"][settings["imbalance"]],
            t["imbalance"]["compared" if comparison else "not_compared"],
        ],
        "cost": [
            t["cost"][costs],
            *t["cost"]["text"],
            t["cost"][f"distance_{costs}"],
            t["cost"]["expected"],
            *_of_review(figures, t["cost"]),
        ],
        "optimisation": [*t["optimisation"]["text"], t["optimisation"]["tuned" if searched else "not_tuned"]],
        "models": _of_comparison(figures, comparison, t["models"]),
        "bands": [*t["bands"]["text"], t["bands"]["in_order" if _in_order(figures) else "out_of_order"]],
        "global": t["global"]["text"],
        "fairness": t["fairness"]["text"],
        "drift": [*t["drift"]["text"], t["drift"]["measured" if drift else "not_measured"]],
        "limits": [*t["limits"]["text"], t["limits"][costs], t["limits"]["improve"]],
        "reproduction": t["reproduction"]["text"],
    }


def _in_order(figures: Any) -> bool:
    """Whether each band with clients has a higher default rate than the one before."""
    rates = [row["observed_rate"] for row in figures["band_table"] if row["observed_rate"] is not None]
    return all(safer < riskier for safer, riskier in pairwise(rates))


def _of_review(figures: Any, t: Any) -> list[str]:
    asked = figures["settings"]["review_from"]
    if asked is None:
        return []
    return [t["review" if asked < figures["cut_off"]["chosen"]["cut_off"] else "nobody_reviewed"]]


def _of_comparison(figures: Any, comparison: Any, t: Any) -> list[str]:
    if comparison is None:
        return [t["not_compared"]]
    same = comparison["data_fingerprint"] == figures["training_data"]["fingerprint"]
    cost = best_scorecard(comparison)["metrics"]["cost_per_client"]["mean"]
    return [
        *t["compared"],
        t["same_data" if same else "other_data"],
        t["as_good" if cost <= comparison["choice"]["limit"] else "not_as_good"],
        t["directions"],
    ]
