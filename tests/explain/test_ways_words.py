"""Ways, doubts and similar clients are said in full sentences in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from night import Night

from explain import (
    Moved,
    Similar,
    Way,
    Ways,
    similar_sentence,
    way_sentences,
    ways_sentence,
    what_if,
    what_if_doubts,
)
from explain.ways.words import read_ways_texts
from features import CATALOGUE, Language
from risk.intervals import rate_interval

LANGUAGES: tuple[Language, ...] = ("en", "fr")
WAY = Way(
    changes=(
        Moved("app_goods_price", "AMT_GOODS_PRICE", 450_000, 360_000, -4),
        Moved("app_document_3", "FLAG_DOCUMENT_3", 0, 1, 1),
        Moved("app_credit", "AMT_CREDIT", 540_000, 432_000, 0),
        Moved("app_annuity", "AMT_ANNUITY", 30_000, 24_000, 0),
    ),
    default_probability=0.092,
    score=571,
    risk_band="C",
    decision="accept",
    distance=1.0,
    limit=2.0,
)
WAYS = Ways(5, "found", "decline", 0.131, 540, 0.1, (WAY,), 3000, 0.2)


def keys(texts: object, prefix: str = "") -> set[str]:
    if not isinstance(texts, dict):
        return {f"{prefix} {sorted(re.findall(r'{[a-z]+}', str(texts)))}"}
    return {found for name, entry in texts.items() for found in keys(entry, f"{prefix}.{name}")}


def test_both_languages_say_the_same_with_the_same_figures() -> None:
    """No text and no placeholder is missing in either language."""
    assert keys(dict(read_ways_texts("en"))) == keys(dict(read_ways_texts("fr")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_change_of_every_lever_has_its_words(language: Language) -> None:
    """Whatever a client can be told to change, there are words for each direction and for what is carried."""
    texts = read_ways_texts(language)
    for lever in CATALOGUE.levers:
        directions = {"up" if steps > 0 else "down" for steps in lever.change.steps}
        assert set(texts["change"][lever.name]) == directions
    carried = {column for lever in CATALOGUE.levers for column in lever.change.carries}
    assert {f.name for f in CATALOGUE.levers if f.columns & carried} <= set(texts["carried"])


def test_a_way_in_english() -> None:
    """What to do, what follows, what the decision would be."""
    assert way_sentences(WAY, WAYS, "en") == [
        "Choose something cheaper: a price of 360,000 instead of 450,000.",
        "Provide document no. 3 of the application form (your adviser will say which one); the credit is then "
        "432,000 instead of 540,000, "
        "the instalment is then 24,000 instead of 30,000.",
        "The application would then be accepted: default probability 9.2% instead of 13.1%, score 571.",
    ]


def test_a_way_in_french() -> None:
    """The same in French, with its separators and spaces."""
    said = way_sentences(WAY, WAYS, "fr")
    assert said[0] == "Choisir un bien moins cher : un prix de 360\u202f000 au lieu de 450\u202f000."
    assert said[2].endswith("probabilité de défaut 9,2\u00a0% au lieu de 13,1\u00a0%, score 571.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_way_is_an_answer_of_its_own(language: Language) -> None:
    """Found, not needed, none realistic, nothing to change at all: four different sentences."""
    said = {
        ways_sentence(WAYS, language),
        ways_sentence(replace(WAYS, status="nothing_to_change", ways=(), tried=0), language),
        ways_sentence(replace(WAYS, status="no_realistic_change", ways=()), language),
        ways_sentence(replace(WAYS, status="no_realistic_change", ways=(), tried=0), language),
    }
    assert len(said) == 4
    assert any(re.search("3[,\u202f]000", sentence) for sentence in said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_doubts_name_what_is_unusual(night: Night, language: Language) -> None:
    """A combination far from everyone comes first, then each value; usual values raise no doubt."""
    case = night.case(int(night.scores.index[0]))
    doubts = what_if_doubts(what_if(case, night.seen, {"DAYS_EMPLOYED": -40_000}), language, 9)
    assert doubts[0] == read_ways_texts(language)["what_if"]["far"]
    assert any(CATALOGUE["app_employed"].text(language).meaning in doubt for doubt in doubts[1:])
    assert what_if_doubts(what_if(case, night.seen, {}), language) == []


def test_similar_clients_are_told_with_their_interval() -> None:
    """Known outcomes, defaults and the interval of their rate; or that nothing is known."""
    found = Similar(5, (), 100, {"accept": 100}, 80, 8, rate_interval(8, 80), 0.01)
    assert similar_sentence(found, "en") == (
        "Of the 100 most similar clients, 80 have a known outcome; defaults among them: 8, 10.0% "
        "(95% interval 5.2% to 18.5%)."
    )
    nobody = replace(found, known=0, defaults=0, observed=rate_interval(0, 0))
    assert np.isnan(nobody.observed.value)
    assert (
        similar_sentence(nobody, "fr") == "Aucune issue n’est connue parmi les 100 clients les plus proches."
    )
