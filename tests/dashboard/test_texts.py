"""Every sentence exists in French and in English, and every key that the code uses is written.

Belongs here: dashboard/texts. Does not: meanings of features (tests/features).
"""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.cohort import DIMENSIONS
from dashboard.pages import PAGES
from dashboard.state import BASELINES, SPLITS
from dashboard.texts import LANGUAGES, read_texts
from features import CATALOGUE
from risk import DECISIONS

SOURCES = sorted((Path(__file__).parents[2] / "dashboard").rglob("*.py"))
SECTIONS = {key.split(".")[0] for key in read_texts("fr").entries}


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def _literals() -> Iterator[tuple[str, str]]:
    """(file, key) of every literal in the code that reads like a text key."""
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                section, dot, rest = node.value.partition(".")
                if dot and section in SECTIONS and re.fullmatch(r"[a-z0-9_]+", rest):
                    yield source.name, node.value


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    """A sentence that is added in one language only, or loses a figure in one, turns this red."""
    french, english = read_texts("fr").entries, read_texts("en").entries
    assert sorted(french) == sorted(english)
    different = [key for key in french if _placeholders(french[key]) != _placeholders(english[key])]
    assert different == []


def test_every_key_in_the_code_is_written() -> None:
    """Each literal key in dashboard/*.py is in the files; there are many of them, so the search works."""
    found = list(_literals())
    assert len(found) > 100
    assert [(file, key) for file, key in found if key not in read_texts("fr").entries] == []


def test_every_key_made_from_a_code_is_written() -> None:
    """Decisions, pages, dimensions, units and directions each have their words."""
    keys = {f"decision.{code}" for code in DECISIONS}
    keys |= {f"{section}.{entry.code}" for section in ("pages", "lead") for entry in PAGES}
    keys |= {f"dimension.{code}" for code in DIMENSIONS}
    keys |= {f"{d.code}.{state}" for d in DIMENSIONS.values() for state in d.states}
    keys |= {f"baseline.{code}" for code in BASELINES} | {f"split.{code}" for code in SPLITS}
    keys |= {f"unit.{feature.unit}" for feature in CATALOGUE}
    keys |= {f"riskier.{feature.riskier or 'none'}" for feature in CATALOGUE}
    keys |= {f"plot.{measure}" for measure in ("accepted_share", "default_rate_accepted", "cost_per_client")}
    assert keys - set(read_texts("fr").entries) == set()


def test_no_text_is_left_unused() -> None:
    """A text that no code asks for is either a leftover or a forgotten use."""
    code = "\n".join(source.read_text(encoding="utf-8") for source in SOURCES)
    made = {
        "decision",
        "pages",
        "lead",
        "dimension",
        "baseline",
        "split",
        "unit",
        "riskier",
        "age",
        "credit_type",
    }
    made |= {"flag"}
    literal = {key for _, key in _literals()}
    unused = [
        key
        for key in read_texts("fr").entries
        if key not in literal and key.split(".")[0] not in made and f"{key.split('.')[0]}.{{" not in code
    ]
    assert unused == []


@pytest.mark.parametrize("asked", ["", "de", "FR", "../secret"])
def test_an_unknown_language_is_answered_in_french(asked: str) -> None:
    """French is the house language."""
    assert read_texts(asked).language == "fr"
    assert LANGUAGES[0] == "fr"


def test_a_missing_text_is_named_with_its_language() -> None:
    """The error says which key to add, and where."""
    with pytest.raises(KeyError, match=r"client\.nonsense.*en\.toml"):
        read_texts("en")("client.nonsense")
