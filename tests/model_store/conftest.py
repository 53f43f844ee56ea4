"""A small saved model, made once: real LightGBM, real declarations, random clients."""

import numpy as np
import pandas as pd
import pytest
from lightgbm import Booster, Dataset
from upath import UPath

from features import CATALOGUE, Catalogue
from model_store import ScoringModel, open_store
from risk import LogOddsCalibration, RiskBands, ScoreScale


@pytest.fixture(scope="session")
def small_catalogue() -> Catalogue:
    """The first eight features of the application."""
    return Catalogue([feature for feature in CATALOGUE if feature.table == "application"][:8])


@pytest.fixture(scope="session")
def clients(small_catalogue: Catalogue) -> pd.DataFrame:
    """400 clients with random values, a tenth missing."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(400, len(small_catalogue))).astype(np.float32)
    values[rng.random(values.shape) < 0.1] = np.nan
    index = pd.Index(np.arange(1, 401), name="SK_ID_CURR")
    return pd.DataFrame(values, columns=list(small_catalogue.names), index=index)


@pytest.fixture(scope="session")
def model(small_catalogue: Catalogue, clients: pd.DataFrame) -> ScoringModel:
    """A model of these clients that was never saved."""
    names = small_catalogue.model_inputs
    target = (clients[names[0]].fillna(0) + clients[names[1]].fillna(0) > 1).to_numpy(dtype=np.int8)
    settings = {"objective": "binary", "num_leaves": 4, "verbosity": -1, "num_threads": 1, "seed": 1}
    booster = Booster(settings, Dataset(clients[list(names)].to_numpy(), target, feature_name=list(names)))
    for _ in range(10):
        booster.update()
    out_of_fold = pd.DataFrame(
        {"target": target, "default_probability": np.linspace(0.01, 0.9, 400), "fold": np.int8(0)},
        index=clients.index,
    )
    return ScoringModel(
        version="unsaved",
        booster=booster,
        feature_names=names,
        catalogue_hash=small_catalogue.hash,
        definitions=small_catalogue.definitions,
        calibration=LogOddsCalibration(0.9, -0.1),
        cut_off=0.0909,
        review_from=None,
        scale=ScoreScale(),
        bands=RiskBands(),
        fn_cost=10.0,
        fp_cost=1.0,
        metadata={
            "created_at": "2026-11-23T20:00:00+00:00",
            "metrics": {"auc": {"mean": 0.75}, "cost_per_client": {"mean": 0.5}},
        },
        out_of_fold=out_of_fold,
        background=clients[list(names)].head(20).reset_index(drop=True),
    )


@pytest.fixture
def store(tmp_path: object) -> UPath:
    """An empty store."""
    return open_store(f"{tmp_path}/store")
