"""How figures are written in a language: decimal mark, thousands, percent, missing.

Belongs here: numbers and values as text. Does not: sentences (texts/).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

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
