"""The note's charts: points in, one SVG element out, nothing to load from anywhere.

Belongs here: drawing. Does not: which figures are drawn (note.drawings), where they stand (templates).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

Tell = Callable[[float], str]


@dataclass(frozen=True)
class Frame:
    """Size of a drawing and the room around its axes, in its own units."""

    width: float = 560.0
    height: float = 260.0
    left: float = 70.0
    right: float = 26.0
    top: float = 16.0
    bottom: float = 46.0


WIDE = Frame()
SMALL = Frame(width=330.0, height=190.0, left=52.0, right=26.0, top=16.0, bottom=40.0)


@dataclass(frozen=True)
class Axis:
    """Values from `lowest` (0) to at least `highest` along a line of the drawing, written by `tell`."""

    title: str
    highest: float
    tell: Tell
    lowest: float = 0.0
    most_ticks: int = 6

    @property
    def step(self) -> float:
        """Distance of two ticks: 1, 2 or 5 times a power of ten, at most six of them up to `highest`."""
        rough = max(self.highest - self.lowest, 1e-9) / self.most_ticks
        power = 10.0 ** math.floor(math.log10(rough))
        return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)

    @property
    def low(self) -> float:
        """The first tick: the last one at or below `lowest`."""
        return self.step * math.floor(self.lowest / self.step + 1e-9)

    @property
    def high(self) -> float:
        """The last tick: the first one at or above `highest`."""
        return self.step * math.ceil(self.highest / self.step - 1e-9)

    def ticks(self) -> list[float]:
        """Round values from `low` up to `high`."""
        count = max(1, round((self.high - self.low) / self.step))
        return [self.low + self.step * number for number in range(count + 1)]

    def share(self, value: float) -> float:
        """Position of the value along the axis, 0 to 1."""
        ticks = self.ticks()
        return (value - ticks[0]) / (ticks[-1] - ticks[0])


@dataclass(frozen=True)
class Bar:
    """A line of a chart by names: its value with an interval, drawn stronger if `strong`."""

    name: str
    value: float
    low: float
    high: float
    strong: bool = False


def line_chart(
    title: str,
    x: Axis,
    y: Axis,
    line: Sequence[tuple[float, float]],
    mark: tuple[float, str] | None = None,
    span: tuple[float, float] | None = None,
    band: Sequence[tuple[float, float, float]] = (),
    level: tuple[float, str] | None = None,
    frame: Frame = WIDE,
) -> Markup:
    """A line with one vertical mark, labelled, a shaded span of x, a band (x, low, high) around the line and one
    level line, labelled."""
    at = _Places(frame, x, y)
    drawing = ""
    if span is not None:
        left, right = (at.x(min(max(value, x.ticks()[0]), x.ticks()[-1])) for value in span)
        drawing += (
            f'<rect class="span" x="{left:.1f}" width="{max(right - left, 1):.1f}" y="{frame.top}" '
            f'height="{frame.height - frame.bottom - frame.top}"/>'
        )
    if band:
        up = " ".join(f"{at.x(a):.1f},{at.y(high):.1f}" for a, _, high in band)
        down = " ".join(f"{at.x(a):.1f},{at.y(low):.1f}" for a, low, _ in reversed(band))
        drawing += f'<polygon class="band" points="{up} {down}"/>'
    if level is not None:
        end = frame.width - frame.right
        drawing += _segment("even", frame.left, end, at.y(level[0]), at.y(level[0]))
        drawing += _text(end, frame.top - 4, f"- - {level[1]}", "end", "tick")
    points = " ".join(f"{at.x(a):.1f},{at.y(b):.1f}" for a, b in line)
    drawing += f'<polyline class="line" points="{points}"/>'
    if mark is not None:
        place = at.x(mark[0])
        drawing += _segment("mark", place, place, frame.top, frame.height - frame.bottom)
        drawing += _text(place + 5, frame.top + 11, mark[1])
    return _framed(title, at, drawing)


def interval_chart(
    title: str, x: Axis, y: Axis, points: Sequence[tuple[float, float, float, float]]
) -> Markup:
    """Points (x, y, low, high) with their intervals, beside the diagonal on which both axes agree."""
    at, upper = _Places(WIDE, x, y), min(x.high, y.high)
    drawing = _segment("even", at.x(0), at.x(upper), at.y(0), at.y(upper))
    for a, b, low, high in points:
        drawing += _segment("interval", at.x(a), at.x(a), at.y(low), at.y(high))
        drawing += f'<circle cx="{at.x(a):.1f}" cy="{at.y(b):.1f}" r="3.5"/>'
    return _framed(title, at, drawing)


def bar_chart(title: str, x: Axis, bars: Sequence[Bar], within: Frame = WIDE) -> Markup:
    """One line per bar, the first on top: its name, a point at its value, its interval. As wide as `within`."""
    row, letter = 19.0, 7.0
    names = max(len(bar.name) for bar in bars) * letter + 16.0
    frame = replace(within, height=row * len(bars) + 62.0, left=min(names, 0.6 * within.width))
    at = _Places(frame, x, Axis("", 1.0, str))
    foot, end = frame.height - frame.bottom, frame.width - frame.right
    drawing = f'<path class="axis" d="M{frame.left},{frame.top} V{foot} H{end}"/>'
    for value in x.ticks():
        drawing += f'<path class="grid" d="M{at.x(value):.1f},{frame.top} V{foot}"/>'
        drawing += _text(at.x(value), foot + 15, x.tell(value), "middle", "tick")
    for number, bar in enumerate(bars):
        middle, kind = frame.top + row * (number + 0.5), "strong" if bar.strong else ""
        low, high = (at.x(min(max(value, x.ticks()[0]), x.ticks()[-1])) for value in (bar.low, bar.high))
        drawing += _text(frame.left - 8, middle + 4, bar.name, "end", kind)
        drawing += _segment("interval", low, high, middle, middle)
        size = 4.5 if bar.strong else 3.5
        drawing += f'<circle class="{kind}" cx="{at.x(bar.value):.1f}" cy="{middle:.1f}" r="{size}"/>'
    drawing += _text((frame.left + end) / 2, frame.height - 8, x.title, "middle")
    return Markup(f"{_opened(title, frame)}{drawing}</svg>")


@dataclass(frozen=True)
class _Places:
    """Where values lie in a drawing."""

    frame: Frame
    x_axis: Axis
    y_axis: Axis

    def x(self, value: float) -> float:
        return self.frame.left + self.x_axis.share(value) * (
            self.frame.width - self.frame.left - self.frame.right
        )

    def y(self, value: float) -> float:
        tall = self.frame.height - self.frame.top - self.frame.bottom
        return self.frame.height - self.frame.bottom - self.y_axis.share(value) * tall


def _text(x: float, y: float, text: str, anchor: str = "start", kind: str = "") -> str:
    styled = f' class="{kind}"' if kind else ""
    return f'<text{styled} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _segment(kind: str, from_x: float, to_x: float, from_y: float, to_y: float) -> str:
    return f'<line class="{kind}" x1="{from_x:.1f}" x2="{to_x:.1f}" y1="{from_y:.1f}" y2="{to_y:.1f}"/>'


def _opened(title: str, frame: Frame) -> str:
    return f'<svg viewBox="0 0 {frame.width:.0f} {frame.height:.0f}" role="img" aria-label="{escape(title)}">'


def _framed(title: str, at: _Places, drawing: str) -> Markup:
    frame, x, y = at.frame, at.x_axis, at.y_axis
    foot, end = frame.height - frame.bottom, frame.width - frame.right
    drawn = f'{_opened(title, frame)}<path class="axis" d="M{frame.left},{frame.top} V{foot} H{end}"/>'
    for value in x.ticks():
        drawn += _text(at.x(value), foot + 15, x.tell(value), "middle", "tick")
    for value in y.ticks():
        drawn += f'<path class="grid" d="M{frame.left},{at.y(value):.1f} H{end}"/>'
        drawn += _text(frame.left - 6, at.y(value) + 4, y.tell(value), "end", "tick")
    drawn += _text((frame.left + end) / 2, frame.height - 8, x.title, "middle")
    middle = (frame.top + foot) / 2
    turned = _text(14, middle, y.title, "middle").replace(
        "<text", f'<text transform="rotate(-90 14 {middle:.1f})"', 1
    )
    return Markup(f"{drawn}{turned}{drawing}</svg>")
