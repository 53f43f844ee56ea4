"""The note: both languages complete, every figure measured, nothing loaded from elsewhere."""

import re
from dataclasses import replace
from typing import Any

import pytest
from portfolio import portfolio, tiny_catalogue

from model_store import ScoringModel
from training import LANGUAGES, TrainingSettings, TreeSettings, train_version, write_note
from training.charts import Axis
from training.note import read_texts
from training.wording import Wording


@pytest.fixture(scope="module")
def model() -> ScoringModel:
    """A model of 1,000 clients under a version's name."""
    features, target = portfolio(1000)
    settings = TrainingSettings(
        threads=1, trees=TreeSettings(max_trees=40, patience=10), importance_clients=100
    )
    return replace(
        train_version(features, target, tiny_catalogue(), settings, "f1n9e2").model, version="v042"
    )


def leaves(texts: Any, path: str = "") -> dict[str, str]:
    """Every text by its path."""
    if isinstance(texts, str):
        return {path: texts}
    items = enumerate(texts) if isinstance(texts, list) else texts.items()
    return {key: text for name, value in items for key, text in leaves(value, f"{path}/{name}").items()}


def test_both_languages_say_the_same_things() -> None:
    """Every text has its French, and the two name the same figures."""
    english, french = leaves(read_texts("en")), leaves(read_texts("fr"))
    assert english.keys() == french.keys()
    for path, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", french[path])), path


def test_no_measured_figure_is_written_into_the_texts() -> None:
    """Texts hold no decimal, percentage or count of their own, but for the constants of definitions."""
    definitions = (
        r"TARGET = 1|(slope|pente) 1|(intercept|ordonnée) 0|2 × AUC − 1|\b1000\b|\bL2\b|SHA-256"
        r"|0[.,]10|0[.,]25|95\s?%|(between|entre) 0|{\w+}"
    )
    for language in LANGUAGES:
        for path, text in leaves(read_texts(language)).items():
            assert not re.search(r"\d", re.sub(definitions, "", text)), f"{language} {path}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_note_stands_alone(model: ScoringModel, language: Any) -> None:
    """One page, no request to anywhere, no script, every placeholder filled, every chapter there."""
    note = write_note(model, tiny_catalogue(), language)
    assert note.lstrip().startswith("<!DOCTYPE html>")
    assert not re.search(r"https?://|<script|<link|src=|@import|url\(", note)
    assert not re.search(r"{\w+}|{{|None|nan\b", note)
    assert note.count("<h2") == 14
    assert note.count("<svg") == 2
    for section in re.findall(r'href="#(\w+)"', note):
        assert f'id="{section}"' in note


def test_figures_are_the_models(model: ScoringModel) -> None:
    """Change a measured figure and the note changes with it."""
    english, french = Wording("en"), Wording("fr")
    metadata: dict[str, Any] = dict(model.metadata)
    metadata["metrics"] = {
        **metadata["metrics"],
        "auc": {"mean": 0.7123, "standard_error": 0.0456, "per_fold": [0.7]},
    }
    changed = replace(model, metadata=metadata)
    assert "0.712 ± 0.046" in write_note(changed, tiny_catalogue(), "en")
    assert "0,712 ± 0,046" in write_note(changed, tiny_catalogue(), "fr")
    assert english.percent(model.cut_off, 2) in write_note(model, tiny_catalogue(), "en")
    assert french.percent(model.cut_off, 2) in write_note(model, tiny_catalogue(), "fr")
    for told in ("v042", "f1n9e2", model.catalogue_hash):
        assert told in write_note(model, tiny_catalogue(), "fr")


def test_the_example_carries_no_identifier(model: ScoringModel) -> None:
    """No client number of the portfolio occurs in the note."""
    note = write_note(model, tiny_catalogue(), "en")
    assert not re.search(r"\b100[0-9]{3}\b", note)


def test_numbers_are_written_as_people_write_them() -> None:
    """Decimal mark, thousands and percent follow the language; missing is a dash."""
    english, french = Wording("en"), Wording("fr")
    assert (english.number(1234.5, 1), french.number(1234.5, 1)) == ("1,234.5", "1\u202f234,5")
    assert (english.percent(0.0812), french.percent(0.0812)) == ("8.1%", "8,1\u00a0%")
    assert (english.signed(0.5, 1), english.signed(-0.5, 1)) == ("+0.5", "\u22120.5")
    assert (english.number(None), english.percent(float("nan")), english.span(None, 0.1)) == ("–", "–", "–")
    assert [english.compact(value) for value in (15.0, 0.04, 0.8, 1234.56)] == ["15", "0.04", "0.8", "1,235"]


def test_axes_end_on_round_values() -> None:
    """Ticks are 1, 2 or 5 times a power of ten and reach the highest value."""
    axis = Axis("cost", 0.354, str)
    assert axis.ticks() == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    assert axis.share(axis.high) == 1.0
