"""`pret train`, `pret night`: the jobs that write.

Belongs here: reading options, calling the job, showing its result. Does not: the jobs.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.markup import escape

from batch.console import Progress, print_facts
from batch.night import run_night
from batch.options import AsOf, Data, Scheduler, Store, person
from batch.publish import export_file
from batch.train import run_training
from batch.unknown_categories import unknown_note
from model_store import load, open_store, published_run


def train(
    data: Data,
    store: Store,
    promote: Annotated[bool, typer.Option("--promote", help="Make it the champion.")] = False,
    scheduler: Scheduler = None,
) -> None:
    """Train a new model version from the clients with a known outcome.

    Example: [bold]pret train --data portfolio --store store --promote[/]
    """
    place = open_store(store)
    promoted_by = person() if promote else None
    version = run_training(open_store(data), place, Progress(), promoted_by, scheduler=scheduler)
    model = load(place, version)
    following = (
        f"pret night --data {data} --store {store}"
        if promote
        else f'pret models promote {version} --store {store} --why "…"'
    )
    facts = _model_facts(model.metadata, model.cut_off)
    print_facts(f"Model {version}", {**facts, "promoted": "yes" if promote else "no", "next": following})


def _model_facts(metadata: object, cut_off: float) -> dict[str, object]:
    document = dict(metadata) if isinstance(metadata, dict) else {}
    metrics = document["metrics"]
    facts: dict[str, object] = {
        name: f"{metrics[name]['mean']:.4f} ± {metrics[name]['standard_error']:.4f} (folds, standard error)"
        for name in ("auc", "gini", "ks", "cost_per_client")
        if name in metrics
    }
    return {"clients": f"{document['training_data']['clients']:,}", **facts, "cut-off": f"{cut_off:.4f}"}


def night(data: Data, store: Store, as_of: AsOf = None, scheduler: Scheduler = None) -> None:
    """Ingest, score, explain, check and publish every client of application_train and application_test.

    Example: [bold]pret night --data portfolio --store store --as-of 2026-11-23[/]
    """
    place = open_store(store)
    day = as_of or date.today()
    progress = Progress()
    run = run_night(open_store(data), place, day, progress, scheduler)
    found = run.document
    rejected = sum(sum(kinds.values()) for kinds in found["ingest"]["rejected"].values())
    if note := unknown_note(found["ingest"]):
        progress.note(escape(note))
    print_facts(
        f"Published run {run.run_id}",
        {
            "clients": f"{found['clients']:,}",
            "decisions": ", ".join(f"{count:,} {name}" for name, count in found["decisions"].items()),
            "model": found["model_version"],
            "rows read": f"{sum(found['ingest']['rows'].values()):,}",
            "rows set aside": f"{rejected:,}"
            + "".join(
                f"\n{count:,} of {table}: {reason}"
                for table, kinds in found["ingest"]["rejected"].items()
                for reason, count in kinds.items()
            ),
            "checks passed": len(found["checks"]),
            "export": str(export_file(place, day)),
            "readers see": published_run(place),
            "seconds": ", ".join(f"{name} {seconds:.1f}" for name, seconds in progress.seconds.items()),
        },
    )
