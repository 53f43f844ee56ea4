"""Fixtures that several folders of tests share: the real sample, a published store, a browser.

Belongs here: expensive things made once a session. Does not: tests.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from batch.console import Progress
from batch.night import run_night
from batch.train import TrainingPlan, run_training
from model_store import open_store
from simulator import simulate
from training import TrainingSettings, TreeSettings

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT.parent / "shared" / "data" / "home_credit_sample"
APPLICATIONS = SAMPLE.with_name("applications_train.csv.gz")
AS_OF = date(2026, 11, 23)
QUICK = replace(TrainingSettings(), trees=TreeSettings(learning_rate=0.1, max_trees=120, patience=15))
IN_CI = os.environ.get("CI") == "true"


def _needed(path: Path, what: str) -> Path:
    """The path, if it exists; without it tests are skipped, but fail in CI."""
    if not path.exists():
        message = f"{what}: not found at {path}"
        if IN_CI:
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def sample_folder() -> Path:
    """The real Home Credit rows beside the project; in CI they must be there."""
    return _needed(SAMPLE, "the real sample")


@pytest.fixture(scope="session")
def applications_file() -> Path:
    """The real applications without other tables; in CI they must be there."""
    return _needed(APPLICATIONS, "real applications")


@pytest.fixture(scope="session")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,500 simulated clients in the Kaggle layout, as CSV."""
    folder = tmp_path_factory.mktemp("portfolio") / "tables"
    simulate(folder, clients=1500, seed=11)
    return folder


@pytest.fixture(scope="session")
def small_store(portfolio: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one promoted model and one published night of the 1,500 clients. Read only."""
    store = tmp_path_factory.mktemp("small") / "store"
    return publish_line(portfolio, store)


@pytest.fixture(scope="session")
def sample_store(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store trained and published on the real sample. Read only."""
    return publish_line(sample_folder, tmp_path_factory.mktemp("sample") / "store")


def publish_line(data: Path, store: Path) -> Path:
    """Trains, promotes and publishes one night of `data` into `store`, with quick settings."""
    place = open_store(store)
    run_training(open_store(data), place, Progress(), promoted_by="tests", plan=TrainingPlan(QUICK))
    run_night(open_store(data), place, AS_OF, Progress())
    return store


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Debian's chromium; in CI it must be there (`make test` installs it)."""
    path = shutil.which("chromium")
    if path is None:
        message = "chromium is not installed: `make test` as root installs it, or `apt-get install chromium`"
        if IN_CI:
            pytest.fail(message)
        pytest.skip(message)
    return path
