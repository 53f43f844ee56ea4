"""From figures to answers: one client of the published night, one new application.

Belongs here: looking up and laying out. Does not: HTTP (app), figures (explain.answer_clients), storage
(model_store).
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
import pandas as pd

from api.bodies import Decision, Health, ModelDescription, PublishedDecision, Reason, ScoreRequest
from api.reasons import told
from api.request_tables import tables_of
from explain import (
    Reader,
    Typical,
    answer_clients,
    read_typical,
    reason_texts,
    typical_of_model,
    word_reasons,
)
from features import build_features
from model_store import (
    FollowedModel,
    ModelStoreError,
    NothingPublished,
    Run,
    ScoringModel,
    UnknownClient,
    read_contributions,
    read_features,
    read_run,
    read_scores,
)
from model_store.contract import REASONS
from model_store.storage import Location, open_store
from risk import calibration_document


class Service:
    """Answers from one store. Pointers are read at every question, so that new nights and promotions count
    at once; what they point to never changes and is kept: the scores of one night and one model."""

    def __init__(self, store: Location) -> None:
        self._store = open_store(store)
        self._lock = Lock()
        self._champion = FollowedModel(self._store)
        self._scores: tuple[str, pd.DataFrame] | None = None
        self._typical: tuple[str, Typical] | None = None

    def published(self, client: int, reader: Reader = "manager") -> PublishedDecision:
        """The published figures of a client, worded for a reader. Errors: NothingPublished, UnknownClient."""
        run = read_run(self._store)
        scores = self._scores_of(run)
        if client not in scores.index:
            raise UnknownClient(f"run {run.run_id} holds no client {client} (of {run.clients} clients)")
        row = scores.loc[client].to_dict()
        contributions = read_contributions(self._store, run.run_id, clients=[client]).iloc[0]
        values = read_features(self._store, run.run_id, clients=[client]).iloc[0]
        codes = [row[f"reason_{rank}"] for rank in range(1, REASONS + 1)]
        weights = [row[f"reason_{rank}_contribution"] for rank in range(1, REASONS + 1)]
        reasons, strengths = _worded(codes, weights, contributions, values, self._typical_of(run), reader)
        return PublishedDecision(
            SK_ID_CURR=client,
            reasons=reasons,
            strengths=strengths,
            as_of=run.as_of,
            **{name: row[name] for name in PublishedDecision.model_fields if name in row},
        )

    def score(self, request: ScoreRequest, reader: Reader = "manager") -> Decision:
        """The champion's figures for a new application, the bits that a night would publish, worded for a reader.

        What is usual is read off the published night; before the first one, off the model's reference clients.

        Errors: UnusableRequest; ModelStoreError where there is no usable champion.
        """
        features = build_features(tables_of(request))
        model = self.model()
        answer = answer_clients(model, features)
        client = int(features.index[0])
        # rounded as a night stores them
        stored = answer.contributions[0, :-1].astype(np.float32)
        reasons, strengths = _worded(
            answer.reasons.codes[0].tolist(),
            answer.reasons.contributions[0].tolist(),
            pd.Series(stored, index=list(model.feature_names)),
            features.iloc[0],
            self._typical_now(model),
            reader,
        )
        return Decision(
            SK_ID_CURR=client,
            default_probability=float(answer.probability[0]),
            score=int(answer.score[0]),
            risk_band=str(answer.band[0]),
            decision=answer.decision[0],
            cut_off=model.cut_off,
            reasons=reasons,
            strengths=strengths,
            seen_in_training=client in model.out_of_fold.index,
            model_version=model.version,
            catalogue_hash=model.catalogue_hash,
        )

    def model(self) -> ScoringModel:
        """The champion of this moment, loaded and verified once while it stays. Errors: ModelStoreError."""
        return self._champion.model()

    def describe_model(self) -> ModelDescription:
        """The champion in figures. Errors: ModelStoreError."""
        model = self.model()
        return ModelDescription(
            model_version=model.version,
            catalogue_hash=model.catalogue_hash,
            features=list(model.feature_names),
            cut_off=model.cut_off,
            review_from=model.review_from,
            fn_cost=model.fn_cost,
            fp_cost=model.fp_cost,
            calibration=calibration_document(model.calibration),
            risk_bands=dict(zip(model.bands.names, model.bands.upper_bounds, strict=True)),
            metadata=dict(model.metadata),
        )

    def health(self) -> Health:
        """What is published and promoted, and a sentence for each of the two that cannot be used."""
        problems: list[str] = []
        run: Run | None = None
        version: str | None = None
        try:
            run = read_run(self._store)
        except (NothingPublished, OSError) as error:
            problems.append(str(error))
        try:
            version = self.model().version
        except (ModelStoreError, OSError) as error:
            problems.append(str(error))
        return Health(
            status="unavailable" if problems else "ok",
            run_id=run.run_id if run else None,
            as_of=run.as_of if run else None,
            model_version=version,
            problems=problems,
        )

    def _scores_of(self, run: Run) -> pd.DataFrame:
        with self._lock:
            if self._scores is None or self._scores[0] != run.run_id:
                self._scores = (run.run_id, read_scores(self._store, run.run_id))
            return self._scores[1]

    def _typical_now(self, model: ScoringModel) -> Typical:
        try:
            run = read_run(self._store)
        except NothingPublished:
            return typical_of_model(model)
        return self._typical_of(run)

    def _typical_of(self, run: Run) -> Typical:
        with self._lock:
            if self._typical is None or self._typical[0] != run.run_id:
                self._typical = (run.run_id, read_typical(self._store, run.run_id))
            return self._typical[1]


def _worded(
    codes: Sequence[str | None],
    weights: Sequence[float],
    contributions: pd.Series,
    values: pd.Series,
    typical: Typical,
    reader: Reader,
) -> tuple[list[Reason], list[Reason]]:
    """What weighed and what speaks for the client, for a reader, in both languages."""
    return (
        told(lambda language: word_reasons(codes, weights, contributions, values, typical, reader, language)),
        told(lambda language: reason_texts(contributions, values, typical, reader, language, "for")),
    )
