"""Exact contributions: they sum to the raw score, whatever the model, and refuse what they cannot read."""

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain import tree_shap

ROWS = 300


def random_model(seed: int, features: int, leaves: int, missing: float, categorical: bool):
    """A small model on random rows with missing values and, if asked for, a categorical first feature."""
    random = np.random.RandomState(seed)
    X = random.normal(size=(ROWS, features))
    if categorical:
        X[:, 0] = random.randint(0, 6, ROWS)
    X[random.random_sample(X.shape) < missing] = np.nan
    target = (np.nan_to_num(X).sum(axis=1) + random.normal(size=ROWS) > 0).astype(float)
    data = lightgbm.Dataset(X, target, categorical_feature=[0] if categorical else [])
    settings_ = {
        "objective": "binary",
        "num_leaves": leaves,
        "min_child_samples": 5,
        "verbose": -1,
        "seed": 1,
    }
    return lightgbm.train({**settings_, "num_threads": 1}, data, 8), X


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    features=st.integers(1, 9),
    leaves=st.integers(2, 20),
    missing=st.sampled_from([0.0, 0.3, 0.9]),
    categorical=st.booleans(),
)
def test_contributions_sum_to_the_raw_score(seed, features, leaves, missing, categorical):
    """Every row of contributions adds up to the model's raw score, with missing values and categories."""
    booster, X = random_model(seed, features, leaves, missing, categorical)
    contributions = tree_shap(booster, X)
    assert contributions.shape == (ROWS, features + 1)
    assert contributions.dtype == np.float64
    np.testing.assert_allclose(
        contributions.sum(axis=1), booster.predict(X, raw_score=True), atol=1e-9, rtol=0
    )


def test_one_split_gives_the_number_worked_out_by_hand():
    """A single split with a quarter of the clients above it gives them three quarters of the difference."""
    X = np.array([[0.0], [0.0], [0.0], [1.0]] * 10)
    data = lightgbm.Dataset(X, X[:, 0], params={"min_data_in_bin": 1})
    booster = lightgbm.train(
        {
            "objective": "regression",
            "num_leaves": 2,
            "learning_rate": 1.0,
            "min_child_samples": 1,
            "verbose": -1,
        },
        data,
        1,
    )
    contributions = tree_shap(booster, np.array([[0.0], [1.0]]))
    np.testing.assert_allclose(contributions, [[-0.25, 0.25], [0.75, 0.25]], atol=1e-6)


def test_blocks_and_single_rows_give_the_same_numbers(monkeypatch):
    """A row has the same contributions to the last bit alone, in a block and in the whole."""
    booster, X = random_model(3, 5, 12, 0.2, True)
    whole = tree_shap(booster, X)
    monkeypatch.setattr("explain.exact.BLOCK_ROWS", 7)
    assert np.array_equal(tree_shap(booster, X), whole)
    assert np.array_equal(tree_shap(booster, X[41:42], threads=1), whole[41:42])


def test_no_rows_give_no_rows():
    """An empty matrix of the right width is answered with an empty matrix."""
    booster, X = random_model(3, 5, 12, 0.2, False)
    assert tree_shap(booster, X[:0]).shape == (0, 6)


def test_a_wrong_width_is_named():
    """The error says how many columns came and how many the model has."""
    booster, X = random_model(3, 5, 12, 0.2, False)
    with pytest.raises(ValueError, match=r"4 columns, the model has 5 features"):
        tree_shap(booster, X[:, :4])


def test_a_single_row_must_be_a_matrix():
    """One client as a flat array is refused, and the error says how to pass it."""
    booster, X = random_model(3, 5, 12, 0.2, False)
    with pytest.raises(ValueError, match=r"reshape\(1, -1\)"):
        tree_shap(booster, X[0])


def test_a_model_with_several_outputs_is_refused():
    """A multi-class model has no single raw score to explain."""
    X = np.random.RandomState(0).normal(size=(60, 2))
    data = lightgbm.Dataset(X, np.arange(60) % 3)
    booster = lightgbm.train({"objective": "multiclass", "num_class": 3, "verbose": -1}, data, 1)
    with pytest.raises(ValueError, match="3 outputs per client"):
        tree_shap(booster, X)
