"""One feature over many clients: its distribution per group, the observed default rate along it.
Not here: one client's place (place.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, FactorRange, HoverTool, Span, Whisker
from bokeh.plotting import figure
from bokeh.transform import dodge
from numpy.typing import NDArray

from dashboard import theme
from dashboard.charts.scores import highest
from dashboard.texts import Texts
from dashboard.values import FeatureWords
from risk import rates_by_bin
from risk.stability import quantile_edges

Values = NDArray[np.float32]
Mask = NDArray[np.bool_]
HISTOGRAM_BINS = 40
ROBUST = (0.005, 0.995)  # share of the known values shown; the rest is counted, not drawn
RATE_BINS = 10
FEW_OUTCOMES = 30  # below this an interval runs off the plot instead of flattening it


def robust_range(values: Values) -> tuple[float, float]:
    """The range that holds the middle 99 % of the known values, never empty; (0, 1) when none is known."""
    known = values[~np.isnan(values)]
    if not len(known):
        return 0.0, 1.0
    low = float(np.quantile(known, ROBUST[0], method="lower"))
    high = float(np.quantile(known, ROBUST[1], method="higher"))
    if low == high:
        low, high = float(known.min()), float(known.max())
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def numeric_distribution(values: Values, groups: Mapping[str, Mask]) -> pd.DataFrame:
    """Share of each group's known values per bin: columns low, high, then one per group (0 to 1).

    Bins are equally wide over the robust range; few distinct whole numbers get a bin each.
    """
    low, high = robust_range(values)
    edges = _edges(values, low, high)
    frame = pd.DataFrame({"low": edges[:-1], "high": edges[1:]})
    for name, belongs in groups.items():
        own = values[belongs]
        counts, _ = np.histogram(own, bins=len(edges) - 1, range=(edges[0], edges[-1]))
        frame[name] = counts / max(int(np.count_nonzero(~np.isnan(own))), 1)
    return frame


def _edges(values: Values, low: float, high: float) -> NDArray[np.float64]:
    sample = values[:: max(1, len(values) // 5000)]
    whole = bool(np.all(np.mod(sample[~np.isnan(sample)], 1) == 0))
    if whole and high - low <= HISTOGRAM_BINS:
        return np.arange(np.floor(low), np.floor(high) + 2) - 0.5
    return np.linspace(low, high, HISTOGRAM_BINS + 1)


def category_distribution(
    values: Values, categories: Sequence[str], groups: Mapping[str, Mask]
) -> pd.DataFrame:
    """Share of each group's known values per category, in the declared order: column category, one per group."""
    frame = pd.DataFrame({"category": list(categories)})
    for name, belongs in groups.items():
        own = values[belongs]
        codes = own[~np.isnan(own)].astype(np.int64)
        counts = np.bincount(codes[codes < len(categories)], minlength=len(categories))
        frame[name] = counts / max(len(codes), 1)
    return frame


def missing_shares(values: Values, groups: Mapping[str, Mask]) -> dict[str, float]:
    """Share of each group's clients without a value; NaN for an empty group."""
    missing = np.isnan(values)
    return {
        name: float(missing[belongs].mean()) if belongs.any() else float("nan")
        for name, belongs in groups.items()
    }


def rate_by_bin(values: Values, targets: NDArray[np.float64], categories: Sequence[str] = ()) -> pd.DataFrame:
    """Observed default rate of clients with known outcome per tenth of the values (or category), missing last.

    Columns: low, high (values in the bin; NaN for missing), category, clients, known, defaults, rate,
    rate_low, rate_high (Wilson, 95 %). Bins without any client are left out.
    """
    if categories:
        inner: NDArray[np.float64] = np.arange(len(categories) - 1, dtype=np.float64)
    elif np.isnan(values).all():
        inner = np.array([])
    else:
        inner = np.asarray(quantile_edges(values, RATE_BINS), dtype=np.float64)
    frame = rates_by_bin(values, targets, inner)
    frame["category"] = [*categories, ""] if categories else ""
    return frame[frame["clients"] > 0].reset_index(drop=True)


def draw_numeric(data: pd.DataFrame, looks: Mapping[str, tuple[str, str]], words: FeatureWords) -> figure:
    """Outlines of each group over one another. ``looks``: group to (label, colour)."""
    texts, write = words.texts, words.texts.formats
    drawing = theme.plot(320)
    ranges = [
        texts("plot.range", low=words.number(a), high=words.value(b))
        for a, b in data[["low", "high"]].to_numpy()
    ]
    for name, (label, colour) in looks.items():
        source = ColumnDataSource(
            data[["low", "high"]].assign(
                share=data[name], range=ranges, text=[write.percent(s) for s in data[name]]
            )
        )
        bars = drawing.quad(
            "low",
            "high",
            0,
            "share",
            source=source,
            fill_color=colour,
            fill_alpha=0.28,
            line_color=colour,
            line_width=1.2,
            legend_label=label,
        )
        drawing.add_tools(
            HoverTool(renderers=[bars], tooltips=[(texts("plot.value"), "@range"), (label, "@text")])
        )
    drawing.y_range.start = 0
    drawing.xaxis[0].axis_label = words.axis
    drawing.xaxis[0].formatter = theme.number_ticks(texts.language, percent=words.is_share)
    return _share_axis(drawing, texts)


def draw_categories(data: pd.DataFrame, looks: Mapping[str, tuple[str, str]], texts: Texts) -> figure:
    """Bars of each group side by side per category."""
    write = texts.formats
    labels = list(data["category"])
    drawing = theme.plot(320, x_range=FactorRange(*labels))
    width = 0.8 / len(looks)
    for place, (name, (label, colour)) in enumerate(looks.items()):
        source = ColumnDataSource(
            {"category": labels, "share": data[name], "text": [write.percent(s) for s in data[name]]}
        )
        middle = (place - (len(looks) - 1) / 2) * width
        bars = drawing.vbar(
            dodge("category", middle, range=drawing.x_range),
            top="share",
            width=width * 0.92,
            color=colour,
            source=source,
            legend_label=label,
        )
        drawing.add_tools(HoverTool(renderers=[bars], tooltips=[(label, "@category: @text")]))
    drawing.y_range.start = 0
    _slant(drawing, labels)
    return _share_axis(drawing, texts)


def draw_rate(data: pd.DataFrame, overall: float, words: FeatureWords) -> figure:
    """Observed default rate per bin with its interval, the rate of everyone as a dashed line."""
    texts, write = words.texts, words.texts.formats
    labels = _bin_labels(data, words)
    source = ColumnDataSource(
        data.assign(
            bin=labels,
            rate_text=[write.percent(rate) for rate in data["rate"]],
            interval=[
                write.interval(write.percent(a), write.percent(b))
                for a, b in data[["rate_low", "rate_high"]].to_numpy()
            ],
            known_text=[write.integer(known) for known in data["known"]],
        )
    )
    drawing = theme.plot(320, x_range=FactorRange(*labels))
    whisker = Whisker(
        base="bin", upper="rate_high", lower="rate_low", source=source, line_color=theme.ACCENT, line_width=2
    )
    whisker.upper_head.line_color = whisker.lower_head.line_color = theme.ACCENT
    drawing.add_layout(whisker)
    points = drawing.scatter(
        "bin", "rate", source=source, size=9, color=theme.ACCENT, legend_label=texts("plot.observed_interval")
    )
    drawing.add_tools(
        HoverTool(
            renderers=[points],
            tooltips=[
                (texts("plot.value"), "@bin"),
                (texts("plot.observed"), "@rate_text @interval"),
                (texts("plot.known"), "@known_text"),
            ],
        )
    )
    drawing.add_layout(
        Span(location=overall, dimension="width", line_color=theme.CUT_OFF, line_dash="dashed")
    )
    drawing.line(
        [labels[0]],
        [overall],
        color=theme.CUT_OFF,
        line_dash="dashed",
        legend_label=texts("plot.overall_rate", rate=write.percent(overall)),
    )
    drawing.y_range.start, drawing.y_range.end = 0, _rate_end(data)
    drawing.xaxis[0].axis_label = (
        "" if data["category"].any() else texts("plot.bin_axis", unit=words.unit_name)
    )
    drawing.yaxis[0].axis_label = texts("plot.default_rate")
    drawing.yaxis[0].formatter = theme.number_ticks(texts.language, percent=True, decimals=1)
    _slant(drawing, labels)
    theme.dress_legend(drawing)
    return drawing


def _rate_end(data: pd.DataFrame) -> float:
    """End of the rate axis: every rate, and every interval but those of bins too small to say anything."""
    told = data["rate_high"].where(data["known"] >= FEW_OUTCOMES)
    return highest(pd.DataFrame({"rate": data["rate"], "told": told}))


def _bin_labels(data: pd.DataFrame, words: FeatureWords) -> list[str]:
    """``≤ 12``, ``12 – 20``, …, and the word for missing; bins open downwards as risk.quantile_edges cuts them."""
    labels = []
    for place, (category, low, high) in enumerate(
        zip(data["category"], data["low"], data["high"], strict=True)
    ):
        if category:
            labels.append(str(category))
        elif np.isnan(low):
            labels.append(words.texts("plot.missing"))
        elif place == 0:
            labels.append(f"≤ {words.number(high)}")
        else:
            labels.append(f"{words.number(low)} – {words.number(high)}")
    return _distinct(labels)


def _distinct(labels: list[str]) -> list[str]:
    """Labels that coincide after rounding get an invisible mark each: a factor range refuses duplicates."""
    return [label + "\u200b" * labels[:place].count(label) for place, label in enumerate(labels)]


def _slant(drawing: figure, labels: Sequence[str]) -> None:
    if max(map(len, labels), default=0) * len(labels) > 70:
        drawing.xaxis[0].major_label_orientation = 0.5


def _share_axis(drawing: figure, texts: Texts) -> figure:
    drawing.yaxis[0].axis_label = texts("plot.share_of_group")
    drawing.yaxis[0].formatter = theme.number_ticks(texts.language, percent=True, decimals=1)
    theme.dress_legend(drawing)
    return drawing
