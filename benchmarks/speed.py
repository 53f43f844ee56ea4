"""How fast the same columns are built: this system, DuckDB and Polars, in one run on one machine.

Belongs here: what is prepared, which jobs run how often, agreement, one client alone. Does not: the jobs (jobs).

`python -m benchmarks.speed [--clients N] [--data DIR] [--repeats R]` simulates unless a folder is given.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from upath import UPath

from batch.console import Progress
from benchmarks.agreement import compare_files, require_agreement
from benchmarks.data import SEED, simulated, write_parquet
from benchmarks.results import write_result
from benchmarks.speed_tables import speed_figures
from features import CATALOGUE, TABLES, build_features
from features.schemas import CLIENT
from model_store.client_shards import read_shard

CACHE = Path(__file__).resolve().parent / "data"
FULL_SCALE = 356_255
PEERS = ("duckdb", "polars", "polars-in-memory")
FROM_CSV = ("duckdb-csv", "polars-csv")
CLIENTS_ONE_BY_ONE = 200
RATIO_ASKED = 4.0  # times as fast as the faster peer from what each keeps


@dataclass(frozen=True)
class Measured:
    """What a job took, run after run: seconds, CPU seconds, peak memory in bytes."""

    job: str
    seconds: tuple[float, ...]
    cpu_seconds: tuple[float, ...]
    peak_bytes: tuple[int, ...]


@dataclass(frozen=True)
class Places:
    """Where the tables lie: as they came, as Parquet, as client shards; and where results go."""

    data: Path
    parquet: Path
    store: Path
    built: Path


class JobFailed(Exception):
    """A job ended with an error; the message is that error."""


def prepare(data: Path | None, clients: int, cache: Path, progress: Progress) -> Places:
    """The tables, simulated if no folder is given, and the same as Parquet; both are kept for the next run."""
    folder = cache / (f"simulated-{clients}" if data is None else f"given-{data.resolve().name}")
    places = Places(data or folder / "tables", folder / "parquet", folder / "store", folder / "built")
    if data is None:
        simulated(places.data, clients, progress)
    if not places.parquet.exists():
        unfinished = folder / "parquet.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        with progress.step("tables as Parquet"):
            write_parquet(places.data, unfinished)
        unfinished.rename(places.parquet)
    shutil.rmtree(places.store, ignore_errors=True)
    shutil.rmtree(places.built, ignore_errors=True)
    places.built.mkdir(parents=True)
    return places


def run_job(job: str, source: Path, target: Path | None, progress: Progress) -> dict[str, float]:
    """One job in a fresh process; without a target the columns stay in memory. Errors: JobFailed with its error."""
    if target is not None and target.suffix != ".parquet":
        shutil.rmtree(target, ignore_errors=True)
    output = [] if target is None else [str(target)]
    command = [sys.executable, "-m", "benchmarks.jobs", job, str(source), *output]
    with progress.step(job):
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=CACHE.parents[1])
    if done.returncode:
        raise JobFailed(f"{job}: {_error_line(done.stderr)}")
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _error_line(text: str) -> str:
    """What a traceback ends in: the first line after its last place in the code."""
    lines = text.strip().splitlines()
    places = [number for number, line in enumerate(lines) if line.startswith("  File ")]
    after = lines[places[-1] + 1 :] if places else lines
    return next((line for line in after if line.strip() and not line.startswith(" ")), "no message")


def run_jobs(places: Places, repeats: int, progress: Progress) -> list[Measured]:
    """Every job `repeats` times, one after the other in turns; those from CSV once (not for other formats).

    Before, each side writes its columns once for the comparison, untimed: files and compiled code are warm for all.
    """
    runs: dict[str, list[dict[str, float]]] = {}

    def run(job: str, source: Path, target: Path | None = None) -> None:
        runs.setdefault(job, []).append(run_job(job, source, target, progress))

    run("ingest", places.data, places.store)
    run_job("ours", places.store, places.built / "ours", progress)
    for job in PEERS:
        run_job(job, places.parquet, places.built / f"{job}.parquet", progress)
    for _ in range(repeats):
        run("ours", places.store)
        for job in PEERS:
            run(job, places.parquet)
    if all((places.data / f"{file}.csv").exists() for table in TABLES.values() for file in table.files):
        for job in FROM_CSV:
            run(job, places.data)
    return [
        Measured(
            job,
            tuple(run["seconds"] for run in found),
            tuple(run["cpu_seconds"] for run in found),
            tuple(int(run["peak_bytes"]) for run in found),
        )
        for job, found in runs.items()
    ]


def check_agreement(places: Places, jobs: Sequence[str], progress: Progress) -> list[dict[str, object]]:
    """The worst column of each peer. Errors: Disagreement if any client differs in any column."""
    found = []
    for job in jobs:
        with progress.step(f"compare {job}"):
            columns = compare_files(places.built / "ours", places.built / f"{job}.parquet", CATALOGUE.names)
        require_agreement(job, columns)
        found.append({"job": job, **asdict(columns[0])})
    return found


def one_by_one(store: Path) -> dict[str, float]:
    """Milliseconds of `build_features` for one client, median and 95th percentile over 200 clients."""
    folder = next((store / "ingests").iterdir())
    tables = read_shard(UPath(folder), 0, CATALOGUE.columns)
    clients = tables["application"][CLIENT].tolist()[: CLIENTS_ONE_BY_ONE + 1]
    own = {
        name: dict(list(frame[frame[CLIENT].isin(clients)].groupby(CLIENT))) for name, frame in tables.items()
    }
    took = []
    for client in clients:
        frames = {name: parts.get(client, tables[name].iloc[:0]) for name, parts in own.items()}
        started = time.perf_counter()
        build_features(frames)
        took.append(1000 * (time.perf_counter() - started))
    return {
        "median": statistics.median(took[1:]),
        "p95": float(np.quantile(took[1:], 0.95)),
    }  # first: warm-up


def run_speed(
    data: Path | None, clients: int, repeats: int, cache: Path, progress: Progress
) -> dict[str, object]:
    """Everything the table of ratios says. Errors: Disagreement, JobFailed."""
    places = prepare(data, clients, cache, progress)
    measured = run_jobs(places, repeats, progress)
    agreement = check_agreement(places, PEERS, progress)
    with progress.step("one client at a time"):
        single = one_by_one(places.store)
    rows = {name: pq.read_metadata(places.parquet / f"{name}.parquet").num_rows for name in TABLES}
    return {
        "data": f"simulated, seed {SEED}" if data is None else data.resolve().name,
        "clients": rows["application"],
        "rows": sum(rows.values()),
        "columns": len(CATALOGUE),
        "catalogue_hash": CATALOGUE.hash,
        "asked": RATIO_ASKED,
        "measured": [asdict(found) for found in measured],
        "agreement": agreement,
        "one_client_ms": single,
    }


def main() -> None:
    """Runs the jobs, prints the table of ratios, writes it into benchmarks/results.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--clients", type=int, default=FULL_SCALE, help="clients to simulate")
    parser.add_argument("--data", type=Path, help="a folder of tables instead of simulated ones")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each job")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where tables are kept for the next run")
    given = parser.parse_args()
    found = run_speed(given.data, given.clients, given.repeats, given.cache, Progress())
    write_result("speed", found, speed_figures(found))


if __name__ == "__main__":
    main()
