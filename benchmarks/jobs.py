"""The same work three ways, each run in a process of its own: `python -m benchmarks.jobs NAME INPUT [OUTPUT]`.

Belongs here: what each side does between its input and the columns in memory, or in a Parquet file where an output
is given (to compare values; that is not timed). Does not: timing many of them.

The last line printed is JSON: seconds and CPU seconds of the work (imports left out) and the process's peak memory.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from features import CATALOGUE, build_features

if TYPE_CHECKING:
    import polars as pl

THREADS = len(os.sched_getaffinity(0))


def build_ours(store: Path, target: Path | None) -> None:
    """From the store's client shards to the features of each, shard by shard as the night does."""
    from batch.console import Progress
    from batch.workers import connect

    folder = max((store / "ingests").iterdir(), key=lambda path: path.stat().st_mtime)
    shards = len(list(folder.glob("shard=*")))
    if target is not None:
        target.mkdir(parents=True, exist_ok=True)
    with connect(threads=THREADS) as workers:
        workers.map_shards("features", build_shard, shards, Progress(), UPath(folder), target)


def build_shard(shard: int, folder: UPath, target: Path | None) -> None:
    from model_store.client_shards import read_shard

    features = build_features(read_shard(folder, shard, CATALOGUE.columns))
    if target is not None:
        table = pa.Table.from_pandas(features.reset_index(), preserve_index=False)
        pq.write_table(table, target / f"{shard:03d}.parquet", compression="lz4")


def ingest_csv(data: Path, store: Path | None) -> None:
    """CSV to client shards: every row checked, rows without use set aside, sorted by client."""
    from batch.console import Progress
    from batch.ingest import ingest
    from batch.workers import connect

    with connect(threads=THREADS) as workers:
        ingest(UPath(data), UPath(str(store)), workers, Progress())


def duckdb_parquet(folder: Path, target: Path | None) -> None:
    from benchmarks.in_duckdb import parquet_sources

    _run_duckdb(parquet_sources(folder), target)


def duckdb_csv(folder: Path, target: Path | None) -> None:
    from benchmarks.in_duckdb import csv_sources

    _run_duckdb(csv_sources(folder), target)


def _run_duckdb(sources: dict[str, str], target: Path | None) -> None:
    import duckdb

    from benchmarks.in_duckdb import catalogue_sql

    connection = duckdb.connect(config={"threads": THREADS, "preserve_insertion_order": False})
    query = catalogue_sql(CATALOGUE, sources)
    if target is None:
        connection.execute(query).to_arrow_table()
    else:
        connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION lz4_raw)")


def polars_streaming(folder: Path, target: Path | None) -> None:
    from benchmarks.in_polars import catalogue_frame, parquet_sources

    _run_polars(catalogue_frame(CATALOGUE, parquet_sources(folder)), "streaming", target)


def polars_in_memory(folder: Path, target: Path | None) -> None:
    from benchmarks.in_polars import catalogue_frame, parquet_sources

    _run_polars(catalogue_frame(CATALOGUE, parquet_sources(folder)), "in-memory", target)


def polars_csv(folder: Path, target: Path | None) -> None:
    from benchmarks.in_polars import catalogue_frame, csv_sources

    _run_polars(catalogue_frame(CATALOGUE, csv_sources(folder)), "streaming", target)


def _run_polars(frame: pl.LazyFrame, engine: Literal["streaming", "in-memory"], target: Path | None) -> None:
    found = frame.collect(engine=engine)
    if target is not None:
        found.write_parquet(target, compression="lz4")


JOBS: dict[str, Callable[[Path, Path | None], None]] = {
    "ours": build_ours,
    "ingest": ingest_csv,
    "duckdb": duckdb_parquet,
    "polars": polars_streaming,
    "polars-in-memory": polars_in_memory,
    "duckdb-csv": duckdb_csv,
    "polars-csv": polars_csv,
}
MODULES = {"ours": ("batch.workers", "batch.shards.sharding"), "ingest": ("batch.workers", "batch.ingest")}


def import_all(name: str) -> None:
    """Imports what a job needs, so that the clock runs for its work only."""
    side = name.split("-")[0]
    for module in MODULES.get(name, (side, f"benchmarks.in_{side}")):
        __import__(module)


def peak_memory() -> int:
    """Bytes of memory that this process has held at most. Its rusage would count the parent it was forked from."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def main(name: str, source: str, target: str | None = None) -> None:
    import_all(name)
    started, cpu = time.monotonic(), time.process_time()
    JOBS[name](Path(source), None if target is None else Path(target))
    measured = {
        "seconds": time.monotonic() - started,
        "cpu_seconds": time.process_time() - cpu,
        "peak_bytes": peak_memory(),
    }
    sys.stdout.write(f"\n{json.dumps(measured)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
