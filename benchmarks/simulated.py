"""How real simulated clients look to a machine, and how much of their truth a model finds: tables, realism.md.

Belongs here: which clients are simulated, what is compared, what is printed. Does not: measuring (realism, truth).

`python -m benchmarks.simulated` reads the real rows that lie beside the project; `--clients 356255` is full scale.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from rich.console import Console

from batch.console import Progress
from benchmarks.power import REAL_ROWS
from benchmarks.realism import Discrimination, discriminate
from benchmarks.results import WIDTH, Figures
from benchmarks.truth import Found, measure_truth, simulate_clients
from features.schemas import CLIENT, TARGET
from simulator import simulate

OUT = Path(__file__).resolve().parent / "realism.md"
SEED = 7
LOOKED_AT = 62_000  # simulated to be told apart: as many train clients as there are real ones
AUC_ASKED, SHARE_ASKED = 0.85, 0.96
Row = tuple[str, Discrimination]


def compare_applications(applications: Path, portfolio: Path, threads: int = 2) -> list[Row]:
    """Real against simulated applications of clients whose outcome is known: without it and with it."""
    real = pd.read_csv(applications, low_memory=False)
    simulated = pd.read_csv(portfolio / "application_train.csv", low_memory=False)
    rows = []
    for said, dropped in (("applications", [CLIENT, TARGET]), ("applications with TARGET", [CLIENT])):
        left, right = (frame.drop(columns=dropped) for frame in (real, simulated))
        rows.append((said, discriminate(left, right, threads=threads)))
    return rows


def looks_of(rows: Iterable[Row]) -> Figures:
    """The table of what can be told apart."""
    return Figures(
        "Real or simulated?",
        "AUC of LightGBM on clients it has not seen, half of them real: 0.5 where nothing gives the simulated "
        f"ones away. Asked of applications: {AUC_ASKED} at most. Give-away: share of the classifier's gain.",
        ("rows", "of each kind", "AUC", "error", "give-away"),
        tuple((said, f"{d.rows:,}", f"{d.auc:.3f}", f"{d.error:.3f}", d.give_away) for said, d in rows),
    )


def truth_of(found: Iterable[Found]) -> Figures:
    """The table of the models' share of the truth."""
    return Figures(
        "How much of the truth does a model find?",
        "The true default probability against the drawn outcome, and LightGBM on the declared features, both on "
        f"held-out clients. Share: the model's Gini over the truth's; asked of all tables: {SHARE_ASKED:.0%}. R²: "
        "the model's log-odds against the true ones.",
        ("columns", "number", "trained on", "held out", "truth AUC", "model AUC", "share of Gini", "R²"),
        tuple(
            (
                row.columns,
                str(row.count),
                f"{row.train_clients:,}",
                f"{row.held_out:,}",
                f"{row.truth_auc:.4f}",
                f"{row.model_auc:.4f}",
                f"{row.share:.1%}",
                f"{row.r_squared:.3f}",
            )
            for row in found
        ),
    )


def run(real_rows: Path, clients: int, progress: Progress) -> list[Figures]:
    """Both tables; the first only where the real rows are there."""
    tables = []
    applications = real_rows / "applications_train.csv.gz"
    if applications.exists():
        with TemporaryDirectory() as folder, progress.step("telling real from simulated"):
            simulate(Path(folder) / "portfolio", LOOKED_AT, SEED)
            tables.append(looks_of(compare_applications(applications, Path(folder) / "portfolio")))
    with progress.step(f"simulating {clients:,} clients and building their features", clients) as advance:
        simulated = simulate_clients(clients, SEED, advance)
    with progress.step("fitting models of the truth"):
        tables.append(truth_of(measure_truth(simulated)))
    return tables


def write(tables: Iterable[Figures], out: Path, console: Console) -> None:
    """Prints the tables and writes them as markdown."""
    parts = ["# Simulated clients\n", "<!-- Written by `python -m benchmarks.simulated`. Do not edit. -->\n"]
    console.width = max(console.width, WIDTH)
    for table in tables:
        parts.append(table.markdown())
        table.show(console)
    out.write_text("\n".join(parts), encoding="utf-8")


def main() -> None:
    """Runs both comparisons, prints the tables, writes them into benchmarks/realism.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulated", description=__doc__)
    parser.add_argument("--clients", type=int, default=60_000, help="clients to simulate for the models")
    write(run(REAL_ROWS, parser.parse_args().clients, Progress()), OUT, Console())


if __name__ == "__main__":
    main()
