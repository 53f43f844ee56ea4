"""`pret simulate`: a portfolio with known truth, its following nights, and its report.

Belongs here: reading options, calling the simulator, showing what it says. Does not: the simulation.
"""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from batch.commands.options import local_folder
from batch.console import Progress, print_facts
from simulator import (
    DRIFTS,
    FAULT_RECORD,
    Drift,
    Report,
    SimulationReport,
    choose_faults,
    compare_folder,
    parse_drift,
    write_report,
)
from simulator import simulate as simulate_portfolio

MISSED_SHOWN = 30
MOST_WORKERS = 8  # each holds two blocks of 4,000 clients, about 150 MB


def drift_as_typed(text: str) -> Drift:
    """NAME:STRENGTH. Errors: BadParameter with what was found and expected."""
    try:
        return parse_drift(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def faults_as_typed(names: list[str] | None) -> list[str] | None:
    """Names of faults and of their groups. Errors: BadParameter with what is not known and what is."""
    try:
        choose_faults(names or ())
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return names


def simulate(
    out: Annotated[str, typer.Argument(metavar="OUT", help="Folder to create; it must not hold files yet.")],
    clients: Annotated[int, typer.Option(min=100, help="Clients, train and test together.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 7,
    nights: Annotated[int, typer.Option(min=1, help="Nights; from the second on, OUT/as_of=YYYY-MM-DD.")] = 1,
    file_format: Annotated[
        Literal["csv", "parquet"], typer.Option("--format", help="Of the tables; the truth is Parquet.")
    ] = "csv",
    drift: Annotated[
        list[Drift] | None,
        typer.Option(
            metavar="NAME:STRENGTH",
            parser=drift_as_typed,
            help=f"Shift who comes after the first night (of one night: everyone): {', '.join(DRIFTS)}.",
        ),
    ] = None,
    faults: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KINDS",
            callback=faults_as_typed,
            help="Plant faults in the last night's CSV: rows, layout, files, all, or kinds by name; repeatable.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, help="Threads; the bytes are the same for any number. Default: one a core, 8 at most."
        ),
    ] = None,
    report: Annotated[
        bool,
        typer.Option(
            "--report", help="Compare with the published figures; of a folder that exists, no more."
        ),
    ] = False,
    report_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the whole report, .md or .csv; means --report.")
    ] = None,
) -> None:
    """Write a portfolio in the Kaggle layout whose true default probabilities are known.

    Example: [bold]pret simulate portfolio --clients 20000 --seed 7[/]

    Three nights, newcomers in a recession: [bold]pret simulate portfolio --nights 3 --drift recession:0.5[/]

    Bad rows, to see what a night says of them: [bold]pret simulate portfolio --faults rows[/]

    How real is it: [bold]pret simulate portfolio --report[/]
    """
    if report_file and Path(report_file).suffix not in (".md", ".csv"):
        raise typer.BadParameter(f"--report-file {report_file!r}: expected a name that ends in .md or .csv")
    folder, progress = local_folder(out), Progress()
    report = report or report_file is not None
    if not (report and holds_tables(folder)):
        with progress.steps() as tell:
            written = simulate_portfolio(
                folder,
                clients,
                seed,
                nights,
                file_format,
                progress=lambda name, share: tell(name, round(share * 1000), 1000),
                workers=workers or min(os.cpu_count() or 1, MOST_WORKERS),
                drifts=tuple(drift or ()),
                faults=choose_faults(faults or ()),
            )
        tell_written(written, seed)
    if report:
        with progress.steps() as tell:
            compared = compare_folder(folder, lambda name, share: tell(name, round(share * 1000), 1000))
        show_report(compared, Console())
        if report_file:
            write_report(compared, local_folder(report_file))


def tell_written(written: SimulationReport, seed: int) -> None:
    """What was simulated, and what to do with it."""
    facts: dict[str, object] = {
        "rows": f"{sum(written.rows.values()):,}",
        "default rate": f"{written.default_rate:.2%}",
        "AUC of the truth": f"{written.truth_auc:.3f}",
    }
    if written.following_nights:
        facts["then"] = ", ".join(path.name for path in written.following_nights)
    if written.faults:
        facts["faults"] = f"{len(written.faults)}, listed in {FAULT_RECORD}"
    following = f"pret train --data {quote(str(written.out))} --store STORE --promote"
    print_facts(f"{written.clients:,} clients in {written.out}", {**facts, "seed": seed, "next": following})


def holds_tables(folder: Path) -> bool:
    """True if a portfolio lies there already."""
    return any((folder / f"application_train.{ending}").exists() for ending in ("csv", "csv.gz", "parquet"))


def show_report(report: Report, output: Console) -> None:
    """The summary by family of figures, then the figures farthest off."""
    summary = Table(title=f"{report.clients:,} clients beside the published figures", title_justify="left")
    for name in ("figures", "checked", "met", "", "farthest off"):
        summary.add_column(name, justify="right" if name in ("checked", "met") else "left")
    for line in report.summary():
        mark = "[green]✓[/]" if line.met == line.checked else f"[red]✗[/] {line.share:.1%}"
        worst = f"{line.worst.table} {line.worst.column} {line.worst.what}"
        summary.add_row(line.family, f"{line.checked:,}", f"{line.met:,}", mark, worst)
    output.print(summary)
    missed = report.missed()
    if not missed:
        return
    details = Table(title=f"The farthest of {len(missed):,} figures not met", title_justify="left")
    for name in ("figure", "published", "simulated", "off", "allowed"):
        details.add_column(name, justify="left" if name == "figure" else "right")
    for fact in missed[:MISSED_SHOWN]:
        figure = f"{fact.table} {fact.column} {fact.what}"
        numbers = (fact.published, fact.simulated, fact.off, fact.tolerance + fact.allowance)
        details.add_row(figure, *(f"{number:.4g}" for number in numbers))
    output.print(details)
