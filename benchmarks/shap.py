"""Exact contributions beside LightGBM's own `pred_contrib`: clients per second, difference, tables, one client.

Belongs here: which models and rows are measured, and how. Does not: the contributions (explain), the page
(results).

`python -m benchmarks.shap [--store STORE | --clients N] [--rows R] [--beside B]` takes the champion of a store and
the clients of its published night, or trains as `pret train` does on N simulated clients; beside it a larger model
of 500 trees. R rows are drawn from the clients, LightGBM explains B.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from upath import UPath

from batch.console import Progress
from batch.ingest import ingest
from batch.train import read_clients
from batch.workers import connect
from benchmarks.data import SEED
from benchmarks.results import write_result
from benchmarks.shap_tables import shap_figures, table_figures
from benchmarks.speed import CACHE, FULL_SCALE
from explain import TreeShap, tree_shap
from features import CATALOGUE
from model_store import load, read_features, read_targets
from simulator import simulate
from training import train_version

Matrix = NDArray[np.float64]
Answer = TypeVar("Answer")
RATIO_ASKED, DIFFERENCE_ALLOWED = 20, 1e-9
CLIENTS, BESIDE, PART, THREADS, REPEATS, ONE_BY_ONE = 20_000, 20_000, 11_134, 2, 3, 200
DEEP = {
    "objective": "binary",
    "num_leaves": 31,
    "max_depth": 8,
    "learning_rate": 0.04,
    "feature_fraction": 0.4,
    "min_child_samples": 20,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,  # two wait for each other where the machine is busy
    "verbosity": -1,
}
DEEP_TREES = 500


class Disagreement(Exception):
    """Contributions differ from LightGBM's; the message says by how much."""


@dataclass(frozen=True)
class Took:
    """Seconds on the clock, CPU seconds of all threads."""

    seconds: float
    cpu: float


@dataclass(frozen=True)
class Compared:
    """One model: what both sides took for the same rows, then ours for all rows with its tables built anew."""

    model: str
    trees: int
    leaves: int
    most_features: int
    beside: int
    theirs: Took
    ours: Took
    rows: int
    tables: Took
    full: Took
    table_bytes: int
    odd_leaves: int
    largest_difference: float
    one_client_ms: tuple[float, float]

    @property
    def ratio(self) -> float:
        """How many times faster all rows are explained, tables included, than LightGBM would at its pace."""
        return self.theirs.seconds / self.beside * self.rows / (self.tables.seconds + self.full.seconds)

    @property
    def cpu_ratio(self) -> float:
        """The same in CPU seconds, which other work on the machine disturbs less."""
        return self.theirs.cpu / self.beside * self.rows / (self.tables.cpu + self.full.cpu)


def clock(work: Callable[[], Answer]) -> tuple[Answer, Took]:
    """What `work` returns, and what it took."""
    started, cpu = time.perf_counter(), time.process_time()
    answer = work()
    return answer, Took(time.perf_counter() - started, time.process_time() - cpu)


def median(found: list[Took]) -> Took:
    """Median seconds and median CPU seconds."""
    return Took(statistics.median(one.seconds for one in found), statistics.median(one.cpu for one in found))


Prepared = tuple[dict[str, lightgbm.Booster], pd.DataFrame]
"""Models by name, and the features of the clients whose rows are explained."""


def from_store(store: Path, clients: int, trees: int, progress: Progress) -> Prepared:
    """The champion and a larger model of `clients` labelled ones; the features of the published night's clients."""
    production = load(str(store)).booster
    with progress.step("the night's features"):
        features = read_features(store, columns=production.feature_name())
    known = read_targets(store).dropna().astype(int).iloc[:clients]
    with progress.step(f"{trees} trees of {DEEP['num_leaves']} leaves"):
        deep = train_deep(features.loc[known.index], known, trees)
    return {"production": production, f"{trees} trees, depth {DEEP['max_depth']}": deep}, features


def prepare(clients: int, cache: Path, trees: int, progress: Progress) -> Prepared:
    """The production model and the larger one, kept for the next run; the features of the labelled clients."""
    folder = cache / f"contributions-{clients}-{CATALOGUE.hash}"
    data, store = folder / "tables", UPath(folder / "store")
    if not (data / "truth.parquet").exists():
        with progress.step(f"simulate {clients:,} clients"):
            simulate(data, clients=clients, seed=SEED)
    with connect() as workers:
        known = read_clients(ingest(UPath(data), store, workers, progress), workers, progress)

    def train_production() -> lightgbm.Booster:
        with progress.steps() as tell:
            return train_version(known.features, known.target, CATALOGUE, progress=tell).model.booster

    production = kept(folder / "production.txt", train_production)
    features = known.features[production.feature_name()]
    with progress.step(f"{trees} trees of {DEEP['num_leaves']} leaves"):
        deep = kept(folder / f"deep-{trees}.txt", lambda: train_deep(features, known.target, trees))
    return {"production": production, f"{trees} trees, depth {DEEP['max_depth']}": deep}, features


def train_deep(features: pd.DataFrame, target: pd.Series[int], trees: int) -> lightgbm.Booster:
    """The larger model: more and deeper trees than the production model has."""
    codes = [place for place, name in enumerate(features.columns) if CATALOGUE[str(name)].categories]
    data = lightgbm.Dataset(features.to_numpy(np.float32), target.to_numpy(), categorical_feature=codes)
    return lightgbm.train(DEEP, data, trees)


def kept(path: Path, train: Callable[[], lightgbm.Booster]) -> lightgbm.Booster:
    """The model that lies there, trained first if there is none."""
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        train().save_model(unfinished)
        unfinished.rename(path)
    return lightgbm.Booster(model_file=path)


def draw(matrix: Matrix, rows: int) -> Iterator[Matrix]:
    """`rows` rows drawn from the clients, in parts of a shard's size; the same at every call."""
    random = np.random.default_rng(SEED)
    for start in range(0, rows, PART):
        yield matrix[random.integers(0, len(matrix), min(PART, rows - start))]


def explain_both(
    booster: lightgbm.Booster, shap: TreeShap, few: Matrix, advance: Callable[[int], None]
) -> tuple[Took, Took, float]:
    """What LightGBM and we take for the same rows, in turns; the largest difference."""
    theirs, ours, difference = [], [], 0.0
    for _ in range(REPEATS):
        expected, took = clock(partial(booster.predict, few, pred_contrib=True, num_threads=THREADS))
        theirs.append(took)
        (contributions, _raw), took = clock(partial(shap.explain, few, THREADS))
        ours.append(took)
        difference = max(difference, float(np.abs(contributions - expected).max()))
        advance(1)
    return median(theirs), median(ours), difference


def compare(
    name: str, booster: lightgbm.Booster, matrix: Matrix, rows: int, beside: int, progress: Progress
) -> Compared:
    """Both sides on the same rows, then all rows, then one client after the other. Errors: Disagreement."""
    few = np.concatenate(list(draw(matrix, beside)))
    TreeShap.of(booster).explain(few[:2], THREADS)  # compiled code is loaded before the clock runs
    shap, tables = clock(partial(TreeShap.of, booster))
    with progress.step(f"{name}: both sides", REPEATS, unit="rounds") as advance:
        theirs, ours, difference = explain_both(booster, shap, few, advance)
    if difference > DIFFERENCE_ALLOWED:
        raise Disagreement(
            f"{name}: contributions differ by {difference:.1e}, allowed {DIFFERENCE_ALLOWED:.0e}"
        )
    with progress.step(f"{name}: {rows:,} rows"):
        parts = [clock(partial(shap.explain, part, THREADS))[1] for part in draw(matrix, rows)]
    clients = [few[row : row + 1] for row in range(min(ONE_BY_ONE, len(few)))]
    single = [1000 * clock(partial(tree_shap, booster, client))[1].seconds for client in clients][1:]
    units = shap.model.units
    return Compared(
        model=name,
        trees=booster.num_trees(),
        leaves=int(units.first_leaf[-1]),
        most_features=units.most_features,
        beside=len(few),
        theirs=theirs,
        ours=ours,
        rows=rows,
        tables=tables,
        full=Took(sum(part.seconds for part in parts), sum(part.cpu for part in parts)),
        table_bytes=units.table_bytes,
        odd_leaves=int(units.odd.sum()),
        largest_difference=difference,
        one_client_ms=(statistics.median(single), float(np.quantile(single, 0.95))),
    )


def run_shap(prepared: Prepared, rows: int, beside: int, progress: Progress) -> list[dict[str, object]]:
    """Everything the tables say, the production model first. Errors: Disagreement."""
    models, features = prepared
    matrix = np.ascontiguousarray(features.to_numpy(np.float64))
    found = [compare(name, model, matrix, rows, beside, progress) for name, model in models.items()]
    return [
        {**asdict(one), "ratio": one.ratio, "cpu_ratio": one.cpu_ratio, "asked": RATIO_ASKED} for one in found
    ]


def main() -> None:
    """Measures, prints the tables, writes them into benchmarks/results.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shap", description=__doc__)
    parser.add_argument("--clients", type=int, default=CLIENTS, help="clients to simulate and train on")
    parser.add_argument("--rows", type=int, default=FULL_SCALE, help="rows to explain")
    parser.add_argument("--beside", type=int, default=BESIDE, help="rows that LightGBM explains too")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the model is kept for the next run")
    parser.add_argument("--store", type=Path, help="the champion and the night of this store instead")
    given, progress = parser.parse_args(), Progress()
    if given.store is None:
        prepared = prepare(given.clients, given.cache, DEEP_TREES, progress)
    else:
        prepared = from_store(given.store, given.clients, DEEP_TREES, progress)
    found = run_shap(prepared, given.rows, given.beside, progress)
    write_result("shap", found, [shap_figures(found), table_figures(found)])


if __name__ == "__main__":
    main()
