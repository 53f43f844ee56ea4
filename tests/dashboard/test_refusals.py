"""The night that was not published: every page says so, with the limit it broke and the night readers see."""

import json
import re
import shutil
from pathlib import Path

import panel as pn
import pytest

from batch.steps.checks import EXACT, check_names
from dashboard.data import open_book
from dashboard.refusals import refusal
from dashboard.serving import build_page
from dashboard.texts import read_texts
from model_store import published_run

GONE = {"name": "clients_gone", "passed": False, "found": "…", "limit": "…", "value": 0.0312, "allowed": 0.02}


@pytest.fixture
def store(small_store: Path, tmp_path: Path) -> Path:
    """A copy of the small store, whose published night is that of 23 November 2026."""
    return shutil.copytree(small_store, tmp_path / "store")


def end_night(store: Path, run_id: str, status: str, *checks: dict, accepted: tuple[str, ...] = ()) -> None:
    """A night that ended so, with these failed checks."""
    record = json.loads((store / "runs" / published_run(store) / "run.json").read_text())
    record |= {"run_id": run_id, "as_of": run_id[:10], "status": status, "checks": list(checks)}
    record["accepted"] = [{"check": name, "why": "x", "who": "y", "at": "z"} for name in accepted]
    (store / "runs" / run_id).mkdir()
    (store / "runs" / run_id / "run.json").write_text(json.dumps(record))


def said(store: Path, language: str) -> str:
    return refusal(open_book(str(store)), read_texts(language)).replace("\u00a0", " ").replace("\u202f", " ")


def test_a_refused_night_is_told_with_limit_and_readers_night(store: Path) -> None:
    """Which night, which limit by how much, which night readers see and since when, in both languages."""
    end_night(store, "2026-11-24-001", "refused", GONE)
    at = json.loads((store / "published.json").read_text())["published_at"]
    english, french = said(store, "en"), said(store, "fr")
    assert "The night of 24 Nov 2026 (run 2026-11-24-001) was not published" in english
    assert "3.1% of the last night’s clients are missing (limit 2.0%)" in english
    assert "Readers see the night of 23 Nov 2026 (run 2026-11-23-001)" in english
    assert f"{at[11:16]} UTC" in english
    assert "La nuit du 24/11/2026 (exécution 2026-11-24-001) n’a pas été publiée" in french
    assert "3,1 % des clients de la nuit précédente manquent (limite 2,0 %)" in french
    assert "la nuit du 23/11/2026" in french


def test_every_page_shows_it(store: Path) -> None:
    """The notice is an alert above the heading, in the language of the link, also on another night's link."""
    end_night(store, "2026-11-24-001", "refused", GONE)
    for query in ({"lang": "fr"}, {"page": "client", "lang": "fr"}, {"run": "2026-11-23-001", "lang": "fr"}):
        panes = [str(pane.object) for pane in build_page(str(store), query).select(pn.pane.HTML)]
        (alert,) = [text for text in panes if 'role="alert"' in text]
        assert "n’a pas été publiée" in alert


def test_nothing_is_said_of_a_night_that_was_made_good(store: Path) -> None:
    """A refused night before the published one, or no later night at all, is no news."""
    assert said(store, "fr") == ""
    end_night(store, "2026-11-22-001", "refused", GONE)
    assert said(store, "fr") == ""
    end_night(store, "2026-11-24-001", "running")
    assert said(store, "fr") == ""


def test_a_failed_night_is_told(store: Path) -> None:
    """A night that ended with an error is not the night that readers see."""
    end_night(store, "2026-11-24-001", "failed")
    assert "ended with an error and was not published" in said(store, "en")


def test_accepted_checks_are_not_blamed(store: Path) -> None:
    """Only what still stands in the way is told; beyond four checks the rest are a number."""
    more = [GONE | {"name": name} for name in ("clients_new", "decision_flips", "rejected_rows.bureau")]
    more += [GONE | {"name": "csi_training", "subject": "app_age"}, GONE | {"name": "csi_last_night"}]
    end_night(store, "2026-11-24-001", "refused", GONE, *more, accepted=("clients_gone",))
    english = said(store, "en")
    assert "are missing" not in english
    assert "1 more" in english
    assert "“Age" in english


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", check_names())
def test_every_check_has_words(name: str, language: str, store: Path) -> None:
    """No check is refused without a sentence: its number and limit are in it, no placeholder is left."""
    end_night(store, "2026-11-24-001", "refused", GONE | {"name": name, "subject": "app_age"})
    text = said(store, language)
    assert "{" not in text
    reason = re.split(r"\) (?:was not published|n’a pas été publiée)\. ", text)[1]
    assert name in EXACT or re.search(r"\((limit|limite) [^)]*\d", reason)
