"""`pret simulate`: what it writes, reports and refuses."""

from pathlib import Path

import pandas as pd
from command_line import Pret


def test_the_report_of_a_new_folder(pret: Pret, tmp_path: Path) -> None:
    """With --report a folder that does not exist is simulated first; every family of figures has its line."""
    answer = pret(
        "simulate", tmp_path / "p", "--clients", 200, "--report", "--report-file", tmp_path / "r.csv"
    )
    assert answer.code == 0
    assert "200 clients beside the published figures" in answer.out
    for family in ("missing", "categories", "quantiles", "default rates", "rank correlations", "links"):
        assert family in answer.out
    assert len((tmp_path / "r.csv").read_text(encoding="utf-8").splitlines()) > 4_000


def test_the_report_of_a_folder_that_exists(pret: Pret, portfolio: Path, tmp_path: Path) -> None:
    """A folder that holds tables is compared and left as it is."""
    before = {path: path.stat().st_mtime_ns for path in portfolio.iterdir()}
    answer = pret("simulate", portfolio, "--report-file", tmp_path / "r.md")
    assert answer.code == 0
    assert "1,500 clients beside" in answer.out
    assert {path: path.stat().st_mtime_ns for path in portfolio.iterdir()} == before
    assert "| missing | 326 |" in (tmp_path / "r.md").read_text(encoding="utf-8")


def test_a_report_file_needs_a_known_ending(pret: Pret, tmp_path: Path) -> None:
    """Nothing is simulated for a report that could not be written."""
    answer = pret("simulate", tmp_path / "p", "--report-file", "r.pdf")
    assert answer.code == 2
    assert "ends in .md or .csv" in answer.err
    assert not (tmp_path / "p").exists()


def test_drift_and_nights_from_the_terminal(pret: Pret, tmp_path: Path) -> None:
    """Every drift named is at work on who arrives; the folders of the nights are told."""
    answer = pret(
        "simulate", tmp_path / "p", "--clients", 400, "--nights", 2, "--drift", "broken-feed:1", "--drift",
        "recession:0.5",
    )  # fmt: skip
    assert answer.code == 0
    assert "as_of=2026-01-02" in answer.out
    last = pd.read_csv(tmp_path / "p" / "as_of=2026-01-02" / "application_test.csv").set_index("SK_ID_CURR")
    assert last.loc[[100_401, 100_402], "EXT_SOURCE_2"].isna().all()


def test_faults_from_the_terminal(pret: Pret, tmp_path: Path) -> None:
    """What was planted is counted and listed; a format without faults is refused before anything is written."""
    answer = pret("simulate", tmp_path / "p", "--clients", 150, "--faults", "words", "--faults", "cut-line")
    assert answer.code == 0
    assert "2, listed in faults.csv" in answer.out
    assert (tmp_path / "p" / "fault=cut-line" / "application_test.csv").exists()
    refused = pret("simulate", tmp_path / "q", "--clients", 150, "--faults", "rows", "--format", "parquet")
    assert refused.code == 1
    assert "Faults are planted in CSV files only" in refused.err
    assert not (tmp_path / "q").exists()
