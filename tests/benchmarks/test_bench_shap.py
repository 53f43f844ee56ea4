"""The whole benchmark of contributions on few clients, and what it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from batch.console import Progress
from benchmarks import results
from benchmarks.shap import from_store, prepare, run_shap
from benchmarks.shap_tables import shap_figures, table_figures
from model_store import load


def test_both_models_are_compared_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """600 simulated clients: both models agree with LightGBM, and the page holds a line for each."""
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    found = run_shap(prepare(600, tmp_path / "cache", 20, Progress()), 2_000, 300, Progress())
    assert [run["model"] for run in found] == ["production", "20 trees, depth 8"]
    assert all(run["largest_difference"] < 1e-9 for run in found)
    assert all(run["ratio"] > 0 and run["beside"] == 300 and run["rows"] == 2_000 for run in found)
    assert found[1]["trees"] == 20
    results.write_result("shap", found, [shap_figures(found), table_figures(found)])
    page = (tmp_path / "results.md").read_text()
    assert "## Exact contributions" in page
    assert page.count("| 20 trees, depth 8 |") == 2


def test_a_stores_champion_is_measured_on_its_nights_clients(small_store: Path) -> None:
    """The production model is the champion itself, the rows are those of the night, missing values included."""
    models, features = prepared = from_store(small_store, 400, 5, Progress())
    assert models["production"].num_trees() == load(small_store).booster.num_trees()
    assert len(features) == 1_500
    assert features.isna().to_numpy().any()
    found = run_shap(prepared, 500, 200, Progress())
    assert all(run["largest_difference"] < 1e-9 for run in found)
