"""One client's dossier, and the one page made of it."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import sync_playwright

from explain import (
    READERS,
    CohortTooSmall,
    Dossier,
    UnknownCohort,
    read_dossier,
    read_typical,
    reason_texts,
    similar_sentence,
)
from explain.lime.membership import SIMILAR_CLIENTS, members_of
from explain.report import ReportNotWritten, report_html, write_report
from features import Formats
from model_store import UnknownClient, read_contributions, read_features, read_run, read_scores


@pytest.fixture(scope="session")
def declined(small_store) -> int:
    """A declined client with four reasons, the one whose sentences for the analyst are longest of thirty."""
    scores = read_scores(small_store)
    some = scores[(scores["decision"] == "decline") & scores["reason_4"].notna()].index[:30].tolist()
    features, contributions = (
        read_features(small_store, clients=some),
        read_contributions(small_store, clients=some),
    )
    typical = read_typical(small_store)

    def length(client: int) -> int:
        told = reason_texts(contributions.loc[client], features.loc[client], typical, "analyst", "fr")
        return sum(len(reason.sentence) for reason in told)

    return max(some, key=length)


@pytest.fixture(scope="session")
def dossier(small_store, declined) -> Dossier:
    """All that is known of that client."""
    return read_dossier(str(small_store), declined)


def read(page: str) -> str:
    """The text of a page, spaces that do not break as they are."""
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_data = found.append  # type: ignore[method-assign] # all it has to do
    parser.feed(re.sub(r"<style>.*?</style>", "", page, flags=re.S))
    return "\n".join(found)


def test_the_dossier_holds_the_published_figures(dossier, small_store, declined):
    """Row, place, reasons and comparisons are those of the night, as the shared functions give them."""
    scores = read_scores(small_store)
    assert dossier.row.to_dict() == scores.loc[declined].to_dict()
    assert dossier.clients == len(scores)
    assert dossier.lower == pytest.approx((scores["score"] < scores.loc[declined, "score"]).mean())
    assert dossier.usual.cohort == dossier.lime.cohort == "accepted"
    codes = scores.loc[declined, [f"reason_{rank}" for rank in range(1, 5)]].tolist()
    assert [reason.code for reason in dossier.reasons("manager", "fr")] == codes
    assert dossier.ways is not None
    assert dossier.ways.decision == "decline"
    assert dossier.similar is not None
    assert dossier.gaps == ()


def test_another_cohort_changes_what_is_usual_but_not_what_the_client_is_told(small_store, declined, dossier):
    """Analysts compare with whom they like; "most of our clients" stays the accepted ones."""
    other = read_dossier(str(small_store), declined, cohort="app_age=20:45")
    assert (other.usual.cohort, other.lime.cohort) == ("chosen", "chosen")
    assert "the chosen cohort" in other.reasons("analyst", "en")[0].sentence
    assert other.reasons("client", "fr") == dossier.reasons("client", "fr")


def test_cohorts_are_read_as_typed(small_store, declined):
    """Decisions, bands, ranges with open ends, the similar ones; the client itself belongs to none."""
    scores, age = read_scores(small_store), read_features(small_store, columns=["app_age"])["app_age"]
    run = read_run(small_store).run_id
    others = scores.index != declined

    def members(typed: str) -> list[int]:
        return members_of(small_store, run, typed, declined).tolist()

    assert members("base") == scores.index[others].tolist()
    assert members("accepted") == members("decision=accept")
    assert members("band=D") == scores.index[others & (scores["risk_band"] == "D")].tolist()
    assert members("app_age=30:") == age.index[others & (age >= 30).to_numpy()].tolist()
    assert members("app_age=30:40") == age.index[others & age.between(30, 40).to_numpy()].tolist()
    similar = members("similar")
    assert len(similar) == SIMILAR_CLIENTS
    assert declined not in similar


@pytest.mark.parametrize(
    "typed", ["everybody", "band", "app_age", "app_age=old:", "app_moon=1:2", "decision="]
)
def test_a_cohort_that_cannot_be_read_is_refused(small_store, declined, typed):
    """The error repeats what was typed and says what is expected."""
    with pytest.raises(UnknownCohort, match=r"expected base, accepted, similar, decision="):
        read_dossier(str(small_store), declined, cohort=typed)


def test_a_cohort_with_too_few_members_is_refused(small_store, declined):
    """A handful of clients says nothing of what is usual."""
    with pytest.raises(CohortTooSmall, match=r"has \d+ clients, too few"):
        read_dossier(str(small_store), declined, cohort="app_age=69:")


def test_unknown_clients_are_refused(small_store):
    """The error names the client and the night."""
    with pytest.raises(UnknownClient, match="holds no client 7 "):
        read_dossier(str(small_store), 7)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("reader", READERS)
def test_the_page_says_what_the_reader_may_read(dossier, reader, language):
    """Reasons for everybody; probability, score and similar clients not for the client; LIME for the analyst."""
    page = report_html(dossier, reader, language)
    said, write = read(page), Formats(language)
    for reason in dossier.reasons(reader, language):
        assert reason.sentence in said
    probability = write.percent(float(dossier.row["default_probability"]))
    assert (probability in said) == (reader != "client")
    assert (str(dossier.row["score"]) in said) == (reader != "client")
    assert dossier.similar is not None
    assert (write.sentence(similar_sentence(dossier.similar, language)) in said) == (reader != "client")
    assert (dossier.lime.verdict(language) in said) == (reader == "analyst")
    rights = {"en": "Your rights", "fr": "Vos droits"}[language]
    assert (rights in said) == (reader == "client")
    assert not re.search(r"\bnan\b|None|\{|\}", said)


def test_the_page_names_nobody_else_and_loads_nothing(dossier):
    """No other client's identifier, no address, no script; one self-contained file."""
    assert dossier.similar is not None
    for reader in READERS:
        page = report_html(dossier, reader, "en")
        assert not [one.client for one in dossier.similar.nearest if str(one.client) in page]
        assert not re.search(r"https?:|//|<script|<link|<img|url\(|@import", page.replace("<!doctype", ""))


def test_every_text_is_escaped(dossier):
    """What comes from the store cannot become markup."""
    row = dossier.row.copy()
    row["risk_band"] = "<b>E</b>"
    page = report_html(replace(dossier, row=row), "manager", "en")
    assert "&lt;b&gt;E&lt;/b&gt;" in page
    assert "<b>E</b>" not in page


def test_an_explanation_that_cannot_be_trusted_says_so(dossier):
    """The analyst reads the verdict, the doubt, and what the reasons rest on instead."""
    doubted = replace(dossier, lime=replace(dossier.lime, why=("LOW_FIT",), r2=0.4))
    said = read(report_html(doubted, "analyst", "en"))
    assert "This explanation is not reliable here." in said
    assert "explains only 40%" in said
    assert "the reasons above rest on the exact contributions" in said


def test_a_client_without_reasons_or_answers_gets_a_page(dossier):
    """No reason, no strength, rows that are gone: the page says so or leaves the part out."""
    row = dossier.row.copy()
    for rank in range(1, 5):
        row[f"reason_{rank}"], row[f"reason_{rank}_contribution"] = None, np.nan
    nothing = pd.Series(0.0, index=dossier.contributions.index)
    bare = replace(dossier, row=row, contributions=nothing, ways=None, similar=None)
    said = read(report_html(bare, "manager", "en"))
    assert "Nothing in particular weighed in the assessment of the application." in said
    assert "Nothing in particular to report in favour of the application." in said
    assert "What would change the decision" not in said
    assert "Similar clients" not in said


def test_the_file_appears_whole_and_is_its_owners(dossier, tmp_path):
    """Written beside and renamed, readable by nobody else; an older one is replaced."""
    file = tmp_path / "client.html"
    file.write_text("older")
    assert write_report(dossier, file, "client", "fr") == file
    assert file.read_text(encoding="utf-8") == report_html(dossier, "client", "fr")
    assert file.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written_is_told(dossier, tmp_path):
    """A folder that is not there, a name that is a folder: one sentence, nothing left behind."""
    with pytest.raises(
        ReportNotWritten, match=r"cannot be written to .*No such file or directory; give a file"
    ):
        write_report(dossier, tmp_path / "nowhere" / "client.html")
    with pytest.raises(ReportNotWritten, match="Is a directory"):
        write_report(dossier, tmp_path)
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}.*"))


@pytest.mark.browser
def test_every_page_prints_on_one_sheet(dossier, chromium):
    """The longest sentences, an explanation in doubt, ways out: one A4 page for each reader and language."""
    doubted = replace(dossier, lime=replace(dossier.lime, why=("LOW_FIT", "UNSTABLE_FEATURES")))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page()
        requests: list[str] = []
        tab.on("request", lambda request: requests.append(request.url))
        for reader in READERS:
            for language in ("en", "fr"):
                tab.set_content(report_html(doubted, reader, language))
                printed = tab.pdf(prefer_css_page_size=True)
                assert len(re.findall(rb"/Type /Page\b", printed)) == 1, (reader, language)
                assert re.search(rb"/MediaBox \[0 0 59[45]\S* 84[12]", printed)
        browser.close()
    assert requests == []
