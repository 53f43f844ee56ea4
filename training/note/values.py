"""Every {name} that the note's texts may use, as text in the language; what was not measured is a dash.

Belongs here: which figure a name stands for. Does not: tables, charts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.formats import MISSING
from model_store.scoring_model import ScoringModel
from training.fairness import SMALLEST_JUDGED
from training.importance import CLEAR_DIRECTION
from training.note.words import candidate_name
from training.wording import Wording

SHOWN_FEATURES = 20
Values = dict[str, str]


def note_values(model: ScoringModel, words: Wording, texts: Mapping[str, Any]) -> Values:
    """All of them, for this model."""
    figures: Any = model.metadata
    cost = Costs(figures, words)
    return {
        **_of_training(model, figures, words, texts),
        **_of_decisions(model, figures, words, cost, texts),
        **_of_comparison(figures["history"].get("comparison"), words, cost, texts),
        **_of_tuning(figures["history"].get("tuning"), words, cost, texts),
        **_of_drift(figures["drift"], words),
        **dict.fromkeys(_FILLED_BEFORE, MISSING),
    }


_FILLED_BEFORE = (
    "sampled",
    "sampled_from",
)  # in phrases that are filled twice, for the comparison and the search


class Costs:
    """Costs per client as text: three decimals where good clients refused are counted, none in money."""

    def __init__(self, figures: Any, words: Wording) -> None:
        self.money = figures["settings"]["money"] is not None
        self.digits, self.words = (0 if self.money else 3), words

    def tell(self, value: float | None) -> str:
        return self.words.decimal(value, self.digits)

    def tick(self, value: float) -> str:
        return self.words.decimal(value, 0 if self.money else 2)

    def signed(self, value: float | None) -> str:
        return self.words.signed(value, self.digits)


def _of_training(model: ScoringModel, figures: Any, words: Wording, texts: Mapping[str, Any]) -> Values:
    settings, data, trees = figures["settings"], figures["training_data"], figures["trees"]
    people, per_fold = data["people"], trees["per_fold"]
    counts: dict[str, float] = {
        **settings["trees"],
        "clients": data["clients"],
        "defaults": data["defaults"],
        "features": len(model.feature_names),
        "constrained": figures["constrained_features"],
        "folds": settings["folds"],
        "trees": trees["final"],
        "grown": trees["grown"],
        "base_score": model.scale.base_score,
        "base_odds": model.scale.base_odds,
        "points_to_double": model.scale.points_to_double,
        "background": len(model.background),
        "importance_clients": figures["importance_clients"],
        "dependence_clients": settings["dependence_clients"],
        "shown": min(SHOWN_FEATURES, len(figures["importance"])),
        "groups": len(figures["calibration_table"]),
        "clear_direction": CLEAR_DIRECTION,
        "smallest_group": SMALLEST_JUDGED,
        "sharing_clients": people["sharing_clients"],
        "pairs": people["pairs"],
        "chance_pairs": people["chance_pairs"],
    }
    patience = settings["trees"]["patience"]
    stopped = (
        trees["grown"] - trees["final"] >= patience
    )  # else the most trees allowed were not enough to be sure
    method = figures["calibration"]["method"]
    points = words.integer(len(figures["calibration"].get("values", ())))
    left_out = [texts["fairness"]["characteristics"][name].lower() for name in figures["left_out"]]
    return {
        **{name: words.compact(value) for name, value in counts.items()},
        "grown_until": texts["method"]["stopped" if stopped else "exhausted"].format(
            patience=words.integer(patience)
        ),
        "version": model.version,
        "language": words.language,
        "catalogue_hash": model.catalogue_hash,
        "seed": str(settings["seed"]),
        "trees_range": f"{words.integer(min(per_fold))} – {words.integer(max(per_fold))}",
        "left_out": ", ".join(left_out),
        "curve": texts["calibration"]["methods"][method].format(points=points),
        "points": points,
        "method": texts["calibration"]["method_names"][method],
        "imbalance": texts["models"]["imbalances"][settings["imbalance"]],
        "directions": texts["models"]["with_directions"] if settings["constraints"] else str(texts["none"]),
    }


def _of_decisions(
    model: ScoringModel, figures: Any, words: Wording, cost: Costs, texts: Mapping[str, Any]
) -> Values:
    metrics, pooled, cut_off = figures["metrics"], figures["pooled"], figures["cut_off"]
    money = figures["settings"]["money"] or {"loss_given_default": None, "margin": None}
    shares: dict[str, float | None] = {
        "default_rate": figures["training_data"]["default_rate"],
        "cut_off": model.cut_off,
        "review_from": figures["settings"]["review_from"],
        "indifference": cut_off["indifference"]["cut_off"],
        "accepted_share": metrics["accepted_share"]["mean"],
        "default_rate_accepted": metrics["default_rate_accepted"]["mean"],
        "ece": pooled["calibration_error"],
        "ece_chance": pooled["calibration_error_by_chance"],
        "ece_folds": metrics["calibration_error"]["mean"],
        "flat_from": cut_off["within_one_error"]["from"],
        "flat_to": cut_off["within_one_error"]["to"],
        "sure_from": cut_off["interval"]["from"],
        "sure_to": cut_off["interval"]["to"],
        "example_probability": figures["example"]["probability"],
        "lgd": money["loss_given_default"],
        "margin": money["margin"],
    }
    costs = {
        "cost": metrics["cost_per_client"]["mean"],
        "cost_error": metrics["cost_per_client"]["standard_error"],
        "cost_accept_all": cut_off["accept_all"]["cost_per_client"],
        "cost_low": cut_off["cost_interval"]["from"],
        "cost_high": cut_off["cost_interval"]["to"],
    }
    measured = {
        "auc_pooled": pooled["auc"]["value"],
        "auc_low": pooled["auc"]["low"],
        "auc_high": pooled["auc"]["high"],
        "log_loss_base": pooled["log_loss_of_base_rate"],
        "example_raw": figures["example"]["raw_score"],
        "lime_r2": figures["example"]["lime"]["r2"],
        "lime_rank": figures["example"]["lime"]["rank_correlation"],
    }
    return {
        **{name: words.percent(value, 2) for name, value in shares.items()},
        **{name: cost.tell(value) for name, value in costs.items()},
        **{name: words.decimal(value, 3) for name, value in measured.items()},
        "draws": words.integer(cut_off["interval"]["draws"]),
        "fn_cost": words.compact(round(model.fn_cost, 2)),
        "fp_cost": words.compact(round(model.fp_cost, 2)),
        "unit": texts["units"]["money" if cost.money else "counts"],
    }


_COMPARED = ("candidates", "compare_folds", "compare_whom", "compared_at", "cheapest", "chosen", "leader",
             "leader_cost", "limit", "scorecard_cost", "scorecard_difference", "scorecard_error", "scorecard_auc",
             "scorecard_auc_error", "free_auc", "free_auc_error", "free_cost", "free_cost_error")  # fmt: skip


def _of_comparison(found: Any, words: Wording, cost: Costs, texts: Mapping[str, Any]) -> Values:
    if found is None:
        return dict.fromkeys(_COMPARED, MISSING)
    rows = {row["name"]: row for row in found["candidates"]}
    scorecard, leader = best_scorecard(found), min(found["candidates"], key=_cost)
    apart = found["differences"][scorecard["name"]]
    price = found["directions"]
    return {
        "candidates": words.integer(len(rows)),
        "compare_folds": words.integer(found["folds"]),
        "compare_whom": _whom(found["clients"], found["drawn_from"], words, texts),
        "compared_at": words.day(found["created_at"]),
        "cheapest": candidate_name(rows[found["choice"]["cheapest"]], texts),
        "chosen": candidate_name(rows[found["choice"]["chosen"]], texts),
        "limit": cost.tell(found["choice"]["limit"]),
        "leader": candidate_name(leader, texts),
        "leader_cost": cost.tell(_cost(leader)),
        "scorecard_cost": cost.tell(_cost(scorecard)),
        "scorecard_difference": cost.signed(apart["cost_per_client"]["mean"]),
        "scorecard_error": cost.tell(apart["cost_per_client"]["standard_error"]),
        "scorecard_auc": words.signed(apart["auc"]["mean"], 4),
        "scorecard_auc_error": words.decimal(apart["auc"]["standard_error"], 4),
        "free_auc": words.signed(price["auc"]["mean"], 4),
        "free_auc_error": words.decimal(price["auc"]["standard_error"], 4),
        "free_cost": cost.signed(price["cost_per_client"]["mean"]),
        "free_cost_error": cost.tell(price["cost_per_client"]["standard_error"]),
    }


def best_scorecard(found: Any) -> Any:
    """The scorecard of least cost in a comparison."""
    return min((row for row in found["candidates"] if row["family"] == "scorecard"), key=_cost)


def _cost(candidate: Any) -> float:
    return float(candidate["metrics"]["cost_per_client"]["mean"])


def _whom(clients: int, drawn_from: int, words: Wording, texts: Mapping[str, Any]) -> str:
    """On whom something was found: all clients with a known outcome, or some drawn from them."""
    told: str = texts["sample"]["everyone" if clients == drawn_from else "drawn"]
    return told.format(sampled=words.integer(clients), sampled_from=words.integer(drawn_from))


def _of_tuning(found: Any, words: Wording, cost: Costs, texts: Mapping[str, Any]) -> Values:
    names = (
        "trials",
        "tuned_whom",
        "tuned_at",
        "pruned",
        "first_cost",
        "best_cost",
        "best_number",
    )
    if found is None or found["best"] is None:
        return dict.fromkeys(names, MISSING)
    trials = found["trials"]
    return {
        "trials": words.integer(len(trials)),
        "tuned_whom": _whom(found["key"]["clients"], found["drawn_from"], words, texts),
        "tuned_at": words.day(found["created_at"]),
        "pruned": words.integer(sum(trial["cost"] is None for trial in trials)),
        "first_cost": cost.tell(trials[0]["cost"]),
        "best_cost": cost.tell(trials[found["best"]]["cost"]),
        "best_number": words.integer(found["best"] + 1),
    }


def _of_drift(found: Any, words: Wording) -> Values:
    if found is None:
        names = ("drift_clients", "drift_compared", "drift_score", "drift_remarkable", "drift_shifted")
        return dict.fromkeys(names, MISSING)
    return {
        "drift_clients": words.integer(found["clients"]),
        "drift_compared": words.integer(found["compared_with"]),
        "drift_score": words.decimal(found["score"], 3),
        "drift_remarkable": words.integer(found["remarkable"]),
        "drift_shifted": words.integer(found["shifted"]),
    }
