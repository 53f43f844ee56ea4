"""How panes are arranged on a page: titled cards, rows of cards, HTML panes in the house style.
Not here: content of any kind."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard import blocks


def html(content: Any, **options: Any) -> pn.pane.HTML:
    """Pane for blocks: a text, or the method that returns it."""
    settings = {
        "sizing_mode": "stretch_width",
        "margin": 0,
        "stylesheets": [blocks.CSS],
        "sanitize_html": False,
    }
    return pn.pane.HTML(content, **settings | options)


def chart(content: Any, height: int) -> pn.pane.Bokeh:
    """Pane for a plot, or for the method that draws it; never collapses below ``height``."""
    return pn.pane.Bokeh(content, sizing_mode="stretch_width", height=height, min_height=height, margin=0)


def card(title: str, *items: Any, note: str = "", **options: Any) -> pmui.Paper:
    """White card with a title, its content and small print."""
    parts = [pmui.Typography(title, variant="h6", margin=(0, 0, 8, 0), sx=_TITLE)] if title else []
    parts += list(items)
    if note:
        parts.append(html(blocks.note(note), margin=(8, 0, 0, 0)))
    settings = {
        "variant": "outlined",
        "sizing_mode": "stretch_width",
        "margin": 0,
        "sx": _CARD,
        "styles": {"align-self": "stretch", "height": "auto"},
        "stylesheets": [".paper { height: 100%; }"],
    }
    return pmui.Paper(*parts, **settings | options)


def row(*items: Any) -> pn.FlexBox:
    """Cards side by side, equally wide and equally high; below one another on narrow screens."""
    return pn.FlexBox(
        *items, gap="16px", align_items="stretch", flex_wrap="nowrap", sizing_mode="stretch_width", margin=0
    )


def stack(*items: Any) -> pn.Column:
    """Sections of a page below one another."""
    return pn.Column(*items, styles={"gap": "16px"}, sizing_mode="stretch_width", margin=0)


ONE_LINE = {"& .MuiToggleButton-root, & .MuiButton-root": {"whiteSpace": "nowrap", "px": "14px"}}
_TITLE = {"fontSize": "16px", "fontWeight": 500, "lineHeight": 1.3}
_CARD = {"p": "16px 18px", "borderColor": "#dde3ea", "boxSizing": "border-box", "height": "100%"}
