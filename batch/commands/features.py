"""`pret features`: what the declared features are worth on a portfolio.

Belongs here: options, the job, its table. Does not: the figures (training.feature_report).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from batch.commands.options import Data, Scheduler, StoreToBe
from batch.console import Progress, print_facts
from batch.memory import keep_freed_memory
from model_store import open_store

features = typer.Typer(help="The declared features: what each is worth.", no_args_is_help=True)
WIDTH_OF_A_PIPE = 130
FINDINGS = {
    "empty": "missing or one value for nearly everyone",
    "as …": "a stronger feature ranks the clients alike",
    "drifts": "PSI of test against train clients of 0.25 or more",
    "noise": "hardly ever stronger than shuffled columns, and no rank of its own",
}


@features.command("report")
def report(
    data: Data,
    store: StoreToBe,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Every feature, as .csv or .parquet.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Features to show.")] = 20,
    scheduler: Scheduler = None,
) -> None:
    """Report each feature's missing share, importance over folds, redundancy and drift.

    Example: [bold]pret features report --data portfolio --store store --out features.csv[/]
    """
    if out is not None and out.suffix not in (".csv", ".parquet"):
        raise typer.BadParameter(f"--out {str(out)!r}: expected a file that ends in .csv or .parquet")
    if out is not None and not out.parent.is_dir():
        raise typer.BadParameter(f"--out {str(out)!r}: {out.parent} is no folder; create it first")
    keep_freed_memory()
    from batch.train import run_feature_report  # what it takes to train, no other command waits for

    found = run_feature_report(open_store(data), open_store(store), Progress(), scheduler)
    if out is not None:
        _write(found, out)
    _print_features(f"The {min(top, len(found))} strongest of {len(found)} features", found.head(top))
    against = found[found["finding"] != ""]
    if len(against):
        _print_features(f"{len(against)} features with a finding", against)
    strength = found.groupby("family", sort=False)["importance"].agg(["size", "sum"])
    families = {
        str(name): f"{row['size']:.0f} features, {row['sum']:.1%} of the strength"
        for name, row in strength.iterrows()
    }
    earning = int((found["finding"] == "").sum())
    written = {} if out is None else {"written to": str(out)}
    print_facts(f"{len(found)} features, {earning} without a finding", {**families, **FINDINGS, **written})


def _write(found: pd.DataFrame, out: Path) -> None:
    if out.suffix == ".csv":
        found.to_csv(out, index=False)
    else:
        found.to_parquet(out, index=False)


def _print_features(title: str, found: pd.DataFrame) -> None:
    table = Table(
        title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title_justify="left", title_style="bold"
    )
    table.add_column("feature", overflow="fold")  # names are broken before figures are cut
    for name in ("share", "±", ">noise", "AUC", "missing", "drift"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("finding", overflow="fold")
    for row in found.to_dict("records"):
        table.add_row(
            str(row["feature"]),
            f"{row['importance']:.1%}",
            f"{row['importance_error']:.1%}",
            f"{row['above_noise']:.0%}",
            _figure(row["auc"], ".3f"),
            f"{row['missing_train']:.0%}",
            _figure(row["drift"], ".2f"),
            str(row["finding"]),
        )
    output = Console()
    if not output.is_terminal:
        output.width = WIDTH_OF_A_PIPE
    output.print(table)


def _figure(value: float, pattern: str) -> str:
    return "–" if pd.isna(value) else format(value, pattern)
