"""The note: both languages complete, every figure measured, nothing loaded from elsewhere."""

import html
import re
from dataclasses import replace
from typing import Any

import pytest
from markupsafe import Markup
from portfolio import portfolio, tiny_catalogue

from model_store import ScoringModel
from training import LANGUAGES, TrainingSettings, TreeSettings, train_version, write_note
from training.candidates import CANDIDATES
from training.charts import Axis, Bar, bar_chart
from training.note import read_texts, write_card
from training.note.groups import fairness_tables
from training.note.tables import model_rows
from training.note.values import Costs
from training.wording import Wording


@pytest.fixture(scope="module")
def model() -> ScoringModel:
    """A model of 1,000 clients under a version's name."""
    features, target = portfolio(1000)
    settings = TrainingSettings(
        threads=1, trees=TreeSettings(max_trees=40, patience=10), importance_clients=100
    )
    return replace(
        train_version(features, target, tiny_catalogue(), settings, "f1n9e2").model, version="v042"
    )


def leaves(texts: Any, path: str = "") -> dict[str, str]:
    """Every text by its path."""
    if isinstance(texts, str):
        return {path: texts}
    items = enumerate(texts) if isinstance(texts, list) else texts.items()
    return {key: text for name, value in items for key, text in leaves(value, f"{path}/{name}").items()}


def test_both_languages_say_the_same_things() -> None:
    """Every text has its French, and the two name the same figures."""
    english, french = leaves(read_texts("en")), leaves(read_texts("fr"))
    assert english.keys() == french.keys()
    for path, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", french[path])), path


def test_no_measured_figure_is_written_into_the_texts() -> None:
    """Texts hold no decimal, percentage or count of their own, but for the constants of definitions."""
    definitions = (
        r"TARGET = 1|(slope|pente) 1|(intercept|ordonnée) 0|2 × AUC − 1|\b1000\b|\bL2\b|SHA-256"
        r"|0[.,]10|0[.,]25|95\s?%|80\s?%|(between|entre) 0|{\w+}"
    )
    for language in LANGUAGES:
        for path, text in leaves(read_texts(language)).items():
            assert not re.search(r"\d", re.sub(definitions, "", text)), f"{language} {path}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_note_stands_alone(model: ScoringModel, language: Any) -> None:
    """One page, no request to anywhere, no script, every placeholder filled, every chapter there."""
    note = write_note(model, tiny_catalogue(), language)
    assert note.lstrip().startswith("<!DOCTYPE html>")
    assert not re.search(r"https?://|<script|<link|src=|@import|url\(", note)
    assert not re.search(r"{\w+}|{{|None|nan\b", note)
    assert note.count("<h2") == 17
    assert note.count("<svg") == 2 + 10
    for section in re.findall(r'href="#(\w+)"', note):
        assert f'id="{section}"' in note


def compared(costs: dict[str, float]) -> dict[str, Any]:
    """A comparison of one candidate per kind, as it is stored, with these costs."""
    rows = []
    for candidate in CANDIDATES:
        if candidate.imbalance == "untreated":
            metric = {"mean": 0.75, "standard_error": 0.01, "per_fold": [0.74, 0.76]}
            metrics = dict.fromkeys(read_texts("en")["results"]["metrics"], metric)
            cost = {**metric, "mean": costs.get(candidate.name, 0.9)}
            rows.append(
                {
                    **{
                        name: getattr(candidate, name)
                        for name in ("name", "family", "imbalance", "constraints")
                    },
                    "metrics": {**metrics, "cost_per_client": cost},
                    "fit_seconds": 1.5,
                }
            )
    apart = {metric: {"mean": 0.01, "standard_error": 0.002} for metric in ("auc", "cost_per_client")}
    worth = {"features": 11, "metrics": rows[0]["metrics"], "difference": apart, "gaps": {}}
    return {
        "created_at": "2026-11-20T00:00:00+00:00",
        "data_fingerprint": "f1n9e2",
        "clients": 900,
        "drawn_from": 1000,
        "folds": 5,
        "candidates": rows,
        "choice": {
            "chosen": "lightgbm-constrained-untreated",
            "cheapest": "lightgbm-untreated",
            "limit": 0.52,
            "within": [],
        },
        "differences": {row["name"]: apart for row in rows},
        "directions": apart,
        "characteristics": [{"inputs": "base", **worth}, {"inputs": "with gender", **worth}],
    }


TUNING: dict[str, Any] = {
    "created_at": "2026-11-21T00:00:00+00:00",
    "key": {"clients": 800},
    "drawn_from": 1000,
    "best": 1,
    "trials": [
        {"number": 0, "parameters": {"num_leaves": 15}, "cost": 0.61, "log_loss": 0.3, "auc": 0.7},
        {"number": 1, "parameters": {"num_leaves": 9}, "cost": 0.59, "log_loss": 0.2, "auc": 0.7},
        {"number": 2, "parameters": {"num_leaves": 40}, "cost": None, "log_loss": None, "auc": None},
    ],
}


def with_history(model: ScoringModel, **history: Any) -> ScoringModel:
    """The model as if these had been found before."""
    return replace(model, metadata={**model.metadata, "history": history})


def test_what_was_not_measured_is_said(model: ScoringModel) -> None:
    """No comparison, no search, no other clients: the note says so, and claims nothing in their place."""
    note = html.unescape(write_note(model, tiny_catalogue(), "en"))
    t = read_texts("en")
    for text in (
        t["models"]["not_compared"],
        t["optimisation"]["not_tuned"],
        t["drift"]["not_measured"],
        t["fairness"]["no_price"],
        t["data"]["nobody_shared"],
    ):
        assert text in note


def test_an_earlier_comparison_and_search_stand_in_the_note(model: ScoringModel) -> None:
    """Every candidate in the table, the chosen one strong; the search with what was given up; their dates."""
    found = compared({"scorecard-untreated": 0.55, "lightgbm-untreated": 0.51})
    note = html.unescape(
        write_note(with_history(model, comparison=found, tuning=TUNING), tiny_catalogue(), "en")
    )
    assert note.count("<svg") == 3 + 10
    for told in (
        "20 Nov 2026", "21 Nov 2026", "900 clients", "Random forest, untreated", "from 0.610", "to 0.590",
        "trial 2", "(1 of them)", "made on the data of this training", "above that limit", "With gender",
    ):  # fmt: skip
        assert told in note, told
    assert re.search(r'class="chosen"><td>LightGBM, directions kept, untreated', note.replace("\n", ""))
    for text in (read_texts("en")["models"]["not_compared"], read_texts("en")["optimisation"]["not_tuned"]):
        assert text not in note


def test_the_note_says_whether_bands_are_in_order(model: ScoringModel) -> None:
    """Rising default rates are said to rise; a band safer than the one before is owned up to; empty ones pass."""
    t = read_texts("en")["bands"]
    for rates, told in (([0.01, None, 0.05], t["in_order"]), ([0.06, 0.05, 0.2], t["out_of_order"])):
        bands = [
            {**row, "observed_rate": rate}
            for row, rate in zip(model.metadata["band_table"], rates, strict=False)  # type: ignore[call-overload] # JSON values
        ]
        note = write_note(
            replace(model, metadata={**model.metadata, "band_table": bands}), tiny_catalogue(), "en"
        )
        assert [text for text in (t["in_order"], t["out_of_order"]) if text in note] == [told]


def test_every_measure_of_a_candidate_has_its_error(model: ScoringModel) -> None:
    """Eight measures over folds, each with its standard error below it."""
    found = compared({})
    rows = model_rows({"history": {"comparison": found}}, Wording("en"), Costs(model.metadata, Wording("en")),
                      read_texts("en"))  # fmt: skip
    assert len(rows) == len(found["candidates"])
    for row in rows:
        assert [cell.count("\n± ") for cell in row["cells"]] == [0, *[1] * 8, 0]


def test_the_note_says_where_the_scorecard_would_have_done_as_well(model: ScoringModel) -> None:
    """A scorecard within the limit is conceded; other data than this training's are named as such."""
    found = {**compared({"scorecard-untreated": 0.52}), "data_fingerprint": "other"}
    note = write_note(with_history(model, comparison=found), tiny_catalogue(), "fr")
    assert "aurait fait aussi bien" in note
    assert "sur d’autres données" in note


def test_trees_that_ran_out_are_said_to(model: ScoringModel) -> None:
    """The note claims that more trees were of no use only where the patience was used up."""
    trees: Any = model.metadata["trees"]
    for grown, told in ((trees["final"] + 10, "until the mean loss had not improved for 10 rounds"),
                        (trees["final"] + 9, "more trees might have lowered the loss further")):  # fmt: skip
        metadata = {**model.metadata, "trees": {**trees, "grown": grown}}
        assert told in write_note(replace(model, metadata=metadata), tiny_catalogue(), "en")


def test_costs_in_money_are_told_as_money(model: ScoringModel) -> None:
    """The assumptions stand in the note, the unit is the tables' currency, costs have no decimals."""
    settings = {
        **dict(model.metadata["settings"]),  # type: ignore[call-overload] # JSON values
        "money": {"loss_given_default": 0.45, "margin": 0.1},
    }
    note = write_note(
        replace(model, metadata={**model.metadata, "settings": settings}), tiny_catalogue(), "en"
    )
    assert "a default loses 45.00% of the credit" in note
    assert "the currency of the tables" in note
    assert read_texts("en")["limits"]["counts"] not in note
    assert "amounts that differ from client to client" in note, (
        "another reason to be off the equal-cost probability"
    )
    counted = write_note(model, tiny_catalogue(), "en")
    assert "comes from chance among" in counted
    assert "amounts that differ" not in counted


def test_a_review_band_that_holds_nobody_is_said_to(model: ScoringModel) -> None:
    """Asked for from above the cut-off, the note says that nobody is in it; below, that people look."""
    for asked, told in (
        (0.5, "50.00%, which is not below the cut-off: nobody is in it"),
        (0.01, "From a probability of 1.00% up"),
    ):
        settings = {**dict(model.metadata["settings"]), "review_from": asked}  # type: ignore[call-overload] # JSON values
        note = write_note(
            replace(model, metadata={**model.metadata, "settings": settings}), tiny_catalogue(), "en"
        )
        assert told in note


def test_the_card_is_short_and_says_what_the_note_says(model: ScoringModel) -> None:
    """Markdown of one page in both languages, with the version, its AUC and the widest gaps."""
    for language in LANGUAGES:
        card = write_card(model, language)
        metrics: Any = model.metadata["metrics"]
        assert card.startswith("# ")
        assert model.version in card.splitlines()[0]
        assert Wording(language).decimal(metrics["auc"]["mean"], 4) in card
        assert len(card.splitlines()) < 60
        assert not re.search(r"{\w+}|None|nan\b", card)


def test_figures_are_the_models(model: ScoringModel) -> None:
    """Change a measured figure and the note changes with it."""
    english, french = Wording("en"), Wording("fr")
    metadata: dict[str, Any] = dict(model.metadata)
    metadata["metrics"] = {
        **metadata["metrics"],
        "auc": {"mean": 0.7123, "standard_error": 0.0456, "per_fold": [0.7]},
    }
    changed = replace(model, metadata=metadata)
    assert "0.712\u00a0±\u00a00.046" in write_note(changed, tiny_catalogue(), "en")
    assert "0,712\u00a0±\u00a00,046" in write_note(changed, tiny_catalogue(), "fr")
    assert english.percent(model.cut_off, 2) in write_note(model, tiny_catalogue(), "en")
    assert french.percent(model.cut_off, 2) in write_note(model, tiny_catalogue(), "fr")
    for told in ("v042", "f1n9e2", model.catalogue_hash):
        assert told in write_note(model, tiny_catalogue(), "fr")


def test_the_example_carries_no_identifier(model: ScoringModel) -> None:
    """No client number of the portfolio occurs in the note."""
    note = write_note(model, tiny_catalogue(), "en")
    assert not re.search(r"\b100[0-9]{3}\b", note)


def test_the_example_is_told_its_reasons(model: ScoringModel) -> None:
    """The published reasons of the example stand in the note with their sums; a client without any is told so."""
    example: Any = model.metadata["example"]
    rows = [{**row, "contribution": abs(row["contribution"])} for row in example["contributions"]]
    for contributions, told in ((rows, 1), ([], 0)):
        metadata = {**model.metadata, "example": {**example, "contributions": contributions}}
        note = html.unescape(write_note(replace(model, metadata=metadata), tiny_catalogue(), "en"))
        assert (read_texts("en")["local"]["no_reasons"] in note) == (not told)
        assert len(re.findall(r"<li><b>.+</b> \(\+0\.\d{3}\)\. \S", note)) >= told


def test_the_notes_own_ways_of_writing() -> None:
    """Settings with three figures, intervals of shares, minutes; no line breaks at ± or before a French mark."""
    english, french = Wording("en"), Wording("fr")
    assert [english.compact(value) for value in (15.0, 0.04, 0.8, 1234.56)] == ["15", "0.04", "0.8", "1,235"]
    assert (english.signed(0.5, 1), french.signed(-0.0004)) == ("+0.5", "0,000")
    assert (english.span(0.081, 0.09), english.span(None, 0.1)) == ("[8.1%, 9.0%]", "–")
    assert french.minute("2026-11-08T19:09:57+00:00") == "08/11/2026 19:09"
    told = "avant ; après : « 5 % » ± 1 ?"
    assert french.typeset(told).replace("\u00a0", "_") == "avant_; après_: «_5_%_»_±_1_?"  # type: ignore[attr-defined] # a text stays a text
    assert english.typeset(told) == "avant ; après : « 5 % »\u00a0±\u00a01 ?"
    assert french.typeset(Markup("<b>a ; b</b>")) == Markup("<b>a ; b</b>")


def test_groups_are_named_in_words(model: ScoringModel) -> None:
    """Nobody has to know what F, 30-39 or 2 stand for; every widest gap has its interval."""
    fairness: Any = model.metadata["fairness"]
    (found, *_) = fairness.values()
    groups = [{**found["groups"][0], "group": name} for name in ("F", "30-39", "2", "unknown")]
    named = {
        "gender": {**found, "groups": groups[:1]},
        "age": {**found, "groups": groups[1:2]},
        "region": {**found, "groups": groups[2:]},
    }
    for language, names in (
        ("en", ["Female", "30-39 years", "Rating 2", "unknown"]),
        ("fr", ["Femme", "30-39 ans", "Note 2", "inconnu"]),
    ):
        words: Any = Wording(language)  # type: ignore[arg-type] # one of LANGUAGES
        tables = fairness_tables({"fairness": named}, words, read_texts(words.language))
        assert [row[0] for table in tables for row in table["rows"][:-1]] == names
        assert all(re.search(r"\n\[.+\]", table["rows"][-1][2]) for table in tables)


def test_no_line_of_the_french_note_begins_with_a_mark(model: ScoringModel) -> None:
    """Nowhere, in the note's own words or in those of features, does a plain space precede ; : ? ! % or »."""
    note = html.unescape(write_note(model, tiny_catalogue(), "fr"))
    body = re.sub(r"<svg.*?</svg>|<style>.*?</style>", "", note, flags=re.DOTALL)
    assert re.findall(r".{20} [;:?!%»].{5}", re.sub("<[^>]+>", "", body)) == []


def test_axes_end_on_round_values() -> None:
    """Ticks are 1, 2 or 5 times a power of ten and reach the highest value."""
    axis = Axis("cost", 0.354, str)
    assert axis.ticks() == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    assert axis.share(axis.high) == 1.0
    narrow = Axis("cost", 0.53, str, lowest=0.487)
    assert narrow.ticks() == pytest.approx([0.48, 0.49, 0.50, 0.51, 0.52, 0.53])
    assert (narrow.share(0.48), narrow.share(0.53)) == pytest.approx((0.0, 1.0))


def test_bars_keep_their_order_and_place() -> None:
    """A bar chart names every bar and puts higher values further right."""
    chart = bar_chart(
        "costs", Axis("cost", 1.0, str), [Bar("first", 0.2, 0.1, 0.3), Bar("second", 0.8, 0.7, 0.9)]
    )
    places = [float(place) for place in re.findall(r'<circle[^>]* cx="([\d.]+)"', chart)]
    assert places == sorted(places)
    assert chart.index("first") < chart.index("second")
