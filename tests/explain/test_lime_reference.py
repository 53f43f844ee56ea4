"""Reference cohorts: who stands for them, and the model's mean answers over them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lightgbm import Booster
from shap_models import Case

from explain import EmptyCohort, ReferenceCohort, own_reference, reference_of_run
from explain.lime.neighbourhood import build_masks, mean_log_odds
from explain.lime.reference import representative_rows
from explain.trees.exact import prepared
from explain.trees.masks import decide_rows
from model_store import load, published_run, read_features, read_scores

CASES = st.builds(
    Case,
    seed=st.integers(0, 10_000),
    features=st.integers(1, 12),
    categorical=st.integers(0, 3),
    missing=st.sampled_from([0.0, 0.3, 0.9]),
    trees=st.sampled_from([1, 8]),
    parameters=st.fixed_dictionaries(
        {
            "num_leaves": st.sampled_from([2, 15, 60]),
            "zero_as_missing": st.booleans(),
            "use_missing": st.sampled_from([True, True, False]),
        }
    ),
)


@settings(max_examples=30, deadline=None)
@given(case=CASES, size=st.sampled_from([1, 2, 63, 130]))
def test_answers_are_the_models_mean_over_the_reference_clients(case, size):
    """On any model the mean over masks, whole and by halves, is what LightGBM predicts for the rows in full."""
    booster, X = case.model()
    rows = case.asked(booster, X)
    client, sample = rows[-1], rows[:size]
    cohort = ReferenceCohort(
        "chosen", size, sample, np.zeros(0), 0.0, decide_rows(prepared(booster).model.trees, sample, 2)
    )
    perturbed = np.arange(0, case.features, 2)
    masks = build_masks(9, len(perturbed), case.seed)
    found = mean_log_odds(booster, client, cohort, perturbed, masks)
    for mask, (whole, even, odd) in zip(masks, found, strict=True):
        mixed = np.tile(client, (size, 1))
        mixed[:, perturbed[~mask]] = sample[:, perturbed[~mask]]
        raw = booster.predict(mixed, raw_score=True)
        assert whole == pytest.approx(raw.mean(), abs=1e-9)
        assert even == pytest.approx(raw[0::2].mean(), abs=1e-9)
        assert np.isnan(odd) if size == 1 else odd == pytest.approx(raw[1::2].mean(), abs=1e-9)


def test_masks_of_more_than_64_features_are_refused(tiny_model):
    """A mask is one word of 64 bits; the error says so."""
    cohort = own_reference(tiny_model)
    with pytest.raises(ValueError, match="65 features are to be perturbed; at most 64"):
        mean_log_odds(tiny_model.booster, cohort.rows[0], cohort, np.arange(65), build_masks(3, 65, 0))


def test_the_sample_spreads_over_the_cohort(tiny_model):
    """Of many clients, the sample takes the middles of equal slices of the log-odds."""
    matrix = tiny_model.matrix(tiny_model.background)
    ordered = np.sort(tiny_model.raw_score_of_matrix(matrix))
    sample = representative_rows(tiny_model, matrix, 10)
    assert tiny_model.raw_score_of_matrix(sample).tolist() == ordered[10::20].tolist()


def test_the_order_of_the_clients_gives_nothing_new(tiny_model, monkeypatch):
    """Rows are put in the order of their identifiers before any is chosen."""
    monkeypatch.setattr("explain.lime.reference.POOL_ROWS", 50)  # smaller than the cohort: a choice is made
    clients = tiny_model.background
    first = ReferenceCohort.of(tiny_model, clients, size=20)
    again = ReferenceCohort.of(tiny_model, clients.sample(frac=1, random_state=3), size=20)
    assert (first.members, first.size) == (200, 20)
    np.testing.assert_array_equal(first.rows, again.rows)


def test_the_models_own_reference_is_prepared_once(tiny_model):
    """The same object at every call; the accepted are those of its clients that the model accepts."""
    base, accepted = own_reference(tiny_model), own_reference(tiny_model, "accepted")
    assert own_reference(tiny_model) is base
    decisions = tiny_model.decide(tiny_model.probability(tiny_model.background))
    assert accepted.size == int((decisions == "accept").sum()) < base.size
    with pytest.raises(ValueError, match="'base' or 'accepted', not 'chosen'"):
        own_reference(tiny_model, "chosen")


def test_a_model_that_accepts_nobody_has_no_accepted_clients(tiny_model):
    """The error says so and whom to compare with instead."""
    other = Booster(model_str=tiny_model.booster.model_to_string())  # references are remembered per booster
    strict = replace(tiny_model, booster=other, cut_off=0.0, review_from=None)
    with pytest.raises(EmptyCohort, match=r"accepts none of the 200 .* Compare with all of them"):
        own_reference(strict, "accepted")


def test_means_are_those_of_the_sample(tiny_model):
    """Mean contributions and mean log-odds belong together: with the expected value they add up."""
    cohort = ReferenceCohort.of(tiny_model, tiny_model.background, size=30)
    expected = prepared(tiny_model.booster).model.expected
    assert cohort.mean_log_odds == pytest.approx(cohort.mean_contributions.sum() + expected, abs=1e-9)
    assert isinstance(cohort.rows, np.ndarray)
    assert pd.Series(tiny_model.raw_score_of_matrix(cohort.rows)).is_monotonic_increasing


def test_a_cohort_of_a_night_is_read_by_shard(small_store, monkeypatch):
    """The clients asked for stand for themselves; of many, the first shards', the same in any order asked."""
    model, run = load(str(small_store)), published_run(small_store)
    ids = read_scores(small_store, columns=["score"]).index.to_numpy()
    few = reference_of_run(small_store, run, model, ids[:40])
    expected = model.matrix(read_features(small_store, clients=ids[:40]))
    assert (few.code, few.members, few.size) == ("chosen", 40, 40)
    assert sorted(map(tuple, np.nan_to_num(few.rows))) == sorted(map(tuple, np.nan_to_num(expected)))
    monkeypatch.setattr("explain.lime.reference.POOL_ROWS", 100)
    many = reference_of_run(small_store, run, model, ids)
    again = reference_of_run(small_store, run, model, ids[::-1].copy())
    assert (many.members, many.size) == (len(ids), 100)
    np.testing.assert_array_equal(many.rows, again.rows)
