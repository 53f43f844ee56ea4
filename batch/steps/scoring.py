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
import pyarrow.compute as pc
from numpy.typing import NDArray
from upath import UPath

from batch.shards.sharding import READ
from batch.steps.earlier import Earlier, of_shards, parts_of
from batch.steps.finished import Written, mark_finished, read_finished
from batch.steps.kept import keep_rows, kept_rows, write_rows
from explain import answer_clients, group_contributions
from features import build_features
from features.schemas import CLIENT, TARGET
from model_store import ScoringModel, load
from model_store.checksums import SUMS_FILE
from model_store.client_shards import read_shard, read_shards
from model_store.contract import REASONS, SCORES
from model_store.layers import shard_file
from model_store.rows import read_rows
from model_store.scorebook import shard_of
from model_store.version_folders import version_folder

_loading = Lock()


@dataclass(frozen=True)
class ScoringTask:
    """Where a night reads its shards, with which model it scores them, where it writes, what it can keep.

    `inputs`: as finished.inputs_of.
    """

    ingest: UPath
    run: UPath
    store: UPath
    run_id: str
    model_version: str
    shards: int
    inputs: str
    earlier: Earlier | None = None


@dataclass(frozen=True, eq=False)
class ShardScores:
    """What the checks need to know of a scored shard: as much for a shard of any size.

    `once`: every client is in it once and belongs to it, so that none is in another one. `lowest` and `highest` are
    NaN without a known probability. `continued`: finished before the run was interrupted.
    """

    clients: int
    once: bool
    missing: int
    lowest: float
    highest: float
    decisions: dict[str, int]
    seen_in_training: int
    computed: int
    continued: bool


@lru_cache(maxsize=2)
def _load(store: UPath, version: str, sums: bytes) -> ScoringModel:
    return load(store, version)


def model_of(store: UPath, version: str) -> ScoringModel:
    """The model version, loaded once per process; again if a store made anew has other files under its name."""
    sums = (version_folder(store, version) / SUMS_FILE).read_bytes()
    with _loading:
        return _load(store, version, sums)


def score_part(part: int, task: ScoringTask) -> list[ShardScores]:
    """Builds, scores, explains and writes the shards of a part; returns what the checks need of each.

    Clients who are as they were in an earlier run keep its rows; the others are computed. A shard that this run
    finished before it was interrupted is left as it is.
    """
    earlier, shards = task.earlier, parts_of(task.shards, task.earlier)[part]
    finished = {shard: read_finished(task.run, shard, task.inputs) for shard in shards}
    left = [shard for shard in shards if finished[shard] is None]
    found = {
        shard: _found(task, shard, computed) for shard, computed in finished.items() if computed is not None
    }
    if earlier is not None and left:
        anew = of_shards(earlier.anew, left, task.shards)
        tables = _computed(_model(task), read_shards(task.ingest, left, READ, anew))
        for shard in left:
            own = {kind: _of_shard(rows, shard, task.shards) for kind, rows in tables.items()}
            found[shard] = _written(task, shard, own, earlier)
    for shard in left:
        if shard not in found:
            tables = _computed(_model(task), read_shard(task.ingest, shard, READ))
            found[shard] = _written(task, shard, tables, None)
    return [found[shard] for shard in shards]


def _model(task: ScoringTask) -> ScoringModel:
    return model_of(task.store, task.model_version)


def _found(task: ScoringTask, shard: int, computed: int) -> ShardScores:
    """Of a shard that was finished before."""
    scores = read_rows(task.run / "scores" / shard_file(shard))
    return figures_of(scores, shard, task.shards, computed, continued=True)


def _of_shard(rows: pa.Table, shard: int, shards: int) -> pa.Table:
    return rows.filter(pa.array(shard_of(rows.column(CLIENT).to_numpy(), shards) == shard))


def _written(
    task: ScoringTask, shard: int, tables: dict[str, pa.Table], earlier: Earlier | None
) -> ShardScores:
    """Writes what was computed of a shard, and with an earlier run what is kept of that."""
    computed = len(tables["scores"])
    if earlier is not None:
        tables = tables | {"scores": kept_rows(earlier, "scores", shard, tables["scores"])}
    tables["scores"] = scores = tables["scores"].set_column(*_run_column(tables["scores"], task.run_id))
    files: dict[str, Written] = {}
    for kind, rows in tables.items():
        if earlier is None or kind == "scores":  # whose rows say which run they are of
            files |= write_rows(task.run, kind, shard, rows)
        else:
            gone = of_shards(earlier.outdated, [shard], task.shards)
            files |= keep_rows(earlier, task.run, kind, shard, gone, rows, len(scores))
    mark_finished(task.run, shard, task.inputs, computed, files)
    return figures_of(scores, shard, task.shards, computed, continued=False)


def figures_of(scores: pa.Table, shard: int, shards: int, computed: int, continued: bool) -> ShardScores:
    """What the checks need to know of the scores of a shard."""
    clients = scores.column(CLIENT).to_numpy().astype(np.int64)
    probability = scores.column("default_probability").to_numpy()
    known = probability[~np.isnan(probability)]
    decisions = pc.value_counts(scores.column("decision")).to_pylist()
    return ShardScores(
        clients=len(clients),
        once=bool((np.diff(np.sort(clients)) > 0).all()) and bool((shard_of(clients, shards) == shard).all()),
        missing=len(probability) - len(known),
        lowest=float(known.min()) if len(known) else np.nan,
        highest=float(known.max()) if len(known) else np.nan,
        decisions={str(found["values"]): int(found["counts"]) for found in decisions},
        seen_in_training=int(pc.sum(scores.column("seen_in_training")).as_py() or 0),
        computed=computed,
        continued=continued,
    )


def _computed(model: ScoringModel, tables: dict[str, pd.DataFrame]) -> dict[str, pa.Table]:
    """Scores, features and contributions of the clients of the tables; the run is not named yet."""
    features = build_features(tables)
    published = model.out_of_fold["default_probability"].reindex(features.index)
    # each Dask thread keeps to one core: the others have shards of their own
    answers = answer_clients(model, features, published.to_numpy(np.float64), threads=1)
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
        "seen_in_training": published.notna().to_numpy(),
        "model_version": [model.version] * len(features),
        "catalogue_hash": [model.catalogue_hash] * len(features),
        "run_id": [""] * len(features),
    }
    scores = pa.table(columns, schema=SCORES).append_column(TARGET, _targets(tables["application"], features))
    return {
        "scores": scores,
        "features": pa.Table.from_pandas(features.reset_index(), preserve_index=False),
        "contributions": _contributions(model, features, answers.contributions),
        "groups": _groups(model, features, answers.contributions),
    }


def _run_column(scores: pa.Table, run_id: str) -> tuple[int, pa.Field, pa.Array]:
    place = scores.schema.get_field_index("run_id")
    return (
        place,
        scores.schema.field(place),
        pa.array([run_id] * len(scores), scores.schema.field(place).type),
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


def _groups(model: ScoringModel, features: pd.DataFrame, values: NDArray[np.float64]) -> pa.Table:
    """What cohorts are compared by: a sum per reason group, a tenth of the columns."""
    codes, sums = group_contributions(values, model.feature_names)
    columns = {code: pa.array(sums[:, place].astype(np.float32)) for place, code in enumerate(codes)}
    return pa.table({CLIENT: pa.array(features.index.to_numpy(dtype=np.int32)), **columns})
