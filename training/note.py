"""The methodological note of a version: measured figures put into words, in French and English.

Belongs here: which figure stands where. Does not: sentences (texts/), layout (templates/), measuring.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from features import Catalogue
from features.texts import category_text, unit_text
from model_store.scoring_model import ScoringModel
from risk import calibration_document
from training.charts import Axis, interval_chart, line_chart
from training.importance import CLEAR_DIRECTION
from training.wording import Language, Wording

LANGUAGES: tuple[Language, ...] = ("en", "fr")
SHOWN_FEATURES = 20
FIGURE_DIGITS = {"accepted_share": None, "default_rate_accepted": None, "cut_off": None}  # None: in percent
Rows = list[list[str]]


def write_note(model: ScoringModel, catalogue: Catalogue, language: Language = "en") -> str:
    """The note as one self-contained HTML page; every figure in it is the model's or its metadata's."""
    words, texts = Wording(language), read_texts(language)
    figures: Any = model.metadata
    values = _values(model, figures, words, texts)
    page = Environment(
        loader=PackageLoader("training"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    ).get_template("note.html.j2")
    return page.render(
        t=_filled(texts, values),
        version=model.version,
        headline=_headline(figures, words),
        rules=_rule_rows(figures, words, texts),
        cost_chart=_cost_chart(figures, words, texts),
        metrics=_metric_rows(figures, words, texts),
        calibration=_calibration_rows(figures, words),
        calibration_chart=_calibration_chart(figures, words, texts),
        bands=_band_rows(figures, words),
        importance=_importance_rows(figures, catalogue, words, texts),
        example=_example_rows(figures, catalogue, words, texts),
        reproduction=_reproduction_rows(model, figures, words, texts),
    )


@cache
def read_texts(language: Language) -> dict[str, Any]:
    """The note's words in a language, as written in texts/note.LANGUAGE.toml."""
    path = Path(__file__).parent / "texts" / f"note.{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _filled(texts: Any, values: Mapping[str, str]) -> Any:
    if isinstance(texts, str):
        return texts.format_map(values)
    if isinstance(texts, list):
        return [_filled(text, values) for text in texts]
    return {name: _filled(text, values) for name, text in texts.items()}


def _values(model: ScoringModel, figures: Any, words: Wording, texts: Mapping[str, Any]) -> dict[str, str]:
    """Every {name} that the texts may use, as text in the language."""
    settings, data, trees = figures["settings"], figures["training_data"], figures["trees"]
    metrics, pooled, cut_off = figures["metrics"], figures["pooled"], figures["cut_off"]
    per_fold = trees["per_fold"]
    plain: dict[str, float] = {
        **settings["trees"],
        "clients": data["clients"],
        "defaults": data["defaults"],
        "features": len(model.feature_names),
        "constrained": figures["constrained_features"],
        "folds": settings["folds"],
        "trees": trees["final"],
        "grown": trees["grown"],
        "fn_cost": model.fn_cost,
        "fp_cost": model.fp_cost,
        "base_score": model.scale.base_score,
        "base_odds": model.scale.base_odds,
        "points_to_double": model.scale.points_to_double,
        "background": len(model.background),
        "importance_clients": figures["importance_clients"],
        "shown": min(SHOWN_FEATURES, len(figures["importance"])),
        "groups": len(figures["calibration_table"]),
        "clear_direction": CLEAR_DIRECTION,
    }
    shares = {
        "default_rate": data["default_rate"],
        "cut_off": model.cut_off,
        "indifference": cut_off["indifference"]["cut_off"],
        "accepted_share": metrics["accepted_share"]["mean"],
        "default_rate_accepted": metrics["default_rate_accepted"]["mean"],
        "ece": pooled["calibration_error"],
        "flat_from": cut_off["within_one_error"]["from"],
        "flat_to": cut_off["within_one_error"]["to"],
        "example_probability": figures["example"]["probability"],
    }
    measured = {
        "cost": metrics["cost_per_client"]["mean"],
        "cost_error": metrics["cost_per_client"]["standard_error"],
        "cost_accept_all": cut_off["accept_all"]["cost_per_client"],
        "auc_pooled": pooled["auc"]["value"],
        "auc_low": pooled["auc"]["low"],
        "auc_high": pooled["auc"]["high"],
        "log_loss_base": pooled["log_loss_of_base_rate"],
        "slope": calibration_document(model.calibration).get("slope"),
        "intercept": calibration_document(model.calibration).get("intercept"),
        "example_raw": figures["example"]["raw_score"],
    }
    return {
        **{name: words.compact(value) for name, value in plain.items()},
        **{name: words.percent(value, 2) for name, value in shares.items()},
        **{name: words.number(value, 3) for name, value in measured.items()},
        "version": model.version,
        "catalogue_hash": model.catalogue_hash,
        "seed": str(settings["seed"]),
        "trees_range": f"{words.number(min(per_fold))} – {words.number(max(per_fold))}",
        "protected": ", ".join(figures["protected_features"]) or str(texts["none"]),
    }


def _metric(figures: Any, name: str, words: Wording) -> str:
    found = figures["metrics"][name]
    if name in FIGURE_DIGITS:
        return f"{words.percent(found['mean'])} ± {words.percent(found['standard_error'])}"
    return f"{words.number(found['mean'], 3)} ± {words.number(found['standard_error'], 3)}"


def _headline(figures: Any, words: Wording) -> list[str]:
    names = ("auc", "cost_per_client", "accepted_share", "default_rate_accepted")
    return [_metric(figures, name, words) for name in names]


def _rule_rows(figures: Any, words: Wording, texts: Any) -> Rows:
    rows = []
    for name, title in texts["cost"]["rules"].items():
        found = figures["cut_off"][name]
        rows.append(
            [
                title,
                words.percent(found["cut_off"] if 0 < found["cut_off"] <= 1 else None, 2),
                words.number(found["cost_per_client"], 3),
                words.percent(found["accepted_share"]),
                words.percent(found["default_rate_accepted"]),
                words.number(found["good_refused"]),
                words.number(found["defaults_accepted"]),
            ]
        )
    return rows


def _metric_rows(figures: Any, words: Wording, texts: Any) -> Rows:
    rows = []
    for name, title in texts["results"]["metrics"].items():
        found = figures["metrics"][name]
        known = [value for value in found["per_fold"] if value is not None]
        values = [found["mean"], found["standard_error"], min(known, default=None), max(known, default=None)]
        tell = [
            words.percent(value, 2) if name in FIGURE_DIGITS else words.number(value, 4) for value in values
        ]
        rows.append([title, *tell])
    return rows


def _calibration_rows(figures: Any, words: Wording) -> Rows:
    return [
        [
            words.number(number),
            words.number(row["clients"]),
            words.number(row["defaults"]),
            words.percent(row["mean_probability"]),
            words.percent(row["observed_rate"]),
            words.span(row["low"], row["high"]),
        ]
        for number, row in enumerate(figures["calibration_table"], start=1)
    ]


def _band_rows(figures: Any, words: Wording) -> Rows:
    return [
        [
            row["band"],
            words.percent(row["from"], 0),
            words.percent(row["to"], 0),
            words.number(row["clients"]),
            words.percent(row["mean_probability"]),
            words.percent(row["observed_rate"]),
            words.span(row["low"], row["high"]),
        ]
        for row in figures["band_table"]
    ]


def _importance_rows(figures: Any, catalogue: Catalogue, words: Wording, texts: Any) -> list[dict[str, Any]]:
    shown = figures["importance"][:SHOWN_FEATURES]
    strongest = max((row["mean_abs_shap"] for row in shown), default=0.0) or 1.0
    directions = texts["global"]["riskier"]
    return [
        {
            "feature": row["feature"],
            "meaning": catalogue[row["feature"]].text(words.language).meaning,
            "bar": f"{100 * row['mean_abs_shap'] / strongest:.0f}",
            "strength": words.number(row["mean_abs_shap"], 3),
            "gain": words.percent(row["gain_share"]),
            "riskier": directions[row["riskier"] or "unclear"],
        }
        for row in shown
    ]


def _example_rows(figures: Any, catalogue: Catalogue, words: Wording, texts: Any) -> Rows:
    example, local = figures["example"], texts["local"]
    rows = [[local["expected"], "", words.signed(example["expected_value"])]]
    for row in example["contributions"]:
        meaning = catalogue[row["feature"]].text(words.language).meaning
        value = _value_text(catalogue, row["feature"], row["value"], words) or local["missing"]
        rows.append([meaning, value, words.signed(row["contribution"])])
    rows.append([local["others"], "", words.signed(example["others"])])
    rows.append([local["sum"], "", words.signed(example["raw_score"])])
    return rows


def _value_text(catalogue: Catalogue, name: str, value: float | None, words: Wording) -> str:
    if value is None:
        return ""
    feature = catalogue[name]
    if feature.categories:
        return category_text(feature.categories[int(value)], words.language)
    if feature.unit == "share":
        return words.percent(value)
    return f"{words.compact(value)} {unit_text(feature.unit, words.language)}".strip()


def _reproduction_rows(model: ScoringModel, figures: Any, words: Wording, texts: Any) -> Rows:
    settings = figures["settings"]
    values = {
        "version": model.version,
        "created_at": figures["created_at"],
        "fingerprint": figures["training_data"]["fingerprint"] or texts["none"],
        "catalogue_hash": model.catalogue_hash,
        "seed": str(settings["seed"]),
        "settings": ", ".join(f"{name} {value}" for name, value in settings["trees"].items()),
        "packages": ", ".join(f"{name} {found}" for name, found in figures["packages"].items()),
    }
    return [[title, values[name]] for name, title in texts["reproduction"]["rows"].items()]


def _cost_chart(figures: Any, words: Wording, texts: Any) -> Markup:
    curve, cost = figures["cut_off"]["curve"], texts["cost"]
    x = Axis(cost["chart_x"], max(curve["cut_off"]), lambda value: words.percent(value, 0))
    y = Axis(cost["chart_y"], max(curve["cost_per_client"]), lambda value: words.number(value, 2))
    chosen = figures["cut_off"]["chosen"]["cut_off"]
    line = list(zip(curve["cut_off"], curve["cost_per_client"], strict=True))
    return line_chart(cost["chart"], x, y, line, (chosen, f"{cost['chart_mark']} {words.percent(chosen)}"))


def _calibration_chart(figures: Any, words: Wording, texts: Any) -> Markup:
    table, calibration = figures["calibration_table"], texts["calibration"]
    highest_promised = max(row["mean_probability"] for row in table)
    x = Axis(calibration["chart_x"], highest_promised, lambda value: words.percent(value, 0))
    y = Axis(calibration["chart_y"], max(row["high"] for row in table), lambda value: words.percent(value, 0))
    points = [(row["mean_probability"], row["observed_rate"], row["low"], row["high"]) for row in table]
    return interval_chart(calibration["chart"], x, y, points)
