"""Figures of a run become benchmarks/results.json, benchmarks/results.md and tables on the terminal.

Belongs here: what the tables say and how they are worded. Does not: measuring.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).resolve().parent / "results.json"
WIDTH = 110  # what the widest table needs
PACKAGES = ("numpy", "pandas", "pyarrow", "duckdb", "polars", "lightgbm")
SAID = {
    "ours": "this system",
    "duckdb": "DuckDB",
    "polars": "Polars, streaming",
    "polars-in-memory": "Polars, in memory",
    "duckdb-csv": "DuckDB, CSV",
    "polars-csv": "Polars, CSV",
}
TITLES = {
    "speed": "Building features",
    "shap": "Exact contributions",
    "power": "Telling defaults from good clients",
    "models": "Models",
}
INTRODUCTION = """\
# Benchmarks

<!-- Written by `make bench`. Do not edit. -->

Every figure is from one run on the machine it names. Each section can be run alone: `python -m benchmarks.speed`,
`python -m benchmarks.shap`, `python -m benchmarks.power`, `python -m benchmarks.models`.
"""


@dataclass(frozen=True)
class Figures:
    """A table: its title, what it means, its header and its rows as text."""

    title: str
    text: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        lines = [self.header, ("---",) * len(self.header), *self.rows]
        table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        return f"### {self.title}\n\n{self.text}\n\n{table}\n"

    def show(self, console: Console) -> None:
        table = Table(title=self.title, caption=self.text, title_justify="left", caption_justify="left")
        for number, name in enumerate(self.header):
            figures = bool(self.rows) and number > 0 and self.rows[0][number][-1].isdigit()
            table.add_column(name, justify="right" if figures else "left")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)


def write_result(kind: str, found: Any) -> None:
    """Keeps what was found ("speed", "shap" or "power"), rewrites results.md, prints the tables."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    known[kind] = {"machine": machine(), "found": found}
    RESULTS.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    RESULTS.with_suffix(".md").write_text(as_markdown(known), encoding="utf-8")
    console = Console()
    console.width = max(console.width, WIDTH)
    for figures in figures_of(kind, found):
        figures.show(console)
    console.print(f"written to {RESULTS.with_suffix('.md')}", highlight=False)


def machine() -> dict[str, object]:
    """What the figures were measured on: cores and memory that this process may use, versions, the day."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory / 1e9, 1),
        "load": round(os.getloadavg()[1], 1),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": {name: version(name) for name in PACKAGES},
    }


def as_markdown(known: Mapping[str, Any]) -> str:
    """results.md: a section for each kind of result that is known."""
    parts = [INTRODUCTION]
    for kind, title in TITLES.items():
        if kind in known:
            parts.append(f"## {title}\n\n{_machine_words(known[kind]['machine'])}\n")
            parts += [figures.markdown() for figures in figures_of(kind, known[kind]["found"])]
    return "\n".join(parts)


def _machine_words(machine: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"{machine['date']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}; {versions}. "
        f"Mean load of the machine during the last five minutes: {machine['load']}."
    )


def figures_of(kind: str, found: Any) -> Sequence[Figures]:
    """The tables of a kind of result."""
    if kind == "models":
        from benchmarks.models import model_figures  # it measures, and needs this module to write

        return model_figures(found)
    if kind == "shap":
        return [shap_figures(found), table_figures(found)]
    return speed_figures(found) if kind == "speed" else [power_figures(found)]


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


def shap_figures(found: Sequence[Mapping[str, Any]]) -> Figures:
    """Clients per second of both sides, model by model."""
    rows = tuple(
        (
            run["model"],
            f"{run['beside'] / run['theirs']['seconds']:,.0f}",
            f"{run['beside'] / run['ours']['seconds']:,.0f}",
            f"{run['rows']:,}",
            f"{run['tables']['seconds'] + run['full']['seconds']:.2f}",
            f"{run['ratio']:.0f}",
            f"{run['cpu_ratio']:.0f}",
            f"{run['largest_difference']:.1e}",
        )
        for run in found
    )
    header = (
        "model",
        "pred_contrib /s",
        "ours /s",
        "all rows",
        "seconds",
        "ratio",
        "CPU ratio",
        "difference",
    )
    asked = ", ".join(
        f"{run['model']}: {'reached' if run['ratio'] >= run['asked'] else 'not reached'}" for run in found
    )
    text = f"{_SHAP_WORDS} Asked: {found[0]['asked']} times. {asked}."
    return Figures(f"Beside LightGBM's pred_contrib, {found[0]['beside']:,} clients", text, header, rows)


def table_figures(found: Sequence[Mapping[str, Any]]) -> Figures:
    """What is prepared once per model, and one client alone."""
    rows = tuple(
        (
            run["model"],
            f"{run['trees']:,}",
            f"{run['leaves']:,}",
            f"{run['table_bytes'] / 1e6:.1f} MB",
            f"{run['odd_leaves']:,}",
            f"{run['tables']['seconds']:.2f} s",
            f"{run['one_client_ms'][0]:.2f} ms",
            f"{run['one_client_ms'][1]:.2f} ms",
        )
        for run in found
    )
    header = (
        "model",
        "trees",
        "leaves",
        "tables",
        "without table",
        "prepared in",
        "one client",
        "95th percentile",
    )
    text = "Tables are bounded; a leaf without one is computed by the same formula, client by client."
    return Figures("Tables and one client alone", text, header, rows)


_SHAP_WORDS = (
    "Same model, same rows, as many threads as cores; both sides in turns, median of three rounds. Clients per "
    "second without tables; `seconds` is all rows with the tables built anew, `ratio` what LightGBM would take for "
    "them at its pace, divided by that; `CPU ratio` the same in CPU seconds. `difference`: the largest of any "
    "contribution. The production model is what `pret train` makes of simulated clients; the other has 31 leaves a "
    "tree."
)


def power_figures(found: Sequence[Mapping[str, Any]]) -> Figures:
    """AUC of two sets of columns on the same folds, line by line."""
    rows = []
    for row in found:
        result = row["result"]
        rows.append(
            (
                row["clients"],
                row["fit"],
                f"{row['ours']} ({row['columns']})",
                f"{row['theirs']} ({row['columns_of_theirs']})",
                f"{result['ours']:.4f}",
                f"{result['theirs']:.4f}",
                f"{result['difference']:+.4f}",
                f"{result['plain_error']:.4f}",
                f"{result['corrected_error']:.4f}",
            )
        )
    header = (
        "clients",
        "fit",
        "columns",
        "beside",
        "AUC",
        "AUC beside",
        "difference",
        "plain error",
        "corrected",
    )
    fits = dict.fromkeys(row["parameters"] for row in found)
    text = f"{_POWER_WORDS} Fits: {'; '.join(fits)}."
    return Figures("AUC on the same folds", text, header, tuple(rows))


_POWER_WORDS = (
    "Real rows. Stratified folds, the same for all sets; LightGBM with rounds fixed beforehand, the same for "
    "all. The plain error takes folds for independent; the corrected one (Nadeau and Bengio 2003) does not, and"
    " is the one to read. The sample joins two parts with different default rates, so the AUC of all its "
    "clients is inflated for every set: read the parts. The catalogue's directions and its pruning were decided"
    " on the sample's labels, which flatters `declared` on the sample; `any direction` is free of the first, "
    "and the 53,471 applications, 92 % of them other clients, are nearly free of both. Columns: declared (every"
    " model input of the catalogue, kept to the directions it declares), any direction (the same, free), "
    "baseline (min, max, mean, sum of every number, share of every category, the application as it is), with "
    "identifiers (identifiers as numbers and row counts too)."
)
