"""How the dashboard looks: colours safe for colour-blind readers, the page's theme, the plots' common dress.
Not here: what is drawn (see charts/), nor any text."""

from __future__ import annotations

from typing import Any

from bokeh.models import CustomJSTickFormatter, TickFormatter
from bokeh.plotting import figure
from bokeh.themes import Theme

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
    "typography": {"fontFamily": FONT, "button": {"textTransform": "none"}},
    "shape": {"borderRadius": 8},
}


def number_ticks(
    language: str, *, percent: bool = False, decimals: int = 2, fixed: bool = False
) -> TickFormatter:
    """Axis numbers as the reader's language writes them: at most ``decimals`` decimals, or exactly so if ``fixed``.

    The browser's own Intl: Bokeh's NumeralTickFormatter has no effect for French.
    """
    style = "percent" if percent else "decimal"
    least = decimals if fixed else 0
    locale = "fr-FR" if language == "fr" else "en-GB"
    options = f"{{style: '{style}', minimumFractionDigits: {least}, maximumFractionDigits: {decimals}}}"
    return CustomJSTickFormatter(code=f"return new Intl.NumberFormat('{locale}', {options}).format(tick)")


_WORDS = {"text_font": FONT, "text_font_style": "normal", "text_font_size": "12px"}
PLOTS = Theme(
    json={
        "attrs": {
            "Plot": {"background_fill_color": None, "border_fill_color": None, "outline_line_color": None},
            "Figure": {"background_fill_color": None, "border_fill_color": None, "outline_line_color": None},
            "Axis": {
                "axis_line_color": LINE,
                "major_tick_line_color": LINE,
                "minor_tick_line_color": None,
                "axis_label_text_color": MUTED,
                "major_label_text_color": MUTED,
                **{
                    f"{part}_{name}": look
                    for part in ("axis_label", "major_label")
                    for name, look in _WORDS.items()
                },
            },
            "Grid": {"grid_line_color": LINE, "grid_line_alpha": 0.8},
            "Legend": {
                "orientation": "horizontal",
                "label_text_color": INK,
                "border_line_color": None,
                "background_fill_alpha": 0.0,
                "click_policy": "hide",
                "padding": 0,
                "margin": 4,
                "spacing": 16,
                "label_standoff": 6,
                "glyph_width": 14,
                "glyph_height": 14,
                **{f"label_{name}": look for name, look in _WORDS.items()},
            },
            "Title": {"text_font": FONT},
        }
    }
)
"""Set on the visitor's document: panel-material-ui leaves alone in the browser what such a theme names."""


def plot(height: int = 280, **options: Any) -> figure:
    """Empty figure: stretches in width, never lower than ``height`` pixels; wheel and drag act on demand only."""
    drawing = figure(
        height=height,
        min_height=height,
        sizing_mode="stretch_width",
        toolbar_location=None,
        tools="",
        **options,
    )
    drawing.xgrid.grid_line_color = None
    return drawing


def dress_legend(drawing: figure) -> None:
    """Legend in one row above the plot; its entries can be clicked to hide their series."""
    if drawing.legend:
        drawing.add_layout(drawing.legend[0], "above")


def words(**more: Any) -> dict[str, Any]:
    """Font of text drawn inside a plot."""
    return {
        "text_font": {"value": FONT},
        "text_font_size": {"value": "12px"},
        "text_color": {"value": INK},
    } | more
