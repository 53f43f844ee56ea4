"""The benchmark of ways and similar clients on the small store, and what it writes."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from batch.console import Progress
from benchmarks import results
from benchmarks.ways import run_ways
from benchmarks.ways_tables import time_figures, way_figures
from model_store import open_store


def test_a_night_is_asked_about_and_written(
    small_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve refused clients: their first ways add up, every question has its times, the page holds both tables."""
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    (asked,) = run_ways({"small": open_store(small_store)}, 12, Progress())
    assert (asked.clients, asked.asked) == (1500, 12)
    assert sum(asked.first_changes.values()) == asked.with_way <= 12
    assert sum(asked.levers.values()) <= asked.with_way
    assert set(asked.each) == {"read and score", "what-if", "similar", "ways"}
    assert all(0 < p50 <= p95 <= slowest for p50, p95, slowest in asked.each.values())
    found = json.loads(json.dumps([asdict(asked)]))  # as a later run reads it: keys are texts
    results.write_result("ways", found, [way_figures(found), time_figures(found)])
    page = (tmp_path / "results.md").read_text()
    assert "## Ways out, what-if, similar clients" in page
    assert page.count("| small |") == 2
    assert f"{asked.with_way / 12:.0%}" in page
