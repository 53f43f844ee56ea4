"""LIME of this system beside the lime package's own: fidelity, stability, agreement with SHAP, time, truth.

Belongs here: which models and clients are explained, what is measured. Does not: the sides (lime_sides),
causes (lime_truth), wording (lime_tables).

`python -m benchmarks.lime [--clients N] [--explained K]` explains K clients of the real sample beside the
project and K of N simulated ones, each by the model that `pret train` makes of its folder; both sides in
turns, in one process.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from upath import UPath

from batch.console import Progress
from batch.ingest import ingest
from batch.train import read_clients
from batch.workers import connect
from benchmarks.data import SEED
from benchmarks.lime_sides import Said, Stock, agreement, ours, same_top, two_references
from benchmarks.lime_tables import EXACT, OURS, STOCK, Measured, Results, lime_figures, summary, truth_figures
from benchmarks.lime_truth import CAUSES, Naming, best_guess, by_chance, count_right, sums_by_cause
from benchmarks.power import REAL_ROWS
from benchmarks.results import write_result
from benchmarks.speed import CACHE
from explain import explain_with_lime, own_reference, tree_shap
from explain.lime.explanation import strongest
from features import CATALOGUE
from model_store import ModelNotFound, ScoringModel, load, promote
from simulator import simulate
from training import save_version, train_version

CLIENTS, EXPLAINED, PERTURBED = 20_000, 200, 62
REAL = "real sample"


@dataclass(frozen=True, eq=False)
class Production:
    """A model as `pret train` makes it, and the features of every client of its folder."""

    model: ScoringModel
    features: pd.DataFrame


def prepare(data: Path, store: UPath, progress: Progress) -> Production:
    """The model of the folder, trained unless the store has one."""
    with connect() as workers:
        known = read_clients(ingest(UPath(data), store, workers, progress), workers, progress)
    try:
        model = load(store)
    except ModelNotFound:
        with progress.steps() as tell:
            trained = train_version(known.features, known.target, CATALOGUE, progress=tell)
        promote(store, save_version(store, trained), "benchmark", "the only one")
        model = load(store)
    return Production(model, pd.concat([known.features, known.unlabelled]).sort_index())


def slug(name: str) -> str:
    """The name as part of a folder's: letters and digits."""
    return "".join(sign for sign in name if sign.isalnum())


def draw(features: pd.DataFrame, count: int) -> pd.DataFrame:
    """The clients to explain, drawn by seed."""
    return features.sample(min(count, len(features)), random_state=SEED)


def explain_ours(given: Production, clients: pd.DataFrame, advance: Callable[[int], None]) -> list[Measured]:
    """This system's figures, client by client; the reference is the one stored with the model version."""
    model, found = given.model, []
    own = own_reference(model)
    first, second = two_references(model, given.features.drop(clients.index))
    explain_with_lime(model, clients.iloc[[0]], own)  # compiled code is loaded before the clock runs
    for row in range(len(clients)):
        client = clients.iloc[[row]]
        begun = time.perf_counter()
        once = explain_with_lime(model, client, own, fits=1)
        between = time.perf_counter()
        whole = explain_with_lime(model, client, own)
        ended = time.perf_counter()
        exact = tree_shap(model.booster, model.matrix(client))[0, :-1]
        over = strongest(exact - own.mean_contributions, PERTURBED).tolist()
        correlation, shared = agreement(ours(model, whole), exact, over)
        beside = [ours(model, explain_with_lime(model, client, one, fits=1)) for one in (first, second)]
        stability = whole.stability
        assert stability is not None
        assert once.features == whole.features
        found.append(
            Measured(
                side=OURS,
                r2=whole.r2,
                seconds=between - begun,
                seconds_with_stability=ended - between,
                jaccard_seeds=stability.jaccard,
                jaccard_references=same_top(beside[0], beside[1]),
                vsi=stability.vsi,
                csi=stability.csi,
                rank_correlation=correlation,
                rank_correlation_same_cohort=whole.shap_rank_correlation,
                shared_top5=shared,
                reliable=whole.reliable,
            )
        )
        advance(1)
    return found


def explain_stock(
    given: Production, clients: pd.DataFrame, advance: Callable[[int], None]
) -> tuple[list[Measured], list[Said]]:
    """Stock LIME's figures: timed alone; then with another seed, and with the other half of the clients."""
    model = given.model
    others = given.features.drop(clients.index)
    order = np.random.default_rng(0).permutation(len(others))
    halves = [others.iloc[np.sort(half)] for half in np.array_split(order, 2)]

    def all_of(stock: Stock, tell: Callable[[int], None]) -> list[Said]:
        found = []
        for row in range(len(clients)):
            found.append(stock.explain(clients.iloc[[row]]))
            tell(1)
        return found

    timed = all_of(Stock(model, halves[0], seed=1), advance)
    with ThreadPoolExecutor(2) as pool:  # one explainer each: it is not safe between threads
        again = pool.submit(all_of, Stock(model, halves[0], seed=2), lambda _: None)
        elsewhere = pool.submit(all_of, Stock(model, halves[1], seed=1), lambda _: None)
        others_said = list(zip(again.result(), elsewhere.result(), strict=True))
    found = []
    for row, (said, (seed, reference)) in enumerate(zip(timed, others_said, strict=True)):
        exact = tree_shap(model.booster, model.matrix(clients.iloc[[row]]))[0, :-1]
        correlation, shared = agreement(said, exact, list(said.weights))
        found.append(
            Measured(
                side=STOCK,
                r2=said.r2,
                seconds=said.seconds,
                seconds_with_stability=None,
                jaccard_seeds=same_top(said, seed),
                jaccard_references=same_top(said, reference),
                vsi=None,
                csi=None,
                rank_correlation=correlation,
                rank_correlation_same_cohort=None,
                shared_top5=shared,
                reliable=None,
            )
        )
    return found, timed


def name_causes(
    given: Production, clients: pd.DataFrame, stock: Sequence[Said], truth: pd.DataFrame
) -> list[Naming]:
    """How often each side's first cause is the true one; `truth`: the simulator's causes by client."""
    model = given.model
    names = list(model.feature_names)
    true = truth.loc[clients.index, list(CAUSES)].to_numpy(np.float64)
    limes, exacts = [], []
    for row in range(len(clients)):
        found = explain_with_lime(model, clients.iloc[[row]], fits=1)
        limes.append(sums_by_cause(dict(zip(found.features, found.weights, strict=True))))
        exact = tree_shap(model.booster, model.matrix(clients.iloc[[row]]))[0, :-1]
        exacts.append(sums_by_cause(dict(zip(names, exact, strict=True))))
    said = [sums_by_cause({names[k]: weight for k, weight in one.weights.items()}) for one in stock]
    others = given.features.drop(clients.index)
    guessed = best_guess(others[names], truth.loc[others.index], clients[names])
    chance, commonest = by_chance(true)
    return [
        count_right(OURS, np.array(limes), true),
        count_right(EXACT, np.array(exacts), true),
        count_right(STOCK, np.array(said), true),
        chance,
        commonest,
        count_right("a model taught the causes of other clients", guessed, true),
    ]


def run(folders: Mapping[str, Path], cache: Path, explained: int, progress: Progress) -> Results:
    """Everything the tables say, folder by folder; the truth where a folder has it."""
    found = Results()
    for name, data in folders.items():
        given = prepare(data, UPath(cache / f"lime-{slug(name)}-{CATALOGUE.hash}"), progress)
        clients = draw(given.features, explained)
        with progress.step(f"{name}: {OURS}", len(clients), unit="clients") as advance:
            own = explain_ours(given, clients, advance)
        with progress.step(f"{name}: {STOCK}", len(clients), unit="clients") as advance:
            stock, said = explain_stock(given, clients, advance)
        found.clients[name] = len(given.features)
        found.figures[name] = [*own, *stock]
        if (data / "truth.parquet").exists():
            truth = pd.read_parquet(data / "truth.parquet").set_index("SK_ID_CURR")
            with progress.step(f"{name}: causes"):
                found.truth.extend(name_causes(given, clients, said, truth))
    return found


def main() -> None:
    """Measures, prints the tables, writes them into benchmarks/results.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lime", description=__doc__)
    parser.add_argument("--clients", type=int, default=CLIENTS, help="clients to simulate and train on")
    parser.add_argument("--explained", type=int, default=EXPLAINED, help="clients to explain of each folder")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where tables and models are kept")
    given = parser.parse_args()
    progress = Progress()
    simulated = given.cache / f"lime-tables-{given.clients}"
    if not (simulated / "truth.parquet").exists():
        with progress.step(f"simulate {given.clients:,} clients"):
            simulate(simulated, clients=given.clients, seed=SEED)
    folders = {REAL: REAL_ROWS / "home_credit_sample", f"{given.clients:,} simulated": simulated}
    there = {name: data for name, data in folders.items() if data.exists()}
    found = run(there, given.cache, given.explained, progress)
    write_result("lime", summary(found), [lime_figures(found), truth_figures(found)])


if __name__ == "__main__":
    main()
