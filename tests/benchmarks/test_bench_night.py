"""The benchmark of the night on few clients, and what it says."""

from pathlib import Path

import pytest

from batch.console import Progress
from benchmarks.night import NightFailed, night_figures, run_night, run_nights


def test_a_night_is_measured_stage_by_stage(portfolio: Path, small_store: Path) -> None:
    """Every file is read, whatever the store has; the table holds each stage, the whole, and both peers."""
    found = run_nights(portfolio, small_store, 1, Progress())
    figures = night_figures(found)
    assert [row[0] for row in figures.rows] == [
        *("prepare", "read", "shard", "keep tables", "score", "check", "publish", "ending"),
        "**the whole night**",
        *("DuckDB, CSV: features only", "Polars, CSV: features only"),
    ]
    whole = figures.rows[8]
    assert float(whole[1]) >= sum(float(row[1]) for row in figures.rows[:7])
    assert all(whole[4:])
    assert figures.title.startswith("From CSV to published: 1,500 clients")


def test_a_night_that_fails_says_why(small_store: Path, tmp_path: Path) -> None:
    """The message is what the night said."""
    with pytest.raises(NightFailed, match="error"):
        run_night(tmp_path, small_store)
