"""Reasons in the service: whom they are worded for, and their shape in both languages.

Belongs here: the parameter, the laying out. Does not: the sentences (explain.reason_texts).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Query

from api.bodies import Reason, Texts
from explain import Reader, ReasonText
from features import Language

WordedFor = Annotated[
    Reader,
    Query(
        description="Whom the sentences of the reasons are for: analyst (figures, units, what is usual, log-odds), "
        "manager (plain words with the client's own figures), client (no jargon, no figures, no protected "
        "characteristic).",
        examples=["client"],
    ),
]


def told(word: Callable[[Language], list[ReasonText]]) -> list[Reason]:
    """The reasons that `word` gives in a language, in both."""
    return [
        Reason(
            code=en.code,
            title=Texts(en=en.title, fr=fr.title),
            sentence=Texts(en=en.sentence, fr=fr.sentence),
            contribution=en.contribution,
        )
        for en, fr in zip(word("en"), word("fr"), strict=True)
    ]
