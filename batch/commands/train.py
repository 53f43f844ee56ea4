"""`pret train`: a new model version, on request with a search and a comparison before it.

Belongs here: reading options, calling the job, showing its result. Does not: the job (train).
"""

from __future__ import annotations

from dataclasses import replace
from shlex import quote
from typing import Annotated, Any

import typer

from batch.commands.options import Data, Scheduler, StoreToBe
from batch.console import Progress, print_facts
from batch.memory import keep_freed_memory
from batch.owners import person
from model_store import ScoringModel, load, open_store
from risk import MoneyAssumptions
from risk.cost import FN_COST, FP_COST

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


def money_asked_for(
    money: bool, lgd: float | None, margin: float | None, costs: tuple[float, float] | None
) -> MoneyAssumptions | None:
    """The assumptions with --money, None without. Errors: BadParameter for options that would count for nothing."""
    if not money and (lgd is not None or margin is not None):
        raise typer.BadParameter("--lgd and --margin are assumptions about money; say --money with them")
    if money and costs is not None:
        raise typer.BadParameter(
            "--money takes each client's own amounts, --costs the same for all; give one of them"
        )
    given = {"loss_given_default": lgd, "margin": margin}
    known = {name: value for name, value in given.items() if value is not None}
    return MoneyAssumptions(**known) if money else None


def parse_list(text: str) -> tuple[str, ...]:
    """("age", "family_status") of "age,family_status"."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def train(
    data: Data,
    store: StoreToBe,
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
            parser=parse_costs,
            metavar="FN:FP",
            help="Cost of a default accepted, of a good client refused. Default: 10:1.",
        ),
    ] = None,
    money: Annotated[
        bool,
        typer.Option("--money", help="Costs in money instead: each client's loss against the margin lost."),
    ] = False,
    lgd: Annotated[
        float | None,
        typer.Option(help="With --money: share of the credit lost in a default. Default: 0.45."),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            help="With --money: yearly margin on what is owed, after funding and running costs. Default: 0.10."
        ),
    ] = None,
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
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Same seed and data, same model. Default: 20261123."),
    ] = None,
    scheduler: Scheduler = None,
) -> None:
    """Train a new model version from the clients with a known outcome.

    Example: [bold]pret train --data portfolio --store store --promote[/]

    Once in a while: [bold]pret train --data portfolio --store store --trials 30 --compare[/]
    """
    keep_freed_memory()
    from batch.train import TrainingPlan, run_training  # what it takes to train, no other command waits for
    from training import TrainingSettings

    fn_cost, fp_cost = costs or (FN_COST, FP_COST)
    settings = TrainingSettings(
        fn_cost=fn_cost,
        fp_cost=fp_cost,
        money=money_asked_for(money, lgd, margin, costs),
        review_from=review_from,
        without=without,
    )
    if seed is not None:
        settings = replace(settings, seed=seed)
    plan = TrainingPlan(settings, trials, compare, forget)
    place = open_store(store)
    promoted_by = person() if promote else None
    version = run_training(open_store(data), place, Progress(), promoted_by, plan, scheduler)
    model = load(place, version)
    following = (
        f"pret night --data {quote(data)} --store {quote(store)}"
        if promote
        else f'pret models promote {version} --store {quote(store)} --why "…"'
    )
    facts = _model_facts(model)
    print_facts(f"Model {version}", {**facts, "promoted": "yes" if promote else "no", "next": following})


def _model_facts(model: ScoringModel) -> dict[str, object]:
    document: Any = model.metadata
    metrics, interval, money = (
        document["metrics"],
        document["cut_off"]["interval"],
        document["settings"]["money"],
    )
    digits = dict.fromkeys(SHOWN, ".4f") | ({"cost_per_client": ",.0f"} if money else {})
    facts: dict[str, object] = {
        name: f"{metrics[name]['mean']:{form}} ± {metrics[name]['standard_error']:{form}} (folds, standard error)"
        for name, form in digits.items()
    }
    return {
        "clients": f"{document['training_data']['clients']:,}",
        "variant": _variant(document),
        **facts,
        "calibration": f"{document['calibration']['method']}, error {document['pooled']['calibration_error']:.4f}",
        "cut-off": f"{model.cut_off:.4f} (95 % between {interval['from']:.4f} and {interval['to']:.4f})",
        **_review_facts(document["settings"]["review_from"], model.cut_off),
    }


def _review_facts(asked: float | None, cut_off: float) -> dict[str, str]:
    if asked is None:
        return {}
    if asked >= cut_off:
        return {"review": f"nobody: {asked:g} is not below the cut-off"}
    return {"review": f"from {asked:g} up to the cut-off"}


def _variant(document: dict[str, Any]) -> str:
    settings, history = document["settings"], document["history"]
    kept = "declared directions kept" if settings["constraints"] else "free of directions"
    known = [f"{name} of {found['created_at'][:10]}" for name, found in history.items()]
    return f"LightGBM, {kept}, {settings['imbalance']}; " + (", ".join(known) or "settings as they come")
