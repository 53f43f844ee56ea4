"""What changes with the cut-off: accepted share, default rate among the accepted, cost per client.
Not here: how the curve is computed (risk.cost_curve)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, Range1d, Span
from bokeh.plotting import figure

from dashboard import theme
from dashboard.texts import Texts
from risk import CostCurve, CutOff

POINTS = 400  # sent to the browser, evenly spread over the clients
MEASURES = ("accepted_share", "default_rate_accepted", "cost_per_client")


def curve_table(curve: CostCurve) -> pd.DataFrame:
    """At most POINTS points of the curve: cut_off and the three MEASURES, by cut-off ascending."""
    count = len(curve.cut_offs)
    keep = np.unique(np.linspace(0, count - 1, min(POINTS, count)).round().astype(int))
    return pd.DataFrame(
        {"cut_off": curve.cut_offs[keep], **{measure: getattr(curve, measure)[keep] for measure in MEASURES}}
    )


def at_cut_off(curve: CostCurve, cut_off: float) -> CutOff:
    """The measures at ``cut_off``: those of the curve's first point that is not below it, which decides alike."""
    place = min(int(np.searchsorted(curve.cut_offs, cut_off)), len(curve.cut_offs) - 1)
    return CutOff(
        cut_off=cut_off,
        cost_per_client=float(curve.cost_per_client[place]),
        accepted_share=float(curve.accepted_share[place]),
        default_rate_accepted=float(curve.default_rate_accepted[place]),
    )


def draw_measure(data: pd.DataFrame, measure: str, published: float, at: CutOff, texts: Texts) -> figure:
    """One measure over the cut-off; the run's cut-off dashed, the explored one (``at``) solid if another."""
    explored = at.cut_off
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
    drawing.scatter(
        [explored],
        [getattr(at, measure)],
        size=9,
        fill_color="white",
        line_color=theme.ACCENT,
        line_width=2.4,
    )
    drawing.xaxis[0].axis_label = texts("plot.cut_off_axis")
    drawing.xaxis[0].formatter = theme.number_ticks(texts.language, percent=True, decimals=1)
    drawing.yaxis[0].formatter = theme.number_ticks(
        texts.language,
        percent=measure != "cost_per_client",
        decimals=2 if measure == "cost_per_client" else 1,
    )
    drawing.y_range.start = 0
    return drawing
