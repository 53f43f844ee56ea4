"""Nights that are really killed, run out of disk or cannot write; what readers see, and how the night ends after.

Belongs here: the campaign and its table (faults.md). Does not: what a night does about it (batch).

`python -m benchmarks.faults [--kills N] [--tables DIR --store STORE]`: each night is a process of its own, forked
from this one so that nothing is imported a hundred times. STORE has a champion and a published night; it is copied.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import numpy as np

from batch.cli import main as pret
from model_store import published_run, read_run, read_scores

NIGHT, SEED, CLIENTS = "2026-11-24", 7, 1500
RUN = f"{NIGHT}-001"
PAGE = Path(__file__).with_name("faults.md")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
NAMELESS = ("features", "contributions", "rejects", ".")
"""Where a run keeps files that do not say its name."""


@dataclass
class Tally:
    """One fault: how often it was tried, how often survived, in which step it came; what did not survive."""

    fault: str
    tried: int = 0
    survived: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)

    def add(self, step: str, wrong: str | None) -> None:
        """Counts one trial; `wrong`: what was not as it must be."""
        self.tried += 1
        self.steps[step] += 1
        self.survived += wrong is None
        if wrong is not None:
            self.lost.append(f"{self.fault}, in {step}: {wrong}")


@dataclass(frozen=True)
class Ended:
    """How a process ended (minus the signal that ended it) and what it said on standard error."""

    code: int
    said: str

    @property
    def step(self) -> str:
        """The step it was in: the one after the last it finished."""
        done = [line.split()[1] for line in self.said.splitlines() if line.startswith("✓")]
        return f"after {done[-1]}" if done else "before the first step ended"

    @property
    def one_line(self) -> bool:
        """True if it said one line of error and no traceback."""
        errors = [line for line in self.said.splitlines() if line.startswith("error ")]
        return len(errors) == 1 and "Traceback" not in self.said


class Campaign:
    """Copies of one store, the tables of a night, and what the night must give whatever happens."""

    def __init__(self, tables: Path, store: Path, folder: Path) -> None:
        self.tables, self.folder = tables, folder
        self.store = shutil.copytree(store, folder / "template")
        shutil.rmtree(self.store / "ingests", ignore_errors=True)  # so that the night reads all tables
        self.before = _in_child(lambda: _published(self.store))
        whole = self.copy()
        started = time.monotonic()
        ended = self.night(whole)
        self.seconds = time.monotonic() - started
        if ended.code:
            raise RuntimeError(f"the night fails without any fault: {ended.said}")
        self.after = _in_child(lambda: _published(whole))
        run = whole / "runs" / RUN
        self.files = {_digest(run, NAMELESS), _digest(run, ("scores", *NAMELESS))}
        self.read = self.copy()  # the tables are read already
        shutil.copytree(whole / "ingests", self.read / "ingests")
        self.growth = {start: _size(whole) - _size(start) for start in (self.store, self.read)}

    def copy(self) -> Path:
        """A fresh store."""
        return shutil.copytree(self.store, Path(tempfile.mkdtemp(dir=self.folder)) / "store")

    def night(self, store: Path, kill_after: float | None = None) -> Ended:
        """`pret night` in a process of its own, killed after so many seconds if it still runs."""
        said = store.parent / "said.txt"
        process = os.fork()
        if process == 0:
            _be_pret(["night", "--data", str(self.tables), "--store", str(store), "--as-of", NIGHT], said)
        if kill_after is not None:
            watched = os.pidfd_open(process)
            if not select.select([watched], [], [], kill_after)[0]:
                os.kill(process, signal.SIGKILL)
            os.close(watched)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        return Ended(code, said.read_text())

    def wrong_with(self, store: Path) -> str | None:
        """What readers see is complete, before or after; the night, run again, ends like one never disturbed."""
        if _in_child(lambda: _published(store)) not in (self.before, self.after):
            return "readers saw neither the night before nor the new one"
        again = self.night(store)
        if again.code:
            return f"run again it ended with {again.code}: {again.said.splitlines()[-1:]}"
        if _digests(store).isdisjoint(self.files):
            return "run again it gave other files"
        if _in_child(lambda: _published(store)) != self.after:
            return "run again it published other scores"
        return None


def _be_pret(arguments: list[str], said: Path) -> None:
    """This forked process becomes `pret`, standard error into a file; never returns."""
    output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.argv = ["pret", *arguments]
    code = 0
    try:
        pret()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
        code = 99
    sys.stderr.flush()
    os._exit(code)


def _in_child(work: Callable[[], str]) -> str:
    """What `work` says, done in a forked process: reading starts threads, and those do not live through a fork."""
    readable, writable = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            answer = work()
        except BaseException as error:
            answer = f"{type(error).__name__}: {error}"
        os.write(writable, answer.encode())
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable) as pipe:
        answer = pipe.read()
    os.waitpid(process, 0)
    return answer


def _published(store: Path) -> str:
    """What readers get: SHA-256 over the published scores but for the run's name, each client once; the run is one
    that says it was published, and the export of its night has its clients."""
    run = read_run(store, published_run(store))
    scores = read_scores(store)
    export = store / "exports" / "scores" / f"as_of={run.as_of}" / "scores.parquet"
    whole = run.status == "published" and scores.index.is_unique and len(scores) == run.clients
    text = scores.drop(columns="run_id").to_csv()
    return f"{run.as_of} {whole} {export.exists()} {hashlib.sha256(text.encode()).hexdigest()}"


def _digests(store: Path) -> set[str]:
    """SHA-256 over every Parquet file of the night's run, names and bytes. Where it failed, and was run again under
    another number, over those files that do not say the run's name."""
    run = sorted((store / "runs").glob(f"{NIGHT}-*"))[-1]
    nameless = _digest(run, NAMELESS)
    first = store / "runs" / RUN
    return {nameless} if read_run(store, RUN).status == "failed" else {_digest(first, ("scores", *NAMELESS))}


def _digest(run: Path, folders: Sequence[str]) -> str:
    told = hashlib.sha256()
    for path in sorted(path for folder in folders for path in (run / folder).glob("*.parquet")):
        told.update(f"\n{path.relative_to(run)}\n".encode())
        told.update(path.read_bytes())
    return told.hexdigest()


def _size(folder: Path) -> int:
    """Bytes that a disk in memory needs for the files."""
    return sum(
        -(-path.stat().st_size // PAGE_BYTES) * PAGE_BYTES for path in folder.rglob("*") if path.is_file()
    )


def kills(campaign: Campaign, number: int) -> Tally:
    """SIGKILL at instants drawn evenly over the whole night."""
    tally, draw = Tally("kill -9 of the process"), random.Random(SEED)
    for _ in range(number):
        store = campaign.copy()
        ended = campaign.night(store, draw.uniform(0, campaign.seconds))
        step = ended.step if ended.code == -signal.SIGKILL else "after its end"
        tally.add(step, campaign.wrong_with(store))
        shutil.rmtree(store.parent)
    return tally


@contextmanager
def _mounted(folder: Path, *options: str) -> Iterator[bool]:
    """False where nothing may be mounted (only root may)."""
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def full_disks(campaign: Campaign, number: int) -> Tally:
    """The store on disks that are full after ever more of what the night writes; then larger, and run again."""
    tally = Tally("disk full")
    for start, share in product((campaign.store, campaign.read), np.linspace(0.02, 0.9, number)):
        disk = Path(tempfile.mkdtemp(dir=campaign.folder))
        size = int(_size(start) + campaign.growth[start] * share)
        with _mounted(disk, "-t", "tmpfs", "-o", f"size={size}", "none") as possible:
            if not possible:
                return tally
            store = shutil.copytree(start, disk / "store")
            ended = campaign.night(store)
            subprocess.run(["mount", "-o", "remount,size=2g", str(disk)], check=True)
            wrong = None if ended.code == 1 and ended.one_line else f"{ended.code}: {ended.said}"
            tally.add(ended.step, wrong or campaign.wrong_with(store))
    return tally


def read_only(campaign: Campaign) -> Tally:
    """A store that nobody may write; then one that may be written."""
    tally, store = Tally("read-only store"), campaign.copy()
    subprocess.run(["mount", "--bind", str(store), str(store)], capture_output=True, check=False)
    with _mounted(store, "-o", "remount,ro,bind") as possible:
        if not possible:
            return tally
        ended = campaign.night(store)
    wrong = None if ended.code == 1 and ended.one_line else f"{ended.code}: {ended.said}"
    tally.add(ended.step, wrong or campaign.wrong_with(store))
    return tally


def page(tallies: list[Tally], clients: int) -> str:
    """The table as Markdown."""
    lines = [
        "# Nights that go wrong",
        "",
        f"`make faults`: nights of {clients:,} simulated clients, all tables read. Survived: readers saw a",
        "complete published night at once, the night was run again and ended like one nothing had happened to,",
        "every Parquet file to the last bit; where the night could speak, it said one line. Instants of kills are",
        f"drawn evenly over the night's duration, seed {SEED}. Not tried: (0) needs root, who may mount.",
        "",
        "| fault | tried | survived | it came |",
        "|---|---|---|---|",
    ]
    for tally in tallies:
        steps = ", ".join(f"{step} {count}" for step, count in tally.steps.most_common())
        lines.append(f"| {tally.fault} | {tally.tried} | {tally.survived} | {steps} |")
    return "\n".join([*lines, ""])


def _made(folder: Path) -> tuple[Path, Path]:
    """Simulated tables, and a store with a champion and a published night of them."""
    tables, store = folder / "tables", folder / "made"
    command = [sys.executable, "-c", "from batch.cli import main; main()"]
    data = ["--data", str(tables), "--store", str(store)]
    for more in (
        ["simulate", str(tables), "--clients", str(CLIENTS), "--seed", str(SEED)],
        ["train", *data, "--promote"],
        ["night", *data, "--as-of", "2026-11-23"],
    ):
        subprocess.run([*command, *more], check=True, stdout=subprocess.DEVNULL)
    return tables, store


def main() -> None:
    """Runs the campaign and writes its table; ends with 1 if anything did not survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--disks", type=int, default=4, help="of this many sizes, with and without an ingest")
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pret-faults-") as temporary:
        folder = Path(temporary)
        tables, store = (options.tables, options.store) if options.store else _made(folder)
        campaign = Campaign(tables, store, folder)
        tallies = [read_only(campaign), full_disks(campaign, options.disks), kills(campaign, options.kills)]
        options.page.write_text(page(tallies, read_run(campaign.store).clients))
    print(options.page.read_text())  # noqa: T201 - what the command is for
    lost = [line for tally in tallies for line in tally.lost]
    sys.exit("\n".join(lost) or 0)


if __name__ == "__main__":
    main()
