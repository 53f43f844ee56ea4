"""What an explanation says about itself, in English and French.

Belongs here: sentences about trust in an explanation and missing information. Does not: reasons and groups
(features.texts).
"""

from __future__ import annotations

from collections.abc import Mapping

from features import Language

LANGUAGES: tuple[Language, ...] = ("en", "fr")

DOUBTS: Mapping[str, Mapping[Language, str]] = {
    "LOW_FIT": {
        "en": "The linear model explains only {r2:.0%} of what the score does around this client: its values "
        "act together here. Read the exact contributions instead.",
        "fr": "Le modèle linéaire n’explique que {r2:.0%} du comportement du score autour de ce client : ses "
        "valeurs agissent ensemble. Lisez plutôt les contributions exactes.",
    },
    "DISAGREES_WITH_EXACT": {
        "en": "The order of the weights differs from that of the exact contributions (rank correlation "
        "{rank_correlation:.2f}). Read the exact contributions instead.",
        "fr": "L’ordre des poids diffère de celui des contributions exactes (corrélation de rang "
        "{rank_correlation:.2f}). Lisez plutôt les contributions exactes.",
    },
    "SMALL_REFERENCE": {
        "en": "The reference cohort has {reference_size} clients only: another sample could give other "
        "weights. Choose a larger cohort.",
        "fr": "La cohorte de référence ne compte que {reference_size} clients : un autre échantillon "
        "pourrait donner d’autres poids. Choisissez une cohorte plus large.",
    },
}


NO_INFORMATION: Mapping[Language, str] = {
    "en": "{title}: no information",
    "fr": "{title} : aucune information",
}


def no_information_text(title: str, language: Language) -> str:
    """The reason of a group whose effect comes from values that are missing."""
    return NO_INFORMATION[require_language(language)].format(title=title)


def doubt_text(code: str, language: Language, figures: Mapping[str, float]) -> str:
    """The sentence for one limit that is not met, with its figures filled in."""
    return DOUBTS[code][require_language(language)].format(**figures)


def require_language(language: Language) -> Language:
    """`language` if there are texts in it; ValueError otherwise."""
    if language not in LANGUAGES:
        raise ValueError(f"No texts in language {language!r}; expected one of {', '.join(LANGUAGES)}.")
    return language
