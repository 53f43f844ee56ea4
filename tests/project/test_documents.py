"""What the documents show works: their Python examples run as they stand, their commands are ones that pret has."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from batch.cli import app

ROOT = Path(__file__).resolve().parents[2]


def python_examples(name: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("document", ["README.md", "docs/bi.md", "docs/models.md", "docs/questions.md"])
def test_python_examples_run(
    document: str, small_store: Path, portfolio: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every Python example of the document runs on a published store and prints something."""
    given = {"store": str(small_store), "as_of": "2026-11-23", "data": str(portfolio)}
    examples = python_examples(document)
    assert examples
    for example in examples:
        exec(compile(example, document, "exec"), given)
    assert capsys.readouterr().out.strip()


def test_links_between_documents_lead_somewhere() -> None:
    """Every relative link of README and docs points to a file or folder of the project."""
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "deploy").iterdir())]
ANYWHERE = {"--help", "--verbose", "--log-json"}


def commands_shown() -> list[tuple[str, str]]:
    """What follows `pret` on every line of a document that shows a command, with the document's name."""
    fenced = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    shown = re.compile(r"(?:^|[ /])pret ([a-z][^#\n]*)", re.MULTILINE)
    found = []
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        typed = [block for language, block in fenced.findall(text) if language in ("console", "sh")]
        typed += re.findall(r"`(pret [^`]+)`", fenced.sub("", text)) + re.findall(
            r"^ExecStart.*", text, re.MULTILINE
        )
        found += [(path.name, line) for block in typed for line in shown.findall(block)]
    return found


def test_commands_shown_are_ones_that_pret_has() -> None:
    """Each command and each of its options is known to the command line, so that what is copied runs."""
    every: Any = typer.main.get_command(app)
    typed = commands_shown()
    assert len(typed) > 50
    for document, line in typed:
        command = every
        for word in line.split():
            if not hasattr(command, "commands") or not re.fullmatch("[a-z]+", word):
                break
            assert word in command.commands, f"{document} shows pret {line}"
            command = command.commands[word]
        known = {name for option in command.params for name in option.opts} | ANYWHERE
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", line)) <= known, f"{document} shows pret {line}"
