"""Training as a job: the features of the clients with a known outcome, a new model version, its promotion.

Belongs here: the flow from a folder of tables to the model store. Does not: how a model is made (training).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pandas as pd
from upath import UPath

from batch.console import Progress
from batch.errors import JobError
from batch.ingest import Ingest, ingest
from batch.shards.sharding import READ
from batch.studies import (
    COMPARISON,
    TUNING,
    Json,
    keep,
    known_trials,
    of_purpose,
    read_history,
    read_search,
    search_key,
    settled,
    tuning_document,
)
from batch.workers import Workers, connect
from features import CATALOGUE, build_features
from features.schemas import CLIENT, TARGET
from model_store import WorseThanChampion, promote
from model_store.client_shards import read_shard
from model_store.reference import reference_document
from training import (
    MOST_COMPARED,
    TrainedModel,
    TrainingSettings,
    Trial,
    best_trial,
    build_inputs,
    compare_candidates,
    report_features,
    sample_rows,
    save_version,
    train_version,
    tune,
)

MOST_REPORTED = 50_000


@dataclass(frozen=True)
class TrainingPlan:
    """What a training does beside its model. `trials`: how many settings the search has tried when it ends (0: no
    search). `compare`: all candidates on the same folds first. `forget`: leave aside what earlier ones found."""

    settings: TrainingSettings = field(default_factory=TrainingSettings)
    trials: int = 0
    compare: bool = False
    forget: bool = False


@dataclass(frozen=True, eq=False)
class Clients:
    """Features (float32) and outcomes (int8) of labelled clients, features of the others; SK_ID_CURR ascending."""

    features: pd.DataFrame
    target: pd.Series[int]
    unlabelled: pd.DataFrame


def run_training(
    data: UPath,
    store: UPath,
    progress: Progress,
    promoted_by: str | None = None,
    plan: TrainingPlan | None = None,
    scheduler: str | None = None,
) -> str:
    """The name of the new version in the store, champion if `promoted_by` says who wants it.

    A search and a comparison are kept in the store; this training and later ones use what they found. Errors:
    InputError (folder or file), JobError if no client has a known outcome, or if the version, which is then
    saved, may not become champion.
    """
    plan = plan or TrainingPlan()
    store = store.absolute() if scheduler else store  # workers have another working directory
    with connect(scheduler, store=store, progress=progress) as workers:
        shards = ingest(data, store, workers, progress)
        clients = read_clients(shards, workers, progress)
    history, aside = of_purpose({} if plan.forget else read_history(store, plan.settings), plan.settings)
    for said in aside:
        progress.note(said)
    if plan.trials:
        history[TUNING] = search(clients, store, plan, history, shards.fingerprint, progress)
    if plan.compare:
        history[COMPARISON] = compare(clients, store, plan, history, shards.fingerprint, progress)
    with progress.steps() as tell:
        trained = train_version(
            clients.features,
            clients.target,
            CATALOGUE,
            settled(plan.settings, history),
            shards.fingerprint,
            tell,
            clients.unlabelled,
            history,
        )
    version = save_version(store, _with_reference(trained, clients))
    if promoted_by is not None:
        try:
            promote(store, version, who=promoted_by, why="promoted when trained")
        except WorseThanChampion as worse:
            raise JobError(f"{version} is saved but not promoted: {worse}") from worse
    return version


def _with_reference(trained: TrainedModel, clients: Clients) -> TrainedModel:
    """The version carries what its clients looked like: nights are compared with it."""
    model = trained.model
    reference = reference_document(clients.features, model.out_of_fold["default_probability"])
    return replace(trained, model=replace(model, metadata={**model.metadata, **reference}))


def search(
    clients: Clients, store: UPath, plan: TrainingPlan, history: Json, fingerprint: str, progress: Progress
) -> Json:
    """Tries settings until there are as many trials as planned, each kept in the store as soon as it ends."""
    rows = sample_rows(plan.settings.seed, len(clients.target), MOST_COMPARED)
    settings = settled(plan.settings, {name: found for name, found in history.items() if name == COMPARISON})
    inputs = build_inputs(clients.features.iloc[rows], clients.target.iloc[rows], CATALOGUE, settings)
    key = search_key(settings, fingerprint, CATALOGUE.hash, len(rows))
    last = None if plan.forget else read_search(store, key)
    trials, document = list(known_trials(last)), dict(last or {})

    def keep_trials(done: Sequence[Trial]) -> None:
        nonlocal document
        best_before = document.get("best")
        trials[:] = done
        document = tuning_document(key, done, len(clients.target))
        keep(store, TUNING, document)
        if document["best"] != best_before:
            progress.note(_said_of_best(best_trial(done), trials[0]))

    if trials:
        progress.note(f"trials known from an earlier search: {len(trials)}; going on from there")
    try:
        with progress.steps() as tell:
            tune(inputs, settings, plan.trials, tuple(trials), keep_trials, tell)
    except (KeyboardInterrupt, SystemExit):
        progress.note(f"trials kept in {store}: {len(trials)}; the same command goes on from there")
        raise
    return document


def _said_of_best(best: Trial, first: Trial) -> str:
    """Cost and log-loss, beside those of the settings in use, which are the first trial."""
    told = f"trial {best.number + 1} leads: {best.cost:.4g} per client, log-loss {best.log_loss:.4f}"
    if best.number == first.number or not first.finished:
        return told
    return f"{told} (with the settings in use {first.cost:.4g}, {first.log_loss:.4f})"


def compare(
    clients: Clients, store: UPath, plan: TrainingPlan, history: Json, fingerprint: str, progress: Progress
) -> Json:
    """Compares all candidates with the settings that a search found, and keeps the comparison in the store."""
    settings = settled(plan.settings, {name: found for name, found in history.items() if name == TUNING})
    with progress.steps() as tell:
        document = compare_candidates(
            clients.features, clients.target, CATALOGUE, settings, tell, fingerprint
        )
    keep(store, COMPARISON, document)
    return document


def read_clients(shards: Ingest, workers: Workers, progress: Progress) -> Clients:
    """Every client of the shards. Errors: JobError if none has a known outcome."""
    parts = workers.map_shards("features", _shard_features, shards.shards, progress, shards.folder)
    target = pd.concat([part[1] for part in parts]).sort_index()
    known = target.notna()
    if not known.any():
        raise JobError(f"{shards.document['folder']}: no client has a TARGET; training needs known outcomes")
    labelled, others = ([part[0][part[1].notna() == side] for part in parts] for side in (True, False))
    del parts
    return Clients(
        features=pd.concat(labelled).sort_index(),
        target=target[known].astype("int8"),
        unlabelled=pd.concat(others).sort_index(),
    )


def _shard_features(shard: int, folder: UPath) -> tuple[pd.DataFrame, pd.Series[float]]:
    """Features and outcome (NaN if unknown) of the shard's clients."""
    tables = read_shard(folder, shard, READ)
    features = build_features(tables)
    return features, tables["application"].set_index(CLIENT)[TARGET].reindex(features.index).astype("float32")


def run_feature_report(
    data: UPath, store: UPath, progress: Progress, scheduler: str | None = None
) -> pd.DataFrame:
    """What each feature is worth (training.report_features), over at most 50,000 clients drawn by seed.

    Errors: InputError (folder or file), JobError if no client has a known outcome.
    """
    store = store.absolute() if scheduler else store  # workers have another working directory
    with connect(scheduler, store=store, progress=progress) as workers:
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
