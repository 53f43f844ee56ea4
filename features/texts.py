"""Words for features, groups and units in French and English, read from where they are written.

Belongs here: looking texts up. Does not: the texts (English in each declaration, French in texts_fr.toml).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, Protocol

from features.groups import GROUPS

Language = Literal["en", "fr"]

UNITS_EN = {
    "amount": "",
    "years": "years",
    "months": "months",
    "days": "days",
    "count": "",
    "share": "%",
    "ratio": "",
    "score": "",
    "flag": "",
    "category": "",
}


class Worded(Protocol):
    """What has a name and English words: a feature."""

    @property
    def name(self) -> str: ...
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
def _french() -> dict[str, Any]:
    return tomllib.loads(resources.files("features").joinpath("texts_fr.toml").read_text(encoding="utf-8"))


def feature_text(feature: Worded, language: Language = "en") -> FeatureText:
    """Meaning and reason of the feature. Errors: KeyError naming the feature if its French is not written."""
    if language == "en":
        return FeatureText(feature.meaning, feature.reason)
    entry = _french()["features"][feature.name]
    return FeatureText(entry["meaning"], entry["reason"])


def group_title(code: str, language: Language = "en") -> str:
    """Title of a reason group."""
    return GROUPS[code].title if language == "en" else str(_french()["groups"][code])


def unit_text(unit: str, language: Language = "en") -> str:
    """The unit as written after a number; empty where a number stands alone (counts, ratios, amounts)."""
    return UNITS_EN[unit] if language == "en" else str(_french()["units"][unit])


def category_text(name: str, language: Language = "en") -> str:
    """A category of the tables ("Secondary / secondary special") in the language."""
    return name if language == "en" else str(_french()["categories"].get(name, name))
