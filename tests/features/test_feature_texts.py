"""Every feature, group, unit and category has its words in French and in English."""

from __future__ import annotations

import math
import re
import tomllib
from importlib import resources
from typing import get_args

import pytest

from features import (
    CATALOGUE,
    GROUPS,
    Feature,
    category_text,
    feature_text,
    group_title,
    unit_text,
    value_text,
)
from features.texts import ANSWERS_EN, CATEGORIES_EN, WINDOWS_EN, WITHIN_EN, french_features
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
    assert set(FRENCH["windows"]) == set(WINDOWS_EN) == set(FRENCH["within"]) == set(WITHIN_EN)
    assert set(FRENCH["answers"]) == set(ANSWERS_EN)
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


@pytest.mark.parametrize(
    ("unit", "number", "english", "french"),
    [
        ("days", 0, "days", "jour"),
        ("days", 1, "day", "jour"),
        ("days", 1.5, "days", "jour"),
        ("days", 2, "days", "jours"),
        ("days", -1, "day", "jour"),
        ("years", 1, "year", "an"),
        ("years", 12.3, "years", "ans"),
        ("months", 1, "month", "mois"),
        ("share", 1, "%", "%"),
        ("count", 1, "", ""),
    ],
)
def test_unit_agrees_with_its_number(unit: str, number: float, english: str, french: str) -> None:
    """English has a singular for one alone, French for all below two."""
    assert unit_text(unit, "en", number) == english
    assert unit_text(unit, "fr", number) == french


VALUES = [
    ("inst_days_late_max", 1.0, "1\u00a0day", "1\u00a0jour"),
    ("inst_days_late_max", 1234.0, "1,234\u00a0days", "1\u202f234\u00a0jours"),
    ("app_employed", 1.9999, "2\u00a0years", "2\u00a0ans"),
    ("app_employed", 26.0000001, "26\u00a0years", "26\u00a0ans"),
    ("app_ext_source_2", 0.000421, "0.00042", "0,00042"),
    ("inst_late_share", 0.34, "34%", "34\u00a0%"),
    ("inst_late_share", 0.021, "2.1%", "2,1\u00a0%"),
    ("inst_late_share", 0.0, "0%", "0\u00a0%"),
    ("inst_late_share", 0.02, "2%", "2\u00a0%"),
    ("app_owns_car", 1.0, "yes", "oui"),
    ("app_owns_car", 0.0, "no", "non"),
    ("app_occupation", 0.0, "Laborers", "Ouvriers"),
    ("app_occupation", 99.0, "not known", "information absente"),
    ("app_income", math.nan, "not known", "information absente"),
    ("inst_days_to_due_last", -1.0, "\u22121\u00a0day", "\u22121\u00a0jour"),
]


@pytest.mark.parametrize(("name", "value", "english", "french"), VALUES)
def test_value_reads_as_people_write_it(name: str, value: float, english: str, french: str) -> None:
    """Rounded, with its unit in the right form; categories, flags and what is missing in words."""
    assert value_text(CATALOGUE[name], value, "en") == english
    assert value_text(CATALOGUE[name], value, "fr") == french


WITHIN = [
    ("inst_late_share_365d", " over the last 12 months", " au cours des 12 derniers mois"),
    ("prev_rate_mean_last3", " for the last 3 applications", " pour les 3 dernières demandes"),
    ("bureau_owed_share_mean_last1", " for the last credit", " pour le dernier crédit"),
    ("card_use_mean_3m", " over the last 3 months", " au cours des 3 derniers mois"),
]


@pytest.mark.parametrize(("name", "english", "french"), WITHIN)
def test_reason_says_its_window_as_a_sentence_does(name: str, english: str, french: str) -> None:
    """A label has its window in brackets, a reason ends with it in words."""
    assert CATALOGUE[name].text("en").reason.endswith(english)
    assert CATALOGUE[name].text("fr").reason.endswith(french)
    assert CATALOGUE[name].text("en").meaning.endswith(")")


@pytest.mark.parametrize("feature", CATALOGUE, ids=lambda feature: feature.name)
def test_words_fit_into_a_sentence(feature: Feature) -> None:
    """A meaning is followed by a colon and the value, so it has neither colon nor semicolon of its own."""
    for language in ("en", "fr"):
        outside = re.sub(r"\([^)]*\)", "", feature.text(language).meaning)
        assert not re.search("[:;]", outside), outside
        assert not re.search("[:;.]", feature.text(language).reason)


@pytest.mark.parametrize("name", CATEGORIES)
def test_category_has_both_languages(name: str) -> None:
    """A category is named in both languages, abbreviations are written out; a handful of words are the same."""
    assert category_text(name, "en") == CATEGORIES_EN.get(name, name)
    assert len(category_text(name, "en")) > 2
    assert (category_text(name, "fr") == name) == (name in SAME_IN_BOTH)


def test_no_abbreviation_is_written_out_for_nothing() -> None:
    """What is written out in English is a category of some feature."""
    assert CATEGORIES_EN.keys() <= set(CATEGORIES)


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
