"""All that is known of one client of a night: decision, place, reasons, LIME, ways out, similar clients.

Belongs here: bringing the answers together, once, for the terminal and the report. Does not: any of the answers
(answers, wording, lime, ways, similar), how they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from explain.case import open_case
from explain.lime.explanation import LimeExplanation, explain_with_lime
from explain.lime.membership import members_of
from explain.lime.reference import (
    ACCEPTED,
    BASE,
    CHOSEN,
    SIMILAR,
    ReferenceCohort,
    own_reference,
    reference_of_run,
)
from explain.reasons.typical import Typical, read_typical
from explain.reasons.wording import Reader, ReasonText, Side, reason_texts, word_reasons
from explain.seen import read_seen
from explain.similar import Similar, build_similar_index, find_similar
from explain.ways.search import Ways, find_ways
from features import Language
from model_store import (
    Run,
    ScoringModel,
    UnknownRun,
    load,
    open_store,
    read_contributions,
    read_features,
    read_run,
    read_scores,
)
from model_store.client_shards import RowsNotKept
from model_store.contract import REASONS
from model_store.storage import Location

Gap = Literal["ways", "similar"]
"""What a night cannot answer any more: its rows were removed; an earlier release kept no sums by reason group."""


@dataclass(frozen=True, eq=False)
class Dossier:
    """One client as a night published it, and what explains it.

    `row`: the client's line of the BI export. `lower`: share of the night's clients with a lower score, of
    `clients` in all. `usual`: what is usual in the cohort compared with; `usual_accepted`: among the accepted, for
    the client's own sentences. `ways`, `similar`: None where the night lacks what they need; `gaps` names them.
    """

    client: int
    run: Run
    row: pd.Series
    clients: int
    lower: float
    features: pd.Series
    contributions: pd.Series
    usual: Typical
    usual_accepted: Typical
    lime: LimeExplanation
    ways: Ways | None
    similar: Similar | None
    gaps: tuple[Gap, ...]

    def reasons(self, reader: Reader, language: Language, side: Side = "against") -> list[ReasonText]:
        """The published reasons, or what speaks for the client, in words for a reader."""
        usual = self.usual_accepted if reader == "client" else self.usual
        if side == "for":
            return reason_texts(self.contributions, self.features, usual, reader, language, side)
        codes = [self.row[f"reason_{rank}"] for rank in range(1, REASONS + 1)]
        sums = [self.row[f"reason_{rank}_contribution"] for rank in range(1, REASONS + 1)]
        return word_reasons(codes, sums, self.contributions, self.features, usual, reader, language)


def read_dossier(store: Location, client: int, run_id: str | None = None, cohort: str = ACCEPTED) -> Dossier:
    """The client of a night (the published one by default) beside a cohort, as `membership` reads it.

    Errors: UnknownClient, UnknownRun, NothingPublished; UnknownRun for a run that keeps no contributions;
    UnknownCohort and CohortTooSmall for the cohort.
    """
    run = read_run(store, run_id)  # asked once: a night may be published while this reads
    values = read_features(store, run.run_id, clients=[client]).iloc[0]
    try:
        contributions = read_contributions(store, run.run_id, clients=[client]).iloc[0]
    except FileNotFoundError as error:
        raise UnknownRun(
            f"run {run.run_id} keeps no contributions, so its reasons cannot be told: choose another run, or run "
            "the night again"
        ) from error
    scores = read_scores(store, run.run_id)
    model = load(open_store(store), run.model_version)
    accepted = read_typical(store, run.run_id)
    usual, reference = _compared_with(store, run, model, cohort, client, accepted)
    ways, similar, gaps = _asked(store, run, model, client)
    return Dossier(
        client=client,
        run=run,
        row=pd.Series(scores.loc[client]),
        clients=len(scores),
        lower=float((scores["score"] < scores.loc[client, "score"]).mean()),
        features=values,
        contributions=contributions.drop("expected_value").astype(np.float64),
        usual=usual,
        usual_accepted=accepted,
        lime=explain_with_lime(model, values, reference),
        ways=ways,
        similar=similar,
        gaps=gaps,
    )


def _compared_with(
    store: Location, run: Run, model: ScoringModel, cohort: str, client: int, accepted: Typical
) -> tuple[Typical, ReferenceCohort]:
    """What is usual in the cohort, and LIME's sample of it; of the accepted the model's own."""
    if cohort == ACCEPTED:
        return accepted, own_reference(model, ACCEPTED if accepted.cohort == ACCEPTED else BASE)
    members = members_of(store, run.run_id, cohort, client)
    code = cohort if cohort in (BASE, SIMILAR) else CHOSEN
    usual = read_typical(store, run.run_id, code, members.tolist())
    return usual, reference_of_run(store, run.run_id, model, members, code)


def _asked(
    store: Location, run: Run, model: ScoringModel, client: int
) -> tuple[Ways | None, Similar | None, tuple[Gap, ...]]:
    """Ways out and similar clients, and which of them this night cannot answer any more."""
    ways, similar = None, None
    gaps: list[Gap] = []
    try:
        ways = find_ways(open_case(store, run, model, client), read_seen(store, run.run_id, model))
    except RowsNotKept:
        gaps.append("ways")
    try:
        similar = find_similar(build_similar_index(store, run.run_id), client)
    except UnknownRun:
        gaps.append("similar")
    return ways, similar, tuple(gaps)
