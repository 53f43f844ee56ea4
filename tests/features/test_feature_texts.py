"""Every feature, group, unit and category has its words in French and in English."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import get_args

import pytest

from features import CATALOGUE, GROUPS, Feature, category_text, feature_text, group_title, unit_text
from features.texts import WINDOWS_EN, french_features
from features.vocabulary import Unit

WORDS = resources.files("features").joinpath("texts_fr", "words.toml")
FRENCH = tomllib.loads(WORDS.read_text(encoding="utf-8"))
CATEGORIES = sorted({name for feature in CATALOGUE for name in feature.categories})
SAME_IN_BOTH = {"Agriculture", "Culture", "Police", "Religion", "Services"}
JARGON = re.compile(
    r"\b(scoring|score|bureau|feature|ratio|DPD|POS|agrégat|fenêtre|revolving|NaN)\b", re.IGNORECASE
)
ENGLISH_WORDS = re.compile(r"\b(the|of|with|and|loans?|months?|credits? with|lenders?)\b")


@pytest.mark.parametrize("feature", CATALOGUE, ids=lambda feature: feature.name)
def test_feature_has_both_languages(feature: Feature) -> None:
    """Meaning and reason are written in both languages, and are not the same text twice."""
    english, french = feature.text("en"), feature.text("fr")
    assert english.meaning.startswith(feature.meaning)
    assert english.reason.startswith(feature.reason)
    assert feature_text(feature) == english
    for text in (french.meaning, french.reason):
        assert text.strip() == text
        assert len(text) > 2
        assert text[0].isupper()
        assert not text.endswith(".")
    assert french.meaning != english.meaning
    assert french.reason != english.reason


@pytest.mark.parametrize("feature", CATALOGUE, ids=lambda feature: feature.name)
def test_french_reads_as_french(feature: Feature) -> None:
    """What a client is told has no English, no jargon, no straight apostrophe."""
    text = feature.text("fr")
    for sentence in (text.meaning, text.reason):
        assert "'" not in sentence, sentence
        assert not JARGON.search(sentence), sentence
        assert not ENGLISH_WORDS.search(sentence), sentence


def test_french_is_of_declared_things_only() -> None:
    """A text whose feature, group, unit or category is gone goes with it; none is missing."""
    assert set(french_features()) == {feature.stem for feature in CATALOGUE}
    assert set(FRENCH["windows"]) == set(WINDOWS_EN)
    assert set(FRENCH["groups"]) == set(GROUPS)
    assert set(FRENCH["units"]) == set(get_args(Unit))
    assert set(FRENCH["categories"]) == set(CATEGORIES)


@pytest.mark.parametrize("code", GROUPS)
def test_group_has_both_languages(code: str) -> None:
    """A reason code has a title in both languages, and its code is fit for an export."""
    assert re.fullmatch(r"[A-Z][A-Z_]*", code)
    assert GROUPS[code].code == code
    assert group_title(code) == group_title(code, "en") == GROUPS[code].title
    assert group_title(code, "fr") not in ("", GROUPS[code].title)


@pytest.mark.parametrize("unit", get_args(Unit))
def test_unit_has_both_languages(unit: str) -> None:
    """A unit written after numbers has its French; a number that stands alone does so in both."""
    english, french = unit_text(unit, "en"), unit_text(unit, "fr")
    assert bool(english) == bool(french)
    assert (english != french) == (unit in ("years", "months", "days"))


@pytest.mark.parametrize("name", CATEGORIES)
def test_category_has_both_languages(name: str) -> None:
    """A category is named in both languages; a handful of words are the same."""
    assert category_text(name, "en") == name
    assert (category_text(name, "fr") == name) == (name in SAME_IN_BOTH)


def test_titles_and_categories_are_told_apart() -> None:
    """No two groups, and no two categories of one feature, carry the same French."""
    for names in ([group_title(code, "fr") for code in GROUPS], [group_title(code) for code in GROUPS]):
        assert len(set(names)) == len(names)
    for feature in CATALOGUE:
        french = [category_text(name, "fr") for name in feature.categories]
        assert len(set(french)) == len(french), feature.name


def test_meanings_are_told_apart() -> None:
    """No two features have the same meaning in either language."""
    for language in ("en", "fr"):
        meanings = [feature.text(language).meaning for feature in CATALOGUE]
        assert len(set(meanings)) == len(meanings)
