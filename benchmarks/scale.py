"""The same night of ten times the clients: time and memory beside those of the base it is ten times of.

Belongs here: the two nights and their table. Does not: running one night (night).

`python -m benchmarks.scale --data SMALL LARGE --store STORE`: folders of Parquet tables; STORE has a champion, each
night starts from a store with that model and nothing else.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from batch.console import Progress
from benchmarks.night import run_night
from benchmarks.results import Figures, write_result

TIMES_ASKED = 11


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
        f"store with that model only: {clients:,} clients ({small['rows']:,} rows) and {more:,} "
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


def main() -> None:
    """Measures, prints the table, writes it into benchmarks/results.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--data", type=Path, nargs=2, required=True, metavar=("SMALL", "LARGE"))
    parser.add_argument("--store", type=Path, required=True)
    given = parser.parse_args()
    nights = []
    with Progress().step("nights", 2, unit="nights") as advance:
        for data in given.data:
            nights.append(asdict(run_night(data, given.store)))
            advance(1)
    found = {"nights": nights}
    write_result("scale", found, [scale_figures(found)])


if __name__ == "__main__":
    main()
