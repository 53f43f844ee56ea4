"""LIME against a reference cohort: reproducible, faithful, honest about its limits."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from explain import ReferenceCohort, explain_with_lime, own_reference, tree_shap
from explain.lime.neighbourhood import build_masks, mean_log_odds

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def client(tiny_model):
    """One client with missing values."""
    rows = tiny_model.background
    return rows[rows.isna().any(axis=1)].iloc[[0]]


def same(left, right) -> bool:
    """True if two explanations agree to the last bit, their duration aside."""
    return (
        left.features == right.features
        and all(np.array_equal(getattr(left, name), getattr(right, name)) for name in ("weights", "errors"))
        and (left.r2, left.intercept, left.why) == (right.r2, right.intercept, right.why)
        and left.stability == right.stability
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
    assert (found.cohort, found.members, found.reference_size, found.perturbed) == ("base", 200, 200, 12)


def test_exact_contributions_are_held_against_the_same_cohort(tiny_model, client):
    """What LIME is compared with are the client's contributions less the mean of the reference clients'."""
    found = explain_with_lime(tiny_model, client, fits=1)
    contributions = tree_shap(tiny_model.booster, tiny_model.matrix(tiny_model.background))[:, :-1]
    means = dict(zip(tiny_model.feature_names, contributions.mean(axis=0), strict=True))
    expected = found.shap - [means[name] for name in found.features]
    np.testing.assert_allclose(found.contrast, expected, atol=1e-12)


def test_r2_is_the_weighted_one(tiny_model, client):
    """R² equals the share of kernel-weighted variance explained, recomputed from the weights alone."""
    found = explain_with_lime(tiny_model, client, features=8, masks=60, seed=4, fits=1)
    cohort = own_reference(tiny_model)
    exact = tree_shap(tiny_model.booster, tiny_model.matrix(client))[0, :-1]
    by_size = np.argsort(-np.abs(exact - cohort.mean_contributions), kind="stable")[:8]
    masks = build_masks(60, 8, 4)
    row = tiny_model.matrix(client)[0]
    answers = mean_log_odds(tiny_model.booster, row, cohort, by_size, masks)[:, 0]
    columns = np.array([tiny_model.feature_names.index(name) for name in found.features])
    place = [int(np.flatnonzero(by_size == column)[0]) for column in columns]
    fitted = found.intercept + masks[:, place] @ found.weights
    kernel = np.sqrt(np.exp(-(~masks).sum(axis=1) / (0.75**2 * 8)))
    centre = np.average(answers, weights=kernel)
    expected = 1 - np.sum(kernel * (answers - fitted) ** 2) / np.sum(kernel * (answers - centre) ** 2)
    assert found.r2 == pytest.approx(expected, abs=1e-9)


def test_the_lime_package_selects(tiny_model, client):
    """Of the features perturbed, the sparse model keeps those with the highest weights."""
    whole = explain_with_lime(tiny_model, client, fits=1)
    sparse = explain_with_lime(tiny_model, client, selected=4, fits=1)
    assert (whole.perturbed, len(whole.features)) == (12, 12)
    assert (sparse.perturbed, len(sparse.features)) == (12, 4)
    assert set(sparse.features) == set(whole.features[:4])
    assert sparse.r2 < whole.r2


def test_the_same_question_gets_the_same_answer_in_every_thread(tiny_model, client):
    """Sixteen explanations by eight threads equal the one computed alone, to the last bit."""
    alone = explain_with_lime(tiny_model, client, masks=60)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: explain_with_lime(tiny_model, client, masks=60), range(16)))
    assert all(same(alone, one) for one in found)


def test_the_same_question_gets_the_same_answer_in_every_process(tiny_model, client, tmp_path):
    """Another interpreter, with another hash seed, gives the same bits from the model's text and the same rows."""
    names = list(tiny_model.feature_names)
    tiny_model.booster.save_model(tmp_path / "model.txt")
    tiny_model.background.to_parquet(tmp_path / "background.parquet")
    client.to_parquet(tmp_path / "client.parquet")
    code = f"""
import json, sys
from types import SimpleNamespace
import lightgbm, numpy, pandas
from explain import explain_with_lime
from model_store import ScoringModel
from risk import LogOddsCalibration, RiskBands, ScoreScale
empty = pandas.DataFrame()
model = ScoringModel("v001", lightgbm.Booster(model_file="{tmp_path}/model.txt"), tuple({names!r}), "", {{}},
    LogOddsCalibration(0.9, -0.1), 0.5, 0.4, ScoreScale(), RiskBands(), 10.0, 1.0, {{}}, empty,
    pandas.read_parquet("{tmp_path}/background.parquet"))
found = explain_with_lime(model, pandas.read_parquet("{tmp_path}/client.parquet"), seed=3)
print(json.dumps([found.features, found.weights.tolist(), found.errors.tolist(), found.r2, found.stability.csi]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "77", "HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    features, weights, errors, r2, csi = json.loads(done.stdout)
    here = explain_with_lime(tiny_model, client, seed=3)
    assert tuple(features) == here.features
    assert (weights, errors) == (here.weights.tolist(), here.errors.tolist())
    assert (r2, csi) == (here.r2, here.stability.csi)


def test_numpys_own_random_state_is_neither_read_nor_moved(tiny_model, client):
    """Other users of numpy's global random state change nothing, and see nothing."""
    np.random.seed(1)  # the global state is what this test is about
    first = explain_with_lime(tiny_model, client, masks=40)
    after = np.random.get_state()[1].copy()
    np.random.seed(1)
    assert np.array_equal(after, np.random.get_state()[1])
    np.random.seed(99)
    assert same(first, explain_with_lime(tiny_model, client, masks=40))


def test_another_seed_gives_other_masks(tiny_model, client):
    """The seed is what the masks are drawn with; the first fit is that of the seed, however many follow."""
    first = explain_with_lime(tiny_model, client, masks=40, fits=3)
    other = explain_with_lime(tiny_model, client, masks=40, fits=3, seed=1)
    assert not np.array_equal(first.weights, other.weights)
    alone = explain_with_lime(tiny_model, client, masks=40, fits=1)
    assert np.array_equal(first.weights, alone.weights)
    assert alone.stability is None


def test_the_reference_cohort_matters(tiny_model, client):
    """Against clients who share its strongest value, that value explains nothing."""
    strongest = explain_with_lime(tiny_model, client, fits=1).features[0]
    alike = tiny_model.background.assign(**{strongest: client[strongest].iloc[0]})
    found = explain_with_lime(tiny_model, client, alike, fits=1)
    weights = dict(zip(found.features, found.weights, strict=True))
    assert found.cohort == "chosen"
    assert abs(weights.get(strongest, 0.0)) < 0.05 * np.abs(found.weights).max()


def test_against_the_accepted_the_sum_reaches_further(tiny_model, client):
    """The accepted are safer than the base, so a client's weights against them add up to more risk."""
    base = explain_with_lime(tiny_model, client, fits=1)
    accepted = explain_with_lime(tiny_model, client, own_reference(tiny_model, "accepted"), fits=1)
    assert (accepted.cohort, accepted.reference_size) == ("accepted", accepted.members)
    assert accepted.cohort_log_odds < base.cohort_log_odds
    assert accepted.weights.sum() > base.weights.sum()


def test_missing_is_a_value(tiny_model, client):
    """The explained score is that of the client with its missing values, which are reported as missing."""
    found = explain_with_lime(tiny_model, client, masks=20, fits=1)
    assert found.prediction == tiny_model.raw_score_of_matrix(tiny_model.matrix(client))[0]
    assert np.isnan(found.values).sum() == int(client.isna().sum(axis=1).iloc[0])


def test_a_series_and_a_frame_are_the_same_client(tiny_model, client):
    """One client may be passed as a row or as a Series."""
    by_row = explain_with_lime(tiny_model, client, masks=20)
    assert same(by_row, explain_with_lime(tiny_model, client.iloc[0], masks=20))


def test_a_client_like_its_cohort_has_nothing_to_explain(tiny_model, client):
    """Compared with copies of itself, an explanation says so instead of ranking zeros."""
    copies = pd.concat([client] * 40, ignore_index=True)
    found = explain_with_lime(tiny_model, client, copies)
    assert "NOTHING_TO_EXPLAIN" in found.why
    assert "nothing to explain" in found.doubts()[0]


def test_limits_not_met_are_named_in_both_languages(tiny_model, client):
    """Against a single reference client the explanation says that it is not reliable, and why."""
    found = explain_with_lime(tiny_model, client, tiny_model.background.iloc[:1], masks=40)
    assert not found.reliable
    assert "SMALL_REFERENCE" in found.why
    assert "DEPENDS_ON_SAMPLE" in found.why
    assert found.verdict("en") == "This explanation is not reliable here."
    assert found.verdict("fr") == "Cette explication n’est pas fiable ici."
    assert any("1 clients only" in doubt for doubt in found.doubts("en"))
    assert len(found.doubts("fr")) == len(found.why)


def test_a_model_without_splits_is_answered(tiny_model, client):
    """Where the model says the same of everybody, there is nothing to explain and no error."""
    booster = tiny_model.booster
    stump = booster.__class__(model_str=booster.model_to_string(num_iteration=1))
    for leaf in range(15):
        stump.set_leaf_output(0, leaf, 0.25)
    found = explain_with_lime(replace(tiny_model, booster=stump), client)
    assert "NOTHING_TO_EXPLAIN" in found.why


def test_bad_questions_get_clear_errors(tiny_model, client):
    """An empty cohort, several clients and counts that make no sense are refused with what to do."""
    with pytest.raises(ValueError, match="reference cohort is empty"):
        explain_with_lime(tiny_model, client, tiny_model.background.iloc[:0])
    with pytest.raises(ValueError, match="one client at a time; found 2 rows"):
        explain_with_lime(tiny_model, tiny_model.background.iloc[:2])
    with pytest.raises(ValueError, match="found 62, 50, 1 and 1024"):
        explain_with_lime(tiny_model, client, masks=1)
    with pytest.raises(ValueError, match="features lack 12"):
        explain_with_lime(tiny_model, pd.Series({"app_moon_phase": 1.0}))
    with pytest.raises(ValueError, match="'friends' is unknown, expected one of base, accepted"):
        ReferenceCohort.of(tiny_model, tiny_model.background, "friends")


@pytest.mark.parametrize(("count", "features"), [(1, 3), (2, 1), (7, 1), (40, 5), (41, 30)])
def test_masks_start_with_the_client_and_come_in_pairs(count, features):
    """Row 0 keeps everything; then each mask is followed by its opposite."""
    masks = build_masks(count, features, 0)
    assert masks.shape == (count, features)
    assert masks[0].all()
    pairs = (count - 1) // 2
    assert all((masks[1 + 2 * pair] == ~masks[2 + 2 * pair]).all() for pair in range(pairs))


@pytest.mark.parametrize("features", [1, 2, 3, 7, 8, 30, 62])
def test_masks_are_balanced(features):
    """In a whole design every two features are kept together, apart and replaced together equally often."""
    size = 2 ** int(np.ceil(np.log2(features + 1)))
    signs = np.where(build_masks(1 + 2 * size, features, 5)[1:], 1, -1)
    assert np.array_equal(signs.T @ signs, 2 * size * np.eye(features, dtype=int))
    assert np.array_equal(signs.sum(axis=0), np.zeros(features, dtype=int))
