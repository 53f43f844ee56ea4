"""Small pieces of HTML that pages are made of: figures, notices, tables, bars; every text is escaped here.
Not here: which figures or sentences are shown (pages/), plots (charts/), page layout (layout.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

CSS = """
:host { font-family: Roboto, Helvetica, Arial, sans-serif; color: #1d2733; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(168px, 1fr)); gap: 12px; }
.figure { background: #fff; border: 1px solid #dde3ea; border-radius: 8px; padding: 14px 16px 12px; }
.figure .name { font-size: 12.5px; color: #5b6875; line-height: 1.3; min-height: 33px; }
.figure .number { font-size: 25px; font-weight: 500; line-height: 1.25; white-space: nowrap; margin-top: 2px; }
.figure .detail { font-size: 12px; color: #5b6875; line-height: 1.35; margin-top: 2px; }
.notice { border-radius: 8px; padding: 10px 14px; font-size: 14px; line-height: 1.45; border: 1px solid; }
.notice.info { background: #eef5fb; border-color: #bcd7ec; }
.notice.warning { background: #fff6e5; border-color: #f0cd8a; }
.notice.empty { background: #f4f6f9; border: 1px dashed #b8c2cc; color: #44515e; text-align: center; padding: 34px 20px; }
.notice code { background: #eef0f3; border-radius: 4px; padding: 1px 5px; font-size: 13px; }
.note { font-size: 13px; color: #5b6875; line-height: 1.45; margin: 0; }
.lead { font-size: 14px; line-height: 1.5; margin: 0; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: right; font-weight: 500; color: #5b6875; font-size: 12.5px; padding: 6px 10px; border-bottom: 1px solid #c9d2db; }
td { text-align: right; padding: 8px 10px; border-bottom: 1px solid #eaeef2; font-variant-numeric: tabular-nums; vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
tr:last-child td { border-bottom: none; }
td small { display: block; color: #5b6875; font-size: 12px; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px; }
.bars { display: grid; grid-template-columns: minmax(150px, 1.35fr) minmax(70px, auto) minmax(110px, 1fr) 62px; gap: 0 12px; font-size: 13.5px; align-items: center; }
.bars > div { padding: 6px 0; line-height: 1.3; }
.bars .head { font-size: 12px; color: #5b6875; border-bottom: 1px solid #c9d2db; align-self: end; }
.bars .cell-value { text-align: right; color: #1d2733; }
.bars .cell-number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bars .track { position: relative; height: 16px; padding: 0; background: linear-gradient(#9aa6b2, #9aa6b2) center / 1px 100% no-repeat; }
.bars .bar { position: absolute; top: 2px; height: 12px; border-radius: 2px; }
.chip { display: inline-block; border-radius: 14px; padding: 3px 12px; font-size: 14px; font-weight: 500; color: #fff; }
ol.reasons { margin: 0; padding-left: 22px; font-size: 14px; line-height: 1.45; }
ol.reasons li { margin-bottom: 8px; }
ol.reasons small { color: #5b6875; display: block; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 6px 16px; font-size: 14px; line-height: 1.4; }
.facts .term { color: #5b6875; }
a { color: #17456b; }
"""


@dataclass(frozen=True)
class Figure:
    """One headline number with its name and a line of detail (interval, unit, basis)."""

    name: str
    number: str
    detail: str = ""


@dataclass(frozen=True)
class Bar:
    """One row of a bar list: what it is, the client's value, and the signed length."""

    name: str
    value: str
    length: float
    number: str
    hint: str = ""


def figures(items: Iterable[Figure]) -> str:
    """Cards side by side, as many in a row as fit."""
    cards = "".join(
        f'<div class="figure"><div class="name">{escape(item.name)}</div>'
        f'<div class="number">{escape(item.number)}</div><div class="detail">{escape(item.detail)}</div></div>'
        for item in items
    )
    return f'<div class="figures">{cards}</div>'


def notice(text: str, kind: str = "info") -> str:
    """A sentence in a box: ``info``, ``warning`` or ``empty`` (nothing to show here). Nothing for no text."""
    role = "alert" if kind == "warning" else "status"
    return f'<div class="notice {kind}" role="{role}">{escape(text)}</div>' if text else ""


def note(text: str) -> str:
    """Small print under a plot."""
    return f'<p class="note">{escape(text)}</p>' if text else ""


def lead(text: str) -> str:
    """A plain paragraph."""
    return f'<p class="lead">{escape(text)}</p>' if text else ""


def table(
    header: Sequence[str], rows: Iterable[Sequence[str | tuple[str, str]]], colours: Sequence[str] = ()
) -> str:
    """Table whose first column names the row; a cell is a text, or a text with small print under it.

    ``colours``: a dot of this colour before each header after the first, empty for none.
    """
    dots = [*[""], *colours, *[""] * len(header)]
    head = "".join(
        f'<th scope="col">{_dot(colour)}{escape(name)}</th>'
        for name, colour in zip(header, dots, strict=False)
    )
    body = "".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _dot(colour: str) -> str:
    return f'<span class="dot" style="background:{colour}"></span>' if colour else ""


def _cell(cell: str | tuple[str, str]) -> str:
    text, small = cell if isinstance(cell, tuple) else (cell, "")
    return f"<td>{escape(text)}{f'<small>{escape(small)}</small>' if small else ''}</td>"


def bars(header: tuple[str, str, str, str], items: Sequence[Bar], positive: str, negative: str) -> str:
    """Rows with a bar to the right for positive lengths, to the left for negative ones, on one scale."""
    longest = max((abs(item.length) for item in items), default=0.0) or 1.0
    cells = [
        f'<div class="head{extra}">{escape(name)}</div>'
        for name, extra in zip(header, ("", " cell-value", "", " cell-number"), strict=True)
    ]
    for item in items:
        width = 50 * abs(item.length) / longest
        side = f"left:50%;background:{positive}" if item.length >= 0 else f"right:50%;background:{negative}"
        cells.append(
            f'<div>{escape(item.name)}</div><div class="cell-value">{escape(item.value)}</div>'
            f'<div class="track" title="{escape(item.hint)}"><div class="bar" style="{side};width:{width:.1f}%"></div></div>'
            f'<div class="cell-number">{escape(item.number)}</div>'
        )
    return f'<div class="bars">{"".join(cells)}</div>'


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Terms and what holds for each, one line per pair."""
    cells = "".join(
        f'<div class="term">{escape(term)}</div><div>{escape(text)}</div>' for term, text in pairs if text
    )
    return f'<div class="facts">{cells}</div>'


def reasons(items: Iterable[tuple[str, str]]) -> str:
    """Numbered sentences, each with small print under it."""
    rows = "".join(f"<li>{escape(sentence)}<small>{escape(small)}</small></li>" for sentence, small in items)
    return f'<ol class="reasons">{rows}</ol>'
