"""Workers that would spoil a night are named before it begins, each with what is wrong with it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from distributed import Client, LocalCluster
from networks import why_no_namespaces
from processes import running

from batch.errors import JobError
from batch.workers import connect
from model_store import open_store

ROOT = Path(__file__).resolve().parents[2]
DASK = str(Path(sys.executable).parent / "dask")


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Address of a scheduler without workers."""
    with LocalCluster(n_workers=0, processes=True, dashboard_address=":0") as started:
        yield started.scheduler_address


@contextmanager
def a_worker(
    scheduler: str, before: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process of the scheduler, at work; `before` goes before its command."""
    command = [*before, DASK, "worker", scheduler, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    with (
        running(command, {**os.environ, **(environment or {})}) as process,
        Client(scheduler) as client,
    ):
        client.wait_for_workers(1, 60)
        yield process
        client.retire_workers()


def said_of(scheduler: str, store: Path) -> str:
    with pytest.raises(JobError) as raised, connect(scheduler, store=open_store(store)):
        pass
    assert not list(store.glob(".roll-call-*")), "nothing of the question stays in the store"
    return str(raised.value)


def test_a_scheduler_without_workers(scheduler: str, tmp_path: Path) -> None:
    """The message says how to start one."""
    assert f"has no workers; start some with: dask worker {scheduler}" in said_of(scheduler, tmp_path)


def test_a_worker_of_another_version(scheduler: str, tmp_path: Path) -> None:
    """A worker that runs a copy of the program with one more comment is refused, and told apart by its number."""
    other, store = tmp_path / "other", tmp_path / "store"
    for package in ("batch", "explain", "features", "model_store", "risk"):
        shutil.copytree(ROOT / package, other / package)
    with (other / "risk" / "cost.py").open("a") as file:
        file.write("# another version\n")
    store.mkdir()
    with a_worker(scheduler, environment={"PYTHONPATH": str(other)}):
        assert "runs another version of this program or of its libraries" in said_of(scheduler, store)


def test_a_worker_without_the_libraries(scheduler: str, tmp_path: Path) -> None:
    """What it fails to import is in the message."""
    (tmp_path / "upath.py").write_text("raise ImportError('universal-pathlib is not installed')")
    with a_worker(scheduler, environment={"PYTHONPATH": str(tmp_path)}):
        said = said_of(scheduler, tmp_path)
    assert "cannot run this program" in said
    assert "universal-pathlib is not installed" in said


def test_a_worker_that_does_not_see_the_store(scheduler: str, tmp_path: Path) -> None:
    """On a machine where another disk is mounted under the store's path the worker finds nothing there."""
    if reason := why_no_namespaces():
        pytest.skip(reason)
    elsewhere = ("unshare", "--mount", "sh", "-c", f'mount -t tmpfs none {tmp_path} && exec "$@"', "sh")
    with a_worker(scheduler, before=elsewhere):
        assert f"does not see {tmp_path} as it is here; mount the same folder" in said_of(scheduler, tmp_path)


def test_fit_workers_are_counted_and_one_that_hangs_is_named(
    scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that sees the store and runs this program is welcome; for one that stands still nobody waits for ever."""
    with a_worker(scheduler) as process, connect(scheduler, store=open_store(tmp_path)) as workers:
        assert not list(tmp_path.iterdir())
        monkeypatch.setattr("batch.roll_call.ANSWER_SECONDS", 0.3)
        process.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(
                JobError, match=r"a worker \(tcp://.*\) of tcp://.* does not answer within 0.3 s"
            ):
                workers.prepare(print)
        finally:
            process.send_signal(signal.SIGCONT)
