"""The benchmark of LIME: both sides on the same clients, causes mapped and counted, what is missed is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.lime import Production, draw, explain_ours, explain_stock, name_causes
from benchmarks.lime_sides import Said, agreement
from benchmarks.lime_tables import (
    OURS,
    STOCK,
    Measured,
    Results,
    lime_figures,
    not_reached,
    summary,
    truth_figures,
)
from benchmarks.lime_truth import CAUSES, by_chance, causes_of, count_right, sums_by_cause
from features import CATALOGUE
from model_store import load, read_features


def test_both_sides_explain_the_same_clients(
    small_store: Path, portfolio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two simulated clients: every figure of both sides, and six ways to name a cause, stand in the tables."""
    monkeypatch.setattr("benchmarks.lime_truth.ROUNDS", 3)
    given = Production(load(str(small_store)), read_features(small_store))
    clients = draw(given.features, 2)
    own = explain_ours(given, clients, lambda done: None)
    stock, said = explain_stock(given, clients, lambda done: None)
    assert all(one.r2 > 0.9 and one.jaccard_seeds > 0.6 for one in own)
    assert all(one.r2 < 0.9 and one.seconds > 0 for one in stock)
    assert all(len(one.weights) == 10 for one in said)
    truth = pd.read_parquet(portfolio / "truth.parquet").set_index("SK_ID_CURR")
    named = name_causes(given, clients, said, truth)
    found = Results({"simulated": 1500}, {"simulated": [*own, *stock]}, named)
    kept = summary(found)["figures"]["simulated"]
    assert kept[OURS]["VSI, mean"] > 0.8
    assert kept[STOCK]["VSI, mean"] is None
    page = lime_figures(found).markdown() + truth_figures(found).markdown()
    assert "2 of 1,500 clients (simulated)" in page
    assert page.count("| this system |") == page.count("| stock LIME |") == page.count("| chance |") == 1


def test_every_model_input_speaks_of_causes() -> None:
    """The shares of each feature add up to 1; no group is without a cause."""
    for name in CATALOGUE.model_inputs:
        shares = causes_of(name)
        assert set(shares) <= set(CAUSES), name
        assert sum(shares.values()) == pytest.approx(1.0), name


def test_columns_decide_before_groups() -> None:
    """Each external score belongs to a cause of its own, and what is made of several to their causes equally."""
    assert causes_of("app_ext_source_1")["ability"] == 1.0
    assert causes_of("app_ext_source_3")["indebtedness"] == 1.0
    assert causes_of("app_ext_source_2_times_3")["behaviour"] == 0.5
    assert causes_of("inst_days_late_max_365d") == {"behaviour": 1.0}
    sums = sums_by_cause({"app_ext_source_1": 0.4, "app_ext_source_2_times_3": -0.2})
    assert sums.tolist() == pytest.approx([0.4, -0.1, -0.1, 0.0, 0.0])


def test_right_namings_are_counted() -> None:
    """Two of three are right, both where the first cause is clear; chance and the commonest by hand."""
    truth = np.array([[0.9, 0.1, 0, 0, 0], [0.0, 0.8, 0, 0, 0], [0.2, 0.1, 0, 0, 0]])
    named = np.array([[1.0, 0, 0, 0, 0], [0, 1.0, 0, 0, 0], [0, 0, 1.0, 0, 0]])
    found = count_right("somebody", named, truth)
    assert (found.right, found.clients, found.right_where_clear, found.clear) == (
        pytest.approx(2 / 3),
        3,
        1.0,
        2,
    )
    chance, commonest = by_chance(truth)
    assert chance.right == pytest.approx(5 / 9)
    assert chance.right_where_clear == pytest.approx(0.5)
    assert commonest.right == pytest.approx(2 / 3)
    assert "ability" in commonest.said_by


def test_where_no_cause_is_clear_there_is_no_share() -> None:
    """The first cause leads the second by too little of every client: no share of those where it is clear."""
    truth = np.array([[0.3, 0.2, 0, 0, 0], [0.0, 0.1, 0, 0, 0]])
    found = [count_right("somebody", truth, truth), *by_chance(truth)]
    assert [(one.right_where_clear, one.clear) for one in found] == [(None, 0)] * 3
    page = truth_figures(Results(truth=found)).markdown()
    assert page.count("| – | 0 |") == 3


def test_agreement_counts_features_left_out_as_zero() -> None:
    """Over all perturbed features, those that a side does not name weigh nothing."""
    exact = np.array([0.5, -0.4, 0.3, 0.0])
    assert agreement(Said({0: 1.0, 1: -0.8, 2: 0.1}, 0.9, 0.1), exact, [0, 1, 2, 3]) == (
        pytest.approx(1.0),
        1.0,
    )
    correlation, _ = agreement(Said({2: 1.0}, 0.9, 0.1), exact, [0, 1, 2, 3])
    assert correlation < 0.5


def measured(side: str, r2: float, seconds: float) -> Measured:
    """A client's figures, good but for these."""
    return Measured(side, r2, seconds, 0.1, 0.97, 0.9, 0.98, 1.0, 0.95, 0.97, 0.9, True)


def test_what_is_missed_is_said() -> None:
    """A figure below what is asked, or a time above, is named with its value; the other side's do not count."""
    good = Results({"real": 9}, {"real": [measured(OURS, 0.97, 0.05), measured(STOCK, 0.2, 2.0)]})
    assert not_reached(good) == []
    assert "All that is asked is reached." in lime_figures(good).text
    bad = Results({"real": 9}, {"real": [measured(OURS, 0.90, 0.30)]})
    assert not_reached(bad) == [
        "R² of the local fit, median (real): 0.900",
        "one explanation, 95th percentile (real): 300 ms",
    ]
