"""What the documents show works: their Python examples are run as they stand."""

import re
from pathlib import Path

import pytest

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
