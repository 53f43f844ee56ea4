"""A small declared catalogue and a model on it, for explanations that need no files."""

from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pytest
from night import Night, open_night

from features import CATALOGUE, Catalogue
from model_store import ScoringModel
from risk import LogOddsCalibration, RiskBands, ScoreScale


def clients_frame(count: int, names: tuple[str, ...], seed: int) -> pd.DataFrame:
    """Random feature values with a fifth missing, indexed by client."""
    random = np.random.RandomState(seed)
    values = random.normal(size=(count, len(names))).astype(np.float32)
    values[random.random_sample(values.shape) < 0.2] = np.nan
    return pd.DataFrame(values, columns=list(names), index=pd.RangeIndex(100_000, 100_000 + count))


@pytest.fixture(scope="session")
def tiny_catalogue() -> Catalogue:
    """The declared features without categories and without inputs of other features, the first 12."""
    return Catalogue(
        [f for f in CATALOGUE if not f.categories and not f.protected and f.table != "client"][:12]
    )


@pytest.fixture(scope="session")
def tiny_model(tiny_catalogue) -> ScoringModel:
    """A model whose first features matter most, and one pair of which acts together."""
    names = tiny_catalogue.names
    frame = clients_frame(3000, names, seed=1)
    X = frame.to_numpy(dtype=np.float64)
    filled = np.nan_to_num(X, nan=0.7)
    odds = filled @ np.linspace(1.2, 0.05, len(names)) + 0.5 * filled[:, 0] * filled[:, 1]
    target = (np.random.RandomState(2).random_sample(len(X)) < 1 / (1 + np.exp(-odds))).astype(float)
    parameters = {"objective": "binary", "num_leaves": 15, "learning_rate": 0.1, "verbose": -1, "seed": 1}
    booster = lightgbm.train(parameters, lightgbm.Dataset(X, target), 60)
    return ScoringModel(
        version="v001",
        booster=booster,
        feature_names=names,
        catalogue_hash=tiny_catalogue.hash,
        definitions=tiny_catalogue.definitions,
        calibration=LogOddsCalibration(0.9, -0.1),
        cut_off=0.5,
        review_from=0.4,
        scale=ScoreScale(),
        bands=RiskBands(),
        fn_cost=10.0,
        fp_cost=1.0,
        metadata={},
        out_of_fold=pd.DataFrame({"target": target[:0], "default_probability": target[:0]}),
        background=frame.iloc[:200],
    )


@pytest.fixture(scope="session")
def night(small_store: Path) -> Night:
    """The published night of the small store."""
    return open_night(small_store)
