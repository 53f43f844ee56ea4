"""Exact contributions: LightGBM's own on any model, the same bits in any company, and clear refusals."""

import re
from concurrent.futures import ThreadPoolExecutor

import lightgbm
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shap_models import ROWS, Case

from explain import TreeShap, tree_shap

PARAMETERS = st.fixed_dictionaries(
    {
        "num_leaves": st.sampled_from([2, 4, 15, 31, 100]),
        "max_depth": st.sampled_from([-1, -1, 3, 8]),
        "boosting": st.sampled_from(["gbdt", "gbdt", "dart", "rf"]),
        "objective": st.sampled_from(
            ["binary", "binary", "cross_entropy", "cross_entropy_lambda", "regression"]
        ),
        "zero_as_missing": st.booleans(),
        "use_missing": st.sampled_from([True, True, False]),
        "max_cat_to_onehot": st.sampled_from([1, 4, 64]),
        "extra_trees": st.booleans(),
    }
)
CASES = st.builds(
    Case,
    seed=st.integers(0, 10_000),
    features=st.integers(1, 12),
    categorical=st.integers(0, 3),
    missing=st.sampled_from([0.0, 0.3, 0.9]),
    zeros=st.sampled_from([0.0, 0.3]),
    trees=st.sampled_from([1, 8]),
    parameters=PARAMETERS,
)
DEEP = Case(seed=5, features=30, categorical=2, parameters={"num_leaves": 100, "extra_trees": True})


@settings(max_examples=60, deadline=None)
@given(case=CASES, table_bytes=st.sampled_from([64_000_000, 64_000_000, 2_000, 0]))
@example(case=DEEP, table_bytes=64_000_000)
@example(case=DEEP, table_bytes=20_000)
def test_contributions_are_those_of_lightgbm(case, table_bytes):
    """On any model, with room for its tables or without, they are pred_contrib's and sum to the raw score."""
    booster, X = case.model()
    asked = case.asked(booster, X)
    contributions, raw = TreeShap.of(booster, table_bytes).explain(asked)
    expected = booster.predict(asked, pred_contrib=True)
    assert contributions.shape == expected.shape
    assert contributions.dtype == np.float64
    np.testing.assert_allclose(contributions, expected, atol=1e-9, rtol=0)
    np.testing.assert_allclose(contributions.sum(axis=1), raw, atol=1e-9, rtol=0)
    assert np.array_equal(raw, booster.predict(asked, raw_score=True))


def test_odd_leaves_have_no_tables():
    """A deep model has leaves with more features than a table takes, and less room makes more of them."""
    booster, _ = DEEP.model()
    roomy, cramped, none = (TreeShap.of(booster, room).model.units for room in (64_000_000, 20_000, 0))
    assert 0 < roomy.odd.sum() < cramped.odd.sum() < none.odd.sum()
    assert cramped.table_bytes <= 20_000


def test_one_split_gives_the_number_worked_out_by_hand():
    """A single split with a quarter of the clients above it gives them three quarters of the difference."""
    X = np.array([[0.0], [0.0], [0.0], [1.0]] * 10)
    data = lightgbm.Dataset(X, X[:, 0], params={"min_data_in_bin": 1})
    parameters = {"objective": "regression", "num_leaves": 2, "learning_rate": 1.0, "min_child_samples": 1}
    booster = lightgbm.train({**parameters, "verbose": -1}, data, 1)
    contributions = tree_shap(booster, np.array([[0.0], [1.0]]))
    np.testing.assert_allclose(contributions, [[-0.25, 0.25], [0.75, 0.25]], atol=1e-6)


@pytest.mark.parametrize("table_bytes", [64_000_000, 20_000])
def test_a_row_has_the_same_bits_in_any_company(monkeypatch, table_bytes):
    """Blocks, parts, threads and the other rows change nothing in the last bit of a client's numbers."""
    booster, X = DEEP.model()
    shap = TreeShap.of(booster, table_bytes)
    whole, raw = shap.explain(X, threads=1)
    monkeypatch.setattr("explain.trees.exact.BLOCK_ROWS", 7)
    monkeypatch.setattr("explain.trees.exact.PART_ROWS", 21)
    for threads in (1, 2, 5):
        found, again = shap.explain(X, threads)
        assert np.array_equal(found, whole)
        assert np.array_equal(again, raw)
    for row in (0, 41, ROWS - 1):
        assert np.array_equal(shap.explain(X[row : row + 1])[0][0], whole[row])


def test_threads_may_ask_at_once():
    """Callers of one model at the same moment get the numbers they would get alone."""
    booster, X = DEEP.model()
    alone = TreeShap.of(booster).explain(X)[0]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: tree_shap(booster, X), range(16)))
    assert all(np.array_equal(contributions, alone) for contributions in found)


def test_a_model_that_grew_is_read_again():
    """What is remembered of a Booster is not used for the trees it got later."""
    random = np.random.RandomState(0)
    X = random.normal(size=(ROWS, 3))
    data = lightgbm.Dataset(X, (X[:, 0] > 0).astype(float), free_raw_data=False)
    booster = lightgbm.Booster({"objective": "binary", "verbose": -1}, data)
    booster.update()
    before = tree_shap(booster, X)
    booster.update()
    np.testing.assert_allclose(
        tree_shap(booster, X), booster.predict(X, pred_contrib=True), atol=1e-12, rtol=0
    )
    assert not np.array_equal(tree_shap(booster, X), before)


def test_trees_after_the_best_iteration_are_left_out():
    """As in predict, an early stopped model is explained up to its best iteration."""
    booster, X = Case(seed=3).model()
    booster.best_iteration = 3
    contributions = tree_shap(booster, X)
    np.testing.assert_allclose(contributions, booster.predict(X, pred_contrib=True), atol=1e-12, rtol=0)
    assert not np.allclose(contributions, booster.predict(X, pred_contrib=True, num_iteration=8))


def test_a_model_without_splits_has_only_an_expected_value():
    """Trees of one leaf contribute nothing but what every client gets; of no trees, nothing."""
    X = np.random.RandomState(0).normal(size=(60, 2))
    target = np.arange(60) % 2
    parameters = {"objective": "binary", "min_child_samples": 100, "verbose": -1}
    booster = lightgbm.Booster(parameters, lightgbm.Dataset(X, target))
    for _ in range(2):
        contributions, raw = TreeShap.of(booster).explain(X)
        np.testing.assert_allclose(contributions, booster.predict(X, pred_contrib=True), atol=1e-12)
        assert np.array_equal(raw, booster.predict(X, raw_score=True))
        booster.update()


def test_no_rows_give_no_rows():
    """An empty matrix of the right width is answered with an empty matrix."""
    booster, X = Case().model()
    assert tree_shap(booster, X[:0]).shape == (0, 7)


def test_a_model_with_several_outputs_is_refused():
    """A multi-class model has no single raw score to explain."""
    X = np.random.RandomState(0).normal(size=(60, 2))
    data = lightgbm.Dataset(X, np.arange(60) % 3)
    booster = lightgbm.train({"objective": "multiclass", "num_class": 3, "verbose": -1}, data, 1)
    with pytest.raises(ValueError, match="3 outputs per client"):
        tree_shap(booster, X)


def test_a_model_with_linear_trees_is_refused():
    """Leaves that hold a line instead of a number have no such contributions, in LightGBM neither."""
    booster, X = Case(missing=0.0, parameters={"linear_tree": True}).model()
    with pytest.raises(ValueError, match="linear_tree=true"):
        tree_shap(booster, X)


def test_a_model_without_counts_is_refused():
    """Without the number of training rows at each node there is nothing to weigh by."""
    booster, X = Case().model()
    zeros = re.sub(
        r"(?<=internal_count=)[\d ]+", lambda found: re.sub(r"\d", "0", found[0]), booster.model_to_string()
    )
    forgetful = lightgbm.Booster(model_str=zeros)
    with pytest.raises(ValueError, match="how many training rows passed each node"):
        tree_shap(forgetful, X)
