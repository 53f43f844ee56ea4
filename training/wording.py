"""How figures are written in a language: decimal mark, thousands, percent, days, missing; where lines break.

Belongs here: numbers and values as text. Does not: sentences (texts/).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

Language = Literal["en", "fr"]
NARROW_SPACE, FIXED_SPACE = "\u202f", "\u00a0"
NOTHING = "–"


@dataclass(frozen=True)
class Wording:
    """Numbers as text: 1234.5 is "1,234.5" in English and "1 234,5" in French; missing is a dash."""

    language: Language

    def number(self, value: float | None, digits: int = 0) -> str:
        """The number with `digits` decimals."""
        if value is None or math.isnan(value):
            return NOTHING
        text = f"{value:,.{digits}f}".replace("-", "\u2212")
        return text if self.language == "en" else text.replace(",", NARROW_SPACE).replace(".", ",")

    def percent(self, share: float | None, digits: int = 1) -> str:
        """A share of 0 to 1 in percent: 0.081 is "8.1%", in French "8,1 %"."""
        if share is None or math.isnan(share):
            return NOTHING
        return self.number(100 * share, digits) + ("%" if self.language == "en" else f"{FIXED_SPACE}%")

    def points(self, difference: float | None, digits: int = 1, sign: bool = False) -> str:
        """A difference of two shares in percentage points: 0.337 is "33.7 pts"."""
        if difference is None or math.isnan(difference):
            return NOTHING
        tell = self.signed if sign else self.number
        return f"{tell(100 * difference, digits)}{FIXED_SPACE}pts"

    def day(self, at: str) -> str:
        """The day of an ISO time as people write it: "2026-11-28", in French "28/11/2026"."""
        year, month, day = at[:10].split("-")
        return f"{day}/{month}/{year}" if self.language == "fr" else f"{year}-{month}-{day}"

    def minute(self, at: str) -> str:
        """Day and minute of an ISO time."""
        return f"{self.day(at)} {at[11:16]}"

    def typeset(self, text: object) -> object:
        """A text in which no line breaks beside ± or, in French, before the marks that a space precedes; anything
        that is no plain text as it is."""
        if not isinstance(text, str) or isinstance(text, Markup):
            return text
        kept = text.replace(" ± ", f"{FIXED_SPACE}±{FIXED_SPACE}")
        if self.language == "fr":
            kept = re.sub(r" ([;?!])", rf"{NARROW_SPACE}\1", kept)
            kept = re.sub(r" ([:%»])", rf"{FIXED_SPACE}\1", kept).replace("« ", f"«{FIXED_SPACE}")
        return kept

    def signed(self, value: float | None, digits: int = 3) -> str:
        """The number with its sign, plus included."""
        text = self.number(value, digits)
        return text if value is None or math.isnan(value) or value < 0 else f"+{text}"

    def compact(self, value: float) -> str:
        """A setting or a client's value: whole numbers without decimals, others with three figures."""
        if value == int(value) and abs(value) < 1e15:
            return self.number(value)
        digits = max(0, 2 - math.floor(math.log10(abs(value))))
        text = self.number(value, digits)
        mark = "." if self.language == "en" else ","
        return text.rstrip("0").rstrip(mark) if mark in text else text

    def span(self, low: float | None, high: float | None, digits: int = 1) -> str:
        """Two shares in percent, from and to."""
        if low is None or high is None:
            return NOTHING
        return f"{self.percent(low, digits)} – {self.percent(high, digits)}"
