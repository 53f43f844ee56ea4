"""How well the declared features tell defaults from good clients, beside the generic baseline, on real rows.

Belongs here: which columns, clients and fits are compared. Does not: how (folds), how fast (speed).

`python -m benchmarks.power` reads the real rows that lie beside the project.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from batch.console import Progress
from benchmarks.baseline import application_columns, build_baseline
from benchmarks.folds import FOLDS, Columns, Difference, Mask, Trees, compare_sets
from benchmarks.power_tables import power_figures
from benchmarks.results import write_result
from features import CATALOGUE, Catalogue, build_features
from features.schemas import CLIENT, TABLES, TARGET
from features.vocabulary import SINGLE_ROW
from training.inputs import DIRECTION

REAL_ROWS = Path(__file__).resolve().parents[2] / "shared" / "data"
OURS, FREE, BASELINE, LITERAL = "declared", "any direction", "baseline", "with identifiers"
WITHOUT_INSTALMENTS = (
    3_500  # clients of the sample's first part; the others, with other default rates, follow
)
REGULARISED = {
    "learning_rate": 0.04,
    "num_leaves": 15,
    "max_depth": 6,
    "min_child_samples": 60,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
}
MAIN = Trees("regularised", 200, REGULARISED)
OTHERS = (
    Trees("shallow", 200, {"learning_rate": 0.05, "max_depth": 3, "feature_fraction": 0.7}),
    Trees("LightGBM's defaults", 100, {}),
)
OF_MANY = Trees("regularised", 400, REGULARISED)


@dataclass(frozen=True)
class Row:
    """One line of the table: the declared features beside another set, on these clients, fitted like this."""

    clients: str
    fit: str
    parameters: str
    ours: str
    theirs: str
    columns: int
    columns_of_theirs: int
    result: Difference


def read_sample(folder: Path) -> dict[str, pd.DataFrame]:
    """The eight tables as pandas reads them, train and test under one another."""
    return {
        name: pd.concat(
            [pd.read_csv(folder / f"{file}.csv", low_memory=False) for file in table.files], ignore_index=True
        )
        for name, table in TABLES.items()
    }


def declared(
    tables: Mapping[str, pd.DataFrame], clients: pd.Index, catalogue: Catalogue
) -> tuple[Columns, Columns]:
    """The model inputs of the catalogue, with and without the directions that they declare."""
    frame = build_features(tables, catalogue).loc[clients, list(catalogue.model_inputs)]
    directions = {name: DIRECTION[catalogue[name].riskier] for name in catalogue.model_inputs}
    return Columns(OURS, frame, directions), Columns(FREE, frame)


def of_application_only(catalogue: Catalogue) -> Catalogue:
    """The features that need nothing but the application."""
    known = set(TABLES["application"].columns)
    kept = []
    for feature in catalogue:
        if feature.table in SINGLE_ROW and feature.columns <= known:
            kept.append(feature)
            known.add(feature.name)
    return Catalogue(kept)


def compare_on_sample(folder: Path, progress: Progress) -> list[Row]:
    """All tables: 4,210 clients, among them those with and those without instalments, three ways to fit.

    The sample is made of two parts with different default rates: an AUC over both is inflated, for every set.
    """
    tables = read_sample(folder)
    target = _target(tables["application"])
    clients = target.index
    sets = (
        *declared(tables, clients, CATALOGUE),
        Columns(BASELINE, build_baseline(tables).loc[clients]),
        Columns(LITERAL, build_baseline(tables, identifiers=True).loc[clients]),
    )
    later = np.arange(len(clients)) >= WITHOUT_INSTALMENTS
    groups = {
        f"all {len(clients):,}": np.ones(len(clients), dtype=np.bool_),
        f"{(~later).sum():,} without instalments": ~later,
        f"{later.sum():,} with instalments": later,
    }
    outcome = target.to_numpy(np.int8)
    strata = outcome + 2 * later.astype(np.int8)
    rows = _compared(sets, outcome, strata, groups, MAIN, 5, progress)
    for trees in OTHERS:
        rows += _compared((sets[0], sets[2]), outcome, strata, groups, trees, 2, progress)
    return rows


def compare_on_applications(file: Path, progress: Progress) -> list[Row]:
    """The application table alone: 53,471 clients, one way to fit."""
    application = pd.read_csv(file, low_memory=False)
    target = _target(application)
    frame = application_columns(application).loc[target.index]
    sets = (
        *declared({"application": application}, target.index, of_application_only(CATALOGUE)),
        Columns(BASELINE, frame),
    )
    outcome = target.to_numpy(np.int8)
    groups = {f"{len(target):,} applications, no other table": np.ones(len(target), dtype=np.bool_)}
    return _compared(sets, outcome, outcome, groups, OF_MANY, 1, progress)


def _target(application: pd.DataFrame) -> pd.Series:
    return application.set_index(CLIENT)[TARGET].dropna().astype("int8").sort_index()


def _compared(
    sets: Sequence[Columns],
    outcome: NDArray[np.int8],
    strata: NDArray[np.int8],
    groups: Mapping[str, Mask],
    trees: Trees,
    repeats: int,
    progress: Progress,
) -> list[Row]:
    with progress.step(
        f"{len(outcome):,} clients, {trees.name}", len(sets) * FOLDS * repeats, "fits"
    ) as advance:
        found = compare_sets(sets, outcome, strata, groups, trees, repeats, advance)
    ours, *others = sets
    pairs = [(ours, other) for other in reversed(others)]
    pairs += [(free, other) for free in others[:1] for other in others[1:2]]
    return [
        Row(
            clients=group,
            fit=trees.name,
            parameters=trees.said,
            ours=left.name,
            theirs=right.name,
            columns=left.frame.shape[1],
            columns_of_theirs=right.frame.shape[1],
            result=Difference.of(found[left.name, group], found[right.name, group]),
        )
        for group in groups
        for left, right in pairs
    ]


def run_power(real_rows: Path, progress: Progress) -> list[Row]:
    """Every comparison; nothing where the real rows are not there."""
    sample, applications = real_rows / "home_credit_sample", real_rows / "applications_train.csv.gz"
    rows = compare_on_sample(sample, progress) if sample.is_dir() else []
    return rows + (compare_on_applications(applications, progress) if applications.exists() else [])


def main() -> None:
    """Runs the comparisons, prints the table, writes it into benchmarks/results.md."""
    found = [asdict(row) for row in run_power(REAL_ROWS, Progress())]
    write_result("power", found, [power_figures(found)])


if __name__ == "__main__":
    main()
