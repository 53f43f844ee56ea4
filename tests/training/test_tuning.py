"""The search: it goes on where it stopped as if it had not, keeps every trial, and picks by cost."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

import pytest
from portfolio import portfolio, tiny_catalogue

from training import TrainingSettings, TreeSettings, Trial, best_trial, build_inputs, trial_of, tune, tuned
from training.inputs import Inputs

SMALL = TrainingSettings(threads=1, trees=TreeSettings(learning_rate=0.05, max_trees=150, patience=60))


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    """1,000 clients."""
    features, target = portfolio(1000)
    return build_inputs(features, target, tiny_catalogue(), SMALL)


def say_nothing(step: str, done: int, total: int) -> None:
    """Progress nobody looks at."""


def test_an_interrupted_search_goes_on_as_if_it_had_not_been(inputs: Inputs) -> None:
    """Nine trials in one go are nine trials in two, through JSON, with an interrupt in the middle of the fifth."""
    whole = tune(inputs, SMALL, 9, (), lambda done: None, say_nothing)
    kept: list[str] = []

    def keep(done: Sequence[Trial]) -> None:
        kept[:] = [json.dumps(asdict(trial)) for trial in done]
        if len(done) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(inputs, SMALL, 9, (), keep, say_nothing)
    assert len(kept) == 4
    rest = tune(
        inputs, SMALL, 9, [trial_of(json.loads(text)) for text in kept], lambda done: None, say_nothing
    )
    assert rest == whole
    assert tune(inputs, SMALL, 5, whole, lambda done: None, say_nothing) == whole


def test_the_first_trial_tries_the_settings_as_they_are(inputs: Inputs) -> None:
    """What is searched can only win against the settings that are in use."""
    first, second = tune(inputs, SMALL, 2, (), lambda done: None, say_nothing)
    assert tuned(SMALL.trees, first) == SMALL.trees
    assert tuned(SMALL.trees, second) != SMALL.trees
    assert first.finished
    assert first.auc is not None
    assert first.auc > 0.65


def test_hopeless_trials_are_given_up(inputs: Inputs) -> None:
    """A trial that after 100 trees loses to all those before it has no cost and stopped early; one that loses to
    some of them only is finished."""
    good = tune(inputs, SMALL, 1, (), lambda done: None, say_nothing)[0]
    known = [
        replace(good, number=number, loss_after={"50": 0.01, "100": 0.01, "150": 0.01}) for number in range(6)
    ]
    *_, last = tune(inputs, SMALL, 7, known, lambda done: None, say_nothing)
    assert not last.finished
    assert list(last.loss_after) == ["50", "100"]
    some = [replace(one, loss_after={"50": 9.0, "100": 9.0, "150": 9.0}) for one in known[:4]]
    assert tune(inputs, SMALL, 7, [*some, *known[4:]], lambda done: None, say_nothing)[-1].finished


def test_a_trial_is_not_judged_by_the_late_ones_alone(inputs: Inputs) -> None:
    """Six trials were finished, two of them only later than 100 trees and better there: the next one, better than
    the four that stopped, is finished."""
    settings = replace(SMALL, trees=replace(SMALL.trees, patience=400))
    good = tune(inputs, settings, 1, (), lambda done: None, say_nothing)[0]
    stopped = {"50": 9.0, "100": 9.0}
    known = [
        replace(good, number=number, loss_after=stopped if number < 4 else {**stopped, "150": 0.01})
        for number in range(6)
    ]
    *_, last = tune(inputs, settings, 7, known, lambda done: None, say_nothing)
    assert list(last.loss_after) == ["50", "100", "150"]
    assert last.finished


def trial(number: int, costs: tuple[float, ...], log_loss: float) -> Trial:
    """A finished trial."""
    return Trial(number, {}, {}, sum(costs) / len(costs), costs, log_loss)


def test_the_cheapest_wins_and_ties_are_settled_by_log_loss() -> None:
    """Dearer by less than the error of the difference is a tie, which better probabilities win; a trial that is
    surely dearer is out however good its probabilities, one that was given up cannot win."""
    cheap = trial(0, (0.50, 0.52, 0.54), 0.30)
    tie = trial(1, (0.53, 0.50, 0.535), 0.25)
    dear = trial(2, (0.53, 0.55, 0.57), 0.20)
    assert best_trial([cheap, tie, dear, Trial(3, {})]) == tie
    assert best_trial([cheap, dear]) == cheap
    with pytest.raises(ValueError, match="none of 1 trials is finished"):
        best_trial([Trial(0, {})])


def test_found_settings_keep_their_types() -> None:
    """Whole numbers stay whole numbers on the way through JSON."""
    found = tuned(TreeSettings(), Trial(0, {"num_leaves": 20.0, "lambda_l2": 3.0}))
    assert (found.num_leaves, type(found.num_leaves)) == (20, int)
    assert found.lambda_l2 == 3.0
