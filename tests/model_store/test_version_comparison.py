"""Comparison: differences are those of the same clients where there are any, and errors those of the difference."""

from dataclasses import replace

import numpy as np
import pytest
from noise import with_noise
from upath import UPath

import risk
from model_store import Comparison, ScoringModel, VersionRecord, compare, read_record, save


def record(store: UPath, model: ScoringModel) -> VersionRecord:
    """The model as a version of the store."""
    return read_record(store, save(store, model))


def compared(store: UPath, first: ScoringModel, second: ScoringModel) -> Comparison:
    """The two models as versions, compared."""
    return compare(record(store, first), record(store, second))


def test_a_version_does_not_differ_from_itself(store: UPath, model: ScoringModel) -> None:
    """No difference, no error, full agreement, no feature on one side only."""
    found = compared(store, model, model)
    assert all(figure.difference == 0 and not figure.worse for figure in found.figures)
    assert found.agreement == pytest.approx(1.0)
    assert (found.inputs.only_first, found.inputs.only_second, found.features.changed) == ((), (), {})


def test_paired_figures_are_those_of_the_folds(
    store: UPath, model: ScoringModel, worse_model: ScoringModel
) -> None:
    """Difference and error of AUC and cost are mean and standard error of the five differences, fold by fold."""
    found = compared(store, model, worse_model)
    gaps = {"auc": [], "cost_per_client": []}
    for fold, first in model.out_of_fold.groupby("fold"):
        second = worse_model.out_of_fold[worse_model.out_of_fold["fold"] == fold]
        sides = [(part["target"].to_numpy(float), part["default_probability"]) for part in (first, second)]
        areas = [risk.auc(*side) for side in sides]
        costs = [risk.business_cost(*side, model.cut_off, 10.0, 1.0) for side in sides]
        gaps["auc"].append(areas[1] - areas[0])
        gaps["cost_per_client"].append(costs[1] - costs[0])
    for name, gap in gaps.items():
        figure = found.figure(name)
        assert figure is not None
        assert figure.paired
        assert figure.worse
        assert figure.difference == pytest.approx(np.mean(gap))
        assert figure.standard_error == pytest.approx(np.std(gap, ddof=1) / np.sqrt(5))
    stated = found.figure("ks")
    assert stated is not None
    assert not stated.paired
    assert stated.standard_error == pytest.approx(0.03 * np.sqrt(2))


def test_common_clients_are_those_with_the_same_outcome(store: UPath, model: ScoringModel) -> None:
    """Clients of one version only, or whose outcome was corrected meanwhile, are not compared."""
    corrected = model.out_of_fold.copy()
    corrected.iloc[:10, 0] = 1 - corrected.iloc[:10, 0]
    found = compared(store, model, replace(model, out_of_fold=corrected.iloc[:300]))
    assert found.common_clients == 290
    assert found.figure("auc").paired  # type: ignore[union-attr]  # None fails too


def test_few_common_clients_do_not_speak_for_all(store: UPath, model: ScoringModel) -> None:
    """Below half of either version's clients, what each version states is compared."""
    found = compared(store, model, replace(model, out_of_fold=model.out_of_fold.iloc[:190]))
    figure = found.figure("auc")
    assert figure is not None
    assert (figure.paired, figure.first, figure.second) == (False, 0.75, 0.75)
    assert figure.standard_error == pytest.approx(0.01 * np.sqrt(2))


def test_other_costs_get_the_cut_off_that_is_cheapest_under_the_first(
    store: UPath, model: ScoringModel
) -> None:
    """A version tuned to 1:1 is not judged at its 1:1 cut-off under 10:1, and not by costs in other units."""
    cheap = replace(model, fn_cost=1.0, fp_cost=1.0, cut_off=0.9)
    figure = compared(store, model, cheap).figure("cost_per_client")
    scores = model.out_of_fold
    best = risk.cheapest_cut_off(scores["target"], scores["default_probability"], 10.0, 1.0)
    assert figure is not None
    assert figure.second == pytest.approx(best.cost_per_client, abs=1e-3)
    strangers = replace(cheap, out_of_fold=scores.set_axis(scores.index + 1000))
    assert compared(store, model, strangers).figure("cost_per_client") is None


def test_decisions_agree_where_both_say_the_same(store: UPath, model: ScoringModel) -> None:
    """The table's shares are those of the clients; agreement is its diagonal."""
    stricter = replace(model, cut_off=0.2, review_from=0.1)
    found = compared(store, model, stricter)
    probability = model.out_of_fold["default_probability"]
    assert found.decisions.at["accept", "accept"] == pytest.approx((probability < 0.0909).mean())
    assert found.decisions.to_numpy().sum() == pytest.approx(1.0)
    assert list(found.decisions.index) == ["accept", "review", "decline"]
    agree = (probability < 0.0909) | (probability >= 0.2)
    assert found.agreement == pytest.approx(agree.mean())
    alone = replace(model, out_of_fold=model.out_of_fold.iloc[:0])
    assert np.isnan(compared(store, model, alone).agreement)


def test_features_of_one_version_only_are_named(store: UPath, model: ScoringModel) -> None:
    """Inputs left out, features gone and features redefined are told apart, the latter with what changed."""
    first, second, *_ = model.feature_names
    definitions = {name: found for name, found in model.definitions.items() if name != first}
    declarations = {**model.declarations, second: {**model.declarations[second], "unit": "count"}}
    other = replace(
        model,
        feature_names=model.feature_names[1:],
        definitions={**definitions, second: "00000000"},
        declarations=declarations,
    )
    found = compared(store, model, other)
    assert (found.inputs.only_first, found.inputs.only_second) == ((first,), ())
    unit = model.declarations[second]["unit"]
    assert found.features.told("v001", "v002") == (
        f"only in v001: {first}; declared differently: {second} (unit {unit} → count)"
    )


@pytest.mark.parametrize("noise", [0.0, 0.3, 0.6, 0.9])
def test_more_noise_is_never_better(store: UPath, model: ScoringModel, noise: float) -> None:
    """The sign is right: with noise the AUC falls, and worse is worse from one side only."""
    noisy = with_noise(model, noise)
    there, back = compared(store, model, noisy), compared(store, noisy, model)
    gap = there.figure("auc")
    way_back = back.figure("auc")
    assert gap is not None
    assert way_back is not None
    assert gap.difference <= 0
    assert way_back.difference == pytest.approx(-gap.difference)
    assert not (gap.worse and way_back.worse)


def in_money(model: ScoringModel, index_from: int = 0, margin: float = 0.1) -> ScoringModel:
    """The model as if each client had amounts of its own, the defaults with large credits."""
    amounts = np.where(np.arange(400) % 7 == 0, 900_000.0, 100_000.0)
    scores = model.out_of_fold.assign(fn_cost=amounts * 0.45, fp_cost=amounts * margin)
    settings = {"money": {"loss_given_default": 0.45, "margin": margin}}
    means = {
        "fn_cost": float(scores["fn_cost"].mean()) + index_from,
        "fp_cost": float(scores["fp_cost"].mean()),
    }
    scores = scores.set_axis(scores.index + index_from)
    return replace(model, out_of_fold=scores, metadata={**model.metadata, "settings": settings}, **means)


def test_costs_in_money_are_those_of_each_client(store: UPath, model: ScoringModel) -> None:
    """A version that lets the large credits default is dearer than one that lets as many small ones default."""
    large = (np.arange(400) % 7 == 0) & (model.out_of_fold["target"] == 1)
    wrong = model.out_of_fold["default_probability"].mask(large, 0.01)
    champion = in_money(model)
    blind = replace(champion, out_of_fold=champion.out_of_fold.assign(default_probability=wrong))
    figure = compared(store, champion, blind).figure("cost_per_client")
    assert figure is not None
    assert figure.worse
    assert figure.difference == pytest.approx(
        large.sum() * 900_000 * 0.45 / 400, rel=0.01
    )  # folds are not equal


def test_counts_stay_counts_beside_a_version_in_money(store: UPath, model: ScoringModel) -> None:
    """The costs are the first version's, also where the second states amounts of its own: the same scores are
    neither dearer nor cheaper."""
    figure = compared(store, model, in_money(model)).figure("cost_per_client")
    itself = compared(store, model, replace(model, fn_cost=1.0)).figure("cost_per_client")
    assert figure is not None
    assert itself is not None
    assert figure.first == pytest.approx(itself.first)
    assert figure.difference == pytest.approx(itself.difference)


def test_money_of_other_clients_is_money_all_the_same(store: UPath, model: ScoringModel) -> None:
    """With the same assumptions, costs that two versions state of different clients are compared though their mean
    amounts differ; with others they are not."""
    first = in_money(model)
    assert compared(store, first, in_money(model, 1000)).figure("cost_per_client") is not None
    assert compared(store, first, in_money(model, 1000, margin=0.2)).figure("cost_per_client") is None
    assert (
        compared(store, first, replace(model, out_of_fold=in_money(model, 1000).out_of_fold)).figure(
            "cost_per_client"
        )
        is None
    )


def test_what_both_state_of_the_same_folds_is_paired(store: UPath, model: ScoringModel) -> None:
    """KS of folds 0.3, 0.4, 0.5 against 0.4, 0.4, 0.7: 0.1 higher, give or take 0.0577; dealt otherwise, each
    version stands for itself."""
    values = ([0.3, 0.4, 0.5], [0.4, 0.4, 0.7])
    first, second = (
        replace(
            model,
            metadata={
                "metrics": {"ks": {"mean": np.mean(per_fold), "standard_error": 0.03, "per_fold": per_fold}}
            },
        )
        for per_fold in values
    )
    figure = compared(store, first, second).figure("ks")
    assert figure is not None
    assert (figure.basis, figure.difference) == ("folds", pytest.approx(0.1))
    assert figure.standard_error == pytest.approx(0.1 / np.sqrt(3))
    dealt = second.out_of_fold.assign(fold=(second.out_of_fold["fold"] + 1) % 5)
    alone = compared(store, first, replace(second, out_of_fold=dealt)).figure("ks")
    assert alone is not None
    assert (alone.basis, alone.standard_error) == ("stated", pytest.approx(0.03 * np.sqrt(2)))
