"""The benchmark of two nights on few clients, and what it says."""

from pathlib import Path

import pytest

from batch.console import Progress
from benchmarks.second_night import both_formats, following_of, run_pairs, second_night_figures
from benchmarks.speed import prepare
from simulator import simulate


def test_two_nights_are_measured_side_by_side(small_store: Path, tmp_path: Path) -> None:
    """The second night computes few clients; the table has both nights' stages and the part of the first."""
    simulate(tmp_path / "tables", clients=600, seed=11, nights=2, file_format="parquet")
    found = run_pairs([tmp_path / "tables"], small_store, 1, Progress())
    figures = second_night_figures(found)
    assert figures.header == ("seconds", "Parquet, first", "Parquet, second")
    told = {row[0]: row[1:] for row in figures.rows}
    assert told["find changes"][0] == ""
    assert float(told["find changes"][1]) >= 0
    assert 0 < int(told["clients computed"][1]) < 0.25 * int(told["clients computed"][0])
    seconds = [float(told["**the whole night**"][night]) for night in (0, 1)]
    assert float(told["**of the first night**"][1]) == pytest.approx(seconds[1] / seconds[0], abs=0.05)


def test_a_folder_of_one_night_is_refused(tmp_path: Path) -> None:
    """It is said what makes a folder of two."""
    with pytest.raises(FileNotFoundError, match="--nights 2"):
        following_of(tmp_path)


def test_tables_are_simulated_once_for_both_benchmarks(tmp_path: Path) -> None:
    """Those whose features are built are the nights from CSV: whichever benchmark comes second finds them there."""
    first = prepare(None, 100, tmp_path, Progress()).data
    made = (first / "truth.parquet").stat().st_mtime_ns
    csv, parquet = both_formats(100, tmp_path, Progress())
    assert csv == first
    assert (first / "truth.parquet").stat().st_mtime_ns == made
    assert following_of(csv).name == following_of(parquet).name
