"""Opening the dashboard: what a visitor gets for a link, for an empty store, for a run that is not there.

Belongs here: dashboard.serving, shell and the life of sessions. Does not: content of pages (test_pages).
"""

import gc
import json
import os
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import panel as pn
import pytest

from dashboard.data import KEPT_RUNS, Book, open_book
from dashboard.frame import let_go
from dashboard.pages import PAGES, Context
from dashboard.serving import build_page
from dashboard.shell import Shell
from dashboard.state import Session
from dashboard.texts import read_texts


def _words(page: object) -> str:
    """Everything that panes of a page say."""
    panes = page.select(pn.pane.HTML)
    return " ".join(str(pane.object) for pane in panes)


def test_an_empty_store_says_what_to_run(tmp_path: Path) -> None:
    """No traceback: the folder, and the two commands, in the language of the link."""
    french, english = (_words(build_page(str(tmp_path), {"lang": lang})) for lang in ("fr", "en"))
    assert "ne contient aucune nuit publiée" in french
    assert "holds no published night" in english
    assert f"pret night --data DIR --store {tmp_path}" in french
    assert f"pret night --data DIR --store &#x27;{tmp_path}/deux mots&#x27;" in _words(
        build_page(f"{tmp_path}/deux mots")
    )


def test_a_link_to_a_run_that_is_gone_says_which_there_are(small_store: Path, book: Book) -> None:
    """In the link's language, with the way to the latest night; the program's own words name those that exist."""
    said = _words(build_page(str(small_store), {"run": "2001-01-01-001", "lang": "fr"}))
    assert "L’exécution 2001-01-01-001 n’est pas, ou n’est plus, dans l’entrepôt." in said
    assert 'href="?lang=fr"' in said
    assert book.run_id in said


@pytest.mark.parametrize(
    ("language", "sentence", "apart"),
    [
        ("fr", "Ce qui a suivi cette nuit", "Le programme en dit la raison, pour l’exploitation :"),
        ("en", "What followed this night", "The program says why, for whoever runs the nights:"),
    ],
)
def test_a_night_is_read_where_what_followed_cannot_be(
    language: str, sentence: str, apart: str, small_store: Path, tmp_path: Path
) -> None:
    """A damaged record of a later night is told in the page's language, the program's words apart; figures stay."""
    store = shutil.copytree(small_store, tmp_path / "store", copy_function=os.link)
    (store / "runs" / "2026-12-24-001").mkdir()
    (store / "runs" / "2026-12-24-001" / "run.json").write_text("{")
    said = _words(build_page(str(store), {"lang": language}))
    assert sentence in said
    assert said.index(sentence) < said.index(apart) < said.index("is not readable JSON")
    assert 'class="figures"' in said


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("fr", "Cette page ne peut pas être montrée"), ("en", "This page cannot be shown")],
)
def test_a_page_that_cannot_be_read_says_so_and_leaves_the_others(
    language: str, sentence: str, small_store: Path, tmp_path: Path
) -> None:
    """Features of the night that are gone: their page tells it in its language, the portfolio is there, and the
    page comes back with the files."""
    store = shutil.copytree(small_store, tmp_path / "store", copy_function=os.link)
    book = open_book(str(store))
    session = Session(store=str(store), run=book.run_id, language=language)
    shell = Shell(Context(session, book, read_texts(language)))
    shards, away = store / "runs" / book.run_id, tmp_path / "away"
    shards.rename(away)
    session.page = "features"
    said = _words(shell.page)
    assert sentence in said
    assert said.index(sentence) < said.index('class="verbatim"')
    session.page = "portfolio"
    assert 'class="figures"' in _words(shell.page)
    away.rename(shards)
    session.page = "features"
    assert sentence not in _words(shell.page)


def test_a_link_opens_its_page_in_its_language(small_store: Path, book: Book) -> None:
    """Header with night, run and model; the page of the link; the way to the other language keeps the run."""
    said = _words(build_page(str(small_store), {"page": "client", "lang": "en", "client": "1"}))
    assert f"Run {book.run_id}" in said
    assert f"Model {book.run.model_version}" in said
    assert "No client 1 in run" in said
    assert "lang=fr" in said
    assert f"run={book.run_id}" in said


def test_pages_are_built_when_first_opened_and_kept(context: Callable[..., Context]) -> None:
    """Going back to a page shows the same one, not a new one."""
    shared = context()
    shell = Shell(shared)
    first = dict(shell._built)
    assert list(first) == ["portfolio"]
    for entry in PAGES:
        shared.session.page = entry.code
        assert shell.shown == entry.code
    shared.session.page = "portfolio"
    assert shell._built["portfolio"] is first["portfolio"]


def test_an_older_run_is_marked_with_the_way_to_the_latest(small_store: Path, tmp_path: Path) -> None:
    """Who follows an old link is told that a later night is published; on that one nothing is said."""
    store = tmp_path / "store"
    shutil.copytree(small_store, store)
    old = open_book(str(store)).run_id
    newer = "2099-01-01-001"
    shutil.copytree(store / "runs" / old, store / "runs" / newer)
    (store / "published.json").write_text(json.dumps({"run_id": newer, "as_of": "2099-01-01"}))
    assert f"run={newer}" in _words(build_page(str(store), {"run": old, "lang": "en"}))
    assert "A later night is published" in _words(build_page(str(store), {"run": old, "lang": "en"}))
    assert "A later night is published" not in _words(build_page(str(store), {"lang": "en"}))


def test_runs_of_the_past_leave_the_memory(small_store: Path, tmp_path: Path) -> None:
    """A server that stays up for weeks keeps the last runs opened, not all of them."""
    store = tmp_path / "store"
    shutil.copytree(small_store, store)
    source = open_book(str(store)).run_id
    names = [f"2099-01-{day:02d}-001" for day in range(1, KEPT_RUNS + 4)]
    for name in names:
        shutil.copytree(store / "runs" / source, store / "runs" / name)
        assert len(open_book(str(store), name).scores)
    kept = {dict(key[1:])["run_id"] for key in pn.state.cache}
    assert len(kept) == KEPT_RUNS
    assert names[-1] in kept
    assert names[0] not in kept


def test_a_session_that_ends_is_freed(context: Callable[..., Context]) -> None:
    """Nothing shared between visitors holds on to one of them (a module-level watcher would)."""
    shared = context()
    shell = Shell(shared)
    for entry in PAGES:
        shared.session.page = entry.code
    let_go(shell.page)  # what the end of a visit calls
    ended = [weakref.ref(shared.session), weakref.ref(shell), *map(weakref.ref, shell._built.values())]
    del shared, shell
    gc.collect()
    assert [reference() for reference in ended] == [None] * len(ended)


def test_two_visitors_do_not_see_each_others_choices(context: Callable[..., Context]) -> None:
    """State belongs to a session, data to everyone."""
    one, two = context(), context()
    one.session.param.update(cut_off=0.3, client=5)
    one.session.cohort_a.decision = ["decline"]
    assert (two.session.cut_off, two.session.client, two.session.cohort_a.decision) == (None, None, [])
    assert one.book.scores is two.book.scores


@pytest.mark.browser
def test_panel_serve_answers_with_the_page(small_store: Path, serve_store: Callable[[Path], str]) -> None:
    """`panel serve dashboard/app.py` with PRET_STORE gives a page that names no other host."""
    with urlopen(serve_store(small_store)) as answer:
        page = answer.read().decode()
    assert "Prêt à dépenser" in page
    assert "https://cdn" not in page
