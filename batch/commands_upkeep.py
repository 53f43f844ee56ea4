"""`pret runs accept`: what operators do with nights that are there already.

Belongs here: options and what is printed. Does not: doing it (acceptance).
"""

from __future__ import annotations

from typing import Annotated

import typer

from batch.acceptance import accept, accept_run
from batch.console import print_facts
from batch.options import Store, person
from model_store import open_store, published_run


def accept_night(
    store: Store,
    run_id: Annotated[str, typer.Argument(metavar="RUN")],
    checks: Annotated[list[str], typer.Argument(metavar="CHECK", help="The checks that may have failed.")],
    why: Annotated[str, typer.Option(help="Recorded in the run.")],
) -> None:
    """Publish a refused night in spite of named checks; nothing is computed again.

    Example: [bold]pret runs accept 2026-11-23-001 clients_gone --why "branch closed" --store store[/]
    """
    place = open_store(store)
    run = accept_run(place, run_id, accept(checks, why, person()))
    print_facts(
        f"Published run {run.run_id}",
        {"accepted": ", ".join(checks), "why": why, "readers see": published_run(place)},
    )
