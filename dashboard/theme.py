"""How the dashboard looks: colours safe for colour-blind readers, the page's theme, the plots' common dress.
Not here: what is drawn (see charts/), nor any text."""

from __future__ import annotations

from bokeh.models import NumeralTickFormatter, PanTool, ResetTool, WheelZoomTool
from bokeh.plotting import figure

FONT = "Roboto, Helvetica, Arial, sans-serif"
INK, MUTED, LINE, SURFACE, PAPER = "#1d2733", "#5b6875", "#dde3ea", "#ffffff", "#f4f6f9"
PRIMARY, ACCENT = "#17456b", "#0072b2"

# Okabe and Ito's palette: distinguishable with every common colour deficiency
DECISION_COLOURS = {"accept": "#009e73", "review": "#e69f00", "decline": "#d55e00"}
COHORT_COLOURS = {"a": "#0072b2", "b": "#e69f00"}
RAISES, LOWERS = "#d55e00", "#009e73"
EVERYONE, CUT_OFF = "#aab4be", "#1d2733"
BAND_COLOURS = ("#2166ac", "#5a9bc9", "#a6cee3", "#fddbc7", "#ef8a62", "#b2182b")

THEME = {
    "palette": {
        "primary": {"main": PRIMARY},
        "secondary": {"main": ACCENT},
        "background": {"default": PAPER, "paper": SURFACE},
        "text": {"primary": INK, "secondary": MUTED},
    },
    "typography": {"fontFamily": FONT},
    "shape": {"borderRadius": 8},
}


def number_ticks(language: str, pattern: str) -> NumeralTickFormatter:
    """Axis numbers in the reader's language; ``pattern`` as numbro writes it, ``0.0%`` or ``0,0``."""
    return NumeralTickFormatter(format=pattern, language="fr" if language == "fr" else "en")


def plot(height: int = 280, **options: object) -> figure:
    """Empty figure in the house dress: stretches in width, never lower than ``height`` pixels, no toolbar shown."""
    drawing = figure(
        height=height,
        min_height=height,
        sizing_mode="stretch_width",
        toolbar_location=None,
        tools="",
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        **options,
    )
    drawing.add_tools(PanTool(dimensions="width"), ResetTool(), WheelZoomTool(dimensions="width"))
    drawing.toolbar.active_drag = None
    for axis in (*drawing.xaxis, *drawing.yaxis):
        axis.axis_line_color = LINE
        axis.major_tick_line_color = LINE
        axis.minor_tick_line_color = None
        axis.axis_label_text_font = axis.major_label_text_font = FONT
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font_size = axis.major_label_text_font_size = "12px"
        axis.axis_label_text_color = axis.major_label_text_color = MUTED
    drawing.xgrid.grid_line_color = None
    drawing.ygrid.grid_line_color = LINE
    drawing.ygrid.grid_line_alpha = 0.8
    return drawing


def dress_legend(drawing: figure, location: str = "above") -> None:
    """Legend in one row above the plot, in the house font; entries can be clicked to hide their series."""
    if not drawing.legend:
        return
    legend = drawing.legend[0]
    legend.orientation = "horizontal"
    legend.label_text_font = FONT
    legend.label_text_font_size = "12px"
    legend.label_text_color = INK
    legend.border_line_color = None
    legend.background_fill_alpha = 0.0
    legend.click_policy = "hide"
    legend.padding, legend.margin, legend.spacing = 0, 0, 14
    legend.glyph_width = legend.glyph_height = 14
    drawing.add_layout(legend, location)
