"""One shard of the night: features, scores, reasons and contributions of its clients, written as Parquet.

Belongs here: what one Dask task does. Does not: what a score is (explain.answers), which shards there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from upath import UPath

from batch.sharding import READ, read_shard
from explain import answer_clients
from features import build_features
from features.schemas import CLIENT, TARGET
from model_store import ScoringModel, load
from model_store.checksums import SUMS_FILE
from model_store.contract import REASONS, SCORES
from model_store.scorebook import shard_file
from model_store.storage import naming
from model_store.version_folders import version_folder

KINDS = ("scores", "features", "contributions")
_loading = Lock()


@dataclass(frozen=True)
class ScoringTask:
    """Where a night reads its shards, with which model it scores them, where it writes."""

    ingest: UPath
    run: UPath
    store: UPath
    run_id: str
    model_version: str


@dataclass(frozen=True, eq=False)
class ShardScores:
    """What the checks need to know of a scored shard."""

    clients: NDArray[np.int64]
    probability: NDArray[np.float64]
    decisions: dict[str, int]
    seen_in_training: int


@lru_cache(maxsize=2)
def _load(store: UPath, version: str, sums: bytes) -> ScoringModel:
    return load(store, version)


def model_of(store: UPath, version: str) -> ScoringModel:
    """The model version, loaded once per process; again if a store made anew has other files under its name."""
    sums = (version_folder(store, version) / SUMS_FILE).read_bytes()
    with _loading:
        return _load(store, version, sums)


def score_shard(shard: int, task: ScoringTask) -> ShardScores:
    """Builds, scores, explains and writes one shard; returns what the checks need."""
    model = model_of(task.store, task.model_version)
    tables = read_shard(task.ingest, shard, READ)
    features = build_features(tables)
    published = model.out_of_fold["default_probability"].reindex(features.index)
    # each Dask thread keeps to one core: the others have shards of their own
    answers = answer_clients(model, features, published.to_numpy(np.float64), threads=1)
    seen = published.notna().to_numpy()
    columns: dict[str, object] = {
        CLIENT: features.index.to_numpy(),
        "default_probability": answers.probability,
        "score": answers.score,
        "risk_band": answers.band,
        "decision": answers.decision,
        "cut_off": np.full(len(features), model.cut_off),
        **{f"reason_{rank + 1}": answers.reasons.codes[:, rank] for rank in range(REASONS)},
        **{
            f"reason_{rank + 1}_contribution": _or_null(answers.reasons.contributions[:, rank])
            for rank in range(REASONS)
        },
        "seen_in_training": seen,
        "model_version": [model.version] * len(features),
        "catalogue_hash": [model.catalogue_hash] * len(features),
        "run_id": [task.run_id] * len(features),
    }
    scores = pa.table(columns, schema=SCORES).append_column(TARGET, _targets(tables["application"], features))
    _write(task.run / "scores", shard, scores)
    _write(task.run / "features", shard, pa.Table.from_pandas(features.reset_index(), preserve_index=False))
    _write(task.run / "contributions", shard, _contributions(model, features, answers.contributions))
    names, counts = np.unique(answers.decision.astype(str), return_counts=True)
    return ShardScores(
        clients=features.index.to_numpy(dtype=np.int64),
        probability=answers.probability,
        decisions=dict(zip(names.tolist(), counts.tolist(), strict=True)),
        seen_in_training=int(seen.sum()),
    )


def _or_null(values: NDArray[np.float32]) -> pa.Array:
    return pa.array(values, pa.float32(), from_pandas=True)


def _targets(application: pd.DataFrame, features: pd.DataFrame) -> pa.Array:
    """Known outcomes in the features' order, null where unknown."""
    known = application.set_index(CLIENT)[TARGET].reindex(features.index)
    return pa.array(known.to_numpy(np.float32), pa.float32(), from_pandas=True)


def _contributions(model: ScoringModel, features: pd.DataFrame, values: NDArray[np.float64]) -> pa.Table:
    names = [*model.feature_names, "expected_value"]
    columns = {name: pa.array(values[:, number].astype(np.float32)) for number, name in enumerate(names)}
    return pa.table({CLIENT: pa.array(features.index.to_numpy(dtype=np.int32)), **columns})


def _write(folder: UPath, shard: int, table: pa.Table) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / shard_file(shard)
    with naming(path), path.open("wb") as file:
        pq.write_table(table, file, compression="lz4")
