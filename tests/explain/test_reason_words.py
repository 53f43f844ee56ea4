"""The written words of reasons: none is missing, placeholders agree, facts fit the catalogue."""

import re
import string
import tomllib
from importlib import resources

import pandas as pd
import pytest

from explain import READERS, Typical, reason_texts
from explain.lime.reference import COHORTS
from explain.reasons.phrases import (
    OF_OTHERS,
    PERSONAL,
    client_title,
    client_words,
    fact_of,
    frame,
    personal_groups,
)
from features import CATALOGUE, GROUPS, Feature
from features.characteristics import features_knowing
from features.vocabulary import CHARACTERISTICS

FOLDER = resources.files("explain").joinpath("words")
WORDS = tomllib.loads(FOLDER.joinpath("reasons.toml").read_text(encoding="utf-8"))
FRAMES = tomllib.loads(FOLDER.joinpath("frames.toml").read_text(encoding="utf-8"))
FACTS = [(code, name) for code, entry in WORDS.items() for name in entry.get("facts", {})]
SENTENCES = [
    *((f"{c}.{o}", WORDS[c][o]) for c in WORDS for o in ("against", "for", "unknown")),
    *((f"{c}.facts.{f}", WORDS[c]["facts"][f]) for c, f in FACTS),
]
WITHOUT_FACT = {
    "app_age": "a protected characteristic",
    "app_employed_share_of_life": "mixes in the age",
    "app_building_floors": "says little of a person, told as housing",
    "app_car_age_to_employed": "mixes two things, told as housing",
    "app_region_rating": "the lender's own rating of a place",
    "app_documents_rare": "most clients have none either",
    "app_circle_defaults_30d": "about other persons",
    "bureau_newest_to_gap": "compares the client with its own pace",
}
JARGON = re.compile(
    r"\b(scor\w+|features?|log-odds|log-cotes|ratio|DPD|POS|NaN|SHAP|LIME|variables?|contribution|cohort\w*|modèle|model"
    r"|median|médiane|default|défaut|bureau_\w+|algorithm\w*|segment)\b",
    re.IGNORECASE,
)
PROTECTED = re.compile(
    r"\b(age|aged|young|old|âge|âgée?|jeune|vieux|gender|sex|sexe|genre|woman|man|femme|homme|married|marié|family"
    r"|famille|children|enfants?|household|foyer|couple|célibataire)\b",
    re.IGNORECASE,
)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", GROUPS)
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_group_has_sentences_for_every_reader(code, reader, language):
    """Against, in favour and without information: a complete sentence each, and no two the same."""
    names = [feature.name for feature in CATALOGUE if feature.group == code]
    values = pd.Series(dict.fromkeys(names, 1.0))
    usual = Typical("accepted", 100, dict.fromkeys(names, 2.0))
    told = [
        reason_texts(pd.Series({names[0]: weight}), known, usual, reader, language, side)[0].sentence
        for weight, side, known in (
            (0.5, "against", values),
            (-0.5, "for", values),
            (0.5, "against", values.iloc[:0]),
        )
    ]
    assert len(set(told)) == 3
    assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in told)


def test_words_are_of_declared_groups_only():
    """Each group has its words, or shares those for personal situations and none is left over."""
    assert set(WORDS) == (set(GROUPS) - personal_groups()) | {PERSONAL}
    assert personal_groups() == {"AGE", "GENDER", "HOUSEHOLD"}
    for code in GROUPS:
        assert set(client_words(code).outcomes) == {"against", "for", "unknown"}


def test_facts_are_of_declared_directed_features_of_their_group():
    """A fact is about features with a direction; each of those has one fact, or a stated reason to have none."""
    stems: dict[str, Feature] = {feature.stem: feature for feature in CATALOGUE}
    claimed = [stem for code, fact in FACTS for stem in WORDS[code]["facts"][fact]["of"]]
    assert len(claimed) == len(set(claimed))
    for code, fact in FACTS:
        for stem in WORDS[code]["facts"][fact]["of"]:
            assert stems[stem].group == code, stem
            assert stems[stem].riskier is not None, stem
    directed = {feature.stem for feature in CATALOGUE if feature.riskier is not None}
    assert directed - set(claimed) == set(WITHOUT_FACT)


def test_no_fact_knows_a_protected_characteristic_or_other_persons():
    """What mixes in age, family or gender, or speaks of acquaintances, is told to clients as a group only."""
    knowing = {name for known in CHARACTERISTICS for name in features_knowing(CATALOGUE, known)}
    for feature in CATALOGUE:
        if feature.name in knowing or feature.group in OF_OTHERS:
            assert fact_of(feature) is None, feature.name


@pytest.mark.parametrize(("name", "texts"), SENTENCES, ids=[name for name, _ in SENTENCES])
def test_sentence_for_clients_is_whole_and_plain(name, texts):
    """Both languages, one sentence, addressed politely; no figure, no jargon, no protected characteristic."""
    assert {"en", "fr"} <= set(texts)
    for language in ("en", "fr"):
        sentence = texts[language]
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert sentence.count(".") == 1
        assert "  " not in sentence
        assert "'" not in sentence
        assert not re.search(r"[\d{}_]", sentence)
        assert not JARGON.search(sentence)
        assert not PROTECTED.search(re.sub(r"year old|old car|oldest|plus ancien\w*", "", sentence))
    assert re.search(r"\b(vous|votre|vos|nous|nos|entourage)\b", texts["fr"], re.IGNORECASE)
    assert not re.search(r"\b(tu|ton|ta|tes)\b", texts["fr"])
    assert texts["en"] != texts["fr"]


def test_titles_for_clients_accuse_nobody():
    """A title stands above praise and blame alike, so it says what was looked at, not what went wrong."""
    blame = re.compile(
        r"late|retard|refus|difficult|not paid|en partie|\bage\b|âge|famil|gender|sexe", re.IGNORECASE
    )
    for code in GROUPS:
        for language in ("en", "fr"):
            assert not blame.search(client_title(code, language))


def test_facts_are_told_apart():
    """No two sentences for clients are the same in either language."""
    for language in ("en", "fr"):
        sentences = [texts[language] for _, texts in SENTENCES]
        assert len(set(sentences)) == len(sentences)


def test_placeholders_agree_between_the_languages():
    """Each frame takes the same values in English and in French."""
    for section, entries in FRAMES.items():
        if section == "cohort":
            continue
        for name, texts in entries.items():
            assert set(texts) == {"en", "fr"}, name
            assert placeholders(texts["en"]) == placeholders(texts["fr"]), name
            assert frame(f"{section}.{name}", "fr") == texts["fr"]


def test_every_cohort_has_a_name_in_sentences():
    """The cohorts that LIME knows, and the model's own clients, can be named."""
    assert set(FRAMES["cohort"]) == {*COHORTS, "reference"}
    assert all(set(texts) == {"en", "fr"} for texts in FRAMES["cohort"].values())
