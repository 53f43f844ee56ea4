"""Who belongs to a cohort, how it is written in a link, and what it is called.

Belongs here: dashboard.cohort and dashboard.links. Does not: figures of cohorts (tests/risk).
"""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.cohort import DIMENSIONS, Cohort, FeatureRange, read_cohort
from dashboard.data import Book
from dashboard.links import apply_query, link_to, query_of
from dashboard.pages import Context
from dashboard.texts import read_texts
from features import CATALOGUE
from model_store.scorebook import read_features


def test_a_cohort_holds_exactly_the_clients_that_meet_every_condition(book: Book) -> None:
    """Decision, age band, income type and a range together: the same clients as by a plain filter of the files."""
    features = read_features(book.store, book.run_id, columns=["app_age", "app_income_type", "app_income"])
    codes = CATALOGUE["app_income_type"].categories
    chosen = codes[:2]
    cohort = Cohort(
        (("decision", ("accept",)), ("age_band", ("25-35", "35-45")), ("income_type", chosen)),
        FeatureRange("app_income", 50_000.0, 200_000.0),
    )
    expected = (
        (book.scores["decision"] == "accept").to_numpy()
        & features["app_age"].between(25, 45, inclusive="left").to_numpy()
        & features["app_income_type"].isin([0, 1]).to_numpy()
        & features["app_income"].between(50_000, 200_000).to_numpy()
    )
    assert expected.any()
    assert np.array_equal(cohort.mask(book), expected)


def test_the_options_of_a_dimension_divide_the_clients(book: Book) -> None:
    """No client is in two options; together they are everyone whose value is known."""
    for dimension in DIMENSIONS.values():
        masks = [dimension.mask(book, (option,)) for option in dimension.options(book)]
        together = np.sum(masks, axis=0)
        known = np.isnan(book.feature(dimension.feature)) if dimension.feature else np.zeros(len(together))
        assert np.array_equal(together, 1 - known.astype(int)), dimension.code


def test_no_condition_is_everyone(book: Book) -> None:
    """The empty cohort statement excludes nobody."""
    assert Cohort().mask(book).all()
    assert Cohort().words(read_texts("fr")) == "toute la base"


OPTIONS = st.lists(st.sampled_from(["accept", "review", "decline"]), min_size=1, unique=True)
BOUND = st.none() | st.integers(-1000, 1_000_000).map(float)


@given(options=OPTIONS, low=BOUND, high=BOUND)
def test_a_written_cohort_reads_back_as_itself(
    options: list[str], low: float | None, high: float | None
) -> None:
    """What a link says is what was stated."""
    within = FeatureRange("app_income", low, high) if low is not None or high is not None else None
    cohort = Cohort((("decision", tuple(options)),), within)
    assert read_cohort(cohort.written()) == cohort


@pytest.mark.parametrize(
    "written", ["nonsense:1", "~gone_feature:1:2", "decision:", "~app_age:x:2", ";;;", "~"]
)
def test_conditions_that_no_longer_exist_are_left_out(written: str) -> None:
    """An old or mistyped link still opens, on everyone."""
    assert read_cohort(written).is_everyone


def test_a_cohort_is_told_in_words_of_the_language() -> None:
    """Dimension, options and ranges are words, not codes."""
    cohort = read_cohort("decision:decline;age_band:-25|65-;~app_age:20:30")
    assert cohort.words(read_texts("fr")).startswith(
        "Décision : Refusé · Âge : moins de 25 ans, 65 ans et plus · "
    )
    assert "20 to 30 years" in cohort.words(read_texts("en"))


def test_every_link_names_its_run_and_reopens_the_same_view(context: Callable[..., Context]) -> None:
    """Run, language, page, cohorts, feature, client, cut-off: all come back; the run is there by default, too."""
    first = context("fr").session
    assert query_of(first)["run"] == first.run
    query = {"page": "cohorts", "a": "decision:decline", "b": "risk_band:A|B", "baseline": "custom"}
    query |= {"feature": "app_age", "split": "cohorts", "client": "100003", "cut_off": "0.12", "fn_cost": "7"}
    apply_query(first, query)
    assert query.items() <= query_of(first).items()
    second = context("fr").session
    apply_query(second, query_of(first))
    assert query_of(second) == query_of(first)
    assert f"run={first.run}" in link_to(first, lang="en")


def test_a_query_that_cannot_be_read_changes_nothing(context: Callable[..., Context]) -> None:
    """Letters for a client, a cut-off above one, an unknown baseline: the view stays as it was."""
    session = context().session
    before = query_of(session)
    apply_query(session, {"client": "abc", "cut_off": "7", "baseline": "all", "fn_cost": "-1", "split": ""})
    assert query_of(session) == before
