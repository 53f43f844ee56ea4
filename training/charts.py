"""The note's charts: points in, one SVG element out, nothing to load from anywhere.

Belongs here: drawing. Does not: which figures are drawn (figures), where they stand (templates).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

Tell = Callable[[float], str]
WIDTH, HEIGHT = 560.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 70.0, 26.0, 16.0, 46.0


@dataclass(frozen=True)
class Axis:
    """Values from 0 to at least `highest` along a line of the drawing, written by `tell`."""

    title: str
    highest: float
    tell: Tell

    @property
    def step(self) -> float:
        """Distance of two ticks: 1, 2 or 5 times a power of ten, at most six of them up to `highest`."""
        rough = max(self.highest, 1e-9) / 6
        power = 10.0 ** math.floor(math.log10(rough))
        return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)

    @property
    def high(self) -> float:
        """The last tick: the first one at or above `highest`."""
        return self.step * math.ceil(self.highest / self.step - 1e-9)

    def ticks(self) -> list[float]:
        """Round values from 0 up to `high`."""
        return [self.step * count for count in range(round(self.high / self.step) + 1)]

    def share(self, value: float) -> float:
        """Position of the value along the axis, 0 to 1."""
        return value / self.high


def line_chart(
    title: str, x: Axis, y: Axis, line: Sequence[tuple[float, float]], mark: tuple[float, str]
) -> Markup:
    """A line with one vertical mark, labelled."""
    points = " ".join(f"{_x(x, a):.1f},{_y(y, b):.1f}" for a, b in line)
    at = _x(x, mark[0])
    drawing = (
        f'<polyline class="line" points="{points}"/>'
        f'<line class="mark" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        f'<text x="{at + 5:.1f}" y="{TOP + 11}">{escape(mark[1])}</text>'
    )
    return _framed(title, x, y, drawing)


def interval_chart(
    title: str, x: Axis, y: Axis, points: Sequence[tuple[float, float, float, float]]
) -> Markup:
    """Points (x, y, low, high) with their intervals, beside the diagonal on which both axes agree."""
    upper = min(x.high, y.high)
    drawing = (
        f'<line class="even" x1="{_x(x, 0):.1f}" y1="{_y(y, 0):.1f}" '
        f'x2="{_x(x, upper):.1f}" y2="{_y(y, upper):.1f}"/>'
    )
    for a, b, low, high in points:
        drawing += (
            f'<line class="interval" x1="{_x(x, a):.1f}" x2="{_x(x, a):.1f}" '
            f'y1="{_y(y, low):.1f}" y2="{_y(y, high):.1f}"/>'
            f'<circle cx="{_x(x, a):.1f}" cy="{_y(y, b):.1f}" r="3.5"/>'
        )
    return _framed(title, x, y, drawing)


def _x(axis: Axis, value: float) -> float:
    return LEFT + axis.share(value) * (WIDTH - LEFT - RIGHT)


def _y(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - axis.share(value) * (HEIGHT - TOP - BOTTOM)


def _framed(title: str, x: Axis, y: Axis, drawing: str) -> Markup:
    parts = [
        f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{escape(title)}">',
        f'<path class="axis" d="M{LEFT},{TOP} V{HEIGHT - BOTTOM} H{WIDTH - RIGHT}"/>',
    ]
    for value in x.ticks():
        parts.append(
            f'<text class="tick" x="{_x(x, value):.1f}" y="{HEIGHT - BOTTOM + 15}" '
            f'text-anchor="middle">{escape(x.tell(value))}</text>'
        )
    for value in y.ticks():
        parts.append(
            f'<path class="grid" d="M{LEFT},{_y(y, value):.1f} H{WIDTH - RIGHT}"/>'
            f'<text class="tick" x="{LEFT - 6}" y="{_y(y, value) + 4:.1f}" '
            f'text-anchor="end">{escape(y.tell(value))}</text>'
        )
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.1f}" y="{HEIGHT - 8}" '
        f'text-anchor="middle">{escape(x.title)}</text>'
        f'<text x="14" y="{(TOP + HEIGHT - BOTTOM) / 2:.1f}" text-anchor="middle" '
        f'transform="rotate(-90 14 {(TOP + HEIGHT - BOTTOM) / 2:.1f})">{escape(y.title)}</text>'
    )
    return Markup("".join([*parts, drawing, "</svg>"]))
