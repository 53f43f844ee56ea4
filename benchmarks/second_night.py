"""The night after, when few clients changed: beside the first night, from CSV and from Parquet.

Belongs here: pairs of nights and their table. Does not: running a night (night).

`python -m benchmarks.second_night [--clients N] [--data DIR …] [--store STORE] [--repeats R]`: folders that
`pret simulate --nights 2` wrote; without any, N clients are simulated as CSV and as Parquet. A model is trained in
STORE if it has none; each pair starts from a store with that model and nothing else.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from batch.console import Progress
from benchmarks.data import simulated
from benchmarks.night import run_following, train_if_needed
from benchmarks.results import Figures, write_result
from benchmarks.speed import CACHE

SHARE_ASKED = 1 / 3
CLIENTS = 356_255


def both_formats(clients: int, cache: Path, progress: Progress) -> list[Path]:
    """Folders of two nights, one of each format; that of CSV is the one whose features benchmarks.speed builds."""
    folder = cache / f"simulated-{clients}"
    return [
        simulated(folder / "tables", clients, progress),
        simulated(folder / "tables-parquet", clients, progress, "parquet"),
    ]


def following_of(folder: Path) -> Path:
    """The second night of a folder of nights. Errors: FileNotFoundError if it holds one night only."""
    found = sorted(folder.glob("as_of=*"))
    if not found:
        raise FileNotFoundError(f"{folder} holds no folder as_of=DATE; simulate it with --nights 2")
    return found[0]


def run_pairs(folders: Sequence[Path], store: Path, repeats: int, progress: Progress) -> dict[str, object]:
    """By format, pairs of nights by what part of the first the second took."""
    found: dict[str, object] = {}
    for folder in folders:
        file_format = "CSV" if (folder / "bureau.csv").exists() else "Parquet"
        pairs = []
        with progress.step(f"two nights, {file_format}", repeats, unit="pairs") as advance:
            for _ in range(repeats):
                pairs.append(run_following([folder, following_of(folder)], store, in_memory=True))
                advance(1)
        pairs.sort(key=lambda pair: pair[1].seconds / pair[0].seconds)
        found[file_format] = [[asdict(night) for night in pair] for pair in pairs]
    return found


def second_night_figures(found: Mapping[str, Any]) -> Figures:
    """The median pair of each format: both nights stage by stage, the whole, and the part of the first."""
    median = {name: pairs[len(pairs) // 2] for name, pairs in found.items()}
    nights = [night for pair in median.values() for night in pair]
    stages = list(dict.fromkeys(stage["stage"] for night in nights[::-1] for stage in night["stages"]))
    seconds = [{stage["stage"]: f"{stage['seconds']:.1f}" for stage in night["stages"]} for night in nights]
    rows = [(stage, *(told.get(stage, "") for told in seconds)) for stage in stages]
    rows += [
        ("**the whole night**", *(f"{night['seconds']:.1f}" for night in nights)),
        ("CPU s", *(f"{night['cpu_seconds']:.1f}" for night in nights)),
        ("peak", *(f"{night['peak_bytes'] / 1e9:.2f} GB" for night in nights)),
        ("clients computed", *(f"{night['computed']:,}" for night in nights)),
        (
            "**of the first night**",
            *(told for pair in median.values() for told in ("", f"{_share(pair):.2f}")),
        ),
    ]
    first, second = nights[:2]
    measured = "; ".join(_told(name, pairs) for name, pairs in found.items())
    text = (
        "`pret night` from the command to its end on the tables of one night and on those of the next, in which "
        f"{second['computed']:,} of {second['clients']:,} clients have other rows or are new. Every line of the "
        "second night's files is read and compared; the rest is done for the clients who changed. Files lie in "
        "memory when a night begins. What is "
        "published is, to the last bit, what computing everyone gives. "
        f"Asked: at most {SHARE_ASKED:.2f} of the first night. Measured, the median of each: {measured}."
    )
    header = ("seconds", *(f"{name}, {which}" for name in median for which in ("first", "second")))
    return Figures(
        f"Two nights: {first['clients']:,} clients, {first['rows']:,} rows", text, header, tuple(rows)
    )


def _told(file_format: str, pairs: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    """The median pair in words, and what part the second night took in the others."""
    median = pairs[len(pairs) // 2]
    first, second = (f"{night['seconds']:.1f}" for night in median)
    others = ", ".join(f"{_share(pair):.2f}" for pair in pairs if pair is not median) or "none"
    return f"{file_format} {_share(median):.2f} ({second} of {first} s; the others: {others})"


def _share(pair: Sequence[Mapping[str, Any]]) -> float:
    return float(pair[1]["seconds"] / pair[0]["seconds"])


def main() -> None:
    """Measures, prints the table, writes it into benchmarks/results.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.second_night", description=__doc__)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--data", type=Path, nargs="+", help="folders of tables with as_of=DATE in them")
    parser.add_argument("--store", type=Path, default=CACHE / "night-store")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    progress = Progress()
    folders = given.data or both_formats(given.clients, CACHE, progress)
    train_if_needed(folders[0], given.store, progress)
    found = run_pairs(folders, given.store, given.repeats, progress)
    write_result("second_night", found, [second_night_figures(found)])


if __name__ == "__main__":
    main()
