"""A published night with all that is asked of it.

Belongs here: what the tests of ways, what-if and similar clients share. Does not: tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from explain import Case, Seen, open_case, read_seen
from model_store import Run, ScoringModel, load, read_run, read_scores


@dataclass(frozen=True)
class Night:
    """The run, its model, what that has seen, the scores."""

    store: Path
    run: Run
    model: ScoringModel
    seen: Seen
    scores: pd.DataFrame
    cases: dict[int, Case] = field(default_factory=dict)

    def case(self, client: int) -> Case:
        """The client, ready to be asked; read once."""
        if client not in self.cases:
            self.cases[client] = open_case(self.store, self.run, self.model, client)
        return self.cases[client]

    def clients(self, decision: str) -> list[int]:
        """Clients with a decision, ascending."""
        return [int(client) for client in self.scores.index[self.scores["decision"] == decision]]


def open_night(store: Path) -> Night:
    """The published night of a store."""
    run = read_run(store)
    model = load(store, run.model_version)
    return Night(store, run, model, read_seen(store, run.run_id, model), read_scores(store))
