"""Why the last night was not published, in the reader's words: the limits it broke, and which night readers see.
Not here: the checks themselves (they stand in run.json), where the notice is shown (shell.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.data import Book
from dashboard.texts import Texts
from features import CATALOGUE
from features.formats import Formats
from model_store import Run
from model_store.nights import published_at, unpublished_since
from model_store.reference import SCORE

_COUNTS = ("client_count", "missing_scores")
_POINTS = ("missing_share", "calibration_gap")
_INDICES = ("score_psi_training", "score_psi_last_night", "csi_training", "csi_last_night", "csi_newcomers")
MOST_TOLD = 4


def refusal(book: Book, texts: Texts) -> str:
    """Says that the latest night was refused or failed, why, and which night readers see since when; or nothing."""
    run = unpublished_since(book.store)
    if run is None:
        return ""
    return f"{_why(run, texts)} {_meanwhile(book, texts)}"


def _why(run: Run, texts: Texts) -> str:
    day = texts.formats.day(run.as_of.isoformat())
    if run.status in ("failed", "interrupted"):
        return texts("refused.failed", day=day, run=run.run_id)
    accepted = {entry["check"] for entry in run.document.get("accepted", [])}
    checks = run.document.get("checks", [])
    broken = [check for check in checks if not check["passed"] and check["name"] not in accepted]
    told = " · ".join(_sentence(check, texts) for check in broken[:MOST_TOLD])
    if len(broken) > MOST_TOLD:
        told += " · " + texts("refused.more", count=len(broken) - MOST_TOLD)
    return texts("refused.night", day=day, run=run.run_id, reasons=told)


def _meanwhile(book: Book, texts: Texts) -> str:
    published, since = book.published(), published_at(book.store)
    day = texts.formats.day(published[:10])
    if not since:
        return texts("refused.readers_see", day=day, run=published)
    at = f"{texts.formats.day(since)} {since[11:16]} UTC"
    return texts("refused.readers_see_since", day=day, run=published, at=at)


def _sentence(check: Mapping[str, Any], texts: Texts) -> str:
    """The check in words, with what it found and its limit as the language writes numbers."""
    name = str(check["name"]).partition(".")[0]
    write = texts.formats
    return texts(
        f"checks.{name}",
        value=_number(name, check.get("value"), write),
        allowed=_number(name, check.get("allowed"), write),
        subject=_subject(str(check.get("subject", "")), texts),
    )


def _number(name: str, value: float | None, write: Formats) -> str:
    if name in _COUNTS:
        return write.integer(value)
    if name in _POINTS:
        return write.points(value)
    return write.decimal(value) if name in _INDICES else write.percent(value)


def _subject(subject: str, texts: Texts) -> str:
    """The meaning of a feature, the name of a table, the probabilities in words."""
    if subject == SCORE:
        return texts("checks.probability")
    return CATALOGUE[subject].text(texts.code).meaning if subject in CATALOGUE.names else subject
