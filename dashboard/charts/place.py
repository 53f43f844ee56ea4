"""Where one client stands: its value of a feature among all clients and among the accepted ones.
Not here: distributions of groups in general (features.py)."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.charts.features import Mask, Values, category_distribution, numeric_distribution
from dashboard.values import FeatureWords


@dataclass(frozen=True)
class Place:
    """A client's value and the shares of the known values that are smaller and equal; NaN value: missing."""

    value: float
    below: float
    equal: float


def place_of(values: Values, value: float) -> Place:
    """Where ``value`` stands among the known ``values``."""
    known = max(int(np.count_nonzero(~np.isnan(values))), 1)
    own = np.float32(value)
    smaller, same = np.count_nonzero(values < own), np.count_nonzero(values == own)
    return Place(value, int(smaller) / known, int(same) / known)


def place_distribution(values: Values, accepted: Mask, categories: tuple[str, ...]) -> pd.DataFrame:
    """Distribution of the feature with the columns everyone and accepted; the same for every client."""
    groups = {"everyone": np.ones(len(values), dtype=np.bool_), "accepted": accepted}
    if categories:
        return category_distribution(values, categories, groups)
    return numeric_distribution(values, groups)


def draw_place(data: pd.DataFrame, place: Place, words: FeatureWords) -> str:
    """Everyone in grey, the accepted in green, the client in black, as HTML: six such plots must cost little."""
    return _draw_categories(data, place) if words.categories else _draw_numbers(data, place, words)


def _draw_numbers(data: pd.DataFrame, place: Place, words: FeatureWords) -> str:
    edges = np.append(data["low"], data["high"].iloc[-1])
    low, width = float(edges[0]), float(edges[-1] - edges[0])
    across = 100 * (edges - low) / width
    top = float(data[["everyone", "accepted"]].to_numpy().max()) or 1.0
    client = ""
    if not np.isnan(place.value):
        at = min(max(100 * (place.value - low) / width, 0.0), 100.0)
        client = f'<line class="client" x1="{at:.2f}" x2="{at:.2f}" y1="0" y2="100"/>'
    ticks = "".join(
        f'<span style="left:{100 * (tick - low) / width:.2f}%">{escape(_tick(tick, words))}</span>'
        for tick in nice_ticks(low, low + width)
    )
    return (
        '<div class="small-plot"><svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="everyone" d="{_steps(across, data["everyone"] / top)}"/>'
        f'<path class="accepted" d="{_steps(across, data["accepted"] / top)}"/>{client}</svg>'
        f'<div class="ticks">{ticks}</div><div class="unit">{escape(words.unit_name)}</div></div>'
    )


def _steps(across: NDArray[np.float64], heights: pd.Series[float]) -> str:
    """Path of a histogram's outline in a box of 100 by 100, from the base line and back to it."""
    rises = "".join(
        f"V{100 - 96 * height:.1f}H{right:.2f}" for height, right in zip(heights, across[1:], strict=True)
    )
    return f"M{across[0]:.2f} 100{rises}V100"


def _tick(value: float, words: FeatureWords) -> str:
    return words.texts.formats.percent(value, 0) if words.is_share else words.number(value)


def nice_ticks(low: float, high: float) -> list[float]:
    """About four round numbers inside the range: 0 to 33 gives 0, 10, 20, 30."""
    rough = (high - low) / 4
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough * 0.8)
    first = np.ceil(low / step)
    return [float(np.round(tick * step, 12)) for tick in np.arange(first, np.floor(high / step) + 1)]


def _draw_categories(data: pd.DataFrame, place: Place) -> str:
    """The five most frequent categories and the client's own."""
    common = data["everyone"].nlargest(5).index
    shown = data[(data.index.isin(common) & (data["everyone"] > 0)) | (data.index == place.value)]
    top = float(shown[["everyone", "accepted"]].to_numpy().max(initial=0.0)) or 1.0
    rows = "".join(
        f'<div class="name">{escape(str(category))}</div><div class="track">'
        f'<div class="share{" own" * (code == place.value)}" style="width:{100 * everyone / top:.1f}%"></div>'
        f'<div class="tick" style="left:{100 * accepted / top:.1f}%"></div></div>'
        for code, category, everyone, accepted in zip(
            shown.index, shown["category"], shown["everyone"], shown["accepted"], strict=True
        )
    )
    return f'<div class="small-plot shares">{rows}</div>'
