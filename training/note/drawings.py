"""The note's charts: which figures each one shows.

Belongs here: from figures to points and axes. Does not: drawing (charts).
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from features import Catalogue
from features.texts import unit_text
from features.values import value_text
from training.charts import SMALL, Axis, Bar, bar_chart, interval_chart, line_chart
from training.note.values import Costs
from training.note.words import candidate_name
from training.wording import Wording


def cost_chart(figures: Any, words: Wording, cost: Costs, texts: Any) -> Markup:
    """Cost by cut-off, the chosen one marked, its interval shaded."""
    curve, told = figures["cut_off"]["curve"], texts["cost"]
    x = Axis(told["chart_x"], max(curve["cut_off"]), lambda value: words.percent(value, 0))
    y = Axis(
        told["chart_y"],
        max(curve["cost_per_client"]),
        lambda value: words.decimal(value, 0 if cost.money else 2),
    )
    chosen, interval = figures["cut_off"]["chosen"]["cut_off"], figures["cut_off"]["interval"]
    line = list(zip(curve["cut_off"], curve["cost_per_client"], strict=True))
    mark = (chosen, f"{told['chart_mark']} {words.percent(chosen)}")
    return line_chart(told["chart"], x, y, line, mark, (interval["from"], interval["to"]))


def calibration_chart(figures: Any, words: Wording, texts: Any) -> Markup:
    """Observed against promised default rates."""
    table, told = figures["calibration_table"], texts["calibration"]
    highest = max(row["mean_probability"] for row in table)
    x = Axis(told["chart_x"], highest, lambda value: words.percent(value, 0))
    y = Axis(told["chart_y"], max(row["high"] for row in table), lambda value: words.percent(value, 0))
    points = [(row["mean_probability"], row["observed_rate"], row["low"], row["high"]) for row in table]
    return interval_chart(told["chart"], x, y, points)


def model_chart(figures: Any, words: Wording, cost: Costs, texts: Any) -> Markup | None:
    """Cost of every candidate but the dummy with its standard error; None without a comparison."""
    found = figures["history"].get("comparison")
    if found is None:
        return None
    bars = []
    for row in found["candidates"]:
        if row["family"] != "dummy":
            metric = row["metrics"]["cost_per_client"]
            low, high = (metric["mean"] + side * metric["standard_error"] for side in (-1, 1))
            strong = row["name"] == found["choice"]["chosen"]
            bars.append(Bar(candidate_name(row, texts), metric["mean"], low, high, strong))
    lowest, highest = min(bar.low for bar in bars), max(bar.high for bar in bars)
    x = Axis(texts["models"]["chart_x"], highest, cost.tick, lowest)
    return bar_chart(texts["models"]["chart"], x, bars)


def dependence_charts(
    figures: Any, catalogue: Catalogue, words: Wording, texts: Any
) -> list[dict[str, str | Markup]]:
    """One small chart per strongest feature, with its meaning as caption."""
    return [
        {
            "caption": catalogue[curve["feature"]].text(words.language).meaning,
            "chart": _dependence(curve, catalogue, words, texts["global"]),
        }
        for curve in figures["dependence"]
    ]


def _dependence(curve: Any, catalogue: Catalogue, words: Wording, texts: Any) -> Markup:
    feature = catalogue[curve["feature"]]
    title = feature.text(words.language).meaning
    if feature.categories or feature.unit == "flag" or len(curve["values"]) < 2:
        names = [value_text(feature, value, words.language) for value in curve["values"]]
        bars = [
            Bar(*row) for row in zip(names, curve["probability"], curve["low"], curve["high"], strict=True)
        ]
        x = Axis(
            texts["dependence_y"], max(curve["high"]), lambda value: words.percent(value, 0), most_ticks=2
        )
        return bar_chart(title, x, bars, SMALL)
    values, y_highest = curve["values"], max([*curve["high"], curve["missing"] or 0.0])
    unit = unit_text(feature.unit, words.language)
    share = feature.unit == "share"
    x = Axis(
        "" if share else unit,
        max(values),
        (lambda value: words.percent(value, 0)) if share else (lambda value: words.compact(round(value, 6))),
        min(values),
        most_ticks=4,
    )
    y = Axis(texts["dependence_y"], y_highest, lambda value: words.percent(value, 0), most_ticks=4)
    missing = curve["missing"]
    level = None if missing is None else (missing, f"{texts['dependence_missing']} {words.percent(missing)}")
    band = list(zip(values, curve["low"], curve["high"], strict=True))
    line = list(zip(values, curve["probability"], strict=True))
    return line_chart(title, x, y, line, band=band, level=level, frame=SMALL)
