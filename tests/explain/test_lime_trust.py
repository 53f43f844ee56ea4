"""Limits of LIME and their words: each limit fires below its figure, every text is there in both languages."""

import re
import tomllib
from pathlib import Path

import pytest

import explain
from explain.lime.reference import COHORTS
from explain.lime.trust import LIMITS, SHOWN, doubt_text, limits_not_met, quality_figures, verdict_text

GOOD = {
    "spread": 1.0,
    "r2": 0.98,
    "shap_rank_correlation": 0.95,
    "shared_top5": 0.8,
    "reference_size": 1024.0,
    "fits": 10.0,
    "jaccard": 0.97,
    "vsi": 0.98,
    "csi": 0.99,
    "reference_jaccard": 0.9,
}
LANGUAGES = ("en", "fr")


@pytest.fixture(scope="module", params=LANGUAGES)
def texts(request):
    """The texts of one language."""
    folder = Path(explain.__file__).parent / "lime" / "texts"
    return tomllib.loads((folder / f"{request.param}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.code)
def test_a_figure_just_below_its_limit_fires_it_alone(limit):
    """At the limit an explanation is reliable, below it that limit is named, NaN included, and no other."""
    assert limits_not_met({**GOOD, limit.figure: limit.least}) == ()
    for value in (limit.least * 0.99, float("nan")):
        assert limits_not_met({**GOOD, limit.figure: value}) == (limit.code,)


def test_what_was_not_measured_is_not_judged():
    """Without repeated fits nothing is said of stability, and the verdict says that."""
    unrepeated = {
        name: GOOD[name]
        for name in ("spread", "r2", "shap_rank_correlation", "shared_top5", "reference_size")
    }
    assert limits_not_met(unrepeated) == ()
    assert "was not measured" in verdict_text((), unrepeated, "en")
    assert [figure.code for figure in quality_figures(unrepeated, "en")] == list(SHOWN[:3])


def test_figures_are_written_as_each_language_writes_them():
    """A decimal comma and a space before the percent sign in French."""
    low = {**GOOD, "r2": 0.612, "jaccard": 0.5}
    assert "only 61% of" in doubt_text("LOW_FIT", low, "en")
    assert "que 61\u00a0% du" in doubt_text("LOW_FIT", low, "fr")
    assert "Jaccard 0,50, au moins 0,80" in doubt_text("UNSTABLE_FEATURES", low, "fr")


def test_figures_carry_their_limits():
    """Each has a name, a meaning without holes, and whether its limit is met."""
    figures = {figure.code: figure for figure in quality_figures({**GOOD, "csi": 0.1}, "fr")}
    assert tuple(figures) == SHOWN
    assert (figures["csi"].value, figures["csi"].least, figures["csi"].met) == (0.1, 0.8, False)
    assert (figures["vsi"].least, figures["vsi"].met) == (None, True)
    assert "répété 10 fois" in figures["jaccard"].meaning
    assert not any(re.search(r"[{}]", figure.meaning) for figure in figures.values())


def test_no_text_is_missing(texts):
    """Every limit, figure, cohort and verdict has its words in English and French, and there are no others."""
    assert set(texts["doubt"]) == {limit.code for limit in LIMITS}
    assert set(texts["label"]) == set(texts["meaning"]) == set(SHOWN)
    assert set(texts["cohort"]) == set(COHORTS)
    assert set(texts["verdict"]) == {"reliable", "unjudged", "unreliable"}
    assert all(text.strip() for part in texts.values() for text in part.values())
