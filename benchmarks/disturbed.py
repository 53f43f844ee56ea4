"""Nights in processes of their own that something is done to in the middle of a chosen stage.

Belongs here: running and disturbing a night; what readers and files must be after. Does not: the faults (faults).

Each night is forked from this process, so that nothing is imported a hundred times. What is read of a store is
read in forked processes too: reading starts threads, and those do not live through a fork.
"""

from __future__ import annotations

import hashlib
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from batch.cli import main as pret
from model_store import list_runs, published_run, read_run, read_scores
from model_store.layers import read_shard_rows
from model_store.rows import read_rows
from model_store.scorebook import runs_folder

NIGHT = "2026-11-24"
RUN = f"{NIGHT}-001"
START, END = "start", "end"
"""Before a night has its run's record; after its last step, when it tells how it went."""
MARK = "✓ "
BY_SHARD = ("scores", "features", "contributions", "groups")
WHOLE = ("rejects", ".")
"""Where a run keeps rows by shard, which may be layers over an earlier run's file, and where whole files."""
POLL = 0.002


@dataclass(frozen=True)
class Instant:
    """A moment of a night: that share of a stage's usual duration after the stage began."""

    stage: str
    share: float


@dataclass(frozen=True)
class Ended:
    """How a process ended (minus the signal that ended it), what it said on standard error, and in which stage it
    was when it was disturbed ("after its end" where it was not)."""

    code: int
    said: str
    stage: str = ""

    @property
    def one_line(self) -> bool:
        """True if it said one line of error and no traceback."""
        errors = [line for line in self.said.splitlines() if line.startswith("error ")]
        return len(errors) == 1 and "Traceback" not in self.said

    def refused(self, code: int = 1) -> str | None:
        """None if it ended with that code and one line; else what it did."""
        return None if self.code == code and self.one_line else f"it ended with {self.code}: {self.said}"


class Portfolio:
    """One night's tables and the store it starts from; what the night must give whatever happens, and how long its
    stages take."""

    def __init__(self, tables: Path, store: Path, folder: Path) -> None:
        self.tables, self.folder = tables, folder
        self.store = shutil.copytree(store, Path(tempfile.mkdtemp(dir=folder)) / "store")
        self.before = in_child(lambda: published(self.store))
        whole, began = self.copy(), {0: time.monotonic()}
        ended = self.night(whole, lambda _, said: began.setdefault(_reached(whole, said), time.monotonic()))
        if ended.code:
            raise RuntimeError(f"the night fails without any fault: {ended.said}")
        self.stages = (
            START,
            *(line.split("\x20", 1)[1].rsplit(" ", 2)[0] for line in _done(ended.said)),
            END,
        )
        times = [began[number] for number in range(len(self.stages))] + [time.monotonic()]
        self.seconds = [after - before for before, after in pairwise(times)]
        self.after = in_child(lambda: published(whole))
        self.rows = in_child(lambda: rows_of(whole))

    def copy(self) -> Path:
        """A fresh store."""
        return shutil.copytree(self.store, Path(tempfile.mkdtemp(dir=self.folder)) / "store")

    def night(
        self,
        store: Path,
        look: Callable[[int, str], object] = lambda process, said: None,
        more: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Ended:
        """`pret night` in a process of its own; `look` is called every few milliseconds with its process's number
        and what it has said."""
        command = ["night", "--data", str(self.tables), "--store", str(store), "--as-of", NIGHT, *more]
        readable, writable = os.pipe()
        process = os.fork()
        if process == 0:
            _be_pret(command, writable, environment)
        os.close(writable)
        ended, said = os.pidfd_open(process), b""
        while True:
            ready, _, _ = select.select([readable, ended], [], [], POLL)
            text = os.read(readable, 1 << 16) if readable in ready else b""
            said += text
            if ready and not text:  # not the pipe's end alone: what the process started may hold it longer
                break
            look(process, said.decode(errors="replace"))
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        os.close(readable)
        os.close(ended)
        return Ended(code, said.decode(errors="replace"))

    def disturbed(
        self,
        store: Path,
        at: Instant,
        act: Callable[[int], object],
        more: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Ended:
        """A night that `act` is done to once, with the number of its process, at an instant: the night stands still
        meanwhile, since its stages last no longer than filling a disk."""
        began: dict[int, float] = {}
        done: list[str] = []
        wanted = self.stages.index(at.stage)

        def look(process: int, said: str) -> None:
            reached = min(_reached(store, said), len(self.stages) - 1)
            since = began.setdefault(reached, time.monotonic())
            late = reached > wanted or time.monotonic() - since >= at.share * self.seconds[wanted]
            if not done and reached >= wanted and late:
                done.append(self.stages[reached])
                os.kill(process, signal.SIGSTOP)
                act(process)
                os.kill(process, signal.SIGCONT)

        ended = self.night(store, look, more, environment)
        return Ended(ended.code, ended.said, done[0] if done else "after its end")

    def wrong_with(self, store: Path) -> str | None:
        """What readers see is complete, before or after; the night, run again, ends like one never disturbed."""
        try:
            return self._wrong_with(store)
        except RuntimeError as error:
            return f"reading it failed: {error}"

    def _wrong_with(self, store: Path) -> str | None:
        if in_child(lambda: published(store)) not in (self.before, self.after):
            return "readers saw neither the night before nor the new one"
        again = self.night(store)
        if again.code:
            return f"run again it ended with {again.code}: {again.said.splitlines()[-1:]}"
        if in_child(lambda: rows_of(store)) != self.rows:
            return "run again it gave other rows"
        if in_child(lambda: published(store)) != self.after:
            return "run again it published other scores"
        return None


def _done(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith(MARK)]


def _reached(store: Path, said: str) -> int:
    """Number of the stage that a night is in: 0 until its run has a record, then one more for each that ended."""
    done = len(_done(said))
    return 1 + done if done or (store / "runs" / RUN / "run.json").exists() else 0


def _be_pret(arguments: list[str], said: int, environment: Mapping[str, str] | None) -> None:
    """This forked process becomes `pret`, all that it says into a pipe; never returns. With an environment of its
    own it is a new program: what is to be loaded before anything else is then loaded."""
    os.dup2(said, 1)
    os.dup2(said, 2)
    if environment is not None:
        program = [sys.executable, "-c", "from batch.cli import main; main()"]
        os.execve(sys.executable, [*program, *arguments], {**os.environ, **environment})
    # those of before know a file or a terminal, and what can be done to one cannot be to a pipe
    sys.stdout, sys.stderr = (
        open(place, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - they stay open until the process ends
        for place in (1, 2)
    )
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


def in_child(work: Callable[[], str]) -> str:
    """What `work` says, done in a forked process. Errors: RuntimeError with the error that was raised there."""
    readable, writable = os.pipe()
    process = os.fork()
    if process == 0:
        failed = False
        try:
            answer = work()
        except BaseException as error:
            answer, failed = f"{type(error).__name__}: {error}", True
        os.write(writable, answer.encode())
        os._exit(failed)
    os.close(writable)
    with os.fdopen(readable) as pipe:
        answer = pipe.read()
    if os.waitpid(process, 0)[1]:
        raise RuntimeError(answer)
    return answer


def published(store: Path) -> str:
    """What readers get: SHA-256 over the published scores but for the run's name, each client once; the run is one
    that says it was published, and the export of its night has its clients."""
    run = read_run(store, published_run(store))
    scores = read_scores(store)
    export = store / "exports" / "scores" / f"as_of={run.as_of}" / "scores.parquet"
    whole = run.status == "published" and scores.index.is_unique and len(scores) == run.clients
    text = scores.drop(columns="run_id").to_csv()
    return f"{run.as_of} {whole} {export.exists()} {hashlib.sha256(text.encode()).hexdigest()}"


def rows_of(store: Path, night: str = NIGHT) -> str:
    """SHA-256 over all rows and columns of the night's last run, whichever files hold them: a shard is read through
    its layers. Where a row says its run, it must say this one."""
    run = runs_folder(store) / [name for name in list_runs(store) if name.startswith(night)][-1]
    told = hashlib.sha256()
    for kind in BY_SHARD:
        for shard in range(read_run(store, run.name).shards):
            rows = read_shard_rows(run / kind, shard)
            if "run_id" in rows.column_names:
                if set(rows.column("run_id").unique().to_pylist()) - {run.name}:
                    raise ValueError(f"rows of {run.name} say that they are of another run")
                rows = rows.drop_columns(["run_id"])
            _tell(told, f"{kind} {shard}", rows)
    for place in WHOLE:
        for path in sorted(Path(run.path, place).glob("*.parquet")):
            _tell(told, f"{place} {path.name}", read_rows(UPath(path)))
    return told.hexdigest()


def _tell(told: hashlib._Hash, name: str, rows: pa.Table) -> None:
    """The name and the rows, as bytes that know neither layers nor chunks nor what lies below a null."""
    file = pa.BufferOutputStream()
    rows = rows.replace_schema_metadata(None).combine_chunks()
    pq.write_table(rows, file, compression="none", use_dictionary=False)
    told.update(f"\n{name}\n".encode())
    told.update(file.getvalue())
