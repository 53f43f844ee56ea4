"""docs/reasons.md is made from the words, and is current."""

import os
import subprocess
import sys
from pathlib import Path

from explain.describe import SENTENCES, describe
from explain.reasons.phrases import client_words, personal_groups
from features import GROUPS, group_title

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reasons.md"


def test_document_is_current():
    """docs/reasons.md is what the words say today."""
    assert DOCUMENT.read_text(encoding="utf-8") == describe(), (
        "docs/reasons.md is out of date: run python -m explain.describe > docs/reasons.md"
    )


def test_every_code_and_every_sentence_is_on_the_page():
    """The codes with both titles, and each sentence that a client may read, in both languages."""
    page = describe()
    for code in GROUPS:
        assert f"| `{code}` | {group_title(code, 'en')} | {group_title(code, 'fr')} |" in page
        words = client_words(code)
        told = [*words.outcomes.values(), *(fact.sentence for fact in words.facts.values())]
        assert all(text[language] in page for text in told for language in ("en", "fr"))
        assert (f"### {code}" in page) == (code not in personal_groups())
    assert all(f"| {name} |" in page for name in SENTENCES)


def test_command_prints_the_document_in_any_locale():
    """`python -m explain.describe` prints the page in UTF-8, whatever the terminal's encoding."""
    printed = subprocess.run(
        [sys.executable, "-m", "explain.describe"],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        check=True,
        capture_output=True,
    )
    assert printed.stdout.decode("utf-8") == describe()
