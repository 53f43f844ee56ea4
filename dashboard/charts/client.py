"""One client's contributions and score as data and HTML bars.
Not here: how contributions are computed (explain), the client's place among others (place.py)."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd

from dashboard import blocks, theme
from dashboard.texts import Texts
from dashboard.values import words_of
from risk import RiskBands, ScoreScale


def strongest(weights: pd.Series, values: pd.Series, count: int) -> pd.DataFrame:
    """The ``count`` weights largest in size, strongest first: columns feature, weight, value (NaN missing)."""
    order = np.argsort(-weights.abs().to_numpy(), kind="stable")[:count]
    names = weights.index[order]
    return pd.DataFrame(
        {
            "feature": names,
            "weight": weights.iloc[order].to_numpy(),
            "value": values.reindex(names).to_numpy(dtype=np.float64),
        }
    )


def draw_weights(data: pd.DataFrame, texts: Texts) -> str:
    """Bar list: meaning, the client's value with its unit, bar to the right (raises risk) or left, log-odds."""
    header = (
        texts("client.feature"),
        texts("client.value"),
        texts("client.lowers_raises"),
        texts("client.log_odds"),
    )
    items = []
    for feature, weight, value in zip(data["feature"], data["weight"], data["value"], strict=True):
        words = words_of(str(feature), texts)
        hint = texts("client.raises" if weight >= 0 else "client.lowers", feature=words.meaning)
        number = texts.formats.decimal(weight, 2, sign=True)
        items.append(blocks.Bar(words.meaning, words.value(value), float(weight), number, hint))
    return blocks.bars(header, items, theme.RAISES, theme.LOWERS)


def score_ruler(score: int, cut_off: float, scale: ScoreScale, bands: RiskBands) -> pd.DataFrame:
    """Segments of the score ruler from risky to safe: band, left and right (0 to 100 % of the ruler), colour.

    ``attrs``: positions of the client (``score``) and of the cut-off (``cut_off``) on the same ruler.
    """
    bounds = [float(scale.score([bound])[0]) for bound in bands.upper_bounds[:-1]]  # descending: safest first
    low, high = min(bounds[-1] - 110, score - 20), max(bounds[0] + 110, score + 20)
    edges = [high, *bounds, low]
    places = np.linspace(0, len(theme.BAND_COLOURS) - 1, len(bands.names)).round().astype(int)

    def at(points: float) -> float:
        return 100 * (points - low) / (high - low)

    frame = pd.DataFrame(
        {
            "band": bands.names,
            "left": [at(edge) for edge in edges[1:]],
            "right": [at(edge) for edge in edges[:-1]],
            "colour": [theme.BAND_COLOURS[place] for place in places],
        }
    )
    frame.attrs = {
        "score": at(score),
        "cut_off": at(float(scale.score([cut_off])[0])),
        "low": low,
        "high": high,
    }
    return frame


def draw_ruler(data: pd.DataFrame, score: int, texts: Texts) -> str:
    """The bands as one coloured strip with the client's marker above and the cut-off below."""
    segments = "".join(
        _segment(str(band), left, right, colour, dark=place in (0, len(data) - 1))
        for place, (band, left, right, colour) in enumerate(
            zip(data["band"], data["left"], data["right"], data["colour"], strict=True)
        )
    )
    mark = data.attrs["score"]
    cut = data.attrs["cut_off"]
    label = escape(texts("client.ruler", score=score), quote=True)
    return (
        f'<div class="ruler" role="img" aria-label="{label}">{segments}'
        f'<div class="mark" style="left:{mark:.2f}%">{texts.formats.integer(score)}<div class="arrow"></div></div>'
        f'<div class="cut" style="left:{cut:.2f}%"></div>'
        f'<div class="cut-name" style="left:{cut:.2f}%">{escape(texts("client.ruler_cut_off"))}</div></div>'
    )


def _segment(band: str, left: float, right: float, colour: str, *, dark: bool) -> str:
    ink = "#fff" if dark else theme.INK
    style = f"left:{left:.2f}%;width:{right - left:.2f}%;background:{colour};color:{ink}"
    return f'<div class="band" style="{style}">{escape(band)}</div>'
