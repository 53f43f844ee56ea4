"""Ways to another decision, what-if and similar clients: how often there is a way, of how many changes, how fast.

Belongs here: which nights are asked, what is measured. Does not: the answers (explain), the tables (ways_tables).

`python -m benchmarks.ways [--clients N] [--asked K] [--store STORE …]`: K refused clients of N simulated clients,
of the real sample beside the project (trained and published as `pret train` and `pret night` do), of other stores.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

import numpy as np
from upath import UPath

from batch.console import Progress
from batch.night import run_night
from batch.train import TrainingPlan, run_training
from benchmarks.data import SEED
from benchmarks.power import REAL_ROWS
from benchmarks.results import write_result
from benchmarks.speed import CACHE
from benchmarks.ways_tables import time_figures, way_figures
from explain import (
    Case,
    Way,
    Ways,
    build_similar_index,
    find_similar,
    find_ways,
    open_case,
    read_seen,
    what_if,
)
from features import CATALOGUE
from model_store import load, open_store, read_run, read_scores
from simulator import simulate

CLIENTS, ASKED, AS_OF = 20_000, 200, date(2026, 11, 28)
SAMPLE = REAL_ROWS / "home_credit_sample"
WARM_UP = 3  # clients asked beforehand: the first calls compile loops
TRIED = {"AMT_CREDIT": 300_000.0, "AMT_ANNUITY": 15_000.0}
Answer = TypeVar("Answer")


@dataclass
class Stopwatch:
    """Milliseconds on the clock of everything that was asked, by question."""

    took: dict[str, list[float]] = field(default_factory=dict)

    def time(self, question: str, work: Callable[[], Answer]) -> Answer:
        """What `work` returns; what it took is noted."""
        started = time.perf_counter()
        answer = work()
        self.took.setdefault(question, []).append(1000 * (time.perf_counter() - started))
        return answer

    def quantiles(self) -> dict[str, tuple[float, float, float]]:
        """Median, 95th percentile and slowest per question."""
        return {
            question: tuple(np.quantile(took, [0.5, 0.95, 1.0]).tolist())
            for question, took in self.took.items()
        }


@dataclass(frozen=True)
class Asked:
    """What the refused clients of one night got as answers, and in what time (milliseconds).

    `first_changes`: clients by the number of changes of their first way. `levers`: first ways by what they change.
    """

    night: str
    clients: int
    refused: int
    asked: int
    with_way: int
    first_changes: dict[int, int]
    levers: dict[str, int]
    ways_each: float
    tried: float
    index_mb: float
    once: dict[str, tuple[float, float, float]]
    each: dict[str, tuple[float, float, float]]


def ask(night: str, store: UPath, count: int) -> Asked:
    """Everything that can be asked about `count` refused clients of a night, evenly over their identifiers.

    Errors: ValueError for a night without refused clients.
    """
    run = read_run(store)
    model = load(store, run.model_version)
    once, each = Stopwatch(), Stopwatch()
    seen = once.time("training clients", lambda: read_seen(store, run.run_id, model))
    index = once.time("index", lambda: build_similar_index(store, run.run_id))
    decisions = read_scores(store, run.run_id, ["decision"])["decision"]
    refused = decisions.index[decisions == "decline"].to_numpy()
    if not len(refused):
        raise ValueError(f"night {run.run_id} of {store} refused nobody; give a store with refused clients")
    clients = refused[np.linspace(0, len(refused) - 1, min(count, len(refused))).astype(int)].tolist()

    def _opened(client: int) -> Case:
        case = open_case(store, run, model, client)
        _ = case.answers  # found when asked for
        return case

    def about(client: int, watch: Stopwatch) -> Ways:
        case = watch.time("read and score", lambda: _opened(client))
        watch.time("what-if", lambda: what_if(case, seen, TRIED))
        watch.time("similar", lambda: find_similar(index, client))
        return watch.time("ways", lambda: find_ways(case, seen))

    for client in clients[:WARM_UP]:
        about(client, Stopwatch())
    found = [about(client, each) for client in clients]
    first = [one.ways[0] for one in found if one.ways]
    return Asked(
        night=night,
        clients=len(decisions),
        refused=len(refused),
        asked=len(clients),
        with_way=len(first),
        first_changes=dict(sorted(Counter(len(way.chosen) for way in first).items())),
        levers=dict(Counter(_levers(way) for way in first).most_common(5)),
        ways_each=float(np.mean([len(one.ways) for one in found if one.ways])) if first else 0.0,
        tried=float(np.mean([one.tried for one in found])),
        index_mb=index.axes.nbytes / 1e6,
        once=once.quantiles(),
        each=each.quantiles(),
    )


def _levers(way: Way) -> str:
    return " + ".join(moved.feature.removeprefix("app_") for moved in way.chosen)


def prepare(data: Path, store: UPath, progress: Progress) -> UPath:
    """The store with a model and a published night of the tables; made once."""
    if not (store / "published.json").exists():
        run_training(UPath(data), store, progress, promoted_by="benchmark", plan=TrainingPlan())
        run_night(UPath(data), store, AS_OF, progress)
    return store


def simulated(clients: int, cache: Path, progress: Progress) -> UPath:
    """A store of so many simulated clients, made once per catalogue."""
    folder = cache / f"ways-{clients}-{CATALOGUE.hash}"
    if not (folder / "tables" / "truth.parquet").exists():
        with progress.step(f"simulate {clients:,} clients"):
            simulate(folder / "tables", clients=clients, seed=SEED)
    return prepare(folder / "tables", UPath(folder / "store"), progress)


def run_ways(stores: dict[str, UPath], count: int, progress: Progress) -> list[Asked]:
    """Every night asked about, in turn."""
    found = []
    for night, store in stores.items():
        with progress.step(f"ask about {count} refused clients of {night}"):
            found.append(ask(night, store, count))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the arguments, asks, writes benchmarks/results.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ways")
    parser.add_argument("--clients", type=int, default=CLIENTS, help="simulated clients")
    parser.add_argument("--asked", type=int, default=ASKED, help="refused clients asked about per night")
    parser.add_argument(
        "--store", action="append", default=[], help="a store with a published night, beside them"
    )
    given = parser.parse_args(arguments)
    progress = Progress()
    stores = {f"{given.clients:,} simulated": simulated(given.clients, CACHE, progress)}
    if SAMPLE.is_dir():
        stores["real sample"] = prepare(SAMPLE, UPath(CACHE / f"ways-sample-{CATALOGUE.hash}"), progress)
    for location in given.store:
        store = open_store(location)
        stores[f"{read_run(store).clients:,} clients"] = store
    found = [asdict(asked) for asked in run_ways(stores, given.asked, progress)]
    write_result("ways", found, [way_figures(found), time_figures(found)])


if __name__ == "__main__":
    main()
