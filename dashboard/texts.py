"""Every sentence a page shows, by key, in the reader's language; read from texts/{fr,en}.toml.
Not here: the meanings of features and reasons (features.Feature.text), nor any figure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from features.formats import Formats
from features.texts import Language

LANGUAGES = ("fr", "en")
DEFAULT_LANGUAGE = "fr"


@dataclass(frozen=True)
class Texts:
    """The texts of one language: ``Texts("fr")("client.title")``; values fill ``{names}`` in the text."""

    language: str
    entries: Mapping[str, str] = field(repr=False)

    @property
    def code(self) -> Language:
        """The language as features and explanations call it."""
        return "en" if self.language == "en" else "fr"

    @property
    def formats(self) -> Formats:
        """How this language writes numbers and dates."""
        return Formats(self.language)

    def __call__(self, key: str, **values: object) -> str:
        """Text of the key with its placeholders filled; KeyError naming key and language if there is none."""
        if key not in self.entries:
            raise KeyError(f"No text {key!r} in texts/{self.language}.toml: add it to every language.")
        return self.entries[key].format(**values) if values else self.entries[key]


@cache
def read_texts(language: str) -> Texts:
    """Texts of ``language``, one of LANGUAGES; anything else is answered in the house language, French."""
    known = language if language in LANGUAGES else DEFAULT_LANGUAGE
    written = files("dashboard").joinpath("texts", f"{known}.toml").read_text(encoding="utf-8")
    return Texts(known, MappingProxyType(dict(_flat(tomllib.loads(written)))))


def _flat(sections: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    """Nested tables as dotted keys."""
    pairs: list[tuple[str, str]] = []
    for key, value in sections.items():
        if isinstance(value, Mapping):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", str(value)))
    return pairs
