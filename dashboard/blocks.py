"""Small pieces of HTML that pages are made of: figures, notices, tables, bars; every text is escaped here.
Not here: which figures or sentences are shown (pages/), plots (charts/), page layout (layout.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

CSS = files("dashboard").joinpath("blocks.css").read_text(encoding="utf-8")


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


@dataclass(frozen=True)
class Measure:
    """One figure of quality: its name, its number, the least it should be, what it means, whether it is met."""

    name: str
    number: str
    least: str
    meaning: str
    met: bool = True


def measures(items: Iterable[Measure]) -> str:
    """Figures below one another; what each means shows when it is pointed at, or reached with the keyboard."""
    rows = "".join(
        f'<div class="measure{"" if item.met else " missed"}" tabindex="0">'
        f'<span class="name">{escape(item.name)}</span><span class="least">{escape(item.least)}</span>'
        f'<span class="number">{escape(item.number)}</span>'
        f'<span class="tip" role="tooltip">{escape(item.meaning)}</span></div>'
        for item in items
    )
    return f'<div class="measures">{rows}</div>'


def figures(items: Iterable[Figure]) -> str:
    """Cards side by side, as many in a row as fit."""
    cards = "".join(
        f'<div class="figure"><div class="name">{escape(item.name)}</div>'
        f'<div class="number">{escape(item.number)}</div><div class="detail">{escape(item.detail)}</div></div>'
        for item in items
    )
    return f'<div class="figures">{cards}</div>'


def notice(text: str, kind: str = "info", link: str = "", link_text: str = "") -> str:
    """A sentence in a box, with a link after it if given; nothing for no text.

    ``kind``: ``info``, ``warning`` or ``empty`` (nothing to show here).
    """
    role = "alert" if kind == "warning" else "status"
    after = f' <a href="{escape(link, quote=True)}">{escape(link_text)}</a>' if link else ""
    return f'<div class="notice {kind}" role="{role}">{escape(text)}{after}</div>' if text else ""


def heading(text: str, level: int) -> str:
    """Heading of the page (level 1) or of a card (2)."""
    return f"<h{level}>{escape(text)}</h{level}>"


def note(text: str) -> str:
    """Small print under a plot."""
    return f'<p class="note">{escape(text)}</p>' if text else ""


def lead(text: str) -> str:
    """A plain paragraph."""
    return f'<p class="lead">{escape(text)}</p>' if text else ""


def verbatim(text: str) -> str:
    """What is to be typed, or what the program says, as it is; long lines wrap."""
    return f'<pre class="verbatim">{escape(text)}</pre>'


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
            f'<div class="track" title="{escape(item.hint)}">'
            f'<div class="bar" style="{side};width:{width:.1f}%"></div></div>'
            f'<div class="cell-number">{escape(item.number)}</div>'
        )
    return f'<div class="bars">{"".join(cells)}</div>'


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Terms and what holds for each, one line per pair."""
    cells = "".join(
        f'<div class="term">{escape(term)}</div><div>{escape(text)}</div>' for term, text in pairs if text
    )
    return f'<div class="facts">{cells}</div>'


def stack(*parts: str) -> str:
    """Blocks below one another, a little apart."""
    return f'<div class="stack">{"".join(parts)}</div>'


def reasons(items: Iterable[tuple[str, str]]) -> str:
    """Numbered sentences, each with small print under it."""
    rows = "".join(f"<li>{escape(sentence)}<small>{escape(small)}</small></li>" for sentence, small in items)
    return f'<ol class="reasons">{rows}</ol>'
