"""Trials of a search for settings: what each came to, and which of them is best.

Belongs here: a trial as a value, the choice. Does not: proposing and running trials (tuning).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from training.settings import TreeSettings


@dataclass(frozen=True)
class Trial:
    """One set of LightGBM's settings and what it came to; a trial that was given up has no cost.

    `loss_after`: number of trees, as text, to the lowest mean held-out log-loss so far.
    """

    number: int
    parameters: dict[str, float]
    loss_after: dict[str, float] = field(default_factory=dict)
    cost: float | None = None
    cost_of_folds: tuple[float, ...] = ()
    log_loss: float | None = None
    auc: float | None = None
    trees: int | None = None

    @property
    def finished(self) -> bool:
        """False for a trial that was given up."""
        return self.cost is not None


def best_trial(trials: Sequence[Trial]) -> Trial:
    """Among the finished trials that cost no more than the cheapest, give or take one standard error of their
    difference over folds, the one of least log-loss. Errors: ValueError where none is finished."""
    finished = [trial for trial in trials if trial.finished]
    if not finished:
        raise ValueError(f"none of {len(trials)} trials is finished, expected at least one; run more trials")
    cheapest = min(finished, key=lambda trial: (trial.cost, trial.number))
    alike = [trial for trial in finished if _no_dearer(trial, cheapest)]
    return min(alike, key=lambda trial: (trial.log_loss, trial.number))


def tuned(trees: TreeSettings, trial: Trial) -> TreeSettings:
    """These settings with what the trial tried."""
    types = {name: type(value) for name, value in asdict(trees).items()}
    return replace(trees, **{name: types[name](value) for name, value in trial.parameters.items()})


def _no_dearer(trial: Trial, cheapest: Trial) -> bool:
    apart = np.array(trial.cost_of_folds) - np.array(cheapest.cost_of_folds)
    return bool(apart.mean() <= apart.std(ddof=1) / np.sqrt(len(apart)))


def trial_of(document: Mapping[str, Any]) -> Trial:
    """The trial that `asdict` wrote down."""
    return Trial(**{**document, "cost_of_folds": tuple(document["cost_of_folds"])})
