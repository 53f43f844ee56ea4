"""What changes with the cut-off: accepted share, default rate among the accepted, cost per client.
Not here: how the curve is computed (risk.cost_curve)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, Range1d, Span
from bokeh.plotting import figure

from dashboard import theme
from dashboard.texts import Texts
from risk import CostCurve

MEASURES = ("accepted_share", "default_rate_accepted", "cost_per_client")


def curve_table(curve: CostCurve) -> pd.DataFrame:
    """The curve as a frame: cut_off and the three MEASURES, by cut-off ascending."""
    return pd.DataFrame(
        {
            "cut_off": curve.cut_offs,
            "accepted_share": curve.accepted_share,
            "default_rate_accepted": curve.default_rate_accepted,
            "cost_per_client": curve.cost_per_client,
        }
    )


def at_cut_off(data: pd.DataFrame, cut_off: float) -> pd.Series:
    """The measures at the first point of the curve that is not below ``cut_off`` (the last one beyond it)."""
    place = min(int(np.searchsorted(data["cut_off"], cut_off)), len(data) - 1)
    return data.iloc[place]


def draw_measure(data: pd.DataFrame, measure: str, published: float, explored: float, texts: Texts) -> figure:
    """One measure over the cut-off; the run's cut-off dashed, the explored one solid where it differs."""
    write = texts.formats
    written = [
        write.decimal(v, 3) if measure == "cost_per_client" else write.percent(v) for v in data[measure]
    ]
    source = ColumnDataSource(data.assign(text=written, at=[write.percent(c) for c in data["cut_off"]]))
    end = min(1.0, max(float(data["cut_off"].quantile(0.985)), published * 1.6, explored * 1.1))
    drawing = theme.plot(230, x_range=Range1d(0, end, bounds=(0, 1)))
    line = drawing.line("cut_off", measure, source=source, color=theme.ACCENT, line_width=2.4)
    drawing.add_tools(
        HoverTool(
            renderers=[line],
            mode="vline",
            tooltips=[(texts("plot.cut_off"), "@at"), (texts(f"plot.{measure}"), "@text")],
        )
    )
    drawing.add_layout(
        Span(
            location=published,
            dimension="height",
            line_color=theme.CUT_OFF,
            line_dash="dashed",
            line_width=1.5,
        )
    )
    if explored != published:
        drawing.add_layout(
            Span(location=explored, dimension="height", line_color=theme.RAISES, line_width=1.5)
        )
    at = at_cut_off(data, explored)
    drawing.scatter(
        [explored], [at[measure]], size=9, fill_color="white", line_color=theme.ACCENT, line_width=2.4
    )
    drawing.xaxis[0].axis_label = texts("plot.cut_off_axis")
    drawing.xaxis[0].formatter = theme.number_ticks(texts.language, "0[.]0%")
    drawing.yaxis[0].formatter = theme.number_ticks(
        texts.language, "0.00" if measure == "cost_per_client" else "0[.]0%"
    )
    drawing.y_range.start = 0
    return drawing
