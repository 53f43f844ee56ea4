"""One published run as the pages read it: scores, outcomes, single feature columns, one client's row; cached.
Not here: statistics (risk), explanations' arithmetic (explain), any drawing. Reads through model_store only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
import panel as pn
from numpy.typing import NDArray

from explain import (
    Case,
    LimeExplanation,
    ReferenceCohort,
    Seen,
    SimilarIndex,
    Typical,
    build_similar_index,
    explain_with_lime,
    open_case,
    own_reference,
    read_seen,
    read_typical,
    reference_of_run,
)
from model_store import ScoringModel, load, open_store, read_aliases, scorebook
from risk import CohortSummary, CostCurve, RiskBands, cost_curve, summarise_cohort

T = TypeVar("T")
COLUMNS = ("default_probability", "score", "risk_band", "decision", "cut_off", "seen_in_training")
KEPT_RUNS = 3  # runs of one store that stay in memory when newer ones are opened


@dataclass(frozen=True)
class Client:
    """One client of the run; features and contributions are indexed by feature name (NaN: missing)."""

    client_id: int
    probability: float
    score: int
    band: str
    decision: str
    seen_in_training: bool
    target: float
    features: pd.Series
    contributions: pd.Series
    expected_value: float


@dataclass(frozen=True)
class Book:
    """The run ``run_id`` of ``store``. What it gives is shared between sessions: never change it in place."""

    store: str
    run_id: str

    def cached(self, what: str, read: Callable[[], T], **key: object) -> T:
        """What ``read`` gives, worked out once for this run and ``key`` and then shared between sessions."""
        found: T = pn.state.as_cached(
            f"pret:{what}", lambda **_: read(), store=self.store, run_id=self.run_id, **key
        )
        return found

    @property
    def run(self) -> scorebook.Run:
        """What run.json says of this night."""
        return self.cached("run", lambda: scorebook.read_run(self.store, self.run_id))

    def published(self) -> str:
        """The run that the store publishes now; not kept, since a night may end while a page is open."""
        return scorebook.published_run(self.store)

    def champion(self) -> str | None:
        """The version that decides from now on; not kept, since it may be changed while a page is open."""
        return read_aliases(open_store(self.store)).get("champion")

    @property
    def model(self) -> ScoringModel:
        """The model version that scored this run."""
        return self.cached("model", lambda: load(self.store, self.run.model_version))

    @property
    def bands(self) -> RiskBands:
        """The risk bands of the model version."""
        return self.model.bands

    @property
    def scores(self) -> pd.DataFrame:
        """One row per client, by SK_ID_CURR ascending: COLUMNS, the two of text as categories."""
        return self.cached("scores", self._read_scores)

    def _read_scores(self) -> pd.DataFrame:
        frame = scorebook.read_scores(self.store, self.run_id, columns=list(COLUMNS))
        for column in ("risk_band", "decision"):
            frame[column] = frame[column].astype("category")
        return frame

    @property
    def cut_off(self) -> float:
        """The decline threshold on default probability with which the run decided."""
        return float(self.scores["cut_off"].iloc[0])

    @property
    def targets(self) -> pd.Series:
        """1 default, 0 repaid, NaN unknown, indexed like ``scores``."""
        return self.cached("targets", lambda: scorebook.read_targets(self.store, self.run_id))

    @property
    def known(self) -> NDArray[np.bool_]:
        """True where the outcome is known."""
        return self.targets.notna().to_numpy()

    @property
    def cost_ratio(self) -> float:
        """Cost of a missed default in refused good clients, as the model version was tuned."""
        return self.model.fn_cost / self.model.fp_cost

    def feature(self, name: str) -> NDArray[np.float32]:
        """One feature of every client, in the order of ``scores``; NaN missing, categories as their code."""
        return self.cached("feature", lambda: self._read_feature(name), feature=name)

    def _read_feature(self, name: str) -> NDArray[np.float32]:
        column = scorebook.read_features(self.store, self.run_id, columns=[name])[name]
        return np.asarray(column.reindex(self.scores.index), dtype=np.float32)

    def cost_curve(self, cost_ratio: float) -> CostCurve:
        """Cost, accepted share and default rate at each cut-off that decides differently, on known outcomes.

        ``cost_ratio``: cost of a missed default in refused good clients. Kept for the run's own ratio only.
        """
        if cost_ratio == self.cost_ratio:
            return self.cached("cost_curve", lambda: self._cost_curve(cost_ratio))
        return self._cost_curve(cost_ratio)

    def _cost_curve(self, cost_ratio: float) -> CostCurve:
        target, probability = self.outcomes()
        return cost_curve(target, probability, fn_cost=cost_ratio, fp_cost=1.0)

    def outcomes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Target and default probability of the clients whose outcome is known."""
        known = self.known
        return self.targets.to_numpy()[known], self.scores["default_probability"].to_numpy()[known]

    def summary(self, belongs: NDArray[np.bool_] | None = None) -> CohortSummary:
        """Figures of the clients marked True, or of everyone (kept)."""
        if belongs is None:
            return self.cached("summary", lambda: summarise_cohort(self.scores, self.targets))
        return summarise_cohort(self.scores[belongs], self.targets[belongs])

    def position(self, client_id: int) -> int | None:
        """Row of the client in ``scores``, None for one who is not in the run."""
        ids = self.scores.index.to_numpy()
        place = int(np.searchsorted(ids, client_id))
        return place if place < len(ids) and ids[place] == client_id else None

    def example_id(self, near: int | None = None) -> int:
        """Identifier of a client of the run, the nearest to ``near`` if given."""
        ids = self.scores.index.to_numpy()
        return int(ids[0 if near is None else np.argmin(np.abs(ids.astype(np.int64) - near))])

    def client(self, client_id: int) -> Client | None:
        """Everything the pages show of one client; reads this client's shard only. None if not in the run."""
        place = self.position(client_id)
        if place is None:
            return None
        row = self.scores.iloc[place]
        features = scorebook.read_features(self.store, self.run_id, clients=[client_id]).iloc[0]
        contributions = scorebook.read_contributions(self.store, self.run_id, clients=[client_id]).iloc[0]
        return Client(
            client_id=client_id,
            probability=float(row["default_probability"]),
            score=int(row["score"]),
            band=str(row["risk_band"]),
            decision=str(row["decision"]),
            seen_in_training=bool(row["seen_in_training"]),
            target=float(self.targets.iloc[place]),
            features=features,
            contributions=contributions.drop("expected_value").astype(np.float64),
            expected_value=float(contributions["expected_value"]),
        )

    @property
    def typical(self) -> Typical:
        """What is usual among the accepted clients of the run, for the sentences of reasons."""
        return self.cached("typical", lambda: read_typical(self.store, self.run_id))

    def lime(self, client: Client, against: str = "base") -> LimeExplanation:
        """LIME of the client against the sample stored with the model version (``base``) or those of it who are
        accepted; the same for every reader."""
        return explain_with_lime(self.model, client.features, own_reference(self.model, against))

    def lime_among(self, client: Client, belongs: NDArray[np.bool_], cohort: str) -> LimeExplanation:
        """LIME of the client against the clients of the run marked True; the sample drawn of them is kept under the
        name ``cohort``. Errors: EmptyCohort if none is marked."""

        def read() -> ReferenceCohort:
            clients = self.scores.index.to_numpy(np.int64)[belongs]
            return reference_of_run(self.store, self.run_id, self.model, clients)

        reference = self.cached("reference", read, cohort=cohort)
        return explain_with_lime(self.model, client.features, reference)

    def group_contributions(self) -> pd.DataFrame:
        """Contributions of every client summed by reason group, indexed like ``scores``.

        Errors: UnknownRun for a night of an earlier release, which did not store them.
        """
        return self.cached("groups", lambda: scorebook.read_group_contributions(self.store, self.run_id))

    def contributions(self, features: Sequence[str]) -> pd.DataFrame:
        """Contributions of these features for every client, indexed like ``scores``; read anew each time."""
        return scorebook.read_contributions(self.store, self.run_id, columns=features)

    @property
    def seen(self) -> Seen:
        """What the model version has seen: training clients of the run that stand for all of them."""
        return self.cached("seen", lambda: read_seen(self.store, self.run_id, self.model))

    @property
    def similar_index(self) -> SimilarIndex:
        """The run's clients in the space of similarity. Errors: UnknownRun for a run of an earlier release."""
        return self.cached("similar", lambda: build_similar_index(self.store, self.run_id))

    def case(self, client_id: int) -> Case:
        """The client with the rows the run was made from. Errors: UnknownClient, RowsNotKept."""
        return open_case(self.store, self.run, self.model, client_id)


def open_book(store: str, run_id: str | None = None) -> Book:
    """The stated run, or the published one. Errors: those of the scorebook (nothing published, no such run)."""
    book = Book(store, run_id or scorebook.published_run(store))
    _forget_old_runs(store, book.run.run_id)
    return book


def _forget_old_runs(store: str, newest: str) -> None:
    """Drops from the shared cache all but the KEPT_RUNS most recently opened runs of this store."""
    opened = [key for key in pn.state.cache if key[0] == "pret:run" and ("store", store) in key]
    runs = [dict(key[1:])["run_id"] for key in opened if ("run_id", newest) not in key]
    for run_id in runs[: max(0, len(runs) - KEPT_RUNS + 1)]:
        for key in [key for key in pn.state.cache if ("store", store) in key and ("run_id", run_id) in key]:
            pn.state.cache.pop(key, None)
