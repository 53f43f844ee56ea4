"""What a second Dask worker adds: the night's sharded stages with one worker and with two, in turn.

Belongs here: the nights, the table. Does not: one night (night), what the machine gives without Dask (two_at_once).

`python -m benchmarks.second_worker --data DIR --store STORE [--repeats R]`: STORE has a champion; workers are
processes of one thread; each night starts from a store with that model and nothing else.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from distributed import LocalCluster
from upath import UPath

from batch.console import Progress
from batch.ingest import ingest
from batch.workers import connect
from benchmarks.night import run_night
from benchmarks.results import Figures, write_result
from benchmarks.two_at_once import PIECES, SHARDS_SCORED, alone_and_together

SHARDED = ("shard", "score", "check")
"""Stages whose work is done by shard; `check` also has what is done once, with what shards told."""
TIMES_ASKED = 1.7


def night_with(workers: int, data: Path, store: Path) -> dict[str, Any]:
    """A night whose shards so many worker processes of one thread work on."""
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as cluster:
        return asdict(run_night(data, store, ("--scheduler", cluster.scheduler_address)))


def measure(data: Path, store: Path, repeats: int, progress: Progress) -> dict[str, Any]:
    """Nights with one worker and with two, controls between them, in turn."""
    nights: dict[str, list[dict[str, Any]]] = {"one": [], "two": []}
    controls: dict[str, list[tuple[float, float]]] = {piece: [] for piece in PIECES}
    with tempfile.TemporaryDirectory(dir=store.parent) as folder:
        kept = Path(folder) / "store"
        shutil.copytree(store / "models", kept / "models")
        with connect() as threads:
            ingest(UPath(data), UPath(kept), threads, progress)
        with progress.step("rounds", repeats, unit="rounds") as advance:
            for _ in range(repeats):
                nights["one"].append(night_with(1, data, store))
                nights["two"].append(night_with(2, data, store))
                for kind, found in controls.items():
                    found.append(alone_and_together(kind, kept))
                advance(1)
    return {"nights": nights, "controls": controls}


def second_worker_figures(found: Mapping[str, Any]) -> Figures:
    """Medians of the stages with one worker and with two; below, the same of processes that share nothing."""
    one, two = found["nights"]["one"], found["nights"]["two"]
    rows = [_row(stage, *(_median_of([stage], nights) for nights in (one, two))) for stage in SHARDED]
    all_one, all_two = (_median_of(SHARDED, nights) for nights in (one, two))
    rows.append(_row("**the sharded part**", all_one, all_two))
    for kind, pairs in found["controls"].items():
        alone = statistics.median(pair[0] for pair in pairs)
        together = statistics.median(pair[1] for pair in pairs)
        rows.append(_row(f"no Dask: {kind}", 2 * alone, together))
    each = " and ".join(
        f"{_seconds_of(SHARDED, first) / _seconds_of(SHARDED, second):.2f}"
        for first, second in zip(one, two, strict=True)
    )
    text = (
        f"`pret night --scheduler` with one worker process of one thread and with two, {len(one)} times in turn, "
        f"{one[0]['clients']:,} clients, Parquet; medians. Asked: the second worker makes the sharded part "
        f"{TIMES_ASKED} times faster. Measured: {all_one / all_two:.2f} ({each}). Below, what the machine gives "
        "without Dask: a piece of work twice in one process, and once in each of two that share nothing. "
        f"Pieces: scoring {SHARDS_SCORED} shards, copying memory beyond the caches, counting in registers."
    )
    return Figures("The second worker", text, ("", "one", "two", "times"), tuple(rows))


def _seconds_of(stages: Sequence[str], night: Mapping[str, Any]) -> float:
    return float(sum(stage["seconds"] for stage in night["stages"] if stage["stage"] in stages))


def _median_of(stages: Sequence[str], nights: Sequence[Mapping[str, Any]]) -> float:
    return statistics.median(_seconds_of(stages, night) for night in nights)


def _row(name: str, one: float, two: float) -> tuple[str, ...]:
    return (name, f"{one:.1f} s", f"{two:.1f} s", f"{one / two:.2f}")


def main() -> None:
    """Measures, prints the table, writes it into benchmarks/results.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.second_worker", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder of tables as Parquet")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    found = measure(given.data, given.store, given.repeats, Progress())
    write_result("second_worker", found, [second_worker_figures(found)])


if __name__ == "__main__":
    main()
