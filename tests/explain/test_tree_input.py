"""What may be passed as X: arrays in the model's order, frames in any order, categoricals as LightGBM does."""

import lightgbm
import numpy as np
import pandas as pd
import pytest
from shap_models import ROWS

from explain import tree_shap

NAMES = ["region", "income", "amount due", "age"]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Named columns, the first of them a categorical."""
    random = np.random.RandomState(0)
    values = pd.DataFrame(random.normal(size=(ROWS, 4)), columns=NAMES)
    values["region"] = pd.Categorical(random.choice(["north", "south", "west"], ROWS))
    values["age"] = random.randint(20, 70, ROWS).astype(np.int8)
    return values


@pytest.fixture(scope="module")
def booster(frame: pd.DataFrame) -> lightgbm.Booster:
    """A model trained on the frame."""
    target = (frame["income"] + (frame["region"] == "west") > 0.3).astype(float)
    parameters = {"objective": "binary", "min_child_samples": 5, "verbose": -1, "max_cat_to_onehot": 1}
    return lightgbm.train(parameters, lightgbm.Dataset(frame, target), 10)


def test_columns_are_found_by_name(booster, frame):
    """A frame in another order, with a column more, is explained as the model names its features."""
    expected = booster.predict(frame, pred_contrib=True)
    np.testing.assert_allclose(tree_shap(booster, frame), expected, atol=1e-12, rtol=0)
    mixed = frame.assign(unknown=1.0)[["age", "unknown", "amount due", "region", "income"]]
    np.testing.assert_allclose(tree_shap(booster, mixed), expected, atol=1e-12, rtol=0)


def test_categories_keep_the_codes_of_the_training_frame(booster, frame):
    """Categories listed otherwise, unknown ones and missing ones are what LightGBM takes them for."""
    values = frame["region"].astype(object).mask(frame.index % 5 == 0).where(frame.index % 7 > 0, "east")
    asked = frame.assign(region=pd.Categorical(values, categories=["west", "east", "south", "north"]))
    expected = booster.predict(asked, pred_contrib=True)
    np.testing.assert_allclose(tree_shap(booster, asked), expected, atol=1e-12, rtol=0)


def test_arrays_of_other_types_and_layouts_are_read(booster, frame):
    """float32, Fortran order and read-only memory give the numbers of the float64 array."""
    X = frame.assign(region=frame["region"].cat.codes).to_numpy(dtype=np.float32)
    expected = tree_shap(booster, X.astype(np.float64))
    locked = np.asfortranarray(X)
    locked.flags.writeable = False
    assert np.array_equal(tree_shap(booster, X), expected)
    assert np.array_equal(tree_shap(booster, locked), expected)


def test_a_wrong_width_is_named(booster):
    """The error says how many columns came and how many the model has."""
    with pytest.raises(ValueError, match=r"3 columns, the model has 4 features"):
        tree_shap(booster, np.zeros((5, 3)))


def test_a_single_row_must_be_a_matrix(booster):
    """One client as a flat array is refused, and the error says how to pass it."""
    with pytest.raises(ValueError, match=r"reshape\(1, -1\)"):
        tree_shap(booster, np.zeros(4))


def test_absent_columns_are_named(booster, frame):
    """A frame without a feature of the model is refused, whatever else it has."""
    with pytest.raises(ValueError, match=r"lacks 1 of the model's 4 features, the first \['income'\]"):
        tree_shap(booster, frame.rename(columns={"income": "revenue"}))


def test_repeated_columns_are_named(booster, frame):
    """Two columns of one name leave open which is meant."""
    with pytest.raises(ValueError, match=r"several columns named \['age'\]"):
        tree_shap(booster, pd.concat([frame, frame[["age"]]], axis=1))


def test_words_are_refused(booster, frame):
    """Text is no number, and the error names its column."""
    with pytest.raises(ValueError, match=r"not numbers in 1 columns, the first \['age'\]"):
        tree_shap(booster, frame.assign(age="old"))


def test_other_categoricals_than_in_training_are_refused(booster, frame):
    """LightGBM matches categoricals by position; another number of them cannot be matched."""
    with pytest.raises(ValueError, match=r"2 categorical columns .* trained on 1"):
        tree_shap(booster, frame.assign(age=frame["age"].astype("category")))
