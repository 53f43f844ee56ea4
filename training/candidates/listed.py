"""Which models are compared, the simplest LightGBM variant first among its kind.

Belongs here: the list. Does not: fitting (scorecard, forest, scoring).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from training.settings import IMBALANCES, Imbalance, TrainingSettings

Family = Literal["dummy", "scorecard", "forest", "lightgbm"]


@dataclass(frozen=True)
class Candidate:
    """A kind of model, whether it keeps to the declared directions, and what it does about few defaults."""

    family: Family
    imbalance: Imbalance = "untreated"
    constraints: bool = False

    @property
    def name(self) -> str:
        """Stable identifier: "lightgbm-constrained-untreated"."""
        if self.family == "dummy":
            return "dummy"
        kept = "-constrained" if self.family == "lightgbm" and self.constraints else ""
        return f"{self.family}{kept}-{self.imbalance}"

    def settings(self, common: TrainingSettings) -> TrainingSettings:
        """The common settings with this candidate's own."""
        return replace(common, constraints=self.constraints, imbalance=self.imbalance)


CANDIDATES: tuple[Candidate, ...] = (
    Candidate("dummy"),
    *(Candidate("scorecard", imbalance, constraints=True) for imbalance in IMBALANCES),
    *(Candidate("forest", imbalance) for imbalance in IMBALANCES),
    *(Candidate("lightgbm", imbalance, constraints=True) for imbalance in IMBALANCES),
    *(Candidate("lightgbm", imbalance) for imbalance in IMBALANCES),
)
