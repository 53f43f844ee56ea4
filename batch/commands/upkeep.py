"""`pret runs accept, prune, unlock`: what operators do with nights that are there already.

Belongs here: options and what is printed. Does not: doing it (acceptance, retention, turn).
"""

from __future__ import annotations

from typing import Annotated

import typer

from batch.commands.options import Metrics, Store
from batch.console import Progress, print_facts
from batch.ending import tell_accepted
from batch.owners import person
from batch.runs.record import mark_interrupted
from batch.runs.recovery import own_turn
from batch.runs.retention import plan_pruning, prune
from batch.runs.turn import unlock
from batch.shards.ingests import remove_leftovers
from batch.steps.acceptance import accept, accept_run
from model_store import open_store, published_run


def accept_night(
    store: Store,
    run_id: Annotated[str, typer.Argument(metavar="RUN")],
    checks: Annotated[list[str], typer.Argument(metavar="CHECK", help="The checks that may have failed.")],
    why: Annotated[str, typer.Option(help="Recorded in the run.")],
    metrics: Metrics = None,
) -> None:
    """Publish a refused night in spite of named checks; nothing is computed again.

    Example: [bold]pret runs accept 2026-11-23-001 clients_gone --why "branch closed" --store store[/]
    """
    place = open_store(store)
    acceptances = accept(checks, why, person())
    with own_turn(place, Progress()):
        run = accept_run(place, run_id, acceptances)
        tell_accepted(place, run.document, metrics)
    print_facts(
        f"Published run {run.run_id}",
        {"accepted": ", ".join(checks), "why": why, "readers see": published_run(place)},
    )


def prune_nights(
    store: Store,
    keep: Annotated[int, typer.Option(help="How many published nights stay.")] = 30,
    exports: Annotated[
        bool, typer.Option("--exports", help="Also remove the exports of older nights.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove; without it only shown.")] = False,
) -> None:
    """Remove old nights; the one that readers use stays whatever its age, and so do models.

    Example: [bold]pret runs prune --keep 30 --store store[/]
    """
    place = open_store(store)
    plan = plan_pruning(place, keep, exports)
    if yes:
        prune(place, plan)
    print_facts(
        "Removed" if yes else "Would be removed (nothing is, without --yes)",
        {
            "runs": ", ".join(plan.runs) or "none",
            "exports": ", ".join(plan.exports)
            or ("none" if exports else "none (--exports removes old ones)"),
            "space": f"{plan.bytes / 1e6:,.1f} MB",
            "stay": f"{len(plan.kept)} runs, from {plan.kept[0]} on; readers use {published_run(place)}",
        },
    )


def unlock_store(
    store: Store,
    why: Annotated[str, typer.Option(help="Recorded in the run that held the lock.")],
) -> None:
    """Remove the lock of a night that was killed on another machine; its run is marked interrupted, and what it had
    copied of the tables is removed.

    Example: [bold]pret runs unlock --why "the machine is gone" --store store[/]
    """
    place = open_store(store)
    held = unlock(place)
    marked = mark_interrupted(place, f"unlocked by {person()}: {why}")
    remove_leftovers(place / "ingests", held.owner)
    print_facts(
        "Unlocked", {"was held by": held.told, "interrupted": ", ".join(marked) or "no run", "why": why}
    )
