"""The note's tables of people: how groups fare, what characteristics are worth, who differs from whom.

Belongs here: fairness, its price, drift. Does not: the model's own tables (tables), charts (drawings).
"""

from __future__ import annotations

from typing import Any

from features import Catalogue
from features.texts import category_text
from training.note.values import Costs
from training.wording import NOTHING, Wording

SHOWN_DRIFTS = 12
Rows = list[list[str]]


def fairness_tables(figures: Any, words: Wording, texts: Any) -> list[dict[str, Any]]:
    """Per characteristic its groups and the widest gaps."""
    fairness = texts["fairness"]
    tables = []
    for name, found in figures["fairness"].items():
        rows = [
            [
                fairness["unknown"]
                if row["group"] == "unknown"
                else category_text(row["group"], words.language),
                words.number(row["clients"]),
                *(
                    _rate(row[figure], words)
                    for figure in ("accepted", "default_rate", "defaults_declined", "good_declined")
                ),
                _gap(row["calibration_gap"], words),
            ]
            for row in found["groups"]
        ]
        gaps = [words.points(found["gaps"][figure]) for figure in _GAPS]
        tables.append(
            {"title": fairness["characteristics"][name], "rows": [*rows, [fairness["gap"], "", *gaps, ""]]}
        )
    return tables


_GAPS = ("accepted", "default_rate", "defaults_declined", "good_declined")


def _rate(interval: Any, words: Wording) -> str:
    """A rate, and below it its interval."""
    return f"{words.percent(interval['value'])}\n{words.span(interval['low'], interval['high'])}"


def _gap(interval: Any, words: Wording) -> str:
    """A difference of rates in points with its sign, and below it its interval."""
    low, high = (words.points(interval[end], sign=True) for end in ("low", "high"))
    return f"{words.points(interval['value'], sign=True)}\n{low} – {high}"


def price_rows(figures: Any, words: Wording, cost: Costs, texts: Any) -> Rows:
    """What characteristics are worth; none without a comparison."""
    found = figures["history"].get("comparison")
    names = texts["fairness"]["inputs"]
    return [
        [
            names[row["inputs"].replace(" ", "_")],
            words.number(row["features"]),
            words.number(row["metrics"]["auc"]["mean"], 4),
            _difference(
                row, "auc", lambda value: words.signed(value, 4), lambda value: words.number(value, 4)
            ),
            _difference(row, "cost_per_client", cost.signed, cost.tell),
            *(
                words.points(row["gaps"].get(name, {}).get("accepted"))
                for name in ("gender", "age", "family_status")
            ),
        ]
        for row in (found["characteristics"] if found else ())
    ]


def _difference(row: Any, metric: str, tell: Any, tell_error: Any) -> str:
    if row["inputs"] == "base":
        return NOTHING
    found = row["difference"][metric]
    return f"{tell(found['mean'])} ± {tell_error(found['standard_error'])}"


def drift_rows(figures: Any, catalogue: Catalogue, words: Wording) -> Rows:
    """The features that differ most; none where no drift was measured."""
    found = figures["drift"]
    return [
        [catalogue[row["feature"]].text(words.language).meaning, words.number(row["psi"], 3)]
        for row in (found["features"][:SHOWN_DRIFTS] if found else ())
    ]
