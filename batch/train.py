"""Training as a job: the features of the clients with a known outcome, a new model version, its promotion.

Belongs here: the flow from a folder of tables to the model store. Does not: how a model is made (training).
"""

from __future__ import annotations

import pandas as pd
from upath import UPath

from batch.console import Progress
from batch.errors import JobError
from batch.ingest import Ingest, ingest
from batch.sharding import READ, read_shard
from batch.workers import Workers, connect
from features import CATALOGUE, build_features
from features.schemas import CLIENT, TARGET
from model_store import WorseThanChampion, promote
from training import TrainingSettings, report_features, save_version, train_version

MOST_REPORTED = 50_000


def run_training(
    data: UPath,
    store: UPath,
    progress: Progress,
    promoted_by: str | None = None,
    settings: TrainingSettings | None = None,
    scheduler: str | None = None,
) -> str:
    """The name of the new version in the store, champion if `promoted_by` says who wants it.

    Errors: InputError (folder or file), JobError if no client has a known outcome, or if the version, which is
    then saved, may not become champion.
    """
    with connect(scheduler) as workers:
        shards = ingest(data, store, workers, progress)
        features, target = labelled_features(shards, workers, progress)
    with progress.steps() as tell:
        trained = train_version(features, target, CATALOGUE, settings, shards.fingerprint, tell)
    version = save_version(store, trained)
    if promoted_by is not None:
        try:
            promote(store, version, who=promoted_by, why="promoted when trained")
        except WorseThanChampion as worse:
            raise JobError(f"{version} is saved but not promoted: {worse}") from worse
    return version


def labelled_features(
    shards: Ingest, workers: Workers, progress: Progress
) -> tuple[pd.DataFrame, pd.Series[int]]:
    """Features (float32) and outcome (int8) of every client with a TARGET, indexed by SK_ID_CURR ascending."""
    parts = workers.map_shards("features", _labelled_shard, shards.shards, progress, shards.folder)
    features = pd.concat([part[0] for part in parts]).sort_index()
    target = pd.concat([part[1] for part in parts]).sort_index()
    if not len(target):
        raise JobError(f"{shards.document['folder']}: no client has a TARGET; training needs known outcomes")
    return features, target


def _labelled_shard(shard: int, folder: UPath) -> tuple[pd.DataFrame, pd.Series[int]]:
    tables = read_shard(folder, shard, READ)
    application = tables["application"]
    tables["application"] = application[application[TARGET].notna()]
    features = build_features(tables)
    target = tables["application"].set_index(CLIENT)[TARGET].reindex(features.index)
    return features, target.astype("int8")


def run_feature_report(
    data: UPath, store: UPath, progress: Progress, scheduler: str | None = None
) -> pd.DataFrame:
    """What each feature is worth (training.report_features), over at most 50,000 clients drawn by seed.

    Errors: InputError (folder or file), JobError if no client has a known outcome.
    """
    with connect(scheduler) as workers:
        shards = ingest(data, store, workers, progress)
        share = min(1.0, MOST_REPORTED / shards.clients)
        parts = workers.map_shards("features", _drawn_shard, shards.shards, progress, shards.folder, share)
    features = pd.concat([part[0] for part in parts]).sort_index()
    target = pd.concat([part[1] for part in parts]).sort_index()
    labelled = target.notna()
    if not labelled.any():
        raise JobError(
            f"{shards.document['folder']}: no client has a TARGET; importance needs known outcomes"
        )
    with progress.steps() as tell:
        return report_features(
            features[labelled], target[labelled].astype("int8"), features[~labelled], CATALOGUE, tell
        )


def _drawn_shard(shard: int, folder: UPath, share: float) -> tuple[pd.DataFrame, pd.Series[float]]:
    """Features and outcome (NaN if unknown) of a share of the shard's clients."""
    tables = read_shard(folder, shard, READ)
    tables["application"] = tables["application"].sample(frac=share, random_state=shard)
    features = build_features(tables)
    return features, tables["application"].set_index(CLIENT)[TARGET].reindex(features.index)
