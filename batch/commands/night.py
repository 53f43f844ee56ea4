"""`pret night`: the job that publishes.

Belongs here: reading options, calling the job, showing its result. Does not: the job.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rich.console import Console
from rich.markup import escape

from batch.commands.options import Accepted, AsOf, Data, Metrics, Scheduler, StoreToBe, Why
from batch.console import Progress, print_facts
from batch.ending import Ending
from batch.memory import keep_freed_memory
from batch.metrics import metrics_file
from batch.night import run_night
from batch.owners import age, person
from batch.runs.publish import export_file
from batch.shards.unknown_categories import unknown_note
from batch.steps.acceptance import accept
from batch.steps.stages import stage_table
from model_store import open_store, published_run


def night(
    data: Data,
    store: StoreToBe,
    as_of: AsOf = None,
    scheduler: Scheduler = None,
    accepted: Accepted = None,
    why: Why = None,
    metrics: Metrics = None,
) -> None:
    """Ingest, score, explain, check and publish every client of application_train and application_test.

    Example: [bold]pret night --data portfolio --store store --as-of 2026-11-23[/]

    Exit code 3: computed, but a check refuses to publish it; readers keep the night before.
    Exit code 4: another night is running in the store, nothing was done. A night that was killed goes on when it is
    started again.
    """
    keep_freed_memory()
    place = open_store(store)
    day = as_of or date.today()
    acceptances = accept(accepted or [], why, person())
    progress = Progress(age=age())
    figures = open_store(metrics).absolute() if metrics else None
    with Ending(place, day, figures or metrics_file(place)).told():
        run = run_night(open_store(data), place, day, progress, scheduler, acceptances, figures)
    found = run.document
    rejected = sum(sum(kinds.values()) for kinds in found["ingest"]["rejected"].values())
    if note := unknown_note(found["ingest"]):
        progress.note(escape(note))
    print_facts(
        f"Published run {run.run_id}",
        {
            "clients": f"{found['clients']:,}" + _kept(found),
            "decisions": ", ".join(f"{count:,} {name}" for name, count in found["decisions"].items()),
            "model": found["model_version"],
            "rows read": f"{sum(found['ingest']['rows'].values()):,}",
            "rows set aside": f"{rejected:,}"
            + "".join(
                f"\n{count:,} of {table}: {reason}"
                for table, kinds in found["ingest"]["rejected"].items()
                for reason, count in kinds.items()
            ),
            "checks passed": sum(check["passed"] for check in found["checks"]),
            **_accepted_facts(found),
            "export": str(export_file(place, day)),
            "readers see": published_run(place),
        },
    )
    Console().print(stage_table(found["stages"]))


def _kept(found: Mapping[str, Any]) -> str:
    """How many clients were computed, where the others are as in an earlier run."""
    earlier = found["kept_from"]
    return f"; {found['computed']:,} computed, the others are as in {earlier}" if earlier else ""


def _accepted_facts(found: Mapping[str, Any]) -> dict[str, str]:
    """The checks that failed and were accepted, with what they found."""
    told = {check["name"]: check["found"] for check in found["checks"] if not check["passed"]}
    return {"accepted": "\n".join(f"{name}: {told[name]}" for name in told)} if told else {}
