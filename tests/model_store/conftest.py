"""A small saved model, made once: real LightGBM, real declarations, random clients."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest
from lightgbm import Booster, Dataset
from noise import with_noise
from upath import UPath

import model_store
from features import CATALOGUE, Catalogue
from model_store import HistoryEntry, ScoringModel, declared, open_store
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
    rng = np.random.default_rng(8)
    out_of_fold = pd.DataFrame(
        {
            "target": target,
            "default_probability": np.clip(0.02 + 0.3 * target + 0.2 * rng.random(400), 0, 1),
            "fold": rng.permutation(400).astype(np.int8) % 5,
        },
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
            "metrics": {
                "auc": {"mean": 0.75, "standard_error": 0.01},
                "cost_per_client": {"mean": 0.5, "standard_error": 0.02},
                "ks": {"mean": 0.4, "standard_error": 0.03},
            },
        },
        out_of_fold=out_of_fold,
        background=clients[list(names)].head(20).reset_index(drop=True),
        declarations=declared(small_catalogue).declarations,
    )


@pytest.fixture(scope="session")
def worse_model(model: ScoringModel) -> ScoringModel:
    """A model that ranks the same clients of the same folds clearly worse."""
    return with_noise(model, 0.8)


@pytest.fixture
def promote(small_catalogue: Catalogue) -> Callable[..., HistoryEntry]:
    """`model_store.promote` for a code that declares the small catalogue."""
    return partial(model_store.promote, catalogue=small_catalogue)


@pytest.fixture
def rollback(small_catalogue: Catalogue) -> Callable[..., HistoryEntry]:
    """`model_store.rollback` for a code that declares the small catalogue."""
    return partial(model_store.rollback, catalogue=small_catalogue)


@pytest.fixture
def store(tmp_path: object) -> UPath:
    """An empty store."""
    return open_store(f"{tmp_path}/store")
