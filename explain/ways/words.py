"""Ways to another decision, doubts about other values and outcomes of similar clients in words, from texts/.

Belongs here: the sentences, how their figures are written. Does not: finding any of it (search, what_if, similar).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from explain.similar import Similar
from explain.texts import require_language
from explain.ways.search import Moved, Way, Ways
from explain.ways.what_if import WhatIf
from features import CATALOGUE, Catalogue, Language
from features.formats import Formats
from features.values import value_text


def ways_sentence(ways: Ways, language: Language = "en") -> str:
    """What the answer is on the whole: that there are ways, that none is needed, or that none is realistic."""
    texts = read_ways_texts(language)["ways"]
    code = ways.status if ways.tried or ways.status != "no_realistic_change" else "no_lever"
    return str(texts[code]).format(tried=Formats(language).integer(ways.tried))


def checked_sentence(language: Language = "en") -> str:
    """How far every way can be relied on."""
    return str(read_ways_texts(language)["ways"]["checked"])


def way_sentences(way: Way, ways: Ways, language: Language = "en") -> list[str]:
    """One way: a sentence for each thing the client would do, then what the decision would be."""
    texts = read_ways_texts(language)
    carried = ", ".join(_carried(moved, texts, language) for moved in way.changes if moved.carried)
    said = [_change(moved, texts, language) for moved in way.chosen]
    if carried:
        said[-1] += f" ; {carried}" if language == "fr" else f"; {carried}"
    outcome = str(texts["ways"]["outcome"]).format(
        decision=texts["decision"][way.decision],
        after=Formats(language).percent(way.default_probability),
        before=Formats(language).percent(ways.default_probability),
        score=Formats(language).integer(way.score),
    )
    return [*(f"{sentence}." for sentence in said), outcome]


def what_if_doubts(
    found: WhatIf, language: Language = "en", shown: int = 4, catalogue: Catalogue = CATALOGUE
) -> list[str]:
    """What makes the answer doubtful: values and combinations the model has hardly seen; empty where it has."""
    texts = read_ways_texts(language)["what_if"]
    far = [str(texts["far"])] if found.far else []
    values = [
        str(texts[one.place]).format(
            meaning=catalogue[one.feature].text(language).meaning,
            value=value_text(catalogue[one.feature], one.value, language),
        )
        for one in found.unusual[:shown]
    ]
    return [*far, *values]


def similar_sentence(found: Similar, language: Language = "en") -> str:
    """What became of the most similar clients, with the interval of their default rate."""
    texts = read_ways_texts(language)["similar"]
    observed = found.observed
    return str(texts["observed" if found.known else "nobody_known"]).format(
        circle=Formats(language).integer(found.circle),
        known=Formats(language).integer(found.known),
        defaults=Formats(language).integer(found.defaults),
        rate=Formats(language).percent(observed.value),
        low=Formats(language).percent(observed.low),
        high=Formats(language).percent(observed.high),
    )


def _change(moved: Moved, texts: Mapping[str, Any], language: Language) -> str:
    direction = "up" if moved.steps > 0 else "down"
    return str(texts["change"][moved.feature][direction]).format(**_amounts(moved, language))


def _carried(moved: Moved, texts: Mapping[str, Any], language: Language) -> str:
    return str(texts["carried"][moved.feature]).format(**_amounts(moved, language))


def _amounts(moved: Moved, language: Language) -> dict[str, str]:
    return {
        "before": Formats(language).integer(moved.before),
        "after": Formats(language).integer(moved.after),
    }


@cache
def read_ways_texts(language: Language) -> Mapping[str, Any]:
    """The texts by key. Errors: ValueError for a language without texts."""
    name = f"ways/texts/{require_language(language)}.toml"
    return tomllib.loads((files("explain") / name).read_text(encoding="utf-8"))
