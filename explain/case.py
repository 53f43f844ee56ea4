"""One client of a night, ready to be asked what other values would give.

Belongs here: the client's own rows, other applications in their place, the model's answers to them. Does not: which
other values are asked about (ways, what_if), whether they are plausible (seen).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.answers import Answers, Decision, answer_clients
from features import build_features, build_variants
from features.schemas import CLIENT
from model_store.client_shards import read_client_rows
from model_store.scorebook import Run
from model_store.scoring_model import ScoringModel
from model_store.storage import Location

MANY = 256  # rows from which it pays to wake other threads
Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Case:
    """A client's rows by table, the model that decided, and the published probability if it is not the model's.

    `published`: the out-of-fold probability of a client whose outcome trained the model, else None. What other
    values change is then added to it in log-odds: the model's own answer knows this client's outcome.
    """

    client: int
    model: ScoringModel
    tables: Mapping[str, pd.DataFrame]
    published: float | None = None

    @cached_property
    def application(self) -> pd.DataFrame:
        """The client's application, one row."""
        return self.tables["application"]

    @cached_property
    def features(self) -> pd.DataFrame:
        """The client's features, one row: those of the night."""
        return build_features(self.tables)

    @cached_property
    def answers(self) -> Answers:
        """What was decided: the figures of the night."""
        return self.answer(self.features)

    @cached_property
    def decision(self) -> Decision:
        """What was decided."""
        decision: Decision = self.answers.decision[0]
        return decision

    def variants(self, applications: pd.DataFrame) -> pd.DataFrame:
        """Features with each of the applications in place of the client's own, one row each."""
        return build_variants(self.tables, applications)

    def probability(self, features: pd.DataFrame) -> Vector:
        """Default probability with these features, per row: what would be published."""
        own = self.model.probability(features, threads=1 if len(features) < MANY else 0)
        return own if self.published is None else _expit(_logit(own) + self.shift)

    def answer(self, features: pd.DataFrame) -> Answers:
        """The answers with these features, per row, as a night would publish them."""
        return answer_clients(
            self.model, features, None if self.published is None else self.probability(features)
        )

    @cached_property
    def shift(self) -> float:
        """Log-odds by which the published probability differs from the model's own; 0 for clients it never saw."""
        if self.published is None:
            return 0.0
        own = self.model.probability(self.features)
        return float(_logit(np.array([self.published]))[0] - _logit(own)[0])


def open_case(store: Location, run: Run, model: ScoringModel, client: int) -> Case:
    """The client as the night `run` saw it. `model`: the version that scored the night.

    Errors: UnknownClient, RowsNotKept; ValueError for another version than the night's.
    """
    if model.version != run.model_version:
        raise ValueError(
            f"run {run.run_id} was scored by {run.model_version}, not by {model.version}: load that version"
        )
    tables = read_client_rows(store, run, client)
    known = model.out_of_fold["default_probability"]
    return Case(client, model, tables, float(known.loc[client]) if client in known.index else None)


def case_of_tables(model: ScoringModel, tables: Mapping[str, pd.DataFrame]) -> Case:
    """A new applicant: the rows, by table, of one client that the model has never seen."""
    client = int(tables["application"][CLIENT].iloc[0])
    return Case(client, model, tables)


def _logit(probability: Vector) -> Vector:
    inside = np.clip(probability, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def _expit(log_odds: Vector) -> Vector:
    return np.asarray(1 / (1 + np.exp(-log_odds)))
