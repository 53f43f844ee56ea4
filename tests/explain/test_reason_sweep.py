"""Every sentence that many real and simulated clients would read, checked sign by sign."""

import re
from itertools import product

import numpy as np
import pandas as pd
import pytest

from explain import READERS, Typical, read_typical, reason_texts
from explain.reasons.phrases import fact_of
from explain.reasons.wording import ReasonText
from features import CATALOGUE
from model_store import read_contributions, read_features, read_scores

CLIENTS = 40
LONG_NUMBER = re.compile(r"\d[.,]\d*[1-9]\d*[1-9]\d*[1-9]\d*\d")  # four figures that count after the mark
CODE = re.compile(r"[a-z]+_[a-z_0-9]+|[A-Z]{2,}_[A-Z_]+")
LOOSE_FRENCH = re.compile(r" [:;!?%»]|« |\d\.\d|'")
LOOSE_ENGLISH = re.compile(r"\s[:;!?%]|\d \d|'")
WRONG_UNIT = {
    "en": re.compile(
        r"(?<![\d.,])1\u00a0(days|years|months)\b|(?<![\d.,])([02-9]|\d{2,})\u00a0(day|year|month)\b"
    ),
    "fr": re.compile(
        r"(?<![\d\u202f,])[01](,\d+)?\u00a0(jours|ans)\b|(?<![\d,])([2-9]|\d{2,})(,\d+)?\u00a0(jour|an)\b"
    ),
}


def faults(sentence: str, language: str) -> list[str]:
    """What is wrong with the writing of a sentence."""
    found = []
    if not sentence.endswith(".") or sentence.endswith(".."):
        found.append("no full stop")
    if re.search(r"[\s\u00a0\u202f]{2}", sentence) or sentence != sentence.strip():
        found.append("doubled space")
    if re.search(r"\b(nan|none|inf|true|false)\b|[{}]", sentence, re.IGNORECASE):
        found.append("not a word")
    if LONG_NUMBER.search(sentence):
        found.append("not rounded")
    if CODE.search(sentence):
        found.append("code name")
    if (LOOSE_FRENCH if language == "fr" else LOOSE_ENGLISH).search(sentence):
        found.append("typography")
    if WRONG_UNIT[language].search(sentence):
        found.append("unit")
    if sentence.count("(") != sentence.count(")"):
        found.append("brackets")
    return found


@pytest.mark.parametrize(
    ("sentence", "language", "fault"),
    [
        ("Delay: 1 days", "en", "no full stop"),
        ("Delay: 1\u00a0days.", "en", "unit"),
        ("Delay: 12\u00a0day.", "en", "unit"),
        ("Retard\u00a0: 1,5\u00a0jours.", "fr", "unit"),
        ("Retard\u00a0: 12\u00a0jour.", "fr", "unit"),
        ("Retard : 2\u00a0jours.", "fr", "typography"),
        ("Retard\u00a0: 2 %.", "fr", "typography"),
        ("Share:  2%.", "en", "doubled space"),
        ("Share: nan.", "en", "not a word"),
        ("Share: 0.123456.", "en", "not rounded"),
        ("Share app_age: 1.", "en", "code name"),
    ],
)
def test_faults_are_seen(sentence, language, fault):
    """The checks below would notice each of these."""
    assert fault in faults(sentence, language)


def require_true_facts(texts: list[ReasonText], values: pd.Series, typical: Typical) -> None:
    """A fact told to a client holds for the value it is about: past the bound, and beyond the usual value."""
    for text in texts:
        if not text.fact:
            continue
        feature, value = CATALOGUE[text.feature], values[text.feature]
        fact = fact_of(feature)
        assert fact is not None
        assert fact.code == text.fact
        assert fact.above < value < fact.below
        usual = typical.of(text.feature)
        if feature.unit != "flag":
            assert value > usual if feature.riskier == "higher" else value < usual
        else:
            assert value == (1 if feature.riskier == "higher" else 0)


@pytest.mark.parametrize("kind", ["small_store", pytest.param("sample_store", marks=pytest.mark.sample)])
def test_sentences_of_many_clients_are_well_written_and_true(kind, request):
    """Every reader, both languages, for and against; facts are checked against the client's own values."""
    store = request.getfixturevalue(kind)
    clients = read_scores(store, columns=["score"]).index[::97][:CLIENTS].tolist()
    features, contributions = (
        read_features(store, clients=clients),
        read_contributions(store, clients=clients),
    )
    typical = read_typical(store)
    told = 0
    for client in clients:
        own, values = contributions.loc[client], features.loc[client]
        for reader in READERS:
            for language in ("en", "fr"):
                for side in ("against", "for"):
                    texts = reason_texts(own, values, typical, reader, language, side)
                    assert len({text.sentence for text in texts}) == len(texts)
                    for text in texts:
                        assert not faults(text.sentence, language), (client, text.sentence)
                        assert not faults(f"{text.title}.", language)
                    told += len(texts)
                    if reader == "client":
                        require_true_facts(texts, values, typical)
    assert told > 12 * CLIENTS


@pytest.mark.parametrize("feature", CATALOGUE, ids=lambda feature: feature.name)
def test_every_feature_can_be_spoken_of(feature):
    """Whatever feature moved a group, and wherever its value lies, all readers get well written sentences."""
    far = (
        float(len(feature.categories) - 1)
        if feature.categories
        else 1.0
        if feature.unit == "flag"
        else 1234.567
    )
    for value, usual in ((0.0, 1.0), (far, 0.0), (np.nan, np.nan)):
        typical = Typical("accepted", 100, {feature.name: usual})
        values = pd.Series({feature.name: value})
        for weight, side in ((0.31, "against"), (-0.31, "for")):
            own = pd.Series({feature.name: weight})
            for reader, language in product(READERS, ("en", "fr")):
                texts = reason_texts(own, values, typical, reader, language, side)
                assert all(not faults(text.sentence, language) for text in texts), texts
                if reader == "client":
                    require_true_facts(texts, values, typical)
