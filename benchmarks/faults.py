"""Nights that are really killed, run out of disk, cannot write, lose workers, meet other clocks, locks and stores.

Belongs here: the faults and what is expected of each. Does not: disturbing a night (disturbed), the table
(faults_page).

`python -m benchmarks.faults [--kills N] [--each N] [--tables DIR CHANGED --store STORE]`: STORE has a champion and
a published night of DIR; it is copied.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from batch.owners import this_process
from batch.runs.turn import LOCK
from benchmarks.disturbed import END, START, Ended, Instant, Portfolio
from benchmarks.faults_page import PAGE, Tally, page
from model_store import published_run, read_run
from model_store.store_format import FORMAT, FORMAT_FILE

SEED, CLIENTS = 7, 1500
CLOCKS = {"back": "-400d", "forward": "+400d"}
FAKE_TIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
PRET = [sys.executable, "-c", "from batch.cli import main; main()"]
BALLAST, DISK = "ballast", "size=64m"


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
        store = portfolio.copy()
        with tempfile.TemporaryDirectory() as folder, _cluster(Path(folder)) as (address, worker):
            ended = portfolio.disturbed(store, at, partial(_call, worker.kill), ["--scheduler", address])
        wrong = None if ended.code == 0 else f"it ended with {ended.code}: {ended.said}"
        tally.add(ended.stage, wrong or portfolio.wrong_with(store))
        shutil.rmtree(store.parent)
    return tally


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
    started = [subprocess.Popen(command, **quiet) for command in (*commands, worker, worker)]  # type: ignore[call-overload]
    try:
        wait = "import sys, distributed as d; d.Client(scheduler_file=sys.argv[1]).wait_for_workers(2, 60)"
        subprocess.run([sys.executable, "-c", wait, str(file)], check=True, capture_output=True, timeout=90)
        yield str(json.loads(file.read_text())["address"]), started[1]
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


@contextmanager
def _mounted(folder: Path, *options: str) -> Iterator[bool]:
    """False where nothing may be mounted (only root may)."""
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def full_disks(portfolio: Portfolio, stages: Sequence[str]) -> Tally:
    """The store's disk becomes full as a stage begins; then somebody makes room, and the night is run again."""
    tally = Tally("disk full")
    for stage in stages:
        disk = Path(tempfile.mkdtemp(dir=portfolio.folder))
        with _mounted(disk, "-t", "tmpfs", "-o", DISK, "none") as possible:
            if not possible:
                return tally
            store = shutil.copytree(portfolio.store, disk / "store")
            ended = portfolio.disturbed(store, Instant(stage, 0.0), partial(_call, _fill, disk))
            (disk / BALLAST).unlink()
            late = ended.code == 0  # it had written all before the disk was full
            wrong = None if late else ended.refused()
            tally.add("too late" if late else ended.stage, wrong or portfolio.wrong_with(store))
    return tally


def _call(function: Callable[..., object], *arguments: object) -> None:
    """`function` of the arguments but the last, the number of a process that it need not know."""
    function(*arguments[:-1])


def _fill(disk: Path) -> None:
    """Takes all room that is left, while others take it too."""
    with (disk / BALLAST).open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))


def read_only(portfolio: Portfolio) -> Tally:
    """A store that nobody may write; then one that may be written."""
    tally, store = Tally("read-only store"), portfolio.copy()
    subprocess.run(["mount", "--bind", str(store), str(store)], capture_output=True, check=False)
    with _mounted(store, "-o", "remount,ro,bind") as possible:
        if not possible:
            return tally
        ended = portfolio.night(store)
    tally.add(START, ended.refused() or portfolio.wrong_with(store))
    return tally


def second_nights(portfolio: Portfolio) -> Tally:
    """Another night starts while one runs: it says so and leaves, the one that runs ends as ever. Where the first
    ends before the second looks, the second runs as well."""
    tally = Tally("second night while one runs")
    for stage in portfolio.stages[1:-1]:
        store, others = portfolio.copy(), list[Ended]()
        ended = portfolio.disturbed(
            store,
            Instant(stage, 0.0),
            partial(_call, _another, portfolio, store, others),
        )
        wrong = None if ended.code == 0 else ended.said
        late = others[0].code == 0
        if not late and (others[0].refused(4) or "a night is running in" not in others[0].said):
            wrong = f"the second {others[0].said}"
        tally.add("too late" if late else ended.stage, wrong or portfolio.wrong_with(store))
    return tally


def _another(portfolio: Portfolio, store: Path, others: list[Ended]) -> None:
    others.append(portfolio.night(store))


def clocks(portfolio: Portfolio) -> Tally:
    """The clock is set back and forward by 400 days: while a night runs, in each stage, and before it starts."""
    tally = Tally("clock set back or forward")
    if not FAKE_TIME.exists():
        return tally
    for way, change in CLOCKS.items():
        for stage in (*portfolio.stages[1:-1], "between nights"):
            store = portfolio.copy()
            clock = store.parent / "clock"
            clock.write_text(change if stage == "between nights" else "+0")
            environment = {
                "LD_PRELOAD": str(FAKE_TIME),
                "FAKETIME_TIMESTAMP_FILE": str(clock),
                "FAKETIME_NO_CACHE": "1",
                "DONT_FAKE_MONOTONIC": "1",  # a clock that is set does not move that one
            }
            if stage == "between nights":
                ended = portfolio.night(store, environment=environment)
            else:
                ended = portfolio.disturbed(
                    store,
                    Instant(stage, 0.0),
                    partial(_call, clock.write_text, change),
                    environment=environment,
                )
            wrong = None if ended.code == 0 else f"it ended with {ended.code}: {ended.said}"
            tally.add(f"{way}, {ended.stage or stage}", wrong or portfolio.wrong_with(store))
    return tally


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


def other_formats(portfolio: Portfolio) -> Tally:
    """A store written by an older program is taken over, by a newer one refused; both end well."""
    tally = Tally("store of another version")
    store = portfolio.copy()
    (store / FORMAT_FILE).unlink(missing_ok=True)
    tally.add("older", portfolio.wrong_with(store))
    store = portfolio.copy()
    note = store / FORMAT_FILE
    note.write_text(json.dumps({"format": FORMAT + 1, "written_by": "9.0"}))
    ended = portfolio.night(store)
    note.unlink()
    tally.add("newer", ended.refused() or portfolio.wrong_with(store))
    return tally


def truncated_files(portfolio: Portfolio) -> Tally:
    """Half of a file is lost: the night names it, or does without; with the file back, all is as ever."""
    tally = Tally("file truncated")
    run = f"runs/{published_run(portfolio.store)}"
    spoilt: dict[str, bool] = {
        "published.json": True,
        f"{run}/run.json": True,
        f"{run}/scores/shard=000.parquet": True,
        "models/v001/model.txt": True,
        f"{run}/features/shard=000.parquet": False,
        f"{run}/finished/shard=000.json": False,
    }
    for name, stops in spoilt.items():
        store = portfolio.copy()
        with _halved(store / name):
            ended = portfolio.night(store)
        wrong = ended.refused() if stops else None if ended.code == 0 else ended.said
        tally.add(
            name.rsplit("/", 1)[-1] if stops else name.split("/", 2)[-1], wrong or portfolio.wrong_with(store)
        )
    with _halved(portfolio.tables / "bureau.csv"):
        store = portfolio.copy()
        ended = portfolio.night(store)
    tally.add(
        "bureau.csv",
        ended.refused(3 if "is not published" in ended.said else 1) or portfolio.wrong_with(store),
    )
    for name in ("scores/shard=000.parquet", "finished/shard=000.json"):
        tally.add(f"killed night's {name}", _spoilt_between(portfolio, name))
    return tally


def _spoilt_between(portfolio: Portfolio, name: str) -> str | None:
    """What is wrong after a killed night has lost half of a file that it had finished."""
    store = portfolio.copy()
    portfolio.disturbed(store, Instant("check", 0.5), lambda process: os.kill(process, signal.SIGKILL))
    path = store / "runs" / f"{Path(read_run(store).run_id).name}" / name
    killed = next((store / "runs").glob(f"2026-11-24-*/{name}"), path)
    killed.write_bytes(killed.read_bytes()[: killed.stat().st_size // 2])
    return portfolio.wrong_with(store)


@contextmanager
def _halved(path: Path) -> Iterator[None]:
    """The file has lost its second half during the block; its time of change stays."""
    whole, times = path.read_bytes(), path.stat()
    path.write_bytes(whole[: len(whole) // 2])
    try:
        yield
    finally:
        path.write_bytes(whole)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _made(folder: Path) -> tuple[list[Path], Path]:
    """Simulated tables of two nights, and a store with a champion and a published night of the first."""
    tables, store = folder / "tables", folder / "made"
    days = ["simulate", str(tables), "--clients", str(CLIENTS), "--seed", str(SEED), "--nights", "2"]
    subprocess.run([*PRET, *days], check=True, stdout=subprocess.DEVNULL)
    nights = [tables, *tables.glob("as_of=*")]
    data = ["--data", str(nights[0]), "--store", str(store)]
    for more in (["train", *data, "--promote"], ["night", *data, "--as-of", "2026-11-23"]):
        subprocess.run([*PRET, *more], check=True, stdout=subprocess.DEVNULL)
    return nights, store


def campaign(folder: Path, tables: Path, changed: Path, store: Path, kill: int, each: int) -> list[Tally]:
    """All faults: on a night that reads all tables, kills also on one that reads what changed since."""
    bare = shutil.copytree(store, folder / "bare")
    shutil.rmtree(bare / "ingests", ignore_errors=True)
    whole = Portfolio(tables, bare, folder)
    faults: list[Callable[[], Tally]] = [
        lambda: kills(whole, kill - kill // 2, "all tables read"),
        lambda: kills(Portfolio(changed, store, folder), kill // 2, "what changed since read"),
        lambda: full_disks(whole, whole.stages[:-1] * each or ("score",)),
        lambda: read_only(whole),
    ]
    more: list[Callable[[], Tally]] = [
        lambda: worker_kills(whole, 3 * each),
        lambda: second_nights(whole),
        lambda: clocks(whole),
        lambda: stale_locks(whole),
        lambda: other_formats(whole),
        lambda: truncated_files(whole),
    ]
    tallies = []
    for fault in [*faults, *(more if each else ())]:
        tallies.append(fault())
        print(tallies[-1].line, *tallies[-1].lost, sep="\n", flush=True)  # noqa: T201 - minutes pass between them
    return tallies


def main() -> None:
    """Runs the campaign and writes its table; ends with 1 if anything did not survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument(
        "--each", type=int, default=2, help="disks per stage, a third of the workers; 0: a sample"
    )
    parser.add_argument("--tables", type=Path, nargs=2, metavar=("DIR", "CHANGED"))
    parser.add_argument("--store", type=Path)
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pret-faults-") as temporary:
        folder = Path(temporary)
        nights, store = (options.tables, options.store) if options.store else _made(folder)
        tallies = campaign(folder, nights[0], nights[-1], store, options.kills, options.each)
        options.page.write_text(page(tallies, read_run(store).clients, SEED))
    lost = [line for tally in tallies for line in tally.lost]
    sys.exit("\n".join(lost) or 0)


if __name__ == "__main__":
    main()
