"""Other values a reader tries for one client: the columns that can be tried, how people read them. No widgets.
Not here: what the model answers to them (explain.what_if), how they are entered (pages/questions.py)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import param

from features import categories_of

DAYS = 365.25


@dataclass(frozen=True)
class Tried:
    """One column of the application that can be tried: its code on the page, its bounds as the page shows it.

    ``per``: what one unit on the page is in the column (years of employment count as negative days).
    """

    code: str
    column: str
    low: float
    high: float
    step: float
    per: float = 1.0


TRIED = (
    Tried("credit", "AMT_CREDIT", 0, 1e8, 10_000),
    Tried("price", "AMT_GOODS_PRICE", 0, 1e8, 10_000),
    Tried("instalment", "AMT_ANNUITY", 0, 1e7, 500),
    Tried("income", "AMT_INCOME_TOTAL", 0, 1e8, 5_000),
    Tried("employed", "DAYS_EMPLOYED", 0, 60, 0.5, -DAYS),
    Tried("score_2", "EXT_SOURCE_2", 0, 1, 0.05),
    Tried("score_3", "EXT_SOURCE_3", 0, 1, 0.05),
)
EDUCATION = "NAME_EDUCATION_TYPE"
LEVELS = categories_of("application", EDUCATION)
_NO_EMPLOYMENT = 365_243  # the tables' own sign for none


class OtherValues(param.Parameterized):
    """What is entered, per code of TRIED (None: not known), and the education."""

    credit = param.Number(default=None, allow_None=True)
    price = param.Number(default=None, allow_None=True)
    instalment = param.Number(default=None, allow_None=True)
    income = param.Number(default=None, allow_None=True)
    employed = param.Number(default=None, allow_None=True)
    score_2 = param.Number(default=None, allow_None=True)
    score_3 = param.Number(default=None, allow_None=True)
    education = param.Selector(default=None, objects=[None, *LEVELS], allow_None=True)

    def take(self, application: pd.Series) -> None:
        """Shows the client's own values, all at once."""
        self.param.update(**shown_values(application))

    def changes(self, application: pd.Series) -> dict[str, float | str | None]:
        """Column to value, of what differs from the client's own values as the page shows them."""
        own = shown_values(application)
        found: dict[str, float | str | None] = {}
        for tried in TRIED:
            entered = getattr(self, tried.code)
            if entered != own[tried.code]:
                found[tried.column] = None if entered is None else entered * tried.per
        if self.education != own["education"]:
            found[EDUCATION] = self.education
        return found


def shown_values(application: pd.Series) -> Mapping[str, float | str | None]:
    """The client's own values as the page shows them: rounded, None where not known."""
    shown: dict[str, float | str | None] = {}
    for tried in TRIED:
        value = float(application[tried.column])
        known = not math.isnan(value) and value != _NO_EMPLOYMENT
        shown[tried.code] = round(value / tried.per, 4) + 0.0 if known else None
    level = application[EDUCATION]
    return shown | {"education": level if level in LEVELS else None}
