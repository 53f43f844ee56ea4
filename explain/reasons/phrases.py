"""The words of reasons, read from words/*.toml: what a client is told, and the frames of the other sentences.

Belongs here: looking texts up. Does not: choosing what is said (spoken), filling sentences (wording).
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

from features import CATALOGUE, GROUPS, Catalogue, Feature, Formats, Language, group_title
from features.characteristics import features_knowing
from features.vocabulary import CHARACTERISTICS

Outcome = Literal["against", "for", "unknown"]
Bilingual = Mapping[Language, str]
PERSONAL = "PERSONAL_SITUATION"
"""The code and the words under which a client is told of a group that names a protected characteristic."""

OF_OTHERS = frozenset({"SOCIAL_CIRCLE"})
"""Groups about other persons than the client: told without any fact."""


@dataclass(frozen=True)
class Fact:
    """Something that may be said to a client: its code within the group, its sentence, bounds of the value.

    The value has to be above `above` and below `below`, besides lying on the risky side of the cohort's median.
    """

    code: str
    sentence: Bilingual
    above: float = -math.inf
    below: float = math.inf


@dataclass(frozen=True)
class ClientWords:
    """What a client is told of one group: that it weighed (three sentences), and the facts by feature stem."""

    outcomes: Mapping[Outcome, Bilingual]
    facts: Mapping[str, Fact]


@cache
def client_words(code: str) -> ClientWords:
    """The words for clients of a reason code; groups that name a protected characteristic share theirs."""
    entry = _read("reasons.toml")[PERSONAL if code in personal_groups() else code]
    outcomes: dict[Outcome, Bilingual] = {
        "against": entry["against"],
        "for": entry["for"],
        "unknown": entry["unknown"],
    }
    facts: dict[str, Fact] = {}
    for name, written in entry.get("facts", {}).items():
        bounds = {bound: float(written[bound]) for bound in ("above", "below") if bound in written}
        fact = Fact(name, {"en": written["en"], "fr": written["fr"]}, **bounds)
        facts |= dict.fromkeys(written["of"], fact)
    return ClientWords(outcomes, facts)


def fact_of(feature: Feature) -> Fact | None:
    """What may be said to a client whose value of the feature is on the risky side, if anything may."""
    return client_words(feature.group).facts.get(feature.stem)


@cache
def personal_features(catalogue: Catalogue = CATALOGUE) -> frozenset[str]:
    """Names of the features that know of age, family or gender, alone or mixed with something else."""
    return frozenset(name for known in CHARACTERISTICS for name in features_knowing(catalogue, known))


@cache
def personal_groups(catalogue: Catalogue = CATALOGUE) -> frozenset[str]:
    """Codes of the groups made of protected characteristics alone, which name them: age, family, gender."""
    knowing = personal_features(catalogue)
    members = {code: [f.name for f in catalogue if f.group == code] for code in GROUPS}
    return frozenset(code for code, names in members.items() if names and knowing.issuperset(names))


def client_title(code: str, language: Language) -> str:
    """Title of a reason as a client may read it: one that names no characteristic and says nothing went wrong."""
    return topic_title(PERSONAL if code in personal_groups() else code, language)


def topic_title(code: str, language: Language) -> str:
    """Title of a group that says what was looked at, above praise and blame alike."""
    entry = _read("reasons.toml").get(code, {})
    return str(entry["title"][language]) if "title" in entry else group_title(code, language)


def frame(name: str, language: Language) -> str:
    """A frame of words/frames.toml by its dotted name: `frame("manager.fact", "fr")`."""
    section, _, entry = name.partition(".")
    return str(_read("frames.toml")[section][entry][language])


@cache
def _read(file: str) -> Mapping[str, Any]:
    written = resources.files("explain").joinpath("words", file).read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(written))


def label(name: str, language: Language, **values: object) -> str:
    """A heading, label or note of the report by its dotted name, with its placeholders filled."""
    section, _, entry = name.partition(".")
    text = str(_read("report.toml")[section][entry][language])
    return Formats(language).sentence(text.format(**values) if values else text)
