"""The note's tables of people: how groups fare, what characteristics are worth, who differs from whom.

Belongs here: fairness, its price, drift. Does not: the model's own tables (tables), charts (drawings).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features import Catalogue
from features.formats import MISSING
from features.texts import category_text
from training.note.values import Costs
from training.wording import Wording

SHOWN_DRIFTS = 12
Rows = list[list[str]]


def fairness_tables(figures: Any, words: Wording, texts: Any) -> list[dict[str, Any]]:
    """Per characteristic its groups and the widest gaps."""
    fairness = texts["fairness"]
    tables = []
    for name, found in figures["fairness"].items():
        rows = [
            [
                _group(name, row["group"], words, fairness),
                words.integer(row["clients"]),
                *(_rate(row[figure], words) for figure in _JUDGED),
                _difference_of_rates(row["calibration_gap"], words),
            ]
            for row in found["groups"]
        ]
        gaps = [_in_two_lines(told_gap(found["gaps"][figure], words)) for figure in _JUDGED]
        tables.append(
            {"title": fairness["characteristics"][name], "rows": [*rows, [fairness["gap"], "", *gaps, ""]]}
        )
    return tables


_JUDGED = ("accepted", "default_rate", "defaults_declined", "good_declined")


def _group(characteristic: str, group: str, words: Wording, fairness: Any) -> str:
    """A group by its name: "Female", "30-39 years", "Rating 2"."""
    if group == "unknown":
        return str(fairness["unknown"])
    before, after = fairness["around_group"].get(characteristic, ("", ""))
    return f"{before} {category_text(group, words.language)} {after}".strip()


def _rate(interval: Any, words: Wording) -> str:
    """A rate, and below it its interval."""
    return f"{words.percent(interval['value'])}\n{words.span(interval['low'], interval['high'])}"


def _difference_of_rates(interval: Any, words: Wording) -> str:
    """A difference of rates in points with its sign, and below it its interval."""
    low, high = (words.points(interval[end]) for end in ("low", "high"))
    return f"{words.points(interval['value'])}\n{words.interval(low, high)}"


def told_gap(interval: Any, words: Wording) -> str:
    """A widest gap in points with its interval, which comparisons of earlier programs lack."""
    if not isinstance(interval, Mapping):
        return words.points(interval, sign=False)
    value, low, high = (words.points(interval[name], sign=False) for name in ("value", "low", "high"))
    return f"{value} {words.interval(low, high)}" if value != MISSING else MISSING


def _in_two_lines(gap: str) -> str:
    return gap.replace(" ", "\n", 1)


def price_rows(figures: Any, words: Wording, cost: Costs, texts: Any) -> Rows:
    """What characteristics are worth; none without a comparison."""
    found = figures["history"].get("comparison")
    names = texts["fairness"]["inputs"]
    return [
        [
            names[row["inputs"].replace(" ", "_")],
            words.integer(row["features"]),
            words.decimal(row["metrics"]["auc"]["mean"], 4),
            _difference(
                row, "auc", lambda value: words.signed(value, 4), lambda value: words.decimal(value, 4)
            ),
            _difference(row, "cost_per_client", cost.signed, cost.tell),
            *(
                _in_two_lines(told_gap(row["gaps"].get(name, {}).get("accepted"), words))
                for name in ("gender", "age", "family_status")
            ),
        ]
        for row in (found["characteristics"] if found else ())
    ]


def _difference(row: Any, metric: str, tell: Any, tell_error: Any) -> str:
    if row["inputs"] == "base":
        return MISSING
    found = row["difference"][metric]
    return f"{tell(found['mean'])} ± {tell_error(found['standard_error'])}"


def drift_rows(figures: Any, catalogue: Catalogue, words: Wording) -> Rows:
    """The features that differ most; none where no drift was measured."""
    found = figures["drift"]
    return [
        [catalogue[row["feature"]].text(words.language).meaning, words.decimal(row["psi"], 3)]
        for row in (found["features"][:SHOWN_DRIFTS] if found else ())
    ]
