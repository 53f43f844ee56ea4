"""A client's value of a feature as people read it: number with its unit, category, yes or no.

Belongs here: one value in words. Does not: the words (texts, words.toml), how numbers are written (formats).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from features.formats import FIXED, Formats
from features.texts import Language, answer_text, category_text, unit_text

if TYPE_CHECKING:
    from features.declaration import Feature


def number_text(feature: Feature, value: float, language: Language = "en") -> str:
    """The number as written, its unit in the right form after a space that does not break: "1 day", "34 %".

    A missing value is a dash. Shares are told in percent, with a decimal below 10 %.
    """
    write = Formats(language)
    if math.isnan(value):
        return write.value(None)
    if feature.unit == "share":
        tenths = abs(value) < 0.0995 and not round(100 * value, 1).is_integer()
        return write.percent(value, 1 if tenths else 0)
    written = write.value(value)
    unit = unit_text(feature.unit, language, _as_read(written))
    return f"{written}{FIXED}{unit}" if unit else written


def value_text(feature: Feature, value: float, language: Language = "en") -> str:
    """The value inside a sentence: a number with its unit, a category's name, "yes", "no" or "not known"."""
    if math.isnan(value):
        return answer_text("unknown", language)
    if feature.unit == "flag":
        return answer_text("yes" if value else "no", language)
    if feature.categories:
        known = 0 <= value < len(feature.categories)
        name = feature.categories[int(value)] if known else None
        return category_text(name, language) if name else answer_text("unknown", language)
    return number_text(feature, value, language)


def _as_read(written: str) -> float:
    """The number that a reader sees: 1.999 is written 2.00, which is plural."""
    plain = "".join("." if sign == "," else sign for sign in written if sign in "0123456789,.")
    return float(plain) if plain.count(".") <= 1 else math.inf
