"""How figures are written in the note: as everywhere in the system, and what only a printed page asks for.

Belongs here: settings, intervals of shares, where lines break. Does not: numbers and days (features.formats),
sentences (texts/).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from features.formats import FIXED, Formats
from features.texts import Language


@dataclass(frozen=True)
class Wording(Formats):
    """Numbers as text: 1234.5 is "1,234.5" in English and "1 234,5" in French; missing is a dash."""

    language: Language

    def signed(self, value: float | None, digits: int = 3) -> str:
        """The number with its sign, plus included."""
        return self.decimal(value, digits, sign=True)

    def compact(self, value: float) -> str:
        """A setting: whole numbers without decimals, others with three figures."""
        if value == int(value) and abs(value) < 1e15:
            return self.integer(value)
        text = self.decimal(value, max(0, 2 - math.floor(math.log10(abs(value)))))
        mark = "." if self.language == "en" else ","
        return text.rstrip("0").rstrip(mark) if mark in text else text

    def span(self, low: float | None, high: float | None, digits: int = 1) -> str:
        """Two shares in percent as an interval."""
        return self.interval(self.percent(low, digits), self.percent(high, digits))

    def minute(self, at: str) -> str:
        """Day and minute of an ISO time."""
        return f"{self.day(at)} {at[11:16]}"

    def typeset(self, text: object) -> object:
        """A text in which no line breaks beside ± or, in French, before the marks that a space precedes; anything
        that is no plain text as it is."""
        if not isinstance(text, str) or isinstance(text, Markup):
            return text
        return self.sentence(text.replace(" ± ", f"{FIXED}±{FIXED}"))
