"""The same night of ten times the clients: time and memory beside those of the base it is ten times of.

Belongs here: the two nights and their table. Does not: running one night (night).

`python -m benchmarks.scale --data SMALL LARGE --store STORE --kept FILE`: folders of Parquet tables; STORE has a
champion, each night starts from a store with that model and nothing else. A call runs the first of the two nights
that FILE lacks and keeps it there; the call that finds both writes the table.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from batch.console import Progress
from benchmarks.night import PRET, run_night
from benchmarks.results import Figures, write_result

TIMES_ASKED, CLIENTS_BEFORE = 11, 1_000


def scale_figures(found: Mapping[str, Any]) -> Figures:
    """Both nights stage by stage, and how many times as much the large one takes."""
    small, large = found["nights"]
    stages = {stage["stage"]: stage["seconds"] for stage in small["stages"]}
    rows = [
        _row(stage["stage"], stages[stage["stage"]], stage["seconds"], "s")
        for stage in large["stages"]
        if stage["stage"] in stages
    ]
    rows += [
        _row("**the whole night**", small["seconds"], large["seconds"], "s"),
        _row("CPU", small["cpu_seconds"], large["cpu_seconds"], "s"),
        _row("peak memory", small["peak_bytes"] / 1e9, large["peak_bytes"] / 1e9, "GB"),
    ]
    clients, more = small["clients"], large["clients"]
    text = (
        "`pret night` from the command to its end, threads of one process, the same model, Parquet, each from a "
        "store with that model only, each after a small night that has everything compiled, no table in the memory "
        f"of the system: {clients:,} clients ({small['rows']:,} rows) and {more:,} "
        f"({large['rows']:,} rows). Asked: ten times the clients in at most {TIMES_ASKED} times the time with the "
        f"same peak memory. Measured: {more / clients:.1f} times the clients in "
        f"{large['seconds'] / small['seconds']:.1f} times the time with "
        f"{large['peak_bytes'] / small['peak_bytes']:.2f} times the memory."
    )
    header = ("", f"{clients:,} clients", f"{more:,} clients", "times")
    return Figures("Ten times the clients", text, header, tuple(rows))


def _row(name: str, small: float, large: float, unit: str) -> tuple[str, ...]:
    digits = 2 if unit == "GB" else 1
    told = (f"{value:,.{digits}f} {unit}" for value in (small, large))
    return (name, *told, f"{large / small:.2f}" if small else "")


def cold_night(data: Path, store: Path) -> dict[str, Any]:
    """A night of tables that are read from the disk; what is compiled once was compiled by a small one before."""
    with tempfile.TemporaryDirectory(dir=store.parent) as folder:
        few = Path(folder) / "few"
        few_clients = ["--clients", str(CLIENTS_BEFORE), "--format", "parquet"]
        subprocess.run([*PRET, "simulate", str(few), *few_clients], check=True, capture_output=True)
        run_night(few, store)
    for path in data.iterdir():
        _leave_memory(path)
    return asdict(run_night(data, store))


def _leave_memory(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)  # what is not on the disk yet stays
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(file)


def main() -> None:
    """Measures a night; with both, prints the table and writes it into benchmarks/results.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--data", type=Path, nargs=2, required=True, metavar=("SMALL", "LARGE"))
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--kept", type=Path, required=True, metavar="FILE", help="nights of earlier calls")
    given = parser.parse_args()
    kept: dict[str, Any] = json.loads(given.kept.read_text()) if given.kept.exists() else {}
    missing = [data for data in given.data if str(data) not in kept]
    if missing:
        with Progress().step(f"a night of {missing[0]}"):
            kept[str(missing[0])] = cold_night(missing[0], given.store)
        given.kept.write_text(json.dumps(kept))
    if len(missing) <= 1:
        found = {"nights": [kept[str(data)] for data in given.data]}
        write_result("scale", found, [scale_figures(found)])


if __name__ == "__main__":
    main()
