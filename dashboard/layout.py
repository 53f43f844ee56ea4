"""How panes are arranged on a page: titled cards, rows of cards, HTML panes in the house style.
Not here: content of any kind."""

from __future__ import annotations

from collections.abc import Sequence
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


def card(title: str, *items: Any, note: str = "", padding: str = "16px 18px") -> pn.Column:
    """White card with a title, its content and small print.

    A plain Column, not panel-material-ui's Paper: that one renders its children after Bokeh has measured them,
    and a plot that is replaced inside it fails in the browser (panel-material-ui #548).
    """
    parts = [html(blocks.heading(title, 2), margin=(0, 0, 8, 0))] if title else []
    parts += list(items)
    if note:
        parts.append(html(blocks.note(note), margin=(8, 0, 0, 0)))
    return pn.Column(*parts, sizing_mode="stretch_width", margin=0, styles=_CARD | {"padding": padding})


def row(*items: Any) -> pn.FlexBox:
    """Cards side by side, equally wide and equally high; below one another on narrow screens."""
    return pn.FlexBox(
        *items, gap="16px", align_items="stretch", flex_wrap="nowrap", sizing_mode="stretch_width", margin=0
    )


def stack(*items: Any) -> pn.Column:
    """Sections of a page below one another."""
    return pn.Column(*items, styles={"gap": "16px"}, sizing_mode="stretch_width", margin=0)


def firm(page: pn.viewable.Viewable) -> pn.viewable.Viewable:
    """The page with the height of its fields and buttons kept free: a browser draws them a second or two after the
    texts, which must not move then."""
    for widget in page.select(lambda part: type(part) in _DRAWN):
        if widget.min_height is None:
            widget.min_height = _DRAWN[type(widget)]
    return page


def height_of_choices(chosen: Sequence[str]) -> int:
    """Pixels of a MultiChoice that shows these choices, in half a card on a screen of 1,280 pixels; on a wider one
    they may need a line less."""
    lines, taken = 1, 0
    for text in chosen:
        width = _CHIP + _LETTER * len(text)
        if taken and taken + _CHIP_GAP + width > _CHIPS_WIDE:
            lines, taken = lines + 1, 0
        taken += width + (_CHIP_GAP if taken else 0)
    return _AROUND_CHIPS + lines * _CHIPS_LINE if chosen else _DRAWN[pmui.MultiChoice]


_CHIP, _LETTER, _CHIP_GAP, _CHIPS_WIDE = 38, 7, 4, 170
_AROUND_CHIPS, _CHIPS_LINE = 29, 36
"""Pixels as Chromium draws them: "moins de 25 ans" is 140 wide, one line of choices 65 high, two 101."""

_DRAWN = {
    pmui.AutocompleteInput: 40,
    pmui.Button: 37,
    pmui.FloatInput: 40,
    pmui.FloatSlider: 53,
    pmui.MultiChoice: 56,
    pmui.RadioButtonGroup: 39,
    pmui.Select: 35,
    pmui.TextInput: 40,
}
"""Pixels of a widget on one line, as Chromium draws them."""

ONE_LINE = {"& .MuiToggleButton-root, & .MuiButton-root": {"whiteSpace": "nowrap", "px": "14px"}}
_CARD = {
    "background": "#ffffff",
    "border": "1px solid #dde3ea",
    "border-radius": "8px",
    "box-sizing": "border-box",
    "align-self": "stretch",
    "height": "auto",
}
