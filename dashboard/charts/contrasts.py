"""Why one cohort is riskier than another: groups or features by what they add, as data and as HTML bars.
Not here: the means and intervals (explain.contrast_cohorts), who is in a cohort."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from dashboard import blocks, theme
from dashboard.texts import Texts
from explain import CohortContrast

DIGITS = 3  # many contributions of a whole cohort differ by a few hundredths


def contrast_data(found: CohortContrast, count: int) -> pd.DataFrame:
    """The ``count`` largest differences, largest first: columns code, a, b, difference, low, high (log-odds)."""
    data = pd.DataFrame(
        {
            "code": found.codes,
            "a": found.mean_a,
            "b": found.mean_b,
            "difference": found.difference,
            "low": found.low,
            "high": found.high,
        }
    )
    return data.iloc[found.order[:count]].reset_index(drop=True)


def draw_contrast(data: pd.DataFrame, name_of: Callable[[str], str], texts: Texts) -> str:
    """Bar list: group or feature, interval, bar to the right (makes A riskier) or left, difference in log-odds."""
    w = texts.formats
    header = (
        texts("cohorts.why_group"),
        texts("cohorts.why_interval"),
        texts("cohorts.why_safer_riskier"),
        texts("client.log_odds"),
    )
    items = []
    columns = ("code", "a", "b", "difference", "low", "high")
    for code, a, b, difference, low, high in zip(*(data[name].tolist() for name in columns), strict=True):
        interval = w.interval(w.decimal(low, DIGITS, sign=True), w.decimal(high, DIGITS, sign=True))
        hint = texts(
            "cohorts.why_means", a=w.decimal(a, DIGITS, sign=True), b=w.decimal(b, DIGITS, sign=True)
        )
        number = w.decimal(difference, DIGITS, sign=True)
        items.append(blocks.Bar(name_of(code), interval, difference, number, hint))
    return blocks.bars(header, items, theme.RAISES, theme.LOWERS)
