"""The tables of `python -m benchmarks.speed`.

Belongs here: what they say and how they are worded. Does not: measuring (speed), writing (results).
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.results import Figures

SAID = {
    "ours": "this system",
    "duckdb": "DuckDB",
    "polars": "Polars, streaming",
    "polars-in-memory": "Polars, in memory",
    "duckdb-csv": "DuckDB, CSV",
    "polars-csv": "Polars, CSV",
}


def speed_figures(found: Mapping[str, Any]) -> list[Figures]:
    """The table of ratios, the table from CSV, agreement, one client."""
    runs = {run["job"]: run for run in found["measured"]}
    what = (
        f"{found['columns']} declared features of {found['clients']:,} clients "
        f"({found['data']}) from {found['rows']:,} rows"
    )
    built = [job for job in ("ours", "duckdb", "polars", "polars-in-memory") if job in runs]
    csv = [job for job in ("duckdb-csv", "polars-csv") if job in runs]
    sides = [(SAID[job], _typical(runs[job])) for job in built]
    both = _together(_typical(runs["ingest"]), _typical(runs["ours"]))
    from_csv = [("this system, CSV", both)]
    from_csv += [(SAID[job], _typical(runs[job])) for job in csv]
    worst = [(SAID[r["job"]], r["name"], f"{r['relative']:.1e}") for r in found["agreement"]]
    single = found["one_client_ms"]
    return [
        Figures(
            f"{what}: from what each keeps to the columns in memory",
            f"{_RATIO_WORDS} {_goal_words(sides, found['asked'])}",
            _RATIO_HEADER,
            _ratios(sides),
        ),
        Figures("The same from CSV", _CSV_WORDS, _RATIO_HEADER, _ratios(from_csv)),
        Figures(
            "Agreement with this system",
            "Every client, every column: the same missing values, and the largest difference in the worst column, "
            "relative to the value or the column's mean absolute value.",
            ("beside", "worst column", "relative difference"),
            tuple(worst),
        ),
        Figures(
            "One client through build_features",
            "200 clients of the first shard, one after the other, their rows already in frames of their own.",
            ("median", "95th percentile"),
            ((f"{single['median']:.1f} ms", f"{single['p95']:.1f} ms"),),
        ),
    ]


_RATIO_HEADER = ("", "seconds", "least", "CPU s", "peak", "seconds / ours", "CPU / ours", "peak / ours")
_RATIO_WORDS = (
    "Each run in a fresh process, the sides in turns; median of the runs, `least` the quickest. Same columns, same "
    "types (those of a shard), as many threads as cores. DuckDB and Polars read one file per table in the order of "
    "the CSV and hand over one table; this system reads shards sorted by client, which its ingest made once, and "
    "hands over shard by shard, as the night scores them. Peak: the largest resident set, mapped files included."
)
_CSV_WORDS = (
    "One run each, nothing prepared; this system: ingest, then build. The ingest also checks every value, sets bad "
    "rows aside, fingerprints the files and leaves shards behind for training, the service and the next job; the "
    "others trust the files."
)
Typical = tuple[float, float, float, float]


def _goal_words(sides: Sequence[tuple[str, Typical]], asked: float) -> str:
    """Whether the faster peer takes as many times as long as it should."""
    ours, fastest = sides[0][1][0], min(found[0] for _, found in sides[1:])
    reached = "reached" if fastest / ours >= asked else "not reached"
    return f"Asked: {asked:.1f} times as fast as the faster peer; measured: {fastest / ours:.1f}, {reached}."


def _typical(run: Mapping[str, Any]) -> Typical:
    """Median seconds, least seconds, median CPU seconds, largest peak in GB."""
    return (
        statistics.median(run["seconds"]),
        min(run["seconds"]),
        statistics.median(run["cpu_seconds"]),
        max(run["peak_bytes"]) / 1e9,
    )


def _together(first: Typical, second: Typical) -> Typical:
    seconds, least, cpu = (one + other for one, other in zip(first[:3], second[:3], strict=True))
    return seconds, least, cpu, max(first[3], second[3])


def _ratios(sides: Iterable[tuple[str, Typical]]) -> tuple[tuple[str, ...], ...]:
    """One line a side; the first is what the others are divided by."""
    listed = list(sides)
    unit = listed[0][1]
    return tuple(
        (
            name,
            *(f"{value:.1f}" for value in found[:3]),
            f"{found[3]:.2f} GB",
            *(f"{found[place] / unit[place]:.1f}" for place in (0, 2, 3)),
        )
        for name, found in listed
    )
