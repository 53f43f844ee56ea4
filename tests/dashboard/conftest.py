"""Fixtures of the dashboard's tests: a published run as the pages read it, a reader's view of it, a server.

Belongs here: what several of these tests need. Does not: tests.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import pandas as pd
import panel as pn
import pytest

from dashboard.data import Book, open_book
from dashboard.pages import Context
from dashboard.state import Session
from dashboard.texts import read_texts
from model_store import read_scores
from model_store.scorebook import read_targets

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def book(small_store: Path) -> Book:
    """The published run of the small store."""
    return open_book(str(small_store))


@pytest.fixture(scope="session")
def scores(small_store: Path) -> pd.DataFrame:
    """The scores as any BI tool reads them, with TARGET beside."""
    return read_scores(small_store).assign(TARGET=read_targets(small_store))


@pytest.fixture
def context(book: Book) -> Callable[..., Context]:
    """Makes a reader's context: language first, then what the session holds."""

    def make(language: str = "en", **state: object) -> Context:
        session = Session(
            store=book.store, run=book.run_id, language=language, fn_cost=book.cost_ratio, **state
        )
        return Context(session, book, read_texts(language))

    return make


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """No test reads what another one left in the shared cache."""
    pn.state.clear_caches()
    pn.state.cache.clear()
    yield
    pn.state.cache.clear()


@pytest.fixture(scope="session")
def serve_store() -> Iterator[Callable[[Path], str]]:
    """Serves a store in a process of its own, by `panel serve dashboard/app.py`; gives the address."""
    started: list[subprocess.Popen[str]] = []

    def start(store: Path) -> str:
        port = _free_port()
        command = [sys.executable, "-m", "panel", "serve", "dashboard/app.py", "--port", str(port)]
        environment = os.environ | {"PRET_STORE": str(store)}
        started.append(
            subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        )
        _wait_for_server(started[-1])
        return f"http://localhost:{port}/app"

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=20)
        assert process.stderr is not None
        process.stderr.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def _wait_for_server(process: subprocess.Popen[str]) -> None:
    """Reads the server's log until it says that it listens, then goes on reading so that it never blocks."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if "app running at" in line:
            threading.Thread(target=_drain, args=(process.stderr,), daemon=True).start()
            return
    raise RuntimeError("the dashboard's server ended before it listened:\n" + "".join(said))


def _drain(log: TextIO) -> None:
    with suppress(ValueError):  # closed when the session ends
        for _ in log:
            pass
