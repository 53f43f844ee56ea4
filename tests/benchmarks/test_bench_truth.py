"""The benchmark of the truth builds whole clients and measures what it says."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from benchmarks.realism import Discrimination
from benchmarks.simulated import looks_of, truth_of, write
from benchmarks.truth import Found, Simulated, measure_truth, simulate_clients
from features import CATALOGUE


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    """Few clients with all their features."""
    return simulate_clients(600, seed=3, advance=lambda done: None)


def test_every_client_has_its_features_and_truth(simulated: Simulated) -> None:
    """One row per client in the order of the portfolio, one column per model input, a finite truth each."""
    assert simulated.features.index.tolist() == list(range(100_001, 100_601))
    assert list(simulated.features) == list(CATALOGUE.model_inputs)
    assert np.isfinite(simulated.log_odds).all()
    assert set(np.unique(simulated.target)) == {0, 1}


def test_share_is_of_the_gini() -> None:
    """A model with an AUC of 0.75 has five sixths of the Gini of a truth of 0.80."""
    found = Found("all", 3, 5, 1, truth_auc=0.80, model_auc=0.75, r_squared=0.5)
    assert found.share == pytest.approx(5 / 6)


def test_a_visible_truth_is_found() -> None:
    """Where a column is the truth itself, the model finds nearly all of it, and R² says so."""
    rng = np.random.default_rng(1)
    shown = rng.normal(size=24_000)
    names = list(CATALOGUE.model_inputs)
    features = pd.DataFrame(0.0, index=range(24_000), columns=names, dtype="float32")
    features["app_ext_source_mean"] = shown
    target = (rng.random(24_000) < 1 / (1 + np.exp(2.0 - 1.2 * shown))).astype(np.int8)
    everything, _ = measure_truth(Simulated(features, target, 1.2 * shown - 2.0))
    assert everything.share > 0.95
    assert everything.r_squared > 0.9
    assert everything.held_out == 4_000


def test_tables_are_written_and_printed(tmp_path: Path) -> None:
    """The figures stand in the file and on the terminal; a section measured alone leaves the others."""
    looks = looks_of([("applications", Discrimination(0.7912, 0.002, 500, {"AMT_CREDIT": 0.25}))])
    truth = truth_of([Found("all tables", 9, 5, 1, truth_auc=0.8, model_auc=0.788, r_squared=0.93)])
    console = Console(record=True, width=200)
    write({"applications": looks}, tmp_path / "realism.md", console)
    write({"truth": truth}, tmp_path / "realism.md", console)
    for text in ((tmp_path / "realism.md").read_text(encoding="utf-8"), console.export_text()):
        assert "0.791" in text
        assert "AMT_CREDIT 25%" in text
        assert "96.0%" in text
