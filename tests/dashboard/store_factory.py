"""A small published store of made-up clients, written in the layout of the contract, for tests of the pages.
Not here: real nights (tests/conftest.py runs the line itself)."""

from __future__ import annotations

import json
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from explain import reason_codes, tree_shap
from features import CATALOGUE, Feature
from model_store import ScoringModel, promote, save
from model_store.storage import open_store, publish_json
from risk import RiskBands, ScoreScale, cheapest_cut_off, fit_calibration

FIRST_CLIENT = 100_002


def write_store(
    folder: Path,
    clients: int = 1500,
    seed: int = 0,
    shards: int = 4,
    run_ids: tuple[str, ...] = ("2026-11-22-v001",),
) -> Path:
    """A store with one model version and one published night per run id, the last one published."""
    rng = np.random.default_rng(seed)
    features = _features(rng, clients)
    target = _target(rng, features)
    model = _model(features, target)
    version = save(open_store(folder), model)
    promote(open_store(folder), version, who="tests", why="made-up clients")
    answers = _answers(model, version, features, target, rng)
    for run_id in run_ids:
        _write_run(folder, run_id, version, features, answers, shards)
        publish_json(open_store(folder) / "published.json", {"run_id": run_id})
    return folder


def _features(rng: np.random.Generator, clients: int) -> pd.DataFrame:
    ids = np.sort(rng.choice(np.arange(FIRST_CLIENT, FIRST_CLIENT + 2 * clients), clients, replace=False))
    columns = {feature.name: _column(rng, feature, clients) for feature in CATALOGUE}
    return pd.DataFrame(columns, index=pd.Index(ids.astype(np.int32), name="SK_ID_CURR")).astype(np.float32)


def _column(rng: np.random.Generator, feature: Feature, clients: int) -> np.ndarray:
    if feature.categories:
        values = np.minimum(rng.geometric(0.45, clients) - 1, len(feature.categories) - 1).astype(float)
    elif feature.name == "app_age":
        values = rng.uniform(20.5, 69, clients)
    else:
        values = {
            "amount": lambda: np.round(rng.lognormal(12, 0.6, clients), -2),
            "years": lambda: rng.gamma(2, 3, clients),
            "months": lambda: rng.poisson(9, clients).astype(float),
            "days": lambda: rng.poisson(40, clients).astype(float),
            "count": lambda: rng.poisson(2.5, clients).astype(float),
            "share": lambda: rng.beta(2, 6, clients),
            "ratio": lambda: rng.gamma(3, 0.6, clients),
            "score": lambda: rng.beta(4, 3.5, clients),
            "flag": lambda: (rng.random(clients) < 0.15).astype(float),
        }[feature.unit]()
    missing = 0.0 if feature.table == "application" and feature.unit != "score" else 0.18
    return np.where(rng.random(clients) < missing, np.nan, values)


def _target(rng: np.random.Generator, features: pd.DataFrame) -> pd.Series:
    external = features["app_ext_source_mean"].fillna(0.5)
    log_odds = (
        -2.9 - 5 * (external - 0.53) - 0.03 * (features["app_age"] - 43) + rng.normal(0, 0.6, len(features))
    )
    default = (rng.random(len(features)) < 1 / (1 + np.exp(-log_odds))).astype(float)
    return default.where(rng.random(len(features)) < 0.85)


def _model(features: pd.DataFrame, target: pd.Series) -> ScoringModel:
    known = target.notna()
    inputs = features.loc[known, list(CATALOGUE.model_inputs)]
    outcome = target[known].to_numpy()
    parameters = {
        "objective": "binary",
        "num_leaves": 8,
        "learning_rate": 0.05,
        "min_data_in_leaf": 60,
        "verbose": -1,
        "num_threads": 1,
        "seed": 0,
    }
    booster = lightgbm.train(
        parameters, lightgbm.Dataset(inputs.to_numpy(np.float64), outcome), num_boost_round=25
    )
    raw = np.asarray(booster.predict(inputs.to_numpy(np.float64), raw_score=True))
    calibration = fit_calibration(raw, outcome)
    probability = calibration.probability(raw)
    cut_off = cheapest_cut_off(outcome, probability).cut_off
    out_of_fold = pd.DataFrame(
        {"target": outcome.astype(np.int8), "default_probability": probability, "fold": np.int8(0)},
        index=inputs.index,
    )
    return ScoringModel(
        version="",
        booster=booster,
        feature_names=tuple(CATALOGUE.model_inputs),
        catalogue_hash=CATALOGUE.hash,
        definitions=CATALOGUE.definitions,
        calibration=calibration,
        cut_off=cut_off,
        review_from=0.8 * cut_off,
        scale=ScoreScale(),
        bands=RiskBands(),
        fn_cost=10.0,
        fp_cost=1.0,
        metadata={},
        out_of_fold=out_of_fold,
        background=inputs.head(200),
    )


def _answers(
    model: ScoringModel, version: str, features: pd.DataFrame, target: pd.Series, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    matrix = model.matrix(features)
    contributions = np.vstack(
        [tree_shap(model.booster, block) for block in np.array_split(matrix, max(1, len(matrix) // 5000))]
    )
    reasons = reason_codes(contributions, model.feature_names)
    probability = model.calibration.probability(contributions.sum(axis=1))
    scores = pd.DataFrame(
        {
            "default_probability": probability,
            "score": model.scale.score(probability),
            "risk_band": model.bands.band(probability),
            "decision": model.decide(probability),
            "cut_off": model.cut_off,
            **{f"reason_{rank + 1}": reasons.codes[:, rank] for rank in range(4)},
            **{f"reason_{rank + 1}_contribution": reasons.contributions[:, rank] for rank in range(4)},
            "seen_in_training": target.notna(),
            "model_version": version,
            "catalogue_hash": CATALOGUE.hash,
            "run_id": "",
            "TARGET": target,
        },
        index=features.index,
    )
    explained = pd.DataFrame(
        contributions, index=features.index, columns=[*model.feature_names, "expected_value"]
    )
    return scores, explained.astype(np.float32)


def _write_run(
    folder: Path,
    run_id: str,
    version: str,
    features: pd.DataFrame,
    answers: tuple[pd.DataFrame, pd.DataFrame],
    shards: int,
) -> None:
    run = folder / "runs" / run_id
    scores, contributions = answers
    for kind, frame in (
        ("scores", scores.assign(run_id=run_id)),
        ("features", features),
        ("contributions", contributions),
    ):
        (run / kind).mkdir(parents=True, exist_ok=True)
        for shard in range(shards):
            part = frame[frame.index % shards == shard].reset_index()
            pq.write_table(
                pa.Table.from_pandas(part, preserve_index=False), run / kind / f"shard={shard:03d}.parquet"
            )
    record = {
        "run_id": run_id,
        "as_of": run_id[:10],
        "model_version": version,
        "catalogue_hash": CATALOGUE.hash,
    }
    record |= {"clients": len(features), "shards": shards, "status": "published"}
    (run / "run.json").write_text(json.dumps(record))
