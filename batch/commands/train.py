"""`pret train`: a new model version, on request with a search and a comparison before it.

Belongs here: reading options, calling the job, showing its result. Does not: the job (train).
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from batch.commands.options import Data, Scheduler, Store
from batch.console import Progress, print_facts
from batch.runs.owners import person
from batch.train import TrainingPlan, run_training
from model_store import load, open_store
from risk import MoneyAssumptions
from training import TrainingSettings

SHOWN = ("auc", "gini", "ks", "cost_per_client")


def parse_costs(text: str) -> tuple[float, float]:
    """(FN, FP) of "10:1". Errors: BadParameter with what was found."""
    try:
        missed, refused = (float(part) for part in text.split(":"))
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is no pair of costs, expected FN:FP, for instance 10:1"
        ) from error
    return missed, refused


def parse_list(text: str) -> tuple[str, ...]:
    """("age", "family_status") of "age,family_status"."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def train(
    data: Data,
    store: Store,
    promote: Annotated[bool, typer.Option("--promote", help="Make it the champion.")] = False,
    trials: Annotated[
        int,
        typer.Option(
            min=0, metavar="T", help="Search LightGBM's settings first, T trials in all; Ctrl-C keeps them."
        ),
    ] = 0,
    compare: Annotated[
        bool,
        typer.Option(
            "--compare", help="Compare all candidate models first and train the one the rule picks."
        ),
    ] = False,
    forget: Annotated[
        bool,
        typer.Option(
            "--forget", help="Leave aside what earlier searches and comparisons in the store found."
        ),
    ] = False,
    costs: Annotated[
        Any,
        typer.Option(
            parser=parse_costs, metavar="FN:FP", help="Cost of a default accepted, of a good client refused."
        ),
    ] = "10:1",
    money: Annotated[
        bool,
        typer.Option("--money", help="Costs in money instead: each client's loss against the margin lost."),
    ] = False,
    lgd: Annotated[float, typer.Option(help="With --money: share of the credit lost in a default.")] = 0.45,
    margin: Annotated[
        float,
        typer.Option(help="With --money: yearly margin on what is owed, after funding and running costs."),
    ] = 0.10,
    review_from: Annotated[
        float | None,
        typer.Option(metavar="P", help="Default probability from which people look. Default: none."),
    ] = None,
    without: Annotated[
        Any,
        typer.Option(
            parser=parse_list, metavar="LIST", help="Inputs know nothing of these: age,family_status."
        ),
    ] = "",
    seed: Annotated[int, typer.Option(help="Same seed and data, same model.")] = TrainingSettings.seed,
    scheduler: Scheduler = None,
) -> None:
    """Train a new model version from the clients with a known outcome.

    Example: [bold]pret train --data portfolio --store store --promote[/]

    Once in a while: [bold]pret train --data portfolio --store store --trials 30 --compare[/]
    """
    settings = TrainingSettings(
        seed=seed,
        fn_cost=costs[0],
        fp_cost=costs[1],
        money=MoneyAssumptions(lgd, margin) if money else None,
        review_from=review_from,
        without=without,
    )
    plan = TrainingPlan(settings, trials, compare, forget)
    place = open_store(store)
    promoted_by = person() if promote else None
    version = run_training(open_store(data), place, Progress(), promoted_by, plan, scheduler)
    model = load(place, version)
    following = (
        f"pret night --data {data} --store {store}"
        if promote
        else f'pret models promote {version} --store {store} --why "…"'
    )
    facts = _model_facts(dict(model.metadata), model.cut_off)
    print_facts(f"Model {version}", {**facts, "promoted": "yes" if promote else "no", "next": following})


def _model_facts(document: dict[str, Any], cut_off: float) -> dict[str, object]:
    metrics, interval = document["metrics"], document["cut_off"]["interval"]
    facts: dict[str, object] = {
        name: f"{metrics[name]['mean']:.4f} ± {metrics[name]['standard_error']:.4f} (folds, standard error)"
        for name in SHOWN
    }
    return {
        "clients": f"{document['training_data']['clients']:,}",
        "variant": _variant(document),
        **facts,
        "calibration": f"{document['calibration']['method']}, error {document['pooled']['calibration_error']:.4f}",
        "cut-off": f"{cut_off:.4f} (95 % between {interval['from']:.4f} and {interval['to']:.4f})",
    }


def _variant(document: dict[str, Any]) -> str:
    settings, history = document["settings"], document["history"]
    kept = "declared directions kept" if settings["constraints"] else "free of directions"
    known = [f"{name} of {found['created_at'][:10]}" for name, found in history.items()]
    return f"LightGBM, {kept}, {settings['imbalance']}; " + (", ".join(known) or "settings as they come")
