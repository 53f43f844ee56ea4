"""Where one client stands: its value of a feature among all clients and among the accepted ones.
Not here: distributions of groups in general (features.py)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, FactorRange, Span
from bokeh.plotting import figure

from dashboard import theme
from dashboard.charts.features import Mask, Values, category_distribution, numeric_distribution
from dashboard.values import FeatureWords


@dataclass(frozen=True)
class Place:
    """A client's value and the shares of the known values that are smaller and equal; NaN value: missing."""

    value: float
    below: float
    equal: float


def place_of(values: Values, value: float) -> Place:
    """Where ``value`` stands among the known ``values``."""
    known = max(int(np.count_nonzero(~np.isnan(values))), 1)
    own = np.float32(value)
    smaller, same = np.count_nonzero(values < own), np.count_nonzero(values == own)
    return Place(value, int(smaller) / known, int(same) / known)


def place_distribution(values: Values, accepted: Mask, categories: tuple[str, ...]) -> pd.DataFrame:
    """Distribution of the feature with the columns everyone and accepted; the same for every client."""
    groups = {"everyone": np.ones(len(values), dtype=np.bool_), "accepted": accepted}
    if categories:
        return category_distribution(values, categories, groups)
    return numeric_distribution(values, groups)


def draw_place(data: pd.DataFrame, place: Place, words: FeatureWords) -> figure:
    """Everyone in grey, the accepted as a green outline, the client as a line (or a dark bar of a category)."""
    if words.categories:
        return _draw_category(data, place)
    drawing = theme.plot(170)
    drawing.quad(
        data["low"],
        data["high"],
        0,
        data["everyone"],
        fill_color=theme.EVERYONE,
        fill_alpha=0.55,
        line_color=None,
    )
    edges = np.append(data["low"], data["high"].iloc[-1])
    drawing.step(
        edges,
        np.append(data["accepted"], 0.0),
        mode="after",
        color=theme.DECISION_COLOURS["accept"],
        line_width=2,
    )
    low, high = float(edges[0]), float(edges[-1])
    if not np.isnan(place.value):
        drawing.add_layout(
            Span(
                location=min(max(place.value, low), high),
                dimension="height",
                line_color=theme.CUT_OFF,
                line_width=2.5,
            )
        )
    drawing.x_range.start, drawing.x_range.end = low - 0.02 * (high - low), high + 0.02 * (high - low)
    drawing.xaxis[0].axis_label = words.unit_name
    drawing.xaxis[0].formatter = theme.number_ticks(words.texts.language, percent=words.is_share)
    drawing.xaxis[0].ticker.desired_num_ticks = 4
    return _bare(drawing)


def _draw_category(data: pd.DataFrame, place: Place) -> figure:
    data = data[(data["everyone"] > 0.005) | (data.index == place.value)]
    labels = list(data["category"])
    drawing = theme.plot(170, x_range=FactorRange(*labels))
    colours = [theme.CUT_OFF if code == place.value else theme.EVERYONE for code in data.index]
    source = ColumnDataSource(
        {"category": labels, "everyone": data["everyone"], "accepted": data["accepted"], "colour": colours}
    )
    drawing.vbar("category", top="everyone", width=0.7, color="colour", source=source)
    drawing.scatter(
        "category",
        "accepted",
        size=11,
        marker="dash",
        line_width=3,
        color=theme.DECISION_COLOURS["accept"],
        source=source,
    )
    if max(map(len, labels), default=0) * len(labels) > 32:
        drawing.xaxis[0].major_label_orientation = 0.5
    return _bare(drawing)


def _bare(drawing: figure) -> figure:
    drawing.yaxis[0].visible = False
    drawing.ygrid[0].visible = False
    drawing.y_range.start = 0
    return drawing
