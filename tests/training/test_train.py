"""Training: honest scores, one model per seed, and figures that are what they say."""

import json
from dataclasses import replace

import lightgbm
import numpy as np
import pandas as pd
import pytest
from portfolio import portfolio, tiny_catalogue
from upath import UPath

import risk
from explain.lime.reference import REFERENCE_SIZE
from model_store import load, open_store, read_note
from training import TrainedModel, TrainingSettings, TreeSettings, save_version, train_version
from training.folds import assign_folds, score_out_of_fold
from training.inputs import build_inputs

SMALL = TrainingSettings(threads=1, trees=TreeSettings(max_trees=60, patience=15), importance_clients=200)


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    """A model of 1,500 clients."""
    features, target = portfolio()
    return train_version(features, target, tiny_catalogue(), SMALL, "fingerprint-of-test")


def test_same_seed_same_model_whatever_the_threads(trained: TrainedModel) -> None:
    """Bit-identical trees, calibration, cut-off, probabilities and background with one thread and with two."""
    features, target = portfolio()
    again = train_version(features, target, tiny_catalogue(), replace(SMALL, threads=2)).model
    first = trained.model
    assert again.booster.dump_model()["tree_info"] == first.booster.dump_model()["tree_info"]
    assert (again.calibration, again.cut_off) == (first.calibration, first.cut_off)
    pd.testing.assert_frame_equal(again.out_of_fold, first.out_of_fold, check_exact=True)
    pd.testing.assert_frame_equal(again.background, first.background, check_exact=True)


def test_another_seed_is_another_model(trained: TrainedModel) -> None:
    """The seed is really used."""
    features, target = portfolio()
    other = train_version(features, target, tiny_catalogue(), replace(SMALL, seed=1)).model
    assert not np.array_equal(other.out_of_fold["fold"], trained.model.out_of_fold["fold"])


def test_a_model_learns_what_there_is(trained: TrainedModel) -> None:
    """The two features that drive default are the strongest, in the right direction; the AUC says so too."""
    importance = trained.model.metadata["importance"]
    assert isinstance(importance, list)
    strongest = {row["feature"]: row["riskier"] for row in importance[:2]}
    first, second = tiny_catalogue().names[:2]
    assert strongest == {first: "lower", second: "lower"}
    metrics = trained.model.metadata["metrics"]
    assert isinstance(metrics, dict)
    assert metrics["auc"]["mean"] > 0.66


def test_outcomes_of_chance_are_not_learned() -> None:
    """With shuffled outcomes the out-of-fold AUC is that of chance: nothing leaks into a client's score."""
    features, target = portfolio(2000)
    shuffled = target.sample(frac=1, random_state=4).set_axis(target.index)
    inputs = build_inputs(features, shuffled, tiny_catalogue(), SMALL)
    scored = score_out_of_fold(inputs, SMALL, lambda step, done, total: None)
    area = risk.auc_interval(inputs.target, scored.raw_score, level=0.999)
    assert area.low < 0.5 < area.high


def test_a_fold_stops_where_the_others_say(trained: TrainedModel) -> None:
    """Each fold's number of trees is the best of the other folds' mean loss, the final one of all."""
    features, target = portfolio()
    inputs = build_inputs(features, target, tiny_catalogue(), SMALL)
    scored = score_out_of_fold(inputs, SMALL, lambda step, done, total: None)
    for number, trees in enumerate(scored.trees_of_fold):
        others = [scored.loss[other] for other in range(SMALL.folds) if other != number]
        assert trees == int(np.argmin(np.mean(others, axis=0))) + 1
    assert scored.trees == trained.model.booster.num_trees()


def test_the_final_model_is_the_one_grown_alone(trained: TrainedModel) -> None:
    """Growing beside the folds and being cut gives the trees that LightGBM grows from all clients alone."""
    features, target = portfolio()
    inputs = build_inputs(features, target, tiny_catalogue(), SMALL)
    parameters = inputs.parameters(SMALL, 1)
    data = lightgbm.Dataset(
        inputs.matrix, label=inputs.target, feature_name=list(inputs.names), params=parameters
    )
    alone = lightgbm.train(parameters, data, trained.model.booster.num_trees())
    assert alone.dump_model()["tree_info"] == trained.model.booster.dump_model()["tree_info"]


def test_folds_have_the_same_default_rate() -> None:
    """Stratified: each fold's share of defaults is that of all, within one client."""
    _, target = portfolio()
    fold = assign_folds(target.to_numpy(), 5, 0)
    rates = target.groupby(fold).agg(["sum", "count"])
    assert rates["sum"].max() - rates["sum"].min() <= 1
    assert rates["count"].max() - rates["count"].min() <= 1


def test_cut_off_is_the_cheapest_on_out_of_fold_probabilities(trained: TrainedModel) -> None:
    """The stored cut-off and probabilities give the stored cost again, and no other cut-off is cheaper."""
    scores, model = trained.model.out_of_fold, trained.model
    found = risk.cheapest_cut_off(scores["target"], scores["default_probability"])
    assert found.cut_off == model.cut_off
    stated = model.metadata["cut_off"]
    assert isinstance(stated, dict)
    assert stated["chosen"]["cost_per_client"] == pytest.approx(found.cost_per_client)
    assert stated["accept_all"]["accepted_share"] == 1.0
    assert stated["decline_all"]["accepted_share"] == 0.0


def test_range_of_cut_offs_within_one_error(trained: TrainedModel) -> None:
    """Every cut-off that costs at most one standard error extra lies in the stated range, its ends included."""
    scores, stated = trained.model.out_of_fold, trained.model.metadata["cut_off"]
    metrics = trained.model.metadata["metrics"]
    assert isinstance(stated, dict)
    assert isinstance(metrics, dict)
    limit = stated["chosen"]["cost_per_client"] + metrics["cost_per_client"]["standard_error"]
    low, high = stated["within_one_error"]["from"], stated["within_one_error"]["to"]
    curve = risk.cost_curve(scores["target"], scores["default_probability"])
    near = curve.cut_offs[curve.cost_per_client <= limit]
    assert (near.min(), near.max()) == (low, high)
    assert low < trained.model.cut_off < high


def test_protected_features_are_no_inputs(trained: TrainedModel) -> None:
    """What the catalogue protects is neither an input nor in the background sample, and is named."""
    protected = [feature.name for feature in tiny_catalogue() if feature.protected]
    assert protected
    assert trained.model.metadata["protected_features"] == protected
    assert not set(protected) & set(trained.model.feature_names)
    assert not set(protected) & set(trained.model.background.columns)


def depth_of(node: dict[str, object]) -> int:
    """Splits on the longest way down."""
    if "left_child" not in node:
        return 0
    return 1 + max(depth_of(node["left_child"]), depth_of(node["right_child"]))


def test_categories_are_ordered_codes_and_trees_shallow() -> None:
    """Where every other category defaults more, splits between codes find it; trees keep to their depth."""
    features, _ = portfolio(2000)
    category = next(feature.name for feature in tiny_catalogue() if feature.categories)
    odd = features[category].fillna(0).to_numpy().astype(int) % 2
    target = (np.random.default_rng(0).random(2000) < 0.05 + 0.3 * odd).astype(np.int8)
    settings = replace(SMALL, trees=replace(SMALL.trees, max_depth=3))
    model = train_version(features, pd.Series(target, features.index), tiny_catalogue(), settings).model
    trees = model.booster.dump_model()["tree_info"]
    assert '"decision_type": "=="' not in json.dumps(trees)
    assert max(depth_of(tree["tree_structure"]) for tree in trees) == 3
    importance = model.metadata["importance"]
    assert isinstance(importance, list)
    assert (importance[0]["feature"], importance[0]["riskier"]) == (category, None)
    with pytest.raises(ValueError, match="max_depth is 9, expected 1 to 8"):
        TreeSettings(max_depth=9)


def test_background_represents_all_clients(trained: TrainedModel) -> None:
    """As many clients as LIME compares with, without identifiers, their scores spread as everyone's (quantiles
    within 0.01), though a slice of the 1,500 holds one client or two."""
    background = trained.model.background
    assert len(background) == REFERENCE_SIZE == 1024
    assert background.index.equals(pd.RangeIndex(1024))
    features, _ = portfolio()
    quantiles = np.linspace(0.1, 0.9, 9)
    gap = np.quantile(trained.model.probability(background), quantiles) - np.quantile(
        trained.model.probability(features), quantiles
    )
    assert np.abs(gap).max() < 0.01


def test_saved_version_is_the_trained_model(trained: TrainedModel, tmp_path: object) -> None:
    """Through the store and back: the same probabilities, the metadata as JSON, a note in both languages."""
    store: UPath = open_store(f"{tmp_path}/store")
    version = save_version(store, trained)
    found = load(store, version, tiny_catalogue())
    features, _ = portfolio(50, seed=9)
    assert np.array_equal(found.probability(features), trained.model.probability(features))
    assert found.metadata == json.loads(json.dumps(trained.model.metadata))
    for language in ("en", "fr"):
        assert version in read_note(store, version, language)


def test_progress_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    """Each step reports how far it is, to the one who asked: nothing is printed, in whatever thread."""
    features, target = portfolio(600)
    told: list[tuple[str, int, int]] = []
    train_version(
        features,
        target,
        tiny_catalogue(),
        SMALL,
        progress=lambda step, done, total: told.append((step, done, total)),
    )
    assert {step for step, _, _ in told} == {"folds", "importance"}
    assert all(1 <= done <= total for _, done, total in told)
    assert capfd.readouterr() == ("", "")


def test_unusable_clients_are_refused() -> None:
    """Each refusal names what does not fit."""
    features, target = portfolio(600)
    catalogue = tiny_catalogue()
    cases = [
        (features, target.iloc[::-1], "expected the same index"),
        (features.drop(columns=catalogue.names[0]), target, rf"the first \['{catalogue.names[0]}'\]"),
        (features, target * 0, "600 clients with 0 defaults cannot fill 5 folds"),
        (features, target.replace(1, 2), "target holds 2.0"),
    ]
    for frame, outcome, message in cases:
        with pytest.raises(ValueError, match=message):
            train_version(frame, outcome, catalogue, SMALL)
    twice = features.set_axis([1] * 600)
    with pytest.raises(ValueError, match="client 1 occurs more than once"):
        train_version(twice, target.set_axis([1] * 600), catalogue, SMALL)


def test_a_model_that_ranks_backwards_is_refused() -> None:
    """Where features say nothing, no version is made that would turn the order around."""
    features, target = portfolio(600, seed=3)
    noise = pd.DataFrame(
        np.random.default_rng(0).normal(size=features.shape).astype(np.float32),
        features.index,
        features.columns,
    )
    coded = [feature.name for feature in tiny_catalogue() if feature.categories]
    noise[coded] = features[coded].sample(frac=1, random_state=0).to_numpy()
    seeds_refused = 0
    for seed in range(12):
        try:
            model = train_version(noise, target, tiny_catalogue(), replace(SMALL, seed=seed)).model
        except ValueError as error:
            assert "features say nothing about default" in str(error)  # noqa: PT017 - either outcome is right
            seeds_refused += 1
        else:
            safe, risky = model.calibration.log_odds([-3.0, 3.0])
            assert safe < risky
    assert seeds_refused


def test_settings_are_checked() -> None:
    """Impossible settings are refused when they are made."""
    for wrong in ({"folds": 2}, {"threads": 0}, {"fn_cost": 0.0}, {"seed": -1}, {"review_from": 1.5}):
        with pytest.raises(ValueError, match="expected"):
            TrainingSettings(**wrong)
    with pytest.raises(ValueError, match="max_trees is 0"):
        TreeSettings(max_trees=0)


def test_declared_directions_are_kept(trained: TrainedModel) -> None:
    """With everything else equal, a feature declared riskier when higher never lowers the probability."""
    model = trained.model
    rows = model.matrix(model.background)
    for place, name in enumerate(model.feature_names):
        riskier = trained.catalogue[name].riskier
        if riskier is None:
            continue
        low, high = rows.copy(), rows.copy()
        low[:, place], high[:, place] = np.nanmin(rows[:, place]), np.nanmax(rows[:, place])
        change = model.raw_score_of_matrix(high) - model.raw_score_of_matrix(low)
        assert np.all(change >= -1e-12 if riskier == "higher" else change <= 1e-12), name
