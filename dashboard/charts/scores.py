"""Scores of many clients: distribution by decision, risk bands, two cohorts over one another.
Not here: the cut-off curve (cut_off.py), features (features.py)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, FactorRange, HoverTool, Label, Span, Whisker
from bokeh.plotting import figure
from numpy.typing import NDArray

from dashboard import theme
from dashboard.texts import Texts
from risk import DECISIONS, wilson_interval

SCORE_BIN = 20  # points


def score_histogram(scores: pd.DataFrame) -> pd.DataFrame:
    """Clients per bin of SCORE_BIN points and decision: columns low, high, then one per decision."""
    points, decisions = scores["score"].to_numpy(dtype=np.int64), scores["decision"].cat
    bins = points // SCORE_BIN
    first, count = int(bins.min()), int(bins.max() - bins.min()) + 1
    low = (first + np.arange(count)) * SCORE_BIN
    frame = pd.DataFrame({"low": low, "high": low + SCORE_BIN})
    for decision in DECISIONS:
        chosen = decisions.codes.to_numpy() == _code(decisions.categories, decision)
        frame[decision] = np.bincount(bins[chosen] - first, minlength=count)
    return frame


def draw_score_histogram(data: pd.DataFrame, cut_off_score: float, texts: Texts) -> figure:
    """Stacked bars coloured by decision, the cut-off as a dashed line."""
    write = texts.formats
    table = data.assign(
        range=[
            texts("plot.score_range", low=write.integer(a), high=write.integer(b - 1))
            for a, b in data[["low", "high"]].to_numpy()
        ]
    )
    drawing = theme.plot(300)
    bottom = np.zeros(len(table))
    for decision in DECISIONS:
        if not table[decision].any():
            continue
        top = bottom + table[decision].to_numpy()
        source = ColumnDataSource(
            table[["low", "high", "range"]].assign(
                bottom=bottom, top=top, clients=[write.integer(n) for n in table[decision]]
            )
        )
        label = texts(f"decision.{decision}")
        bars = drawing.quad(
            "low",
            "high",
            "bottom",
            "top",
            source=source,
            color=theme.DECISION_COLOURS[decision],
            line_color="white",
            line_width=0.6,
            legend_label=label,
        )
        drawing.add_tools(
            HoverTool(renderers=[bars], tooltips=[(texts("plot.score"), "@range"), (label, "@clients")])
        )
        bottom = top
    mark_cut_off(
        drawing,
        cut_off_score,
        float(bottom.max()),
        texts("plot.cut_off_score", score=write.integer(cut_off_score)),
    )
    drawing.y_range.start = 0
    drawing.y_range.end = float(bottom.max()) * 1.12
    return _score_axes(drawing, texts, texts("plot.clients"), percent=False)


def mark_cut_off(drawing: figure, at: float, height: float, label: str) -> None:
    """A dashed line at the cut-off with its words beside it."""
    look = {"line_color": theme.CUT_OFF, "line_dash": "dashed", "line_width": 1.5}
    drawing.add_layout(Span(location=at, dimension="height", **look))
    words = {"text_font": theme.FONT, "text_font_size": "12px", "text_color": theme.INK}
    drawing.add_layout(Label(x=at, y=height * 1.03, x_offset=6, text=label, **words))


def band_table(scores: pd.DataFrame, targets: pd.Series, bands: tuple[str, ...]) -> pd.DataFrame:
    """Per risk band, safest first: clients, mean_probability, known, defaults, observed rate with low and high."""
    column = scores["risk_band"].cat
    place = np.array([_code(column.categories, band) for band in bands])
    codes = column.codes.to_numpy()
    slots = len(column.categories) + 1
    outcome = targets.to_numpy()
    known = ~np.isnan(outcome)
    clients = np.bincount(codes + 1, minlength=slots)
    promised = np.bincount(codes + 1, weights=scores["default_probability"], minlength=slots)
    seen = np.bincount(codes[known] + 1, minlength=slots)
    defaults = np.bincount(codes[known] + 1, weights=outcome[known], minlength=slots)
    present = place >= 0
    take = np.where(present, place + 1, 0)
    counted = {"clients": clients, "promised": promised, "known": seen, "defaults": defaults}
    frame = pd.DataFrame({name: np.where(present, values[take], 0) for name, values in counted.items()})
    low, high = wilson_interval(frame["defaults"], frame["known"])
    safe = frame.where(frame > 0)
    return pd.DataFrame(
        {
            "band": bands,
            "clients": frame["clients"].astype(int),
            "mean_probability": frame["promised"] / safe["clients"],
            "known": frame["known"].astype(int),
            "defaults": frame["defaults"].astype(int),
            "rate": frame["defaults"] / safe["known"],
            "low": low,
            "high": high,
        }
    )


def draw_band_clients(data: pd.DataFrame, texts: Texts) -> figure:
    """Bars of clients per risk band with the count written on each."""
    write = texts.formats
    share = data["clients"] / max(int(data["clients"].sum()), 1)
    source = ColumnDataSource(
        data[["band", "clients"]].assign(
            text=[write.integer(n) for n in data["clients"]],
            share=[write.percent(s) for s in share],
            colour=_band_colours(len(data)),
        )
    )
    drawing = theme.plot(300, x_range=FactorRange(*data["band"]))
    bars = drawing.vbar("band", top="clients", width=0.72, color="colour", source=source)
    above = {"text_align": "center", "text_baseline": "bottom", "y_offset": -3}
    drawing.text("band", "clients", text="text", source=source, **above, **theme.words())
    drawing.add_tools(
        HoverTool(
            renderers=[bars],
            tooltips=[
                (texts("plot.band"), "@band"),
                (texts("plot.clients"), "@text"),
                (texts("plot.share"), "@share"),
            ],
        )
    )
    drawing.y_range.start, drawing.y_range.end = 0, float(data["clients"].max()) * 1.13 or 1
    drawing.yaxis[0].formatter = theme.number_ticks(texts.language, decimals=0)
    drawing.xaxis[0].axis_label, drawing.yaxis[0].axis_label = texts("plot.band_axis"), texts("plot.clients")
    return drawing


def draw_band_rates(data: pd.DataFrame, texts: Texts) -> figure:
    """Per risk band the observed default rate with its 95 % interval, and the mean probability as a diamond."""
    write = texts.formats
    source = ColumnDataSource(
        data.assign(
            rate_text=[write.percent(rate) for rate in data["rate"]],
            interval=[
                write.interval(write.percent(low), write.percent(high))
                for low, high in data[["low", "high"]].to_numpy()
            ],
            mean_text=[write.percent(mean) for mean in data["mean_probability"]],
            known_text=[write.integer(known) for known in data["known"]],
        )
    )
    drawing = theme.plot(300, x_range=FactorRange(*data["band"]))
    whisker = Whisker(
        base="band", upper="high", lower="low", source=source, line_color=theme.ACCENT, line_width=2
    )
    whisker.upper_head.line_color = whisker.lower_head.line_color = theme.ACCENT
    drawing.add_layout(whisker)
    points = drawing.scatter(
        "band",
        "rate",
        source=source,
        size=9,
        color=theme.ACCENT,
        legend_label=texts("plot.observed_interval"),
    )
    means = drawing.scatter(
        "band",
        "mean_probability",
        source=source,
        size=11,
        marker="diamond",
        fill_color="white",
        line_color=theme.INK,
        line_width=1.6,
        legend_label=texts("plot.mean_probability"),
    )
    drawing.add_tools(
        HoverTool(
            renderers=[points, means],
            tooltips=[
                (texts("plot.band"), "@band"),
                (texts("plot.observed"), "@rate_text @interval"),
                (texts("plot.known"), "@known_text"),
                (texts("plot.mean_probability"), "@mean_text"),
            ],
        )
    )
    drawing.y_range.start, drawing.y_range.end = 0, highest(data[["high", "mean_probability"]])
    drawing.yaxis[0].formatter = theme.number_ticks(texts.language, percent=True, decimals=1)
    drawing.xaxis[0].axis_label, drawing.yaxis[0].axis_label = (
        texts("plot.band_axis"),
        texts("plot.default_rate"),
    )
    theme.dress_legend(drawing)
    return drawing


def cohort_histogram(scores: pd.DataFrame, cohorts: dict[str, NDArray[np.bool_]]) -> pd.DataFrame:
    """Share of each cohort's clients per bin of SCORE_BIN points: columns low, high, one per cohort (0 to 1)."""
    bins = scores["score"].to_numpy(dtype=np.int64) // SCORE_BIN
    first, count = int(bins.min()), int(bins.max() - bins.min()) + 1
    low = (first + np.arange(count)) * SCORE_BIN
    frame = pd.DataFrame({"low": low, "high": low + SCORE_BIN})
    for name, belongs in cohorts.items():
        clients = np.bincount(bins[belongs] - first, minlength=count)
        frame[name] = clients / max(int(clients.sum()), 1)
    return frame


def draw_cohort_histogram(data: pd.DataFrame, cut_off_score: float, texts: Texts) -> figure:
    """Two outlines over one another, each adding up to 100 %."""
    write = texts.formats
    drawing = theme.plot(320)
    ranges = [
        texts("plot.score_range", low=write.integer(a), high=write.integer(b - 1))
        for a, b in data[["low", "high"]].to_numpy()
    ]
    for name in ("a", "b"):
        colour, label = theme.COHORT_COLOURS[name], texts(f"cohorts.{name}")
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
            fill_alpha=0.35,
            line_color=colour,
            line_width=1.2,
            legend_label=label,
        )
        drawing.add_tools(
            HoverTool(renderers=[bars], tooltips=[(texts("plot.score"), "@range"), (label, "@text")])
        )
    top = highest(data[["a", "b"]])
    mark_cut_off(
        drawing, cut_off_score, top / 1.08, texts("plot.cut_off_score", score=write.integer(cut_off_score))
    )
    drawing.y_range.start, drawing.y_range.end = 0, top * 1.04
    return _score_axes(drawing, texts, texts("plot.share_of_cohort"), percent=True)


def highest(values: pd.DataFrame) -> float:
    """End of an axis that shows all values with a little air above; 1 when there are none."""
    top = np.nanmax(values.to_numpy(dtype=np.float64), initial=0.0)
    return 1.08 * float(top) if top > 0 else 1.0


def _score_axes(drawing: figure, texts: Texts, y_label: str, *, percent: bool) -> figure:
    drawing.xaxis[0].axis_label, drawing.yaxis[0].axis_label = texts("plot.score_axis"), y_label
    drawing.yaxis[0].formatter = theme.number_ticks(
        texts.language, percent=percent, decimals=1 if percent else 0
    )
    theme.dress_legend(drawing)
    return drawing


def _band_colours(count: int) -> list[str]:
    """A colour per band, safest first; models with other than six bands share the nearest."""
    places = np.linspace(0, len(theme.BAND_COLOURS) - 1, count).round().astype(int)
    return [theme.BAND_COLOURS[place] for place in places]


def _code(categories: pd.Index, wanted: str) -> int:
    """Code of a category in a categorical column; -2 (which no row has) where it never occurs."""
    return list(categories).index(wanted) if wanted in categories else -2
