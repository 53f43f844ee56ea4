"""How real simulated clients look to a machine, and how much of their truth a model finds: tables, realism.md.

Belongs here: which clients are simulated, what is compared, what is printed. Does not: measuring (realism, truth).

`python -m benchmarks.simulated` reads the real rows that lie beside the project and writes three sections,
applications, histories and truth; `--only SECTION` measures one anew and keeps the others. The truth is measured at
full scale, which takes a quarter of an hour; `--clients 60000` is quicker.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from rich.console import Console

from batch.console import Progress
from benchmarks.power import REAL_ROWS
from benchmarks.realism import Discrimination, discriminate
from benchmarks.realism_histories import compare_histories, read_tables, some_of
from benchmarks.results import WIDTH, Figures
from benchmarks.truth import Found, measure_truth, simulate_clients
from features.schemas import CLIENT, TARGET
from simulator import simulate

OUT = Path(__file__).resolve().parent / "realism.md"
SEED = 7
LOOKED_AT = 62_000  # simulated to be told apart: as many train clients as there are real ones
HISTORIES_LOOKED_AT = 24_000  # as many test clients as there are real ones
TRAIN_LOOKED_AT = 5_000  # of them: more than the real ones, and enough defaulters
FULL_SCALE = 356_255
AUC_ASKED, HISTORIES_ASKED, SHARE_ASKED = 0.85, 0.90, 0.96
SECTIONS = ("applications", "histories", "truth")
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


def histories_of(found: Iterable[tuple[str, str, Discrimination]]) -> Figures:
    """The table of what can be told apart in the child tables."""
    return Figures(
        "Real or simulated histories?",
        "The same of clients: of each number min, max, mean and sum over their rows, of each category its share, "
        "how many rows. Like is compared with like: train with train, test with test, no instalments on either "
        "side; then train clients with instalments, 31 % defaulters on both sides, no months elsewhere on either "
        f"side. Asked: {HISTORIES_ASKED} at most.",
        ("clients", "table", "of each kind", "AUC", "error", "give-away"),
        tuple(
            (group, "all together" if table == "all" else table, f"{d.rows:,}", f"{d.auc:.3f}", f"{d.error:.3f}",
             d.give_away)
            for group, table, d in found
        ),
    )  # fmt: skip


def measure_applications(real_rows: Path, progress: Progress) -> Figures:
    """Real applications beside simulated ones."""
    with TemporaryDirectory() as folder, progress.step("telling real applications from simulated ones"):
        simulate(Path(folder) / "portfolio", LOOKED_AT, SEED)
        return looks_of(
            compare_applications(real_rows / "applications_train.csv.gz", Path(folder) / "portfolio")
        )


def measure_histories(real_rows: Path, progress: Progress) -> Figures:
    """Real clients' histories beside simulated ones."""
    with TemporaryDirectory() as folder, progress.step("telling real histories from simulated ones"):
        simulate(Path(folder) / "portfolio", HISTORIES_LOOKED_AT, SEED)
        simulated = some_of(read_tables(Path(folder) / "portfolio"), TRAIN_LOOKED_AT)
        return histories_of(compare_histories(read_tables(real_rows / "home_credit_sample"), simulated))


def measure_models(clients: int, progress: Progress) -> Figures:
    """Models beside the truth."""
    with progress.step(f"simulating {clients:,} clients and building their features", clients) as advance:
        simulated = simulate_clients(clients, SEED, advance)
    with progress.step("fitting models of the truth"):
        return truth_of(measure_truth(simulated))


def run(real_rows: Path, clients: int, sections: Iterable[str], progress: Progress) -> dict[str, Figures]:
    """The table of each section; what needs real rows is left out where they are not."""
    tables = {}
    for section in sections:
        if section == "truth":
            tables[section] = measure_models(clients, progress)
        elif real_rows.exists():
            measure = measure_applications if section == "applications" else measure_histories
            tables[section] = measure(real_rows, progress)
    return tables


def write(tables: Mapping[str, Figures], out: Path, console: Console) -> None:
    """Prints the tables, keeps them beside `out` as JSON with those of earlier runs, writes all as markdown."""
    kept = out.with_suffix(".json")
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    known |= {section: asdict(table) for section, table in tables.items()}
    kept.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    parts = ["# Simulated clients\n", "<!-- Written by `python -m benchmarks.simulated`. Do not edit. -->\n"]
    parts += [Figures(**known[section]).markdown() for section in SECTIONS if section in known]
    out.write_text("\n".join(parts), encoding="utf-8")
    console.width = max(console.width, WIDTH)
    for table in tables.values():
        table.show(console)


def main() -> None:
    """Measures the sections asked for, prints their tables, writes them into benchmarks/realism.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulated", description=__doc__)
    parser.add_argument("--clients", type=int, default=FULL_SCALE, help="clients to simulate for the models")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="a section to measure (repeatable)")
    asked = parser.parse_args()
    write(run(REAL_ROWS, asked.clients, asked.only or SECTIONS, Progress()), OUT, Console())


if __name__ == "__main__":
    main()
