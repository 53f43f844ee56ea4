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
    for row in data.itertuples():
        words = words_of(str(row.feature), texts)
        hint = texts("client.raises" if row.weight >= 0 else "client.lowers", feature=words.meaning)
        number = texts.formats.decimal(row.weight, 2, sign=True)
        items.append(blocks.Bar(words.meaning, words.value(row.value), float(row.weight), number, hint))
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
        f'<div style="position:absolute;left:{row.left:.2f}%;width:{row.right - row.left:.2f}%;top:26px;height:22px;'
        f"background:{row.colour};color:{'#fff' if row.Index in (0, len(data) - 1) else '#1d2733'};font-size:12px;"
        f'line-height:22px;text-align:center;font-weight:500;box-shadow:inset -1px 0 #fff">{escape(str(row.band))}</div>'
        for row in data.itertuples()
    )
    mark = data.attrs["score"]
    cut = data.attrs["cut_off"]
    return (
        f'<div role="img" aria-label="{escape(texts("client.ruler", score=score))}" style="position:relative;height:78px;margin:2px 28px 0">'
        f"{segments}"
        f'<div style="position:absolute;left:{mark:.2f}%;top:0;transform:translateX(-50%);font-size:13px;font-weight:500;'
        f'line-height:18px;text-align:center;white-space:nowrap">{texts.formats.integer(score)}<div style="width:0;height:0;margin:0 auto;'
        'border:6px solid transparent;border-top:8px solid #1d2733;border-bottom:0"></div></div>'
        f'<div style="position:absolute;left:{cut:.2f}%;top:22px;height:31px;border-left:2px dashed #1d2733"></div>'
        f'<div style="position:absolute;left:{cut:.2f}%;top:56px;transform:translateX(-50%);font-size:12px;color:#5b6875;white-space:nowrap">'
        f"{escape(texts('client.ruler_cut_off'))}</div></div>"
    )
