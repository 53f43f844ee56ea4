"""Nights that are killed, lose a worker, meet another night, another clock or the lock of a dead process.

Belongs here: faults of processes and what is expected of each. Does not: disks and files (faults_of_files),
disturbing a night (disturbed).
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from batch.owners import this_process
from batch.runs.turn import LOCK
from benchmarks.disturbed import END, START, Ended, Instant, Portfolio
from benchmarks.faults_page import Tally

SEED = 7
CLOCKS, BETWEEN = {"back": "-400d", "forward": "+400d"}, "between nights"
FAKE_TIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


def draw(portfolio: Portfolio, number: int, *without: str) -> list[Instant]:
    """Random instants, as many in each stage as in any other; the same for the same number."""
    chance = random.Random(SEED)
    stages = [stage for stage in portfolio.stages if stage not in without]
    chance.shuffle(stages)  # a sample of few is not always of the first ones
    return [Instant(stages[n % len(stages)], chance.random()) for n in range(number)]


def kills(portfolio: Portfolio, number: int, what: str) -> Tally:
    """SIGKILL at random instants of every stage."""
    tally = Tally(f"kill -9 of the process, {what}")
    for at in draw(portfolio, number):
        store = portfolio.copy()
        ended = portfolio.disturbed(store, at, lambda process: os.kill(process, signal.SIGKILL))
        tally.add(ended.stage, portfolio.wrong_with(store))
        shutil.rmtree(store.parent)
    return tally


def worker_kills(portfolio: Portfolio, number: int) -> Tally:
    """SIGKILL of one of two Dask workers while they work: the other one does the work."""
    tally = Tally("kill -9 of a Dask worker")
    for at in draw(portfolio, number, START, "read", "find changes", "publish", END):
        tally.add(*_worker_killed(portfolio, at))
    return tally


def _worker_killed(portfolio: Portfolio, at: Instant) -> tuple[str, str | None]:
    """In which stage one was killed, and what was wrong after it."""
    store = portfolio.copy()
    with tempfile.TemporaryDirectory() as folder, _cluster(Path(folder)) as (address, worker):
        ended = portfolio.disturbed(store, at, lambda _: worker.kill(), ["--scheduler", address])
    wrong = _failed(ended) or portfolio.wrong_with(store)
    shutil.rmtree(store.parent)
    return ended.stage, wrong


def _failed(ended: Ended) -> str | None:
    """None if the night was published in spite of it all."""
    return None if ended.code == 0 else f"it ended with {ended.code}: {ended.said}"


@contextmanager
def _cluster(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Address of a scheduler with two workers of one thread, and one of the workers."""
    dask, file = str(Path(sys.executable).parent / "dask"), folder / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    commands = [[dask, "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]]
    worker = [
        dask,
        "worker",
        "--scheduler-file",
        str(file),
        "--nthreads",
        "1",
        "--no-nanny",
        "--no-dashboard",
    ]
    started = [subprocess.Popen(command, **quiet) for command in (*commands, worker, worker)]  # type: ignore[call-overload] # of a dict
    try:
        wait = "import sys, distributed as d; d.Client(scheduler_file=sys.argv[1]).wait_for_workers(2, 60)"
        subprocess.run([sys.executable, "-c", wait, str(file)], check=True, capture_output=True, timeout=90)
        yield str(json.loads(file.read_text())["address"]), started[1]
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def second_nights(portfolio: Portfolio) -> Tally:
    """Another night starts while one runs: it says so and leaves, the one that runs ends as ever. Where the first
    ends before the second looks, the second runs as well."""
    tally = Tally("second night while one runs")
    for stage in portfolio.stages[1:-1]:
        tally.add(*_second_night(portfolio, stage))
    return tally


def _second_night(portfolio: Portfolio, stage: str) -> tuple[str, str | None]:
    """In which stage the second came, and what was wrong with either."""
    store, others = portfolio.copy(), list[Ended]()
    ended = portfolio.disturbed(store, Instant(stage, 0.0), lambda _: others.append(portfolio.night(store)))
    wrong, (second,) = _failed(ended), others
    late = second.code == 0
    if not late and (second.refused(4) or "a night is running in" not in second.said):
        wrong = f"the second {second.said}"
    return "too late" if late else ended.stage, wrong or portfolio.wrong_with(store)


def clocks(portfolio: Portfolio) -> Tally:
    """The clock is set back and forward by 400 days: while a night runs, in each stage, and before it starts."""
    tally = Tally("clock set back or forward")
    if not FAKE_TIME.exists():
        return tally
    for way, change in CLOCKS.items():
        for stage in (*portfolio.stages[1:-1], BETWEEN):
            came, wrong = _clock_set(portfolio, stage, change)
            tally.add(f"{way}, {came}", wrong)
    return tally


def _clock_set(portfolio: Portfolio, stage: str, change: str) -> tuple[str, str | None]:
    """In which stage the clock was set, and what was wrong after it."""
    store = portfolio.copy()
    clock = store.parent / "clock"
    clock.write_text(change if stage == BETWEEN else "+0")
    environment = {
        "LD_PRELOAD": str(FAKE_TIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",  # a clock that is set does not move that one
    }
    if stage == BETWEEN:
        ended = portfolio.night(store, environment=environment)
    else:
        ended = portfolio.disturbed(
            store, Instant(stage, 0.0), lambda _: clock.write_text(change), environment=environment
        )
    return ended.stage or stage, _failed(ended) or portfolio.wrong_with(store)


def stale_locks(portfolio: Portfolio) -> Tally:
    """The lock of a killed night whose number another process has got since."""
    tally = Tally("stale lock, its process number in use again")
    for stage in ("read", "score"):
        store = portfolio.copy()
        portfolio.disturbed(store, Instant(stage, 0.5), lambda process: os.kill(process, signal.SIGKILL))
        lock = store / LOCK
        told = json.loads(lock.read_text())
        lock.write_text(json.dumps({**told, "pid": this_process().pid}))
        tally.add(stage, portfolio.wrong_with(store))
    return tally
