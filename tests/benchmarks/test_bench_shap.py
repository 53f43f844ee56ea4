"""The whole benchmark of contributions on few clients, and what it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from batch.console import Progress
from benchmarks import results
from benchmarks.shap import run_shap
from benchmarks.shap_tables import shap_figures, table_figures


def test_both_models_are_compared_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """600 simulated clients: both models agree with LightGBM, and the page holds a line for each."""
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    found = run_shap(600, 2_000, 300, tmp_path / "cache", Progress(), deep_trees=20)
    assert [run["model"] for run in found] == ["production", "20 trees, depth 8"]
    assert all(run["largest_difference"] < 1e-9 for run in found)
    assert all(run["ratio"] > 0 and run["beside"] == 300 and run["rows"] == 2_000 for run in found)
    assert found[1]["trees"] == 20
    results.write_result("shap", found, [shap_figures(found), table_figures(found)])
    page = (tmp_path / "results.md").read_text()
    assert "## Exact contributions" in page
    assert page.count("| 20 trees, depth 8 |") == 2
