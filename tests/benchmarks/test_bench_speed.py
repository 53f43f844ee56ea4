"""The whole speed benchmark on few clients, and what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from batch.console import Progress
from benchmarks import results
from benchmarks.power_tables import power_figures
from benchmarks.speed import JobFailed, run_job, run_speed
from benchmarks.speed_tables import speed_figures
from features import CATALOGUE


@pytest.fixture
def results_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """results.json and results.md in a folder of the test."""
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    return tmp_path / "results.md"


def test_every_side_builds_the_same_and_is_measured(tmp_path: Path, results_here: Path) -> None:
    """300 simulated clients: seven jobs measured, three peers agree in every column, the page names the run."""
    found = run_speed(None, 300, 1, tmp_path / "cache", Progress())
    assert [run["job"] for run in found["measured"]] == [
        "ingest", "ours", "duckdb", "polars", "polars-in-memory", "duckdb-csv", "polars-csv",
    ]  # fmt: skip
    assert all(run["peak_bytes"][0] > 50e6 and run["seconds"][0] > 0 for run in found["measured"])
    assert [one["job"] for one in found["agreement"]] == ["duckdb", "polars", "polars-in-memory"]
    assert 0 < found["one_client_ms"]["median"] <= found["one_client_ms"]["p95"]
    results.write_result("speed", found, speed_figures(found))
    page = results_here.read_text()
    assert f"{len(CATALOGUE)} declared features of 300 clients (simulated, seed 7)" in page
    assert "| DuckDB |" in page


def test_a_result_leaves_the_other_section_as_it_was(results_here: Path) -> None:
    """Running the power benchmark anew replaces its section and keeps what another one found."""
    results.write_result("models", {}, [results.Figures("Earlier", "Kept.", ("model",), (("plain",),))])
    for found in ([_row(clients="all 8")], [_row()]):
        results.write_result("power", found, [power_figures(found)])
    kept = json.loads(results_here.with_suffix(".json").read_text())
    assert list(kept) == ["models", "power"]
    assert "| plain |" in results_here.read_text()
    assert "all 8" not in results_here.read_text()
    assert "| all 9 | quick | declared features (3) | baseline (5) | 0.8000 | 0.7000 | +0.1000 |" in (
        results_here.read_text()
    )


def _row(clients: str = "all 9") -> dict[str, object]:
    result = {"ours": 0.8, "theirs": 0.7, "difference": 0.1, "plain_error": 0.01, "corrected_error": 0.02}
    return {
        "clients": clients, "fit": "quick", "parameters": "quick: 10 rounds",
        "ours": "declared features", "theirs": "baseline",
        "columns": 3, "columns_of_theirs": 5, "result": result,
    }  # fmt: skip


def test_a_failed_job_says_why(tmp_path: Path) -> None:
    """A peer that cannot read its tables ends the run with its own last words."""
    with pytest.raises(JobFailed, match=r"duckdb: .*application\.parquet"):
        run_job("duckdb", tmp_path, tmp_path / "out.parquet", Progress())
