"""The Client page's questions: ways, other values and similar clients, read without a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from dashboard.data import open_book
from dashboard.other_values import LEVELS, TRIED, OtherValues, shown_values
from dashboard.pages import Context
from dashboard.pages.client import ClientPage
from dashboard.pages.questions import ClientQuestions
from dashboard.state import Session
from dashboard.texts import read_texts
from explain import find_similar, find_ways, way_sentences, what_if

MakeContext = Callable[..., Context]


def text(html: str) -> str:
    """The words of a block."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def plain(said: str) -> str:
    return re.sub(r"\s+", " ", said)


@pytest.fixture
def declined(scores: pd.DataFrame) -> list[int]:
    """Declined clients of the night."""
    return [int(client) for client in scores.index[scores["decision"] == "decline"]]


def questions(context: MakeContext, client: int, language: str = "en") -> ClientQuestions:
    """The questions about a client, without the rest of its page."""
    page = ClientQuestions(context(language, client=client))
    page.record = page.book.client(client)
    return page


def test_ways_are_those_of_explain(context: MakeContext, declined: list[int]) -> None:
    """Every sentence of every way stands on the page; without one, the text says that none is realistic."""
    seen: set[str] = set()
    for client in declined[:30]:
        page = questions(context, client)
        found = find_ways(page.book.case(client), page.book.seen)
        if found.status in seen:
            continue
        seen.add(found.status)
        said = text(page.ways())
        for way in found.ways:
            assert all(plain(sentence) in said for sentence in way_sentences(way, found, "en"))
        if not found.ways:
            assert "No realistic change alters this decision" in said
    assert seen == {"found", "no_realistic_change"}


def test_accepted_clients_need_no_change(context: MakeContext, scores: pd.DataFrame) -> None:
    """The card says so, in the reader's language."""
    client = int(scores.index[scores["decision"] == "accept"][0])
    assert "rien n’est à changer" in text(questions(context, client, "fr").ways())


def test_entered_values_are_answered_and_taken_back(context: MakeContext, declined: list[int]) -> None:
    """Setting a value shows the model's answer to it; taking the own values again shows none."""
    page = questions(context, declined[0])
    assert "Enter another value" in text(page.answer())
    page.values.param.update(score_2=0.9, score_3=0.9)
    found = what_if(page.book.case(declined[0]), page.book.seen, {"EXT_SOURCE_2": 0.9, "EXT_SOURCE_3": 0.9})
    said = text(page.answer())
    assert f"{found.after.probability[0]:.1%}" in said
    assert f"{found.before.probability[0]:.1%}" in said
    assert plain(found.reason_texts(page.book.typical, "manager", "en")[0].sentence) in said
    page._take_own()
    assert page.changes == {}
    assert "Enter another value" in text(page.answer())


def test_values_the_model_has_never_seen_raise_a_warning(context: MakeContext, declined: list[int]) -> None:
    """Employment longer than a life is answered with warnings that name what is unheard of."""
    page = questions(context, declined[0])
    page.values.employed = 60.0
    page.values.income = 1.0
    assert 'class="notice warning"' in page.answer()
    assert "Outside everything the model has seen" in text(page.answer())


def test_another_client_shows_its_own_values(context: MakeContext, declined: list[int]) -> None:
    """Opening another client forgets what was entered for the one before."""
    page = ClientPage(context("en", client=declined[0]))
    page.questions.values.score_2 = 0.9
    page.session.client = declined[1]
    application = page.book.case(declined[1]).application.iloc[0]
    assert page.questions.changes == {}
    assert page.questions.values.credit == application["AMT_CREDIT"]


def test_similar_clients_are_those_of_explain(context: MakeContext, declined: list[int]) -> None:
    """The nearest clients stand in the table in order, with the interval of the wider circle below."""
    page = questions(context, declined[0])
    found = find_similar(page.book.similar_index, declined[0], 6)
    said = text(page.similar())
    places = [said.index(str(one.client)) for one in found.nearest]
    assert places == sorted(places)
    assert "95% interval" in said
    assert "Of the 100 most similar clients" in said


def test_a_night_whose_rows_are_gone_says_so(small_store: Path, tmp_path: Path, declined: list[int]) -> None:
    """Other values cannot be asked about any more; what is published and similar clients still stand."""
    store = shutil.copytree(small_store, tmp_path / "store")
    shutil.rmtree(store / "ingests")
    book = open_book(str(store))
    session = Session(store=book.store, run=book.run_id, language="en", client=declined[0])
    page = ClientPage(Context(session, book, read_texts("en")))
    assert "no longer in the store" in text(page.questions.ways())
    assert "no longer in the store" in text(page.questions.answer())
    assert "95% interval" in text(page.questions.similar())
    assert "Declined" in text(page.verdict())


def test_shown_values_are_those_of_the_application_and_change_nothing() -> None:
    """Years for days, none for the tables' own sign of none; what is shown back is no change."""
    own = pd.Series(
        {tried.column: 100.0 for tried in TRIED}
        | {"DAYS_EMPLOYED": -730.5, "EXT_SOURCE_3": float("nan"), "NAME_EDUCATION_TYPE": LEVELS[1]}
    )
    shown = shown_values(own)
    assert (shown["employed"], shown["score_3"], shown["education"]) == (2.0, None, LEVELS[1])
    assert shown_values(own.replace(-730.5, 365_243.0))["employed"] is None
    values = OtherValues()
    values.take(own)
    assert values.changes(own) == {}
    values.param.update(employed=4.0, score_3=0.5, education=None)
    assert values.changes(own) == {"DAYS_EMPLOYED": -1461.0, "EXT_SOURCE_3": 0.5, "NAME_EDUCATION_TYPE": None}
