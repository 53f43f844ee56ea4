"""The production model beside the baseline: same clients and folds, and tables that hold every figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from batch.console import Progress
from benchmarks.models import METRICS, baseline_inputs, beside_baseline, folder_figures, real_figures
from features import CATALOGUE
from training import TrainingSettings, build_inputs


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """800 clients whose risk is an external score; the baseline knows nothing but noise."""
    rng = np.random.default_rng(0)
    features = pd.DataFrame(
        rng.normal(size=(800, len(CATALOGUE))).astype(np.float32), columns=list(CATALOGUE.names)
    )
    for feature in CATALOGUE:
        if feature.categories:
            features[feature.name] = np.float32(0)
    knows = 1.8 * features["app_ext_source_mean"].to_numpy()
    target = pd.Series((rng.random(800) < 1 / (1 + np.exp(knows + 1.5))).astype(np.int8), features.index)
    ours = build_inputs(features, target, CATALOGUE, TrainingSettings())
    knows_little = pd.DataFrame({"a": 0.3 * knows + rng.normal(size=800), "b": rng.normal(size=800)})
    baseline = baseline_inputs(ours, knows_little)
    assert baseline.names == ("column_0", "column_1")
    assert baseline.target is ours.target
    return beside_baseline("800 clients", ours, baseline, 2, Progress(Console(quiet=True)))


def test_every_metric_is_paired_over_all_folds(rows: list[dict[str, Any]]) -> None:
    """Two repeats of five folds: ten differences per metric; who knows the risk ranks better and costs less."""
    assert [row["metric"] for row in rows] == list(METRICS)
    assert {row["folds"] for row in rows} == {10}
    found = {row["metric"]: row["result"] for row in rows}
    assert found["auc"]["difference"] > 0.1
    assert found["cost_per_client"]["difference"] < 0
    assert found["gini"]["difference"] == pytest.approx(2 * found["auc"]["difference"])
    assert found["auc"]["corrected_error"] > found["auc"]["plain_error"]


def test_tables_hold_the_figures(rows: list[dict[str, Any]]) -> None:
    """Each row of the results is a row of the table, signs and numbers of columns included."""
    (table,) = real_figures({"beside": rows, "comparisons": []})
    assert len(table.rows) == len(rows)
    assert table.rows[0][1].endswith("/ 2")
    assert table.rows[0][5] == f"{rows[0]['result']['difference']:+.4f}"


def test_a_folders_tables_say_what_was_asked_and_where_chance_ends() -> None:
    """Every measure with its error; the calibration error beside what is asked; a tenth outside its interval."""
    metrics = {name: {"mean": 0.5, "standard_error": 0.01} for name in METRICS}
    comparison = {
        "data": "simulated", "clients": 900, "drawn_from": 1000, "folds": 5,
        "choice": {"chosen": "dummy", "cheapest": "dummy", "limit": 0.51},
        "candidates": [{"name": "dummy", "metrics": metrics, "fit_seconds": 1.25}],
        "characteristics": [{"inputs": "base", "metrics": metrics}, {"inputs": "without age", "metrics": metrics}],
    }  # fmt: skip
    curve = {"clients": [500.0, 500.0], "defaults": [10.0, 100.0], "mean_probability": [0.02, 0.1],
             "observed_rate": [0.02, 0.2], "low": [0.01, 0.17], "high": [0.04, 0.24]}  # fmt: skip
    held_out = {
        "trained_on": 2000, "held_out": 1000, "method": "log-odds", "calibration_error": 0.05, "by_chance": 0.004,
        "auc": {"value": 0.78, "low": 0.76, "high": 0.8}, "cost_per_client": 0.49, "curve": curve,
    }  # fmt: skip
    candidates, calibration = folder_figures({"comparison": comparison, "held_out": held_out})
    assert candidates.rows[0] == ("dummy", *["0.5000 ± 0.0100"] * 8, "1.2")
    assert candidates.rows[1][0] == "chosen, inputs: without age"
    assert "at most 0.005, not reached" in calibration.text
    assert [row[-1] for row in calibration.rows] == ["yes", "no"]
