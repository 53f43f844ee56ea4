"""LIME against a reference cohort: reproducible, faithful, honest about its limits."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from explain import explain_with_lime, tree_shap
from explain.neighbourhood import build_masks, mean_log_odds, representative_rows
from explain.texts import DOUBTS, LANGUAGES


@pytest.fixture(scope="module")
def client(tiny_model):
    """One client with missing values."""
    rows = tiny_model.background
    return rows[rows.isna().any(axis=1)].iloc[[0]]


def same(left, right) -> bool:
    """True if two explanations agree to the last bit, their duration aside."""
    return (
        left.features == right.features
        and np.array_equal(left.weights, right.weights)
        and (left.r2, left.intercept, left.why) == (right.r2, right.intercept, right.why)
    )


def test_the_explanation_is_faithful_and_says_so(tiny_model, client):
    """On a well-behaved model the fit is close, the ranks agree with SHAP, and it is called reliable."""
    found = explain_with_lime(tiny_model, client)
    exact = tree_shap(tiny_model.booster, tiny_model.matrix(client))[0]
    assert found.r2 > 0.9
    assert found.shap_rank_correlation > 0.8
    assert found.reliable
    assert found.doubts() == []
    assert found.prediction == pytest.approx(exact.sum(), abs=1e-9)
    assert found.local_prediction == pytest.approx(found.intercept + found.weights.sum(), abs=1e-9)
    assert np.all(np.diff(np.abs(found.weights)) <= 0)
    assert dict(zip(found.features, found.shap, strict=True)) == dict(
        zip(tiny_model.feature_names, exact[:-1], strict=True)
    )
    assert found.reference_size == 100


def test_r2_is_the_weighted_one(tiny_model, client):
    """R² equals the share of kernel-weighted variance explained, recomputed from the weights alone."""
    found = explain_with_lime(tiny_model, client, features=8, masks=60, seed=4)
    columns = np.array([tiny_model.feature_names.index(name) for name in found.features])
    exact = tree_shap(tiny_model.booster, tiny_model.matrix(client))[0, :-1]
    by_size = np.argsort(-np.abs(exact), kind="stable")[:8]
    masks = build_masks(60, 8, 4)
    score = tiny_model.raw_score_of_matrix
    sample = representative_rows(tiny_model.matrix(tiny_model.background), score, 100)
    answers = mean_log_odds(tiny_model.matrix(client)[0], sample, by_size, masks, score)
    place = [int(np.flatnonzero(by_size == column)[0]) for column in columns]
    fitted = found.intercept + masks[:, place] @ found.weights
    kernel = np.sqrt(np.exp(-(~masks).sum(axis=1) / (0.75**2 * 8)))
    centre = np.average(answers, weights=kernel)
    expected = 1 - np.sum(kernel * (answers - fitted) ** 2) / np.sum(kernel * (answers - centre) ** 2)
    assert found.r2 == pytest.approx(expected, abs=1e-9)


def test_the_same_question_gets_the_same_answer_in_every_thread(tiny_model, client):
    """Sixteen explanations by eight threads equal the one computed alone, to the last bit."""
    alone = explain_with_lime(tiny_model, client, masks=60)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: explain_with_lime(tiny_model, client, masks=60), range(16)))
    assert all(same(alone, one) for one in found)


def test_numpys_own_random_state_is_neither_read_nor_moved(tiny_model, client):
    """Other users of numpy's global random state change nothing, and see nothing."""
    np.random.seed(1)  # the global state is what this test is about
    first = explain_with_lime(tiny_model, client, masks=40)
    after = np.random.get_state()[1].copy()
    np.random.seed(1)
    assert np.array_equal(after, np.random.get_state()[1])
    np.random.seed(99)
    assert same(first, explain_with_lime(tiny_model, client, masks=40))


def test_seeds_and_row_order(tiny_model, client, monkeypatch):
    """Another seed gives other masks; the order of the reference's rows gives nothing new."""
    first = explain_with_lime(tiny_model, client, masks=40)
    assert not same(first, explain_with_lime(tiny_model, client, masks=40, seed=1))
    monkeypatch.setattr("explain.neighbourhood.POOL_ROWS", 50)  # smaller than the cohort: a choice is made
    shuffled = tiny_model.background.sample(frac=1, random_state=3)
    first = explain_with_lime(tiny_model, client, masks=40)
    assert first.reference_size == 50
    assert same(first, explain_with_lime(tiny_model, client, shuffled, masks=40))


def test_the_reference_cohort_matters(tiny_model, client):
    """Against clients who share its strongest value, that value explains nothing."""
    strongest = explain_with_lime(tiny_model, client, masks=40).features[0]
    alike = tiny_model.background.assign(**{strongest: client[strongest].iloc[0]})
    found = explain_with_lime(tiny_model, client, alike, masks=200)
    weights = dict(zip(found.features, found.weights, strict=True))
    assert abs(weights[strongest]) < 0.05 * np.abs(found.weights).max()


def test_missing_is_a_value(tiny_model, client):
    """The explained score is that of the client with its missing values, which are reported as missing."""
    found = explain_with_lime(tiny_model, client, masks=20)
    assert found.prediction == tiny_model.raw_score_of_matrix(tiny_model.matrix(client))[0]
    assert np.isnan(found.values).sum() == int(client.isna().sum(axis=1).iloc[0])


def test_a_series_and_a_frame_are_the_same_client(tiny_model, client):
    """One client may be passed as a row or as a Series."""
    by_row = explain_with_lime(tiny_model, client, masks=20)
    assert same(by_row, explain_with_lime(tiny_model, client.iloc[0], masks=20))


def test_limits_not_met_are_named_in_both_languages(tiny_model, client):
    """Against a single reference client the explanation says that it is not reliable, and why."""
    found = explain_with_lime(tiny_model, client, tiny_model.background.iloc[:1], masks=40)
    assert not found.reliable
    assert "SMALL_REFERENCE" in found.why
    assert any("1 clients only" in doubt for doubt in found.doubts("en"))
    assert len(found.doubts("fr")) == len(found.why)


def test_every_doubt_is_worded_in_every_language():
    """No limit lacks its sentence in English or French."""
    assert all(set(texts) == set(LANGUAGES) for texts in DOUBTS.values())


def test_bad_questions_get_clear_errors(tiny_model, client):
    """An empty cohort, several clients and counts that make no sense are refused with what to do."""
    with pytest.raises(ValueError, match="reference cohort is empty"):
        explain_with_lime(tiny_model, client, tiny_model.background.iloc[:0])
    with pytest.raises(ValueError, match="one client at a time; found 2 rows"):
        explain_with_lime(tiny_model, tiny_model.background.iloc[:2])
    with pytest.raises(ValueError, match="found 30, 1 and 100"):
        explain_with_lime(tiny_model, client, masks=1)
    with pytest.raises(ValueError, match="features lack 12"):
        explain_with_lime(tiny_model, pd.Series({"app_moon_phase": 1.0}))


@pytest.mark.parametrize(("count", "features"), [(1, 3), (2, 1), (7, 1), (40, 5), (41, 30)])
def test_masks_start_with_the_client_and_come_in_pairs(count, features):
    """Row 0 keeps everything; then each mask is followed by its opposite."""
    masks = build_masks(count, features, 0)
    assert masks.shape == (count, features)
    assert masks[0].all()
    pairs = (count - 1) // 2
    assert all((masks[1 + 2 * pair] == ~masks[2 + 2 * pair]).all() for pair in range(pairs))


@pytest.mark.parametrize("features", [1, 2, 3, 7, 8, 30])
def test_masks_are_balanced(features):
    """In a whole design every two features are kept together, apart and replaced together equally often."""
    size = 2 ** int(np.ceil(np.log2(features + 1)))
    signs = np.where(build_masks(1 + 2 * size, features, 5)[1:], 1, -1)
    assert np.array_equal(signs.T @ signs, 2 * size * np.eye(features, dtype=int))
    assert np.array_equal(signs.sum(axis=0), np.zeros(features, dtype=int))


def test_blocks_do_not_change_the_answers(tiny_model, client, monkeypatch):
    """Scoring mask by mask gives what scoring all masks at once gives."""
    whole = explain_with_lime(tiny_model, client, masks=20)
    monkeypatch.setattr("explain.neighbourhood.BLOCK_VALUES", 1)
    assert same(whole, explain_with_lime(tiny_model, client, masks=20))


def test_the_sample_spreads_over_the_cohort():
    """Of many clients, the sample takes the middles of equal slices of the score."""
    cohort = np.arange(1000.0).reshape(-1, 1)[::-1]
    sample = representative_rows(cohort, lambda rows: rows[:, 0], 10)
    assert sample[:, 0].tolist() == [50, 150, 250, 350, 450, 550, 650, 750, 850, 950]
