"""Following the champion: what runs already answers with the other version at the next question."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import panel as pn
import pytest
from fastapi.testclient import TestClient

from api import create_app
from batch.console import Progress
from batch.night import run_night
from dashboard.data import open_book
from dashboard.pages import Context
from dashboard.shell import Shell
from dashboard.state import Session
from dashboard.texts import read_texts
from model_store import (
    FollowedModel,
    ModelDamaged,
    ModelNotFound,
    history,
    load,
    open_store,
    promote,
    rollback,
    save,
)


@pytest.fixture
def two_versions(own_store: Path) -> Path:
    """The small store, its champion v001, with v002 that declines from half the probability on."""
    store = open_store(own_store)
    model = load(store)
    assert save(store, replace(model, cut_off=model.cut_off / 2)) == "v002"
    return own_store


@pytest.fixture
def shell(two_versions: Path) -> Iterator[Shell]:
    """A reader's open dashboard on the published night."""
    pn.state.cache.clear()
    book = open_book(str(two_versions))
    session = Session(store=book.store, run=book.run_id, language="en", fn_cost=book.cost_ratio)
    yield Shell(Context(session, book, read_texts("en")))
    pn.state.cache.clear()


def said_on(shell: Shell, page: str) -> str:
    """What stands above a page when the reader opens it."""
    shell.context.session.page = page
    return " ".join(str(pane.object) for pane in shell._main.select(pn.pane.HTML))


def test_promotion_and_rollback_reach_what_runs_already(
    two_versions: Path, shell: Shell, plain_folder: Path
) -> None:
    """Without a restart: the service answers with the new champion, the open dashboard names it, the next night is
    scored with it; after the rollback all three are back."""
    store = open_store(two_versions)
    cut_off = load(store, "v001").cut_off

    def night(day: int) -> str:
        run = run_night(open_store(plain_folder), store, date(2026, 12, day), Progress())
        return str(run.document["model_version"])

    with TestClient(create_app(two_versions)) as http:

        def served() -> tuple[str, float]:
            body = http.get("/v1/model").json()
            return body["model_version"], body["cut_off"]

        assert served() == ("v001", cut_off)
        assert "champion" not in said_on(shell, "cohorts")
        promote(store, "v002", "anna", "stricter", force=True)
        assert served() == ("v002", cut_off / 2)
        assert "Since then model v002 was made the champion" in said_on(shell, "portfolio")
        rollback(store, "anna", "too strict")
        assert served() == ("v001", cut_off)
        assert "champion" not in said_on(shell, "cohorts")
        promote(store, "v002", "anna", "stricter again", force=True)
        assert night(1) == "v002"
        rollback(store, "anna", "too strict again")
        assert night(2) == "v001"


def test_a_history_that_cannot_be_read_keeps_the_night_readable(shell: Shell, two_versions: Path) -> None:
    """The dashboard says what is wrong with the history and shows the night all the same."""
    (two_versions / "models" / "history" / "000001.json").write_text("{half")
    said = said_on(shell, "cohorts")
    assert "000001.json is not an entry of the history" in said
    assert shell.shown == "cohorts"


def test_a_followed_model_is_loaded_once_while_it_stays(two_versions: Path) -> None:
    """The same object as long as the champion is the same; a damaged successor is refused, never the old one."""
    store = open_store(two_versions)
    followed = FollowedModel(two_versions)
    first = followed.model()
    assert followed.model() is first
    promote(store, "v002", "anna", "stricter", force=True)
    (two_versions / "models" / "v002" / "model.txt").write_text("tree")
    with pytest.raises(ModelDamaged, match=r"v002/model\.txt is cut short"):
        followed.model()
    rollback(store, "anna", "damaged")
    assert followed.model() is first
    assert [entry.version for entry in history(store)] == ["v001", "v002", "v001"]


def test_a_followed_challenger_may_not_be_there_yet(two_versions: Path) -> None:
    """An alias that nobody has is an error until somebody has it."""
    followed = FollowedModel(two_versions, "challenger")
    with pytest.raises(ModelNotFound, match="has no challenger"):
        followed.model()
    promote(open_store(two_versions), "v002", "anna", "to watch", alias="challenger")
    assert followed.version() == followed.model().version == "v002"
