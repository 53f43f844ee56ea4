"""From a store to a page in the browser: one visitor's page, and the server that gives it to every visitor.
Not here: what the pages show (pages/), the frame around them (shell.py)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from shlex import quote
from urllib.parse import parse_qsl

import panel as pn
import panel_material_ui as pmui

from dashboard import blocks, layout
from dashboard.data import open_book
from dashboard.frame import page_frame
from dashboard.leaving import note_leaving
from dashboard.links import apply_query
from dashboard.pages import Context
from dashboard.problems import PROBLEMS, night_problem
from dashboard.shell import Shell
from dashboard.state import Session
from dashboard.texts import Texts, read_texts
from explain.ahead import load_libraries
from model_store.scorebook import NothingPublished, UnknownRun

STORE_VARIABLE = "PRET_STORE"
THREADS = 4
_COMMANDS = "pret train --data DIR --store {store} --promote\npret night --data DIR --store {store}"


def build_page(store: str, query: Mapping[str, str] | None = None) -> pmui.Page:
    """The page of one visitor: the run and view of the link's query, or why there is nothing to show."""
    wanted = query or {}
    texts = read_texts(wanted.get("lang", ""))
    try:
        book = open_book(store, wanted.get("run"))
        ratio = book.cost_ratio
    except NothingPublished:
        told = [
            blocks.lead(texts("app.nothing", store=store)),
            blocks.verbatim(_COMMANDS.format(store=quote(store))),
            blocks.note(texts("app.nothing_after")),
        ]
        return _message_page(texts, texts("app.nothing_title"), told)
    except PROBLEMS as problem:
        told = [night_problem(texts, problem)]
        if isinstance(problem, UnknownRun) and "run" in wanted:
            said, latest = texts("app.no_run", run=wanted["run"]), f"?lang={texts.language}"
            told.insert(0, blocks.notice(said, "warning", latest, texts("app.newer_link")))
        return _message_page(texts, texts("app.problem_title"), told)
    session = Session(store=store, run=book.run_id, language=texts.language, fn_cost=ratio)
    apply_query(session, wanted)
    return Shell(Context(session, book, texts)).page


def _message_page(texts: Texts, title: str, told: Sequence[str]) -> pmui.Page:
    """A page that says why there is no night to look at."""
    card = layout.card(title, *map(layout.html, told))
    frame = pn.Column(card, max_width=860, margin=(40, 24), sizing_mode="stretch_width")
    return page_frame(texts, texts("app.title"), main=[frame])


def page_of_visit(store: str | None = None) -> pmui.Page:
    """The page of the visit being answered; the store from PRET_STORE unless it is given."""
    with suppress(RuntimeError):  # no loop runs where the page is made without a server
        note_leaving(asyncio.get_running_loop())
    location = pn.state.location
    search = location.search if location is not None else ""
    return build_page(store or os.environ.get(STORE_VARIABLE, "store"), dict(parse_qsl(search.lstrip("?"))))


def use_threads() -> None:
    """Events are answered in threads: one reader's LIME does not keep the others waiting."""
    pn.config.nthreads = THREADS


def serve(store: str, port: int = 5006, address: str = "localhost", show: bool = False) -> None:
    """Serves the dashboard of ``store`` until the process is stopped. Errors: OSError if the port is taken."""
    use_threads()
    load_libraries()
    pn.serve(
        {"/": lambda: page_of_visit(str(store))},
        port=port,
        address=address,
        websocket_origin=[f"{address}:{port}", f"localhost:{port}", f"127.0.0.1:{port}"],
        show=show,
        title=read_texts("")("app.title"),
        verbose=False,
    )
