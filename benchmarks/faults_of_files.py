"""Nights whose disk is full or read-only, whose files are cut short, whose store another version wrote.

Belongs here: faults of disks and files and what is expected of each. Does not: processes (faults_of_processes),
disturbing a night (disturbed).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.disturbed import START, Instant, Portfolio
from benchmarks.faults_page import Tally
from model_store import published_run, read_run
from model_store.store_format import FORMAT, FORMAT_FILE

BALLAST, DISK = "ballast", "size=64m"


def full_disks(portfolio: Portfolio, stages: Sequence[str]) -> Tally:
    """The store's disk becomes full as a stage begins; then somebody makes room, and the night is run again."""
    tally = Tally("disk full")
    for stage in stages:
        tried = _disk_filled(portfolio, stage)
        if tried is None:
            break
        tally.add(*tried)
    return tally


def _disk_filled(portfolio: Portfolio, stage: str) -> tuple[str, str | None] | None:
    """In which stage the disk became full, and what was wrong after it; None where nothing may be mounted."""
    disk = Path(tempfile.mkdtemp(dir=portfolio.folder))
    with _mounted(disk, "-t", "tmpfs", "-o", DISK, "none") as possible:
        if not possible:
            return None
        store = shutil.copytree(portfolio.store, disk / "store")
        ended = portfolio.disturbed(store, Instant(stage, 0.0), lambda _: _fill(disk))
        (disk / BALLAST).unlink()
        late = ended.code == 0  # it had written all before the disk was full
        wrong = None if late else ended.refused()
        return "too late" if late else ended.stage, wrong or portfolio.wrong_with(store)


@contextmanager
def _mounted(folder: Path, *options: str) -> Iterator[bool]:
    """False where nothing may be mounted (only root may)."""
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


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
