"""The same night in threads, in processes and on other machines publishes the same bytes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from distributed import LocalCluster
from mini_tables import night_of
from networks import HUB, SCHEDULER, cluster, network, why_no_namespaces

AS_OF = date(2026, 11, 24)
PRET = str(Path(sys.executable).parent / "pret")


def results(store: Path) -> dict[str, bytes]:
    """Every file that the night left in its run and in the exports, but the record of when and how it ran."""
    folders = (store / "runs" / f"{AS_OF}-001", store / "exports")
    files = (path for folder in folders for path in folder.rglob("*.parquet"))
    return {str(path.relative_to(store)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def in_threads(
    small_store: Path, portfolio: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """What the night leaves that threads of one process computed."""
    store = fresh(small_store, tmp_path_factory.mktemp("threads"))
    night_of(portfolio, store, AS_OF)
    return results(store)


def fresh(small_store: Path, folder: Path) -> Path:
    """A copy of the store in which a night reads and computes everything."""
    store = shutil.copytree(small_store, folder / "store", ignore=shutil.ignore_patterns("ingests", "2026*"))
    (store / "published.json").unlink()
    return store


@pytest.fixture(scope="module")
def processes() -> Iterator[str]:
    """The address of a scheduler with two worker processes of one thread, started anew (spawn)."""
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as started:
        yield started.scheduler_address


def test_worker_processes_publish_the_same_bytes(
    small_store: Path, portfolio: Path, tmp_path: Path, processes: str, in_threads: dict[str, bytes]
) -> None:
    """Scores, features, contributions, comparisons and the export are those of threads, byte for byte."""
    store = fresh(small_store, tmp_path)
    night_of(portfolio, store, AS_OF, processes)
    found = results(store)
    assert {Path(name).parent.name for name in found} >= {"scores", "features", "contributions"}
    assert found == in_threads


def test_machines_of_their_own_publish_the_same_bytes(
    small_store: Path, portfolio: Path, tmp_path: Path, in_threads: dict[str, bytes]
) -> None:
    """A scheduler and two workers, each in its network: `pret night --scheduler` publishes what threads do."""
    if reason := why_no_namespaces():
        pytest.skip(reason)
    store = fresh(small_store, tmp_path)
    arguments = ["--data", portfolio, "--store", store, "--as-of", AS_OF, "--scheduler", SCHEDULER]
    with network("one", "two") as net, cluster(net, "one", "two"):
        command = net.inside(HUB, PRET, "night", *map(str, arguments))
        ran = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0, ran.stderr
    assert f"2 workers of {SCHEDULER} see the store" in ran.stderr
    assert "Dask's dashboard: http://10.77.0.1:" in ran.stderr
    assert results(store) == in_threads
