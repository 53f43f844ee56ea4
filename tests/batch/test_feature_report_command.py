"""`pret features report` as a data scientist types it, on a simulated portfolio and on real rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from command_line import Pret

from batch.commands.features import _print_features
from features import CATALOGUE


def test_report_of_a_portfolio(pret: Pret, portfolio: Path, tmp_path: Path) -> None:
    """The strongest features are printed, and every model input with its figures is in the file asked for."""
    out = tmp_path / "features.csv"
    said = pret("features", "report", "--data", portfolio, "--store", tmp_path / "store", "--out", out)
    assert said.code == 0, said.err
    found = pd.read_csv(out, keep_default_na=False)
    assert sorted(found["feature"]) == sorted(CATALOGUE.model_inputs)
    assert f"of {len(found)} features" in said.out
    assert str(found["feature"][0]) in said.out
    assert "app_ext_source_mean" in found["feature"][:10].tolist()


def test_report_of_real_rows(pret: Pret, sample_folder: Path, tmp_path: Path) -> None:
    """On the real sample the external scores lead, and the report goes into a Parquet file as well."""
    out = tmp_path / "features.parquet"
    said = pret("features", "report", "--data", sample_folder, "--store", tmp_path / "store", "--out", out)
    assert said.code == 0, said.err
    found = pd.read_parquet(out)
    assert found["feature"][0].startswith("app_ext_source_mean")
    assert found["drift"].notna().all()
    assert set(found.loc[found["finding"] == "drifts", "drift"].ge(0.25)) <= {True}


def test_file_that_is_no_table_is_refused(pret: Pret, portfolio: Path, tmp_path: Path) -> None:
    """A report can be .csv or .parquet: anything else is refused before the work, with what was found."""
    said = pret("features", "report", "--data", portfolio, "--store", tmp_path, "--out", "features.xlsx")
    assert said.code == 2
    assert "features.xlsx" in said.err
    assert not (tmp_path / "ingests").exists()


def test_file_in_a_missing_folder_is_refused(pret: Pret, portfolio: Path, tmp_path: Path) -> None:
    """A report that could not be written is refused before the work, with the folder that is missing."""
    out = tmp_path / "reports" / "features.csv"
    said = pret("features", "report", "--data", portfolio, "--store", tmp_path / "store", "--out", out)
    assert said.code == 2
    assert "is no folder; create it first" in " ".join(said.err.replace("│", " ").split())
    assert "written to" not in said.out
    assert not (tmp_path / "store").exists()


def test_names_are_broken_before_figures_are_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal of 80 columns every figure is whole, however long a feature's name and what was found of it."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FORCE_COLOR", "1")
    figures = {"importance": 0.0123, "importance_error": 0.0045, "above_noise": 1.0, "auc": 0.7171}
    name = max(CATALOGUE.names, key=len)
    row = {"feature": name, **figures, "missing_train": 0.21, "drift": 0.04, "finding": f"as {name}"}
    _print_features("Features", pd.DataFrame([row]))
    said = capsys.readouterr().out
    assert all(figure in said for figure in ("1.2%", "0.4%", "100%", "0.717", "21%", "0.04", "missing"))
    assert "…" not in said
