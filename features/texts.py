"""Words for features, windows, groups and units in French and English, read from where they are written.

Belongs here: looking texts up. Does not: the texts (English in each declaration, French in texts_fr/).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, Protocol

from features.groups import GROUPS

Language = Literal["en", "fr"]
_FRENCH = resources.files("features").joinpath("texts_fr")
_MONTHS_OF_DAYS = {30: 1, 90: 3, 180: 6, 365: 12, 730: 24, 1095: 36}

UNITS_EN = {
    "amount": ("", ""),
    "years": ("year", "years"),
    "months": ("month", "months"),
    "days": ("day", "days"),
    "count": ("", ""),
    "share": ("%", "%"),
    "ratio": ("", ""),
    "score": ("", ""),
    "rating": ("", ""),
    "area": ("", ""),
    "flag": ("", ""),
    "category": ("", ""),
}
"""Each unit as written after one and after many; empty where a number stands alone."""
ANSWERS_EN = {"yes": "yes", "no": "no", "unknown": "not known"}
"""What is said of a flag, and of a value that is missing."""
CATEGORIES_EN = {
    "F": "Female",
    "M": "Male",
    "reg oper account": "account of the regional operator",
    "reg oper spec account": "special account of the regional operator",
    "org spec account": "special account of the managing organisation",
}
"""The categories that the tables abbreviate; all others are words already."""
WINDOWS_EN = {
    "days": ("last day", "last {n} days"),
    "months": ("last month", "last {n} months"),
    "bureau": ("last credit", "last {n} credits"),
    "bureau_balance": ("last monthly record", "last {n} monthly records"),
    "previous_application": ("last application", "last {n} applications"),
    "POS_CASH_balance": ("last monthly record", "last {n} monthly records"),
    "credit_card_balance": ("last monthly record", "last {n} monthly records"),
    "instalments": ("last instalment", "last {n} instalments"),
}
"""How a window is said, for one and for many: by the unit of its length, or the table whose last rows it holds."""
WITHIN_EN = {
    "days": ("over the last day", "over the last {n} days"),
    "months": ("over the last month", "over the last {n} months"),
    "bureau": ("for the last credit", "for the last {n} credits"),
    "bureau_balance": ("in the last monthly record", "in the last {n} monthly records"),
    "previous_application": ("for the last application", "for the last {n} applications"),
    "POS_CASH_balance": ("in the last monthly record", "in the last {n} monthly records"),
    "credit_card_balance": ("in the last monthly record", "in the last {n} monthly records"),
    "instalments": ("for the last instalment", "for the last {n} instalments"),
}
"""The same as it ends a sentence."""


class Worded(Protocol):
    """What has a name, a window and English words: a feature."""

    @property
    def stem(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def within_days(self) -> int | None: ...
    @property
    def within_months(self) -> int | None: ...
    @property
    def last_rows(self) -> int | None: ...
    @property
    def meaning(self) -> str: ...
    @property
    def reason(self) -> str: ...


@dataclass(frozen=True)
class FeatureText:
    """What the feature measures, and the sentence that gives it as a reason."""

    meaning: str
    reason: str


@cache
def _french_words() -> dict[str, Any]:
    """Units, windows, groups and categories."""
    return tomllib.loads(_FRENCH.joinpath("words.toml").read_text(encoding="utf-8"))


@cache
def french_features() -> dict[str, dict[str, str]]:
    """Meaning and reason by the feature's name without its window, from one file per family."""
    files = (file for file in _FRENCH.iterdir() if file.name != "words.toml")
    found = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    return {stem: entry for family in found for stem, entry in family.items()}


def feature_text(feature: Worded, language: Language = "en") -> FeatureText:
    """Meaning and reason of the feature with its window: a label, "Longest delay (last 12 months)", and a clause
    without its full stop, "Instalments were later than usual over the last 12 months".

    Errors: KeyError naming the feature if its French is not written.
    """
    meaning, reason = feature.meaning, feature.reason
    if language == "fr":
        entry = french_features()[feature.stem]
        meaning, reason = entry["meaning"], entry["reason"]
    window, within = window_text(feature, language), within_text(feature, language)
    return FeatureText(f"{meaning} ({window})" if window else meaning, f"{reason} {within}".rstrip())


def window_text(feature: Worded, language: Language = "en") -> str:
    """The feature's window in words, "last 12 months", "3 dernières demandes"; empty where it has none."""
    return _window(feature, WINDOWS_EN if language == "en" else _french_words()["windows"])


def within_text(feature: Worded, language: Language = "en") -> str:
    """The window as it ends a sentence, "over the last 12 months", "pour les 3 dernières demandes"; or empty."""
    return _window(feature, WITHIN_EN if language == "en" else _french_words()["within"])


def _window(feature: Worded, words: Mapping[str, Sequence[str]]) -> str:
    days, months = feature.within_days, feature.within_months
    if days is not None and days in _MONTHS_OF_DAYS:  # a year is said as 12 months, whatever the clock
        months, days = _MONTHS_OF_DAYS[days], None
    for unit, length in (("days", days), ("months", months), (feature.table, feature.last_rows)):
        if length is not None:
            one, many = words[unit]
            return (one if length == 1 else many).format(n=length)
    return ""


def group_title(code: str, language: Language = "en") -> str:
    """Title of a reason group."""
    return GROUPS[code].title if language == "en" else str(_french_words()["groups"][code])


def unit_text(unit: str, language: Language = "en", number: float = 2.0) -> str:
    """The unit as written after `number`, by default after many; empty where a number stands alone (counts,
    ratios, amounts). In English one alone is singular, in French whatever is below two: "0.5 days", "0,5 jour".
    """
    one, many = (UNITS_EN if language == "en" else _french_words()["units"])[unit]
    singular = abs(number) == 1 if language == "en" else abs(number) < 2
    return str(one if singular else many)


def answer_text(answer: str, language: Language = "en") -> str:
    """ "yes", "no" or "unknown" as said inside a sentence."""
    return ANSWERS_EN[answer] if language == "en" else str(_french_words()["answers"][answer])


def category_text(name: str, language: Language = "en") -> str:
    """A category of the tables ("Secondary / secondary special") in the language; what is no category as it is."""
    words = CATEGORIES_EN if language == "en" else _french_words()["categories"]
    return str(words.get(name, name))
