"""How numbers are written for people: French and English separators, percents, intervals, dates.
Not here: which number is shown, units and categories (values.py), any text around it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date

MISSING = "–"
THIN = "\u202f"  # espace fine insécable: French thousands
FIXED = "\u00a0"  # espace insécable: before % and units


@dataclass(frozen=True)
class Formats:
    """Numbers of one language: ``Formats("fr").percent(0.0807)`` is ``8,1 %``; missing (None, NaN) is ``–``."""

    language: str

    def integer(self, value: float | None) -> str:
        """Whole number with thousands separated: ``356 255`` (fr, thin spaces), ``356,255`` (en)."""
        return MISSING if _missing(value) else self._localised(f"{value:,.0f}")

    def decimal(self, value: float | None, digits: int = 2, *, sign: bool = False) -> str:
        """Number with a fixed count of decimals, with its sign (a real minus) when ``sign``."""
        if _missing(value):
            return MISSING
        written = f"{value:+,.{digits}f}" if sign else f"{value:,.{digits}f}"
        if float(written.replace(",", "")) == 0:
            written = written.lstrip("+-")  # -0.00 and +0.00 are zero
        return self._localised(written)

    def percent(self, share: float | None, digits: int = 1) -> str:
        """Share of one as percent: 0.0807 is ``8,1 %`` (fr) or ``8.1%`` (en)."""
        if _missing(share) or share is None:
            return MISSING
        smallest = 10.0**-digits
        few = 0 < 100 * share < smallest / 2  # not none: 3 clients of 7,210 are "< 0.1%"
        number = f"<{FIXED}{self.decimal(smallest, digits)}" if few else self.decimal(100 * share, digits)
        return number + (f"{FIXED}%" if self.language == "fr" else "%")

    def points(self, difference: float | None, digits: int = 1, *, sign: bool = True) -> str:
        """Difference of two shares in percentage points: 0.012 is ``+1,2 pt`` (fr) or ``+1.2 pp`` (en); without
        ``sign`` as the distance that it is: ``1,2 pt``."""
        if _missing(difference) or difference is None:
            return MISSING
        unit = "pt" if self.language == "fr" else "pp"
        return f"{self.decimal(100 * difference, digits, sign=sign)}{FIXED}{unit}"

    def interval(self, low: str, high: str) -> str:
        """Two written bounds as one interval: ``[7,3 % ; 9,0 %]`` (fr), ``[7.3%, 9.0%]`` (en); ``–`` without."""
        if MISSING in (low, high):
            return MISSING
        return f"[{low}{FIXED};{FIXED}{high}]" if self.language == "fr" else f"[{low}, {high}]"

    def value(self, value: float | None, unit: str = "") -> str:
        """Number of unknown size with about three figures and its unit: ``412 500 €``, ``0,43``, ``12 days``."""
        if _missing(value) or value is None:
            return MISSING
        size = abs(value)
        digits = (
            0 if size >= 100 or not size else 1 if size >= 10 else 2 if size >= 0.1 else _small_digits(size)
        )
        if round(value, digits).is_integer():  # 26.0000001 years are 26
            digits = 0
        return self.decimal(value, digits) + (f"{FIXED}{unit}" if unit else "")

    def sentence(self, text: str) -> str:
        """The text with the spaces that must not break, where French has them: before ``: ; ! ? %`` and in « »."""
        return _FRENCH_SPACES.sub(FIXED, text) if self.language == "fr" else text

    def day(self, iso: str) -> str:
        """ISO date as the language writes it: ``22/11/2026`` (fr), ``22 Nov 2026`` (en); other text unchanged."""
        try:
            found = date.fromisoformat(iso[:10])
        except ValueError:
            return iso
        return (
            found.strftime("%d/%m/%Y")
            if self.language == "fr"
            else f"{found.day} {_MONTHS[found.month - 1]} {found.year}"
        )

    def _localised(self, written: str) -> str:
        """Python's ``1,234.5`` with this language's separators and a real minus sign."""
        written = written.replace("-", "\u2212")
        return written.replace(",", THIN).replace(".", ",") if self.language == "fr" else written


_FRENCH_SPACES = re.compile(r" (?=[:;!?%»])|(?<=«) ")


def _small_digits(size: float) -> int:
    """Decimals that show two figures of a number below 0.1, six at most."""
    return min(6, 1 - math.floor(math.log10(size)))


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _missing(value: float | None) -> bool:
    return value is None or math.isnan(value)
