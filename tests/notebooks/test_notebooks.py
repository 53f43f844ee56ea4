"""The notebooks run from top to bottom on simulated and real rows, and are kept without any row of them."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SECONDS = 120


def executed(path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> nbformat.NotebookNode:
    """The notebook after all its cells ran on the tables in `data`; an error in a cell is raised here."""
    monkeypatch.setenv("PRET_DATA", str(data))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": str(path.parent)}}).execute()
    return notebook


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_on_simulated_clients(path, portfolio, monkeypatch):
    """Every cell of the notebook runs on a simulated portfolio, and each code cell shows something."""
    notebook = executed(path, portfolio, monkeypatch)
    silent = [cell.source for cell in notebook.cells if cell.cell_type == "code" and not cell.outputs]
    assert not silent


@pytest.mark.sample
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_on_the_real_sample(path, sample_folder, monkeypatch):
    """Every cell of the notebook runs on the real rows."""
    executed(path, sample_folder, monkeypatch)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_kept_without_outputs(path):
    """No output, and so no row of anybody's data, is committed; nor is an execution count."""
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_imports_and_does_not_define(path):
    """A notebook holds no function and no class: what it computes lives in the packages."""
    sources = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert not re.search(r"^\s*(def|class) |lambda", "\n".join(sources), re.MULTILINE)


def test_there_is_a_french_summary_on_top():
    """Each notebook opens with a title and a summary in French."""
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        first = nbformat.read(path, as_version=4).cells[0]
        assert first.cell_type == "markdown"
        assert "En bref (français)" in first.source
