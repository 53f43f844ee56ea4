"""Figures of a run become benchmarks/results.json, benchmarks/results.md and tables on the terminal.

Belongs here: what a table is, the order of the sections. Does not: what the tables say (the modules that measure).
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).resolve().parent / "results.json"
WIDTH = 110  # what the widest table needs
PACKAGES = ("numpy", "pandas", "pyarrow", "duckdb", "polars", "lightgbm", "lime")
TITLES = {
    "speed": "Building features",
    "night": "The night",
    "second_night": "The night after",
    "scale": "Ten times the clients",
    "second_worker": "The second worker",
    "shap": "Exact contributions",
    "lime": "LIME",
    "ways": "Ways out, what-if, similar clients",
    "power": "Telling defaults from good clients",
    "models": "Models on real rows",
    "models_simulated": "Models on simulated tables",
}
INTRODUCTION = """\
# Benchmarks

<!-- Written by `make bench`. Do not edit. -->

Every figure is from one run on the machine it names. Each section can be run alone: `python -m benchmarks.speed`,
`python -m benchmarks.night`, `python -m benchmarks.second_night`, `python -m benchmarks.scale` (two folders of
tables), `python -m benchmarks.second_worker`, `python -m benchmarks.shap`, `python -m benchmarks.lime`,
`python -m benchmarks.ways`, `python -m benchmarks.power`, `python -m benchmarks.models`.
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
            figures = bool(self.rows) and number > 0 and self.rows[0][number][-1:].isdigit()
            table.add_column(name, justify="right" if figures else "left")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)


def write_result(kind: str, found: Any, tables: Sequence[Figures]) -> None:
    """Keeps what was found (`kind`: a section of TITLES) and its tables, rewrites results.md, prints the tables."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    known[kind] = {"machine": machine(), "found": found, "figures": [asdict(table) for table in tables]}
    RESULTS.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    RESULTS.with_suffix(".md").write_text(as_markdown(known), encoding="utf-8")
    console = Console()
    console.width = max(console.width, WIDTH)
    for table in tables:
        table.show(console)
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
            parts += [Figures(**table).markdown() for table in known[kind]["figures"]]
    return "\n".join(parts)


def _machine_words(machine: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"{machine['date']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}; {versions}. "
        f"Mean load of the machine during the last five minutes: {machine['load']}."
    )
