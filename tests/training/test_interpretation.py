"""What the note tells of a model beside its quality: importance, dependence, fairness, drift, costs in money."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from portfolio import portfolio, tiny_catalogue

import risk
from features import CATALOGUE
from training import TrainedModel, TrainingSettings, TreeSettings, train_version
from training.fairness import fairness_figures, groups_of
from training.folds import score_out_of_fold
from training.importance import HeldOut, global_importance
from training.inputs import build_inputs

SMALL = TrainingSettings(threads=1, trees=TreeSettings(max_trees=60, patience=15), importance_clients=300)


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    """A model of 1,500 clients, with 400 others whose first feature lies two deviations higher."""
    features, target = portfolio()
    others, _ = portfolio(400, seed=8)
    others[tiny_catalogue().names[0]] += 2
    return train_version(features, target, tiny_catalogue(), SMALL, unlabelled=others)


def measured(trained: TrainedModel) -> dict[str, Any]:
    return dict(trained.model.metadata)


def test_importance_agrees_with_shuffling_and_has_errors(trained: TrainedModel) -> None:
    """The two features that drive default are first by contribution and by shuffling; the others add no loss."""
    rows = measured(trained)["importance"]
    first_two = set(tiny_catalogue().names[:2])
    assert {row["feature"] for row in rows[:2]} == first_two
    assert all(row["shuffled_loss"] > row["shuffled_error"] > 0 for row in rows[:2])
    assert max(row["shuffled_loss"] for row in rows[2:]) < min(row["shuffled_loss"] for row in rows[:2]) / 3
    assert all(row["error"] > 0 for row in rows[:2])
    assert sum(row["gain_share"] for row in rows) == pytest.approx(1)
    assert all(0 < row["gain_error"] < 0.5 for row in rows if row["gain_share"] > 0.05)


def test_a_family_counts_what_its_features_add_up_to(trained: TrainedModel) -> None:
    """Every input lies in one family, and none is stronger than its features' strengths together."""
    found, catalogue = measured(trained), tiny_catalogue()
    strength = {row["feature"]: row["mean_abs_shap"] for row in found["importance"]}
    assert sum(row["features"] for row in found["families"]) == len(trained.model.feature_names)
    for row in found["families"]:
        members = [name for name in strength if catalogue[name].group == row["group"]]
        assert 0 <= row["mean_abs_shap"] <= sum(strength[name] for name in members) + 1e-12


def test_dependence_follows_the_truth(trained: TrainedModel) -> None:
    """Risk falls along the two features that drive it, within the declared direction, from end to end."""
    curves = measured(trained)["dependence"]
    assert len(curves) == 10
    for curve in curves[:2]:
        assert np.all(np.diff(curve["values"]) > 0)
        assert np.all(np.diff(curve["probability"]) <= 1e-12)
        assert curve["probability"][0] > 1.5 * curve["probability"][-1]
        assert all(low <= high for low, high in zip(curve["low"], curve["high"], strict=True))
        assert 0 < curve["missing"] < 1


def test_drift_names_the_feature_that_moved(trained: TrainedModel) -> None:
    """The shifted feature is first and a shift; the untouched ones are not."""
    drift = measured(trained)["drift"]
    assert drift["features"][0]["feature"] == tiny_catalogue().names[0]
    assert drift["features"][0]["psi"] > 0.25 > drift["features"][1]["psi"]
    assert (drift["clients"], drift["shifted"]) == (400, 1)
    assert drift["score"] > 0.1


def test_without_other_clients_no_drift_is_claimed() -> None:
    """Nobody to compare with: nothing measured."""
    features, target = portfolio(600)
    assert train_version(features, target, tiny_catalogue(), SMALL).model.metadata["drift"] is None


def test_groups_are_people() -> None:
    """Example: ages at both ends of bands, categories by name, what is not known under its own name."""
    names = ("app_age", "app_gender", "app_region_rating")
    frame = pd.DataFrame(
        [[29.9, 0, 1], [30.0, np.nan, 2], [59.9, 1, 3], [60.0, 1, np.nan], [np.nan, 0, 2]],
        columns=list(names),
    )
    found = groups_of(frame, CATALOGUE)
    assert found["age"].tolist() == ["< 30", "30-39", "50-59", "≥ 60", "unknown"]
    first, second = CATALOGUE["app_gender"].categories[:2]
    assert found["gender"].tolist() == [first, "unknown", second, second, first]
    assert found["region"].tolist() == ["1", "2", "3", "unknown", "2"]
    assert "family_status" not in found


def test_gaps_leave_out_groups_of_few() -> None:
    """Three clients do not make the widest gap."""
    groups = np.array(["a"] * 50 + ["b"] * 50 + ["c"] * 3, dtype=object)
    probability = np.array([0.05] * 40 + [0.2] * 10 + [0.05] * 45 + [0.2] * 5 + [0.2] * 3)
    target = np.tile([0.0, 1.0], 52)[:103]
    found: Any = fairness_figures({"letter": groups}, target, probability, 0.1)
    gap = found["letter"]["gaps"]["accepted"]
    assert gap["value"] == pytest.approx(0.1)
    assert 0.0 == gap["low"] < 0.1 < gap["high"] < 0.3
    assert [row["clients"] for row in found["letter"]["groups"]] == [50, 50, 3]


def test_groups_stand_in_the_order_people_expect() -> None:
    """Age bands from young to old, the unknown last."""
    groups = np.array(["≥ 60", "unknown", "30-39", "< 30"] * 10, dtype=object)
    target = np.arange(40) % 3 == 0
    found: Any = fairness_figures({"age": groups}, target.astype(float), np.full(40, 0.2), 0.1)
    assert [row["group"] for row in found["age"]["groups"]] == ["< 30", "30-39", "≥ 60", "unknown"]


def test_costs_in_money_are_the_clients_own() -> None:
    """In money, inputs carry each client's loss and margin, and the version their means."""
    features, target = portfolio(800)
    rng = np.random.default_rng(1)
    features["app_credit"] = rng.uniform(1e5, 1e6, len(features)).astype(np.float32)
    features["app_annuity"] = (features["app_credit"] / rng.integers(10, 40, len(features))).astype(
        np.float32
    )
    money = risk.MoneyAssumptions(0.5, 0.08)
    settings = replace(SMALL, money=money)
    inputs = build_inputs(features, target, tiny_catalogue(), settings)
    assert inputs.fn_cost == pytest.approx(0.5 * features["app_credit"].to_numpy(dtype=float))
    model = train_version(features, target, tiny_catalogue(), settings).model
    assert model.fn_cost == pytest.approx(inputs.fn_cost[inputs.target == 1].mean())
    assert model.out_of_fold["fn_cost"].tolist() == inputs.fn_cost.tolist()
    assert model.out_of_fold["fp_cost"].tolist() == inputs.fp_cost.tolist()
    stated: Any = model.metadata["cut_off"]
    best = risk.cheapest_cut_off(
        inputs.outcome,
        model.out_of_fold["default_probability"].to_numpy(),
        inputs.fn_cost,
        inputs.fp_cost,
    )
    assert stated["chosen"]["cost_per_client"] == pytest.approx(best.cost_per_client)


def test_money_needs_amounts() -> None:
    """Costs in money without the credit are refused, not guessed."""
    features, target = portfolio(600)
    bare = features.drop(columns=[name for name in ("app_credit", "app_annuity") if name in features])
    with pytest.raises(ValueError, match="costs in money need the feature app_"):
        build_inputs(bare, target, tiny_catalogue(), replace(SMALL, money=risk.MoneyAssumptions()), names=[])


def test_characteristics_can_be_left_out() -> None:
    """Without age no input that knows of it is left, and the version says so; an unknown one is refused."""
    settings = replace(SMALL, without=("age",))
    features, target = portfolio(600)
    catalogue = tiny_catalogue()
    model = train_version(features, target, catalogue, settings).model
    assert model.metadata["left_out"] == ["gender", "age"]
    assert not any("DAYS_BIRTH" in catalogue[name].columns for name in model.feature_names)
    with pytest.raises(ValueError, match="without 'religion': expected some of gender, age, family_status"):
        TrainingSettings(without=("religion",))


@pytest.mark.parametrize("imbalance", ["weighted", "resampled"])
def test_treated_imbalance_still_gives_probabilities(imbalance: Any) -> None:
    """Weighted or resampled, raw scores are shifted by the odds of the classes, and calibration takes it back."""
    features, target = portfolio()
    settings = replace(SMALL, imbalance=imbalance)
    model = train_version(features, target, tiny_catalogue(), settings).model
    published = model.out_of_fold["default_probability"]
    assert published.mean() == pytest.approx(target.mean(), abs=0.01)
    raw = model.raw_score(features)
    assert (1 / (1 + np.exp(-raw))).mean() > 2 * target.mean()


def test_shuffling_is_judged_on_calibrated_probabilities() -> None:
    """Where calibration gives everyone the same probability, shuffling costs nothing; where it keeps the scores, it
    costs: raw scores of weighted classes are no log-odds, and blurring them would look like a gain."""
    features, target = portfolio(800)
    inputs = build_inputs(features, target, tiny_catalogue(), SMALL)
    scored = score_out_of_fold(inputs, SMALL, lambda *step: None, with_final=True)
    assert scored.final is not None
    strongest = {}
    for slope in (0.0, 1.0):
        held_out = HeldOut(inputs, scored, SMALL, risk.LogOddsCalibration(slope, -2.0 * (1 - slope)))
        strongest[slope] = [
            row["shuffled_loss"] for row in global_importance(scored.final, held_out, lambda *step: None)[:2]
        ]
    assert strongest[0.0] == [0.0, 0.0]
    assert min(strongest[1.0]) > 0


def test_the_example_is_explained_twice_and_adds_up(trained: TrainedModel) -> None:
    """Contributions and expected value add up to the raw score, that to the probability, nearest to the cut-off of
    all shown clients; LIME's weights of the strongest agree in sign, and its fit is stated."""
    model, example = trained.model, measured(trained)["example"]
    rows = example["contributions"]
    total = example["expected_value"] + sum(row["contribution"] for row in rows)
    assert total == pytest.approx(example["raw_score"])
    assert model.calibration.probability([total])[0] == pytest.approx(example["probability"])
    assert abs(example["probability"] - model.cut_off) < 0.01
    assert all(row["contribution"] * row["lime"] > 0 for row in rows[:3])
    assert 0.8 < example["lime"]["r2"] <= 1
    assert example["lime"]["reference"] == len(model.background)
