"""A client's reasons in sentences, for the analyst, the relationship manager and the client.

Belongs here: the one way to each sentence, for the terminal, the pages, the service and letters. Does not: which
groups are told (codes), what of a group is told (spoken), the words (features.texts, words/*.toml).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from explain.reasons.codes import favourable_codes, reason_codes
from explain.reasons.phrases import (
    OF_OTHERS,
    PERSONAL,
    Outcome,
    client_title,
    client_words,
    frame,
    personal_features,
    personal_groups,
    topic_title,
)
from explain.reasons.spoken import Spoken, choose
from explain.reasons.typical import Typical
from explain.texts import require_language
from features import CATALOGUE, Catalogue, Formats, Language, group_title, value_text

Reader = Literal["analyst", "manager", "client"]
READERS: tuple[Reader, ...] = get_args(Reader)
Side = Literal["against", "for"]


@dataclass(frozen=True)
class ReasonText:
    """One reason in words.

    `code`, `title`: the group's; for the client PERSONAL and its title instead of a group that names a protected
    characteristic. `sentence`: complete, with its full stop. `contribution`: log-odds of the whole group, negative
    where it lowers the risk. `feature`, `value`: what the sentence is about, NaN where that is missing. `fact`:
    code of the fact stated to the client, empty where none is.
    """

    code: str
    title: str
    sentence: str
    contribution: float
    feature: str
    value: float
    fact: str = ""


def reason_texts(
    contributions: pd.Series,
    values: pd.Series,
    typical: Typical,
    reader: Reader = "manager",
    language: Language = "en",
    side: Side = "against",
    catalogue: Catalogue = CATALOGUE,
    count: int = 4,
) -> list[ReasonText]:
    """One client's reasons in words, strongest first: what raised the risk, or with `side` "for" what lowered it.

    `contributions`: log-odds by feature name, with or without `expected_value`. `values`: the client's feature
    values, NaN missing; features without a value count as missing. `typical`: what is usual, among the accepted
    for the reader "client", whose sentences speak of "most of our clients". The same reasons, in the same order,
    as `reason_codes`; empty where no group passes its threshold. Errors: as `word_reasons`.
    """
    own = contributions.drop("expected_value", errors="ignore")
    layout = np.append(own.to_numpy(dtype=np.float64), 0.0).reshape(1, -1)
    coded = reason_codes if side == "against" else favourable_codes
    reasons = coded(layout, [str(name) for name in own.index], catalogue, count)
    return word_reasons(
        reasons.codes[0], reasons.contributions[0], own, values, typical, reader, language, catalogue
    )


def word_reasons(
    codes: Iterable[str | None],
    group_sums: Iterable[float],
    contributions: pd.Series,
    values: pd.Series,
    typical: Typical,
    reader: Reader = "manager",
    language: Language = "en",
    catalogue: Catalogue = CATALOGUE,
) -> list[ReasonText]:
    """One client's reasons, coded already (by a night, or by `reason_codes`), in words; None is left out.

    `group_sums`: the contribution of each code's group, negative where it speaks for the client. The client is told
    of personal groups once, and of nothing in favour that comes only of missing information. The other arguments:
    as for `reason_texts`. Errors: ValueError for an unknown reader or language.
    """
    require_language(language)
    if reader not in READERS:
        raise ValueError(f"No sentences for reader {reader!r}; expected one of {', '.join(READERS)}.")
    own = contributions.drop("expected_value", errors="ignore")
    chosen = (
        choose(code, float(group_sum), own, values, typical, catalogue)
        for code, group_sum in zip(codes, group_sums, strict=True)
        if isinstance(code, str)
    )
    if reader == "client":
        return _for_client(chosen, language)
    write = _for_analyst if reader == "analyst" else _for_manager
    return [
        _text(spoken, _title(spoken, language), write(spoken, typical, language), language)
        for spoken in chosen
    ]


def _title(spoken: Spoken, language: Language) -> str:
    """The group's title; for what speaks for the client one that does not say what went wrong."""
    titled = topic_title if spoken.contribution < 0 else group_title
    return titled(spoken.code, language)


def _text(
    spoken: Spoken, title: str, sentence: str, language: Language, code: str = "", fact: str = ""
) -> ReasonText:
    return ReasonText(
        code=code or spoken.code,
        title=title,
        sentence=Formats(language).sentence(sentence),
        contribution=spoken.contribution,
        feature=spoken.feature.name,
        value=spoken.value,
        fact=fact,
    )


def _for_analyst(spoken: Spoken, typical: Typical, language: Language) -> str:
    write, feature = Formats(language), spoken.feature
    usual = typical.of(feature.name)
    kind = "most_frequent" if feature.unit in ("flag", "category") else "median"
    compared = frame(f"analyst.{kind}", language).format(
        cohort=frame(f"cohort.{typical.cohort}", language), typical=value_text(feature, usual, language)
    )
    return frame("analyst.sentence", language).format(
        meaning=feature.text(language).meaning,
        value=value_text(feature, spoken.value, language),
        usual="" if np.isnan(usual) else compared,
        weight=write.decimal(spoken.weight, 2, sign=True),
        total=write.decimal(spoken.contribution, 2, sign=True),
    )


def _for_manager(spoken: Spoken, typical: Typical, language: Language) -> str:
    feature, words = spoken.feature, spoken.feature.text(language)
    name: str = spoken.kind
    if spoken.contribution < 0:
        name = f"favourable_{spoken.kind}"
    elif spoken.kind == "together" and feature.riskier is None:
        name = "topic"
    value = value_text(feature, spoken.value, language)
    sentence = frame(f"manager.{name}", language).format(
        reason=_inside(words.reason) if name == "topic" else words.reason,
        meaning=words.meaning,
        value=value,
        usual=_compared(
            value, value_text(feature, typical.of(feature.name), language), typical, spoken, language
        ),
    )
    if spoken.code in personal_groups() or feature.name in personal_features():
        return f"{sentence} {frame('manager.personal', language)}"
    if spoken.code in OF_OTHERS:
        return f"{sentence} {frame('manager.others', language)}"
    return sentence


def _compared(value: str, usual: str, typical: Typical, spoken: Spoken, language: Language) -> str:
    """ ", against 2 days usually", ", as usual", or nothing where it is not known what is usual."""
    if np.isnan(typical.of(spoken.feature.name)):
        return ""
    return frame("manager.same" if value == usual else "manager.against", language).format(typical=usual)


def _inside(sentence: str) -> str:
    """A text as it continues a sentence: its first letter small."""
    return sentence[:1].lower() + sentence[1:]


def _for_client(chosen: Iterable[Spoken], language: Language) -> list[ReasonText]:
    told: list[ReasonText] = []
    for spoken in chosen:
        personal = spoken.code in personal_groups()
        if personal and any(text.code == PERSONAL for text in told):
            continue
        in_favour = spoken.contribution < 0
        if in_favour and spoken.kind == "unknown":
            continue
        fact = None if personal or in_favour else spoken.fact
        outcome: Outcome = "for" if in_favour else "unknown" if spoken.kind == "unknown" else "against"
        sentence = fact.sentence if fact is not None else client_words(spoken.code).outcomes[outcome]
        title = client_title(spoken.code, language)
        code = PERSONAL if personal else ""
        told.append(
            _text(spoken, title, sentence[language], language, code, fact.code if fact is not None else "")
        )
    return told
