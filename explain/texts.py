"""The languages in which explanations are written.

Belongs here: which there are. Does not: the texts (features.texts, words/*.toml, lime/texts/*.toml).
"""

from __future__ import annotations

from features import Language

LANGUAGES: tuple[Language, ...] = ("en", "fr")


def require_language(language: Language) -> Language:
    """`language` if there are texts in it; ValueError otherwise."""
    if language not in LANGUAGES:
        raise ValueError(f"No texts in language {language!r}; expected one of {', '.join(LANGUAGES)}.")
    return language
