"""Candidates: each learns what there is, out of fold; the rule picks the simplest that is good enough."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from portfolio import portfolio, tiny_catalogue

import risk
from training import TrainingSettings, TreeSettings, compare_candidates
from training.candidates import CANDIDATES, Candidate, score_candidate
from training.candidates.scorecard import fit_scorecard
from training.candidates.scoring import FITS, scores_of_folds
from training.choice import choose_production, difference_over_folds
from training.inputs import Inputs, build_inputs
from training.settings import IMBALANCES

SMALL = TrainingSettings(threads=1, trees=TreeSettings(learning_rate=0.1, max_trees=40, patience=10))


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    """2,000 clients whose risk falls with the first two features."""
    features, target = portfolio(2000)
    return build_inputs(features, target, tiny_catalogue(), SMALL)


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda candidate: candidate.name)
def test_every_candidate_learns_what_there_is(candidate: Candidate, inputs: Inputs) -> None:
    """Out of fold, every candidate but the dummy ranks well; the dummy says the default rate, within a point."""
    scored = score_candidate(candidate, inputs, SMALL)
    assert np.isfinite(scored.raw_score).all()
    if candidate.family == "dummy":
        rate = risk.LogOddsCalibration(1, 0).probability(scored.raw_score)
        assert np.abs(rate - inputs.target.mean()).max() < 0.01
        assert len(np.unique(rate)) <= SMALL.folds
    else:
        assert risk.auc(inputs.target, scored.raw_score) > 0.66
        assert scored.fit_seconds > 0


@pytest.mark.parametrize("family", ["scorecard", "forest"])
def test_a_folds_outcomes_do_not_reach_its_scores(family: Any, inputs: Inputs) -> None:
    """Turning the outcomes of fold 1 around leaves its own scores as they were (and moves the others')."""
    candidate = Candidate(family)
    before = score_candidate(candidate, inputs, SMALL)
    own = before.fold == 1
    turned = replace(inputs, target=np.where(own, 1 - inputs.target, inputs.target).astype(np.int8))
    after = scores_of_folds(FITS[family], turned, before.fold, SMALL)
    assert np.array_equal(after[own], before.raw_score[own])
    assert not np.array_equal(after[~own], before.raw_score[~own])


def test_a_scorecard_is_monotone_and_small(inputs: Inputs) -> None:
    """What says nothing is left out, every factor is above 0, and the score keeps to the declared directions."""
    card = fit_scorecard(inputs, np.arange(len(inputs.target)), SMALL)
    assert {0, 1} <= set(card.columns)
    assert len(card.columns) < len(inputs.names)
    assert (card.factors > 0).all()
    rows = inputs.matrix[:200].copy()
    for column in card.columns:
        if inputs.directions[column] == 0:
            continue
        low, high = rows.copy(), rows.copy()
        low[:, column], high[:, column] = -9, 9
        change = (card.raw_score(high) - card.raw_score(low)) * inputs.directions[column]
        assert (change >= 0).all()


def test_leaves_hold_the_same_share_of_resampled_clients(inputs: Inputs) -> None:
    """Of 4,210 clients with 486 defaults 972 are left: leaves of 176 become leaves of 41; otherwise they stay."""
    target = np.repeat([1, 0], [486, 4210 - 486]).astype(np.int8)
    trees = replace(SMALL.trees, min_child_samples=176)
    leaves = {
        imbalance: replace(inputs, target=target).parameters(
            replace(SMALL, trees=trees, imbalance=imbalance), threads=1
        )["min_child_samples"]
        for imbalance in IMBALANCES
    }
    assert leaves == {"untreated": 176, "weighted": 176, "resampled": 41}


def row(
    name: str, family: str, constraints: bool, imbalance: str, cost: float, error: float = 0.01
) -> dict[str, Any]:
    """A candidate's line in a comparison."""
    return {
        "name": name,
        "family": family,
        "constraints": constraints,
        "imbalance": imbalance,
        "metrics": {"cost_per_client": {"mean": cost, "standard_error": 0.01}},
    }


def test_the_rule_by_example() -> None:
    """One standard error of the cheapest LightGBM variant is the limit; within it constraints and untreated win.

    scorecard      0.480   never chosen, however cheap
    plain          0.500 ± 0.010   the cheapest variant: limit 0.510
    plain weighted 0.505
    constrained weighted 0.509     constraints go before untreated
    constrained    0.511   just too dear
    """
    rows = [
        row("scorecard", "scorecard", True, "untreated", 0.480),
        row("plain", "lightgbm", False, "untreated", 0.500),
        row("plain weighted", "lightgbm", False, "weighted", 0.505),
        row("constrained weighted", "lightgbm", True, "weighted", 0.509),
        row("constrained", "lightgbm", True, "untreated", 0.511),
    ]
    found = choose_production(rows)
    assert (found.chosen, found.cheapest) == ("constrained weighted", "plain")
    assert found.limit == pytest.approx(0.51)
    assert found.within == ("constrained weighted", "plain", "plain weighted")
    rows[-1]["metrics"]["cost_per_client"]["mean"] = 0.5099
    assert choose_production(rows).chosen == "constrained"
    with pytest.raises(ValueError, match="no LightGBM variant was compared"):
        choose_production(rows[:1])


def test_differences_are_paired() -> None:
    """Folds of 1, 2, 3 against 2, 3, 5: a third more than 1 on average, with the error of the difference."""
    found = difference_over_folds(
        {"auc": {"per_fold": [1.0, 2.0, 3.0]}}, {"auc": {"per_fold": [2.0, 3.0, 5.0]}}, "auc"
    )
    assert found["mean"] == pytest.approx(4 / 3)
    assert found["standard_error"] == pytest.approx(1 / 3)


def test_comparison_holds_every_candidate_and_the_price_of_characteristics() -> None:
    """One document: all candidates on the same folds, the choice by the rule, gender's price."""
    features, target = portfolio(1200)
    told: list[tuple[str, int, int]] = []
    found = compare_candidates(
        features, target, tiny_catalogue(), SMALL, lambda *step: told.append(step), "print", most_clients=1000
    )
    assert (found["clients"], found["drawn_from"]) == (1000, 1200)
    names = [candidate["name"] for candidate in found["candidates"]]
    assert names == [candidate.name for candidate in CANDIDATES]
    cost = {row["name"]: row["metrics"]["cost_per_client"]["mean"] for row in found["candidates"]}
    assert max(cost, key=lambda name: cost[name]) == "dummy"
    assert found["choice"]["chosen"] == choose_production(found["candidates"]).chosen
    assert found["differences"][found["choice"]["chosen"]]["auc"]["mean"] == 0.0
    worth = {row["inputs"]: row for row in found["characteristics"]}
    assert worth["base"]["difference"]["auc"]["mean"] == 0.0
    assert worth["with gender"]["features"] == worth["base"]["features"] + 1
    assert "gender" in worth["base"]["gaps"]
    assert told[-1] == ("compare", told[-1][2], told[-1][2])
