"""Questions about one client of the published night: other values, ways to another decision, similar
clients, its explanation.

Belongs here: looking up and laying out, what is kept per night. Does not: HTTP (asking_routes), figures (explain).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isnan
from threading import Lock
from typing import Any, TypeVar

from api.asking_bodies import (
    ApplicationWays,
    Change,
    Doubt,
    Figures,
    Observed,
    SimilarAnswer,
    SimilarClientBody,
    WayOut,
    WaysAnswer,
    WhatIfAnswer,
)
from api.bodies import Cell, ScoreRequest, Texts
from api.explaining import Against, ExplanationAnswer, lay_out
from api.reasons import told
from api.request_tables import tables_of
from explain import (
    Answers,
    Case,
    Reader,
    Seen,
    SimilarClient,
    SimilarIndex,
    Way,
    Ways,
    WhatIf,
    build_similar_index,
    case_of_tables,
    explain_with_lime,
    find_similar,
    find_ways,
    open_case,
    own_reference,
    read_seen,
    read_typical,
    similar_reference,
    similar_sentence,
    way_sentences,
    ways_sentence,
    what_if,
    what_if_doubts,
)
from model_store import FollowedModel, Run, ScoringModel, load, read_features, read_run
from model_store.storage import Location, open_store

Kept = TypeVar("Kept")


class Questions:
    """Answers questions about clients of the published night, as its model sees them.

    Model, training clients and the index of similar clients are read once a night, by the first who asks.
    """

    def __init__(self, store: Location) -> None:
        self._store = open_store(store)
        self._lock = Lock()
        self._champion = FollowedModel(self._store)
        self._kept: dict[str, Any] = {}
        self._run_id: str | None = None

    def what_if(self, client: int, changes: Mapping[str, Cell], reader: Reader = "manager") -> WhatIfAnswer:
        """The client with other values, the reasons worded for a reader.

        Errors: UnusableChanges, UnknownClient, NothingPublished, RowsNotKept.
        """
        run, case, seen = self._case(client)
        found = what_if(case, seen, changes)
        typical = self._of_night(run, "typical", lambda: read_typical(self._store, run.run_id))
        return WhatIfAnswer(
            **_answer_of(run, case),
            before=_figures(found.before),
            after=_figures(found.after),
            reasons=told(lambda language: found.reason_texts(typical, reader, language)),
            moved=list(found.moved),
            doubts=_doubts(found),
        )

    def ways(self, client: int) -> WaysAnswer:
        """What would change the decision. Errors: UnknownClient, NothingPublished, RowsNotKept."""
        run, case, seen = self._case(client)
        return WaysAnswer(**_answer_of(run, case), **_ways(find_ways(case, seen)))

    def ways_of_application(self, request: ScoreRequest) -> ApplicationWays:
        """What would change the champion's decision on a new application.

        Plausible is what its training clients, those kept with the version, are like. Errors: UnusableRequest;
        ModelStoreError where there is no usable champion.
        """
        case = case_of_tables(self._champion.model(), tables_of(request))
        found = find_ways(case, Seen.of(case.model.background))
        return ApplicationWays(SK_ID_CURR=case.client, model_version=case.model.version, **_ways(found))

    def similar(self, client: int, count: int) -> SimilarAnswer:
        """The most similar clients. Errors: UnknownClient, NothingPublished."""
        run = read_run(self._store)
        found = find_similar(self._similar(run), client, count)
        rate = found.observed
        return SimilarAnswer(
            SK_ID_CURR=client,
            run_id=run.run_id,
            as_of=run.as_of,
            model_version=run.model_version,
            seen_in_training=client in self._model(run).out_of_fold.index,
            nearest=[_neighbour(one) for one in found.nearest],
            circle=found.circle,
            decisions=found.decisions,
            known=found.known,
            defaults=found.defaults,
            observed=Observed(rate=rate.value, low=rate.low, high=rate.high) if found.known else None,
            text=Texts(en=similar_sentence(found, "en"), fr=similar_sentence(found, "fr")),
        )

    def explanation(self, client: int, against: Against, seed: int) -> ExplanationAnswer:
        """LIME of a client against the sample stored with the model version, its accepted ones, or similar clients.

        Errors: UnknownClient, NothingPublished, EmptyCohort.
        """
        run = read_run(self._store)
        model = self._model(run)
        features = read_features(self._store, run.run_id, clients=[client])
        reference = (
            similar_reference(self._store, self._similar(run), model, client)
            if against == "similar"
            else own_reference(model, against)
        )
        found = explain_with_lime(model, features, reference, seed=seed)
        return lay_out(found, client, run, client in model.out_of_fold.index, against)

    def _similar(self, run: Run) -> SimilarIndex:
        return self._of_night(run, "similar", lambda: build_similar_index(self._store, run.run_id))

    def _case(self, client: int) -> tuple[Run, Case, Seen]:
        run = read_run(self._store)
        model = self._model(run)
        case = open_case(self._store, run, model, client)
        seen: Seen = self._of_night(run, "seen", lambda: read_seen(self._store, run.run_id, model))
        return run, case, seen

    def _model(self, run: Run) -> ScoringModel:
        return self._of_night(run, "model", lambda: load(self._store, run.model_version))

    def _of_night(self, run: Run, what: str, read: Callable[[], Kept]) -> Kept:
        """What was read for this night, or is now; another night's is let go."""
        with self._lock:
            if self._run_id != run.run_id:
                self._run_id, self._kept = run.run_id, {}
            if what not in self._kept:
                self._kept[what] = read()
            kept: Kept = self._kept[what]
            return kept


def _ways(found: Ways) -> dict[str, Any]:
    return {
        "status": found.status,
        "text": Texts(en=ways_sentence(found, "en"), fr=ways_sentence(found, "fr")),
        "default_probability": found.default_probability,
        "score": found.score,
        "decision": found.decision,
        "cut_off": found.cut_off,
        "ways": [_way(way, found) for way in found.ways],
        "tried": found.tried,
    }


def _answer_of(run: Run, case: Case) -> dict[str, Any]:
    return {
        "SK_ID_CURR": case.client,
        "run_id": run.run_id,
        "as_of": run.as_of,
        "model_version": run.model_version,
        "seen_in_training": case.published is not None,
    }


def _figures(answers: Answers) -> Figures:
    return Figures(
        default_probability=float(answers.probability[0]),
        score=int(answers.score[0]),
        risk_band=str(answers.band[0]),
        decision=answers.decision[0],
    )


def _doubts(found: WhatIf) -> list[Doubt]:
    """The combination first, then each unusual value, in both languages."""
    places: list[tuple[Any, str | None]] = [("far", None)] if found.far else []
    places += [(one.place, one.feature) for one in found.unusual]
    english, french = (what_if_doubts(found, language, len(places)) for language in ("en", "fr"))
    return [
        Doubt(kind=kind, feature=feature, text=Texts(en=en, fr=fr))
        for (kind, feature), en, fr in zip(places, english, french, strict=True)
    ]


def _way(way: Way, ways: Ways) -> WayOut:
    changes = [
        Change(
            column=moved.column,
            feature=moved.feature,
            before=moved.before,
            after=moved.after,
            chosen=not moved.carried,
        )
        for moved in way.changes
    ]
    return WayOut(
        default_probability=way.default_probability,
        score=way.score,
        risk_band=way.risk_band,
        decision=way.decision,
        changes=changes,
        sentences={"en": way_sentences(way, ways, "en"), "fr": way_sentences(way, ways, "fr")},
    )


def _neighbour(one: SimilarClient) -> SimilarClientBody:
    return SimilarClientBody(
        SK_ID_CURR=one.client,
        distance=one.distance,
        default_probability=one.default_probability,
        score=one.score,
        decision=one.decision,
        outcome=None if isnan(one.target) else "default" if one.target == 1 else "repaid",
    )
