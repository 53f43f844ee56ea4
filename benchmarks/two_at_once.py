"""What a machine gives to two processes that share nothing: the same piece of work in one, and in both at once.

Belongs here: the pieces of work, starting them together. Does not: Dask, nights (second_worker).
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from upath import UPath

from batch.steps.scoring import ScoringTask, score_part
from features.segments import compiled
from model_store import load

SHARDS_SCORED, COPIED, COPIES, STEPS = 12, 1 << 27, 150, 10_000_000_000
SCORING, COPYING, COUNTING = "scoring shards", "copying memory", "counting"
PIECES = (SCORING, COPYING, COUNTING)
Work = Callable[[], object]


def alone_and_together(kind: str, store: Path) -> tuple[float, float]:
    """Seconds of a piece of work in one process, and of two such in two processes at the same time."""
    return at_once(kind, store, 1), at_once(kind, store, 2)


def at_once(kind: str, store: Path, processes: int) -> float:
    """Seconds from the beginning of the first to the end of the last; what they import and load is not timed."""
    context = multiprocessing.get_context("spawn")
    ready, told = context.Barrier(processes), context.Queue()
    started = [
        context.Process(target=_work_in_child, args=(kind, store, number, ready, told))
        for number in range(processes)
    ]
    for process in started:
        process.start()
    times = [told.get(timeout=300) for _ in started]
    for process in started:
        process.join()
    began, ended = zip(*times, strict=True)
    return float(max(ended) - min(began))


def _work_in_child(kind: str, store: Path, number: int, ready: Any, told: Any) -> None:
    with tempfile.TemporaryDirectory(dir=store.parent) as folder:
        work = {SCORING: _scoring, COPYING: _copying, COUNTING: _counting}[kind](store, Path(folder), number)
        ready.wait()
        begin = time.monotonic()
        work()
        told.put((begin, time.monotonic()))


def _scoring(store: Path, folder: Path, number: int) -> Work:
    """Shards of its own for each process; one more before, so that model and machine code are loaded."""
    where = UPath(next((store / "ingests").iterdir()))
    shards = len(list(where.glob("shard=*")))
    version = load(UPath(store), "champion").version
    task = ScoringTask(where, UPath(folder), UPath(store), "none", version, shards, "none")
    score_part(shards - 1 - number, task)
    own = range(number * SHARDS_SCORED, (number + 1) * SHARDS_SCORED)
    return lambda: [score_part(shard % (shards - 2), task) for shard in own]


def _copying(_store: Path, _folder: Path, _number: int) -> Work:
    source, target = np.ones(COPIED, np.uint8), np.zeros(COPIED, np.uint8)

    def copy() -> None:
        for _ in range(COPIES):
            np.copyto(target, source)

    return copy


def _counting(_store: Path, _folder: Path, _number: int) -> Work:
    _count(1)
    return lambda: _count(STEPS)


@compiled
def _count(steps: int) -> int:
    """Steps of which each needs the one before, and no memory."""
    state = 1
    for _ in range(steps):
        state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFF
    return state
