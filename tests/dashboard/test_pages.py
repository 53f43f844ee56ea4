"""What each page says, read without a browser: set what the reader sets, read what the page returns.

Belongs here: content of pages against the scores file. Does not: looks, clicks (test_journey).
"""

import re
from collections.abc import Callable
from html import escape, unescape

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
import pytest
from panel_material_ui.widgets.base import MaterialWidget

from dashboard.cohort import Cohort, FeatureRange
from dashboard.data import Book
from dashboard.links import query_of
from dashboard.pages import PAGES, Context
from dashboard.pages.client import ClientPage
from dashboard.pages.cohorts import CohortsPage
from dashboard.pages.features import FeaturesPage
from dashboard.pages.filters import CohortBuilder
from dashboard.pages.portfolio import PortfolioPage
from dashboard.state import CohortFilter
from explain import READERS, reason_texts
from features import CATALOGUE, group_title
from model_store.scorebook import read_contributions, read_features
from risk import cheapest_cut_off, cost_curve

MakeContext = Callable[..., Context]


def text(html: str) -> str:
    """The words of a block, markup and repeated blanks taken out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_headline_is_that_of_the_scores_file(context: MakeContext, scores: pd.DataFrame) -> None:
    """Clients, mean probability, accepted share, expected defaults, observed rate: recomputed from the export."""
    said = text(PortfolioPage(context("en")).headline())
    accepted = scores[scores["decision"] == "accept"]
    known = scores["TARGET"].dropna()
    for expected in (
        f"{len(scores):,}",
        f"{len(known):,} with known outcome",
        f"{scores['default_probability'].mean():.1%}",
        f"{len(accepted) / len(scores):.1%}",
        f"{accepted['default_probability'].sum():,.0f}",
        f"{known.mean():.1%}",
    ):
        assert expected in said


def test_an_explored_cut_off_changes_the_table_and_nothing_published(
    context: MakeContext, book: Book
) -> None:
    """The middle column follows the reader; the night's column and the headline stay."""
    page = PortfolioPage(context("en"))
    headline, before = page.headline(), page.explored_table()
    page.session.cut_off = 0.2
    after = text(page.explored_table())
    _, probability = book.outcomes()
    assert "20.0%" in after
    assert f"{np.mean(probability < 0.2):.1%}" in after
    assert f"{book.cut_off:.1%}" in after
    assert after != text(before)
    assert page.headline() == headline


def test_the_cheapest_cut_off_follows_the_cost_ratio(context: MakeContext, book: Book) -> None:
    """With missed defaults costing less, the cheapest cut-off is the one risk finds at that ratio."""
    page = PortfolioPage(context("en"))
    page.session.fn_cost = 3.0
    cheapest = cheapest_cut_off(*book.outcomes(), fn_cost=3.0, fp_cost=1.0)
    assert f"{cheapest.cut_off:.1%}" in text(page.explored_table())
    assert f"{cheapest.cost_per_client:.3f}" in text(page.explored_table())
    assert page.curve().cost_per_client == pytest.approx(
        cost_curve(*book.outcomes(), 3.0, 1.0).cost_per_client
    )


def test_a_cohort_is_compared_with_everyone_else(context: MakeContext, scores: pd.DataFrame) -> None:
    """Counts and rates of A and B are those of the export; both sides add up to the base."""
    page = CohortsPage(context("en"))
    page.session.cohort_a.param.update(decision=["decline"])
    declined = scores["decision"] == "decline"
    said = text(page.comparison())
    for group in (scores[declined], scores[~declined]):
        assert f"{len(group):,}" in said
        assert f"{group['default_probability'].mean():.1%}" in said
        assert f"{group['TARGET'].dropna().mean():.1%}" in said
    assert "Decision: Declined" in text(page.notices())
    data = page.masks()
    assert (data[0] ^ data[1]).all()


def test_an_empty_cohort_is_said_to_be_empty(context: MakeContext) -> None:
    """No table of dashes: a sentence that says what to do."""
    page = CohortsPage(context("fr"))
    page.session.cohort_a.param.update(feature="app_age", low=200.0)
    assert "Aucun client" in page.comparison()
    assert "Cohorte A : aucun client" in text(page.notices())
    assert page.score_plot() is not None


def test_a_cohort_with_few_outcomes_is_marked(context: MakeContext, book: Book) -> None:
    """Below 30 known outcomes the reader is warned before the figures."""
    page = CohortsPage(context("en"))
    assert "only" not in text(page.notices())
    ages = book.feature("app_age")
    few = float(np.sort(ages[book.known])[20])
    page.session.cohort_a.param.update(feature="app_age", high=few)
    assert "known outcomes (fewer than 30)" in text(page.notices())


def test_cohorts_that_share_clients_get_no_interval_of_their_difference(context: MakeContext) -> None:
    """Newcombe's interval is for two groups without common clients."""
    page = CohortsPage(context("en"))
    page.session.cohort_a.param.update(decision=["decline"])
    assert "clear difference" in page.comparison()
    page.session.baseline = "everyone"
    assert "clients in common" in page.comparison()
    assert "clear difference" not in page.comparison()


def test_a_second_cohort_can_be_stated(context: MakeContext, scores: pd.DataFrame) -> None:
    """With own conditions B is exactly the clients that meet them."""
    page = CohortsPage(context("en"))
    page.session.param.update(baseline="custom")
    page.session.cohort_b.param.update(decision=["accept"])
    assert page.masks()[1].sum() == (scores["decision"] == "accept").sum()
    page.session.cohort_b.state(Cohort())
    assert page.masks()[1].all()


def test_every_declared_feature_can_be_shown(context: MakeContext) -> None:
    """Each feature has its card and missing shares in both languages and by both splits, a distribution and a rate
    plot in turn; the panes on the screen follow the choice."""
    pages = [FeaturesPage(context("fr", split="decision")), FeaturesPage(context("en", split="cohorts"))]
    for page in pages:
        page.session.cohort_a.param.update(age_band=["25-35"])
    plots = [page.__panel__().select(pn.pane.Bokeh) for page in pages]
    for number, feature in enumerate(CATALOGUE):
        drawn, told = number % 2, 1 - number % 2
        with param.parameterized.discard_events(pages[told].session):  # 45 ms a plot are for the other page
            pages[told].session.feature = feature.name
        pages[drawn].session.feature = feature.name
        for page in pages:
            assert feature.name in page.about()
            assert len(page.groups()) == 2
            assert all(label in page.missing() for label, _ in page.looks().values())
        assert all(plot.object.renderers for plot in plots[drawn])
        words, axis = pages[drawn].words, plots[drawn][0].object.xaxis[0].axis_label
        assert (axis == words.axis) == (not words.categories)


def test_missing_shares_are_those_of_the_features_file(context: MakeContext, book: Book) -> None:
    """By decision, as counted in the files."""
    page = FeaturesPage(context("en", feature="app_ext_source_1"))
    values = read_features(book.store, book.run_id, columns=["app_ext_source_1"])["app_ext_source_1"]
    for decision, label in (("accept", "Accepted"), ("decline", "Declined")):
        share = values[(book.scores["decision"] == decision).to_numpy()].isna().mean()
        assert f"{label}: {share:.1%}" in text(page.missing()).replace("\u00a0", " ")


def test_a_feature_that_is_no_longer_declared_opens_on_the_first_one(context: MakeContext) -> None:
    """An old link does not break the page."""
    page = FeaturesPage(context("en", feature="app_gone"))
    assert page.session.feature == CATALOGUE.model_inputs[0]


def test_a_client_is_shown_as_published(context: MakeContext, scores: pd.DataFrame) -> None:
    """Score, probability, decision, band and reasons of the export, in words."""
    page = ClientPage(context("en"))
    for client_id in (int(scores.index[3]), int(scores.index[scores["decision"] == "decline"][0])):
        page.session.client = client_id
        row = scores.loc[client_id]
        said = text(page.verdict())
        assert str(client_id) in said
        assert f"{row['default_probability']:.1%}" in said.replace("<\u00a0", "")
        assert {"accept": "Accepted", "review": "To review", "decline": "Declined"}[row["decision"]] in said
        reasons = row[[f"reason_{rank}" for rank in range(1, 5)]].dropna()
        assert page.reasons().count("<li>") == len(reasons)


def test_reasons_are_worded_for_the_chosen_reader(context: MakeContext, book: Book) -> None:
    """Each reader gets the shared wording, for and against; the link remembers whom it was for."""
    client_id = int(book.scores.index[3])
    page = ClientPage(context("fr", client=client_id))
    client = book.client(client_id)
    assert client is not None
    for reader in READERS:
        page.session.reader = reader
        for side, shown in (("against", page.reasons()), ("for", page.strengths())):
            told = reason_texts(client.contributions, client.features, book.typical, reader, "fr", side)
            assert all(escape(reason.sentence) in shown for reason in told)
            assert shown.count("<li>") == len(told)
        assert query_of(page.session)["reader"] == reader


def test_contributions_are_the_stored_ones_strongest_first(context: MakeContext, book: Book) -> None:
    """The first bars bear the largest stored contributions, with meaning and sign."""
    client_id = int(book.scores.index[7])
    page = ClientPage(context("en", client=client_id))
    stored = read_contributions(book.store, book.run_id, clients=[client_id]).iloc[0].drop("expected_value")
    strongest = stored.loc[stored.abs().sort_values(ascending=False).index[:3]]
    said = text(page.contributions())
    for name, weight in strongest.items():
        assert CATALOGUE[str(name)].meaning.replace("'", "&#x27;") in said
        assert f"{weight:+.2f}".replace("-", "\u2212") in said


def test_lime_is_shown_with_its_proof(context: MakeContext, book: Book) -> None:
    """Verdict, every figure with its meaning and the sample stand by LIME's weights, the same at every visit."""
    client_id = int(book.scores.index[7])
    card = ClientPage(context("en", client=client_id)).lime
    found = card.explanation()
    said = text(card.quality())
    assert found.verdict("en") in said
    for figure in found.quality("en"):
        assert f"{figure.label} " in said
        assert f"{figure.value:.2f} {figure.meaning}" in unescape(said)
    assert f"{found.reference_size:,} clients stand for them" in card.said_of_cohort()
    assert card.weights() == ClientPage(context("en", client=client_id)).lime.weights()


def test_doubts_about_lime_are_told(context: MakeContext, book: Book) -> None:
    """Compared with one client only, the card says in both languages that it is not reliable here, and why."""
    client_id, youngest = int(book.scores.index[7]), float(np.nanmin(book.feature("app_age")))
    for language, sentence in (("en", "not reliable here"), ("fr", "n’est pas fiable ici")):
        page = ClientPage(context(language, client=client_id, against="chosen"))
        page.session.cohort_a.state(Cohort((), FeatureRange("app_age", high=youngest)))
        found = page.lime.explanation()
        assert "SMALL_REFERENCE" in found.why
        assert sentence in page.lime.quality()
        assert all(doubt in unescape(page.lime.quality()) for doubt in found.doubts(language))


def test_lime_follows_the_cohort_asked_for(context: MakeContext, book: Book) -> None:
    """The accepted, and cohort A as the reader states it, are other cohorts than the base; nobody is said so."""
    page = ClientPage(context("en", client=int(book.scores.index[7])))
    base = page.lime.explanation()
    page.session.against = "accepted"
    accepted = page.lime.explanation()
    assert (base.cohort, accepted.cohort) == ("base", "accepted")
    assert accepted.cohort_log_odds < base.cohort_log_odds
    page.session.against = "chosen"
    page.session.cohort_a.state(Cohort((("decision", ("decline",)),)))
    declined = page.lime.explanation()
    assert declined.members == int((book.scores["decision"] == "decline").sum())
    assert "cohort A (Decision: Declined)" in page.lime.said_of_cohort()
    page.session.cohort_a.state(Cohort((), FeatureRange("app_age", 200.0)))
    assert page.lime.explanation() is None
    assert "Cohort A has no client" in page.lime.said_of_cohort()
    assert page.lime.weights() == page.lime.quality() == ""


def test_an_unknown_client_is_answered_with_one_that_exists(context: MakeContext, book: Book) -> None:
    """The message says which run was searched and links to the nearest client."""
    page = ClientPage(context("fr", client=1))
    nearest = book.example_id(1)
    assert f"Aucun client 1 dans l’exécution {book.run_id}" in page.message()
    assert f"client={nearest}" in page.message()
    assert page.verdict() == page.contributions() == page.lime.weights() == page.places() == ""


def test_clients_seen_in_training_are_marked(context: MakeContext, scores: pd.DataFrame) -> None:
    """The note is there for them and for nobody else."""
    page = ClientPage(context("en"))
    for seen in (True, False):
        clients = scores.index[scores["seen_in_training"] == seen]
        page.session.client = int(clients[0])
        assert ("used to train this model" in page.message()) == seen


def test_the_place_of_a_client_is_its_rank_in_the_file(context: MakeContext, book: Book) -> None:
    """'More than 28% of the clients' is counted over the known values."""
    client_id = int(book.scores.index[7])
    page = ClientPage(context("en", client=client_id))
    assert page.places().count('class="small-plot') == 6
    features = read_features(book.store, book.run_id)
    numeric = list(page.record.contributions.abs().sort_values(ascending=False).index[:6])
    for name in numeric:
        value, column = features.loc[client_id, name], features[name].dropna()
        if not np.isnan(value) and not CATALOGUE[name].categories and CATALOGUE[name].unit != "flag":
            share = page.write.percent(float((column < value).mean()), 0)
            said = f"more than {share} of the clients".replace("\u00a0", " ")
            assert said in unescape(text(page.places()))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_builds_in_both_languages(context: MakeContext, language: str) -> None:
    """Widgets, plots and texts of each page come together without a browser; the height of each field and button is
    kept free, so that nothing moves when the browser draws it."""
    shared = context(language)
    for entry in PAGES:
        fields = entry.page(shared).__panel__().select(MaterialWidget)
        assert fields
        assert [field for field in fields if not field.min_height] == []


def test_why_one_cohort_is_riskier_adds_up(context: MakeContext, book: Book) -> None:
    """The groups' differences are those of the stored contributions' means, and add up to the stated difference."""
    page = CohortsPage(context("en"))
    page.session.cohort_a.state(Cohort((("decision", ("decline",)),)))
    declined = (book.scores["decision"] == "decline").to_numpy()
    stored = read_contributions(book.store, book.run_id).drop(columns="expected_value").astype(float)
    difference = stored[declined].mean() - stored[~declined].mean()
    found = page.why.contrast()
    for code, value in zip(found.codes, found.difference, strict=True):
        group = [name for name in stored if CATALOGUE[name].group == code]
        assert value == pytest.approx(difference[group].sum(), abs=1e-5)
    assert f"{difference.sum():+.2f}" in page.why.whole()
    strongest = found.codes[found.order[0]]
    assert group_title(strongest, "en") in text(page.why.by_group())
    page.why.group = second = found.codes[found.order[1]]
    said = text(page.why.by_feature())
    assert f"In detail: {group_title(second, 'en')}" in said
    inside = difference[[name for name in stored if CATALOGUE[name].group == second]]
    assert f"{inside[inside.abs().idxmax()]:+.3f}".replace("-", "\u2212") in said


def test_why_says_what_is_missing(context: MakeContext, book: Book) -> None:
    """Of an empty cohort there is nothing to compare; A beside the whole base has a smaller difference."""
    page = CohortsPage(context("en"))
    page.session.cohort_a.state(Cohort((("decision", ("decline",)),)))
    rest = page.why.contrast().difference.sum()
    page.session.baseline = "everyone"
    assert 0 < page.why.contrast().difference.sum() < rest
    page.session.cohort_a.state(Cohort((), FeatureRange("app_age", 200.0)))
    assert page.why.contrast() is None
    assert "nothing to compare" in page.why.whole()
    assert page.why.by_group() == page.why.by_feature() == ""


def test_what_is_chosen_has_its_place_before_it_is_drawn(context: MakeContext) -> None:
    """Two ages stand on two lines of a field where one would not fit, an empty field is low: in Chromium 101 and 56
    pixels. What is below it does not move while the page loads."""
    builder = CohortBuilder(context("fr"), CohortFilter(age_band=["-25", "25-35"]))
    (ages,) = [field for field in builder.__panel__().select(pmui.MultiChoice) if field.label == "Âge"]
    assert ages.min_height == 101
    builder.filters.age_band = ["-25"]
    assert ages.min_height == 65
    builder.filters.age_band = []
    assert ages.min_height == 56
