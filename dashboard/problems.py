"""What could not be read, told in the reader's language; the program's own words stand apart, for operators.
Not here: what is expected of a night (refusals.py), where a problem is shown (shell.py, serving.py)."""

from __future__ import annotations

from dashboard import blocks
from dashboard.texts import Texts
from model_store import ModelStoreError, NothingPublished, UnknownRun

PROBLEMS = (ModelStoreError, NothingPublished, UnknownRun, ValueError, OSError)
"""What reading a store may raise: a file that is gone, damaged or of a newer program, a disk that is silent."""


def night_problem(texts: Texts, problem: Exception) -> str:
    """Why nothing of a night can be shown."""
    return blocks.stack(blocks.note(texts("app.problem")), blocks.verbatim(str(problem)))


def page_problem(texts: Texts, problem: Exception) -> str:
    """Why one page cannot be shown, the others may."""
    return _beside(texts, texts("app.page_problem"), problem)


def store_problem(texts: Texts, problem: Exception) -> str:
    """Why it is not known what came after the night; it can be read without that."""
    return _beside(texts, texts("app.store_problem"), problem)


def _beside(texts: Texts, said: str, problem: Exception) -> str:
    apart = blocks.note(texts("app.problem")) + blocks.verbatim(str(problem))
    return blocks.stack(blocks.notice(said, "warning"), f'<div class="operators">{apart}</div>')
