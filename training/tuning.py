"""The search for LightGBM's settings that cost the lender least, in trials that are kept one by one.

Belongs here: what is searched and how. Does not: the choice among trials (trials), where they are kept (batch).

A trial's score is the business cost per client on the shared folds; Optuna proposes what to try next (TPE) and
gives a trial up that after so many trees loses to three in four of those that were finished. Each trial seeds
its own proposal from its number, so that a search that was interrupted goes on as if it had not been.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import optuna

from training.calibrating import NothingLearned, choose_calibration
from training.figures import metrics_over_folds
from training.folds import Progress, score_out_of_fold
from training.inputs import Inputs
from training.settings import DEEPEST_TREE, TrainingSettings
from training.trials import Trial, tuned

Keep = Callable[[Sequence[Trial]], None]
FASTER = 2.0  # while searching, trees learn twice as fast, so that half of them are enough
FIRST_AT_RANDOM, NEVER_PRUNED = 8, 5
LOOK_EVERY = 50  # trees between two looks at whether a trial is worth finishing
NEVER_BEFORE = 100  # trees: small trees fall behind at first and catch up
KEPT = (
    75.0  # percent of the finished trials that one may lose to; at half, 24 of 30 were given up on the sample
)
SPACE: Mapping[str, optuna.distributions.BaseDistribution] = {
    "max_depth": optuna.distributions.IntDistribution(3, DEEPEST_TREE),
    "num_leaves": optuna.distributions.IntDistribution(6, 64, log=True),
    "min_child_samples": optuna.distributions.IntDistribution(20, 500, log=True),
    "feature_fraction": optuna.distributions.FloatDistribution(0.1, 0.8),
    "bagging_fraction": optuna.distributions.FloatDistribution(0.5, 1.0),
    "lambda_l2": optuna.distributions.FloatDistribution(0.1, 100.0, log=True),
}


class _GivenUp(Exception):
    """A trial is not worth finishing."""


def tune(
    inputs: Inputs,
    settings: TrainingSettings,
    trials: int,
    known: Sequence[Trial],
    keep: Keep,
    progress: Progress,
) -> tuple[Trial, ...]:
    """All trials, `known` ones first, until there are `trials`; the first tries the settings as they are.

    `keep` is called with all trials after each one: what it stored is what a later call goes on from.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    done = list(known)
    while len(done) < trials:
        progress("trials", len(done), trials)
        done.append(_try(inputs, settings, done))
        keep(done)
    progress("trials", len(done), max(trials, len(done)))
    return tuple(done)


def _try(inputs: Inputs, settings: TrainingSettings, done: Sequence[Trial]) -> Trial:
    number = len(done)
    study = _study(settings, done)
    if not done:
        study.enqueue_trial({name: getattr(settings.trees, name) for name in SPACE})
    asked = study.ask(dict(SPACE))
    trial = Trial(number, {name: float(asked.params[name]) for name in SPACE})
    seen: dict[str, float] = {}

    def observe(trees: int, loss: float) -> None:
        if trees % LOOK_EVERY == 0:
            seen[str(trees)] = loss
            asked.report(loss, trees)
            if number >= NEVER_PRUNED and asked.should_prune():
                raise _GivenUp

    trees = replace(
        tuned(settings.trees, trial),
        learning_rate=settings.trees.learning_rate * FASTER,
        patience=max(1, round(settings.trees.patience / FASTER)),
    )
    try:
        scored = score_out_of_fold(inputs, replace(settings, trees=trees), _say_nothing, observe)
        method = choose_calibration(inputs.outcome, scored.raw_score, scored.fold).calibration.method
    except (_GivenUp, NothingLearned):
        return replace(trial, loss_after=seen)
    metrics = metrics_over_folds(inputs, scored.fold, scored.raw_score, method)
    return replace(
        trial,
        loss_after=seen,
        cost=metrics["cost_per_client"]["mean"],
        cost_of_folds=tuple(metrics["cost_per_client"]["per_fold"]),
        log_loss=metrics["log_loss"]["mean"],
        auc=metrics["auc"]["mean"],
        trees=scored.trees,
    )


def _study(settings: TrainingSettings, done: Sequence[Trial]) -> optuna.Study:
    """A study that knows all trials so far and proposes with a seed of its own."""
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=settings.seed + len(done), n_startup_trials=FIRST_AT_RANDOM),
        pruner=optuna.pruners.PercentilePruner(
            KEPT, n_startup_trials=NEVER_PRUNED, n_warmup_steps=NEVER_BEFORE
        ),
    )
    for trial in done:
        study.add_trial(
            optuna.trial.create_trial(
                params={name: _typed(name, value) for name, value in trial.parameters.items()},
                distributions=dict(SPACE),
                intermediate_values=_lowest_at_looks(trial, settings.trees.max_trees),
                value=trial.cost,
                state=optuna.trial.TrialState.COMPLETE if trial.finished else optuna.trial.TrialState.PRUNED,
            )
        )
    return study


def _lowest_at_looks(trial: Trial, most_trees: int) -> dict[int, float]:
    """Number of trees to the lowest loss so far, at every look: a finished trial that stopped before one keeps its
    last, or only those that stop late, the best there, would judge the others."""
    seen = {int(trees): loss for trees, loss in trial.loss_after.items()}
    if trial.finished and seen:
        last = max(seen)
        seen |= dict.fromkeys(range(last + LOOK_EVERY, most_trees + 1, LOOK_EVERY), seen[last])
    return seen


def _typed(name: str, value: float) -> float | int:
    return int(value) if isinstance(SPACE[name], optuna.distributions.IntDistribution) else value


def _say_nothing(step: str, done: int, total: int) -> None:
    """A trial's own steps are too many to show."""
