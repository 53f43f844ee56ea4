"""What an explanation says about itself, in English and French.

Belongs here: sentences about missing information. Does not: reasons and groups
(features.texts).
"""

from __future__ import annotations

from collections.abc import Mapping

from features import Language

LANGUAGES: tuple[Language, ...] = ("en", "fr")

NO_INFORMATION: Mapping[Language, str] = {
    "en": "{title}: no information",
    "fr": "{title} : aucune information",
}


def no_information_text(title: str, language: Language) -> str:
    """The reason of a group whose effect comes from values that are missing."""
    return NO_INFORMATION[require_language(language)].format(title=title)


def require_language(language: Language) -> Language:
    """`language` if there are texts in it; ValueError otherwise."""
    if language not in LANGUAGES:
        raise ValueError(f"No texts in language {language!r}; expected one of {', '.join(LANGUAGES)}.")
    return language
