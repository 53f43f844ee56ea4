"""The whole night, from CSV to published, stage by stage; the peers' build of features beside.

Belongs here: running the night, what the table says. Does not: the night (batch), the peers' jobs (jobs).

`python -m benchmarks.night --data DIR [--store STORE] [--repeats R]`: a model is trained in STORE if it has none;
each night starts from a store with that model and nothing else, so that every file is read.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from batch.console import Progress
from benchmarks.results import Figures, write_result
from benchmarks.speed import CACHE, FROM_CSV, run_job
from benchmarks.speed_tables import SAID
from model_store import read_run

PRET = [sys.executable, "-c", "from batch.cli import main; main()"]
ACCEPTED = ["--accept", "csi_newcomers", "--why", "a benchmark of time"]
FIRST = date(2026, 11, 28)
SECONDS_ASKED, SECONDS_GOAL, BYTES_ASKED = 110, 75, 2e9


class NightFailed(Exception):
    """A night ended with an error; the message is what it said."""


@dataclass(frozen=True)
class Night:
    """One night: seconds from typing the command to its end, CPU seconds, peak memory, and its stages.

    `computed`: of its clients, those who were scored anew.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    clients: int
    rows: int
    stages: tuple[dict[str, Any], ...]
    computed: int


def run_night(data: Path, store: Path, more: Sequence[str] = ()) -> Night:
    """A night of a store with that model and nothing else; `more`: options of it. Errors: NightFailed."""
    return run_following([data], store, more)[0]


def run_following(
    folders: Sequence[Path], store: Path, more: Sequence[str] = (), in_memory: bool = False
) -> list[Night]:
    """Nights that follow one another, in a store that begins with the model alone. Errors: NightFailed.

    `more`: options of each. `in_memory`: the tables are read once before each night, so that none waits for the
    disk and another does not.
    """
    nights = []
    with tempfile.TemporaryDirectory(dir=store.parent) as folder:
        fresh = Path(folder) / "store"
        shutil.copytree(store / "models", fresh / "models")
        for day, data in enumerate(folders):
            if in_memory:
                _read_through(data)
            nights.append(_night(data, fresh, FIRST + timedelta(days=day), more))
    return nights


def _read_through(folder: Path) -> None:
    for path in (path for path in folder.iterdir() if path.is_file()):
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass


def _night(data: Path, store: Path, as_of: date, more: Sequence[str]) -> Night:
    """A night in a process of its own, which is all that it needs."""
    command = [*PRET, "night", "--data", str(data), "--store", str(store), "--as-of", as_of.isoformat()]
    started = time.monotonic()
    with (store.parent / "said.txt").open("w+") as said:
        process = subprocess.Popen([*command, *ACCEPTED, *more], stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        said.seek(0)
        if process.returncode:
            raise NightFailed(said.read())
    document = read_run(store).document
    return Night(
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * 1024,
        clients=int(document["clients"]),
        rows=sum(document["ingest"]["rows"].values()),
        stages=tuple(document["stages"]),
        computed=int(document["computed"]),
    )


def train_if_needed(data: Path, store: Path, progress: Progress) -> None:
    """The store has a champion. Errors: CalledProcessError."""
    if (store / "models").exists():
        return
    command = [*PRET, "train", "--data", str(data), "--store", str(store), "--promote"]
    with progress.step("train a model"):
        subprocess.run(command, check=True)


def run_nights(data: Path, store: Path, repeats: int, progress: Progress) -> dict[str, object]:
    """The nights in the order of their seconds, and what the peers take to build the features from the same CSV."""
    nights = []
    with progress.step("nights", repeats, unit="nights") as advance:
        for _ in range(repeats):
            nights.append(run_night(data, store))
            advance(1)
    peers = {job: run_job(job, data, None, progress) for job in FROM_CSV}
    return {
        "nights": [asdict(night) for night in sorted(nights, key=lambda night: night.seconds)],
        "peers": peers,
    }


def night_figures(found: Mapping[str, Any]) -> Figures:
    """The stages of the median night, the whole, and the peers."""
    nights: Sequence[Mapping[str, Any]] = found["nights"]
    night = nights[len(nights) // 2]
    rows = [_row(s["stage"], s["seconds"], rows=s["rows"]) for s in night["stages"]]
    stages = sum(stage["seconds"] for stage in night["stages"])
    rows.append(_row("ending", night["seconds"] - stages))
    rows.append(_row("**the whole night**", night["seconds"], night["cpu_seconds"], night["peak_bytes"]))
    rows += [
        _row(f"{SAID[job]}: features only", took["seconds"], took["cpu_seconds"], took["peak_bytes"])
        for job, took in found["peers"].items()
    ]
    others = ", ".join(f"{other['seconds']:.1f} s" for other in nights if other is not night)
    text = (
        f"`pret night` from the command to its end, median of {len(nights)} (the others: {others or 'none'}), each "
        "from a store with a model only: every file read and checked, every client scored with exact reasons, "
        "compared, checked, published. Below, in the same run, the peers build the same features from the same "
        "files and keep them in memory: no check, no score, no reason. "
        f"Asked: {SECONDS_ASKED} s and {BYTES_ASKED / 1e9:.0f} GB over all processes; goal {SECONDS_GOAL} s. "
        f"Measured: {night['seconds']:.1f} s, {night['peak_bytes'] / 1e9:.2f} GB."
    )
    title = f"From CSV to published: {night['clients']:,} clients, {night['rows']:,} rows"
    return Figures(title, text, ("stage", "seconds", "rows", "rows/s", "CPU s", "peak"), tuple(rows))


def _row(
    name: str, seconds: float, cpu: float | None = None, peak: float | None = None, rows: int | None = None
) -> tuple[str, ...]:
    return (
        name,
        f"{seconds:.1f}",
        "" if rows is None else f"{rows:,}",
        "" if not rows or not seconds else f"{rows / seconds:,.0f}",
        "" if cpu is None else f"{cpu:.1f}",
        "" if peak is None else f"{peak / 1e9:.2f} GB",
    )


def main() -> None:
    """Measures, prints the table, writes it into benchmarks/results.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.night", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder of tables as CSV")
    parser.add_argument("--store", type=Path, default=CACHE / "night-store")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    progress = Progress()
    train_if_needed(given.data, given.store, progress)
    found = run_nights(given.data, given.store, given.repeats, progress)
    write_result("night", found, [night_figures(found)])


if __name__ == "__main__":
    main()
