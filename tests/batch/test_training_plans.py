"""`pret train` with a search and a comparison: kept in the store, used by the next training, resumed."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from command_line import Pret
from processes import SECONDS, running, wait_until
from rich.console import Console
from upath import UPath

from batch.commands.train import money_asked_for, parse_costs, parse_list
from batch.console import Progress
from batch.studies import (
    keep,
    known_trials,
    of_purpose,
    read_history,
    read_search,
    search_key,
    settled,
    tuning_document,
)
from batch.train import TrainingPlan, run_training
from model_store import load, open_store
from risk import MoneyAssumptions
from training import TrainingSettings, TreeSettings, Trial

PRET = str(Path(sys.executable).parent / "pret")
QUICK = TrainingSettings(
    trees=TreeSettings(learning_rate=0.2, max_trees=20, patience=5), importance_clients=50
)


def quiet() -> Progress:
    return Progress(Console(quiet=True))


def test_options_that_would_count_for_nothing_are_refused() -> None:
    """Assumptions about money without --money, or --costs with it, are a misunderstanding, not a wish."""
    assert money_asked_for(False, None, None, (7.0, 1.0)) is None
    assert money_asked_for(True, None, 0.2, None) == MoneyAssumptions(margin=0.2)
    for wrong, told in (
        ((False, 0.3, None, None), "say --money with them"),
        ((False, None, 0.1, None), "say --money with them"),
        ((True, None, None, (7.0, 1.0)), "give one of them"),
    ):
        with pytest.raises(typer.BadParameter, match=told):
            money_asked_for(*wrong)


def comparison(constraints: bool, imbalance: str) -> dict[str, Any]:
    """As much of a comparison as a later training reads."""
    row = {"name": "x", "constraints": constraints, "imbalance": imbalance}
    return {"choice": {"chosen": "x"}, "candidates": [row]}


def test_what_was_found_is_used(tmp_path: Path) -> None:
    """The compared variant and the best trial's trees replace the settings; without history nothing changes."""
    store = open_store(tmp_path)
    assert read_history(store) == {}
    assert settled(QUICK, {}) == QUICK
    trial = Trial(0, {"num_leaves": 9.0}, {}, 0.5, (0.5, 0.5), 0.3)
    keep(store, "comparison", comparison(False, "weighted"))
    keep(store, "tuning", tuning_document({"data": "a"}, [trial], 10))
    found = settled(QUICK, read_history(store))
    assert (found.constraints, found.imbalance, found.trees.num_leaves) == (False, "weighted", 9)
    assert found.trees.learning_rate == QUICK.trees.learning_rate


def test_what_was_found_for_another_purpose_is_left_aside(tmp_path: Path) -> None:
    """A comparison and a search at 10:1 count at 10:1 only: other costs, money or inputs set them aside."""
    store = open_store(tmp_path)
    keep(store, "comparison", {**comparison(False, "weighted"), **dated(QUICK)})
    key = search_key(QUICK, "data", "catalogue", 100)
    keep(
        store, "tuning", tuning_document(key, [Trial(0, {"num_leaves": 9.0}, {}, 0.5, (0.5, 0.5), 0.3)], 100)
    )
    history = read_history(store)
    assert of_purpose(history, QUICK) == (history, [])
    for other, told in (
        (replace(QUICK, fn_cost=7.0), "costs 7:1"),
        (replace(QUICK, money=MoneyAssumptions()), "costs in money (loss_given_default 0.45, margin 0.1)"),
        (replace(QUICK, without=("age",)), "costs 10:1, without age"),
    ):
        fitting, aside = of_purpose(history, other)
        assert fitting == {}
        assert aside[0] == (
            f"the comparison of 2026-11-20 was made for costs 10:1, this training is for {told}: left aside; "
            "--compare makes one for this"
        )
        assert len(aside) == 2
    unstated = {"comparison": {**history["comparison"], "purpose": None}}
    assert "costs that it does not state" in of_purpose(unstated, QUICK)[1][0]


def dated(settings: TrainingSettings) -> dict[str, Any]:
    """When and for what a comparison was made."""
    return {"created_at": "2026-11-20T00:00:00+00:00", "purpose": settings.purpose}


def test_a_search_goes_on_only_from_its_own_kind(tmp_path: Path) -> None:
    """Trials on the same data, features and settings are known again; those of other costs are not."""
    store = open_store(tmp_path)
    key = search_key(QUICK, "data", "catalogue", 100)
    assert read_search(store, key) is None
    assert known_trials(None) == ()
    trial = Trial(0, {"num_leaves": 9.0}, {"50": 0.2}, 0.5, (0.5, 0.5), 0.3)
    keep(store, "tuning", tuning_document(key, [trial], 100))
    assert known_trials(read_search(store, key)) == (trial,)
    assert read_search(store, {**key, "data": "other"}) is None
    assert tuning_document(key, [Trial(0, {})], 100)["best"] is None


def test_a_search_for_another_purpose_leaves_the_trials_of_this_one(tmp_path: Path) -> None:
    """Two searches at once, or one between two halves of another: each goes on from its own trials, and a training
    uses what was found for its costs, though another purpose's was found later; an older store's file is read."""
    store, dear = open_store(tmp_path), replace(QUICK, fn_cost=7.0)
    keys = [search_key(settings, "data", "catalogue", 100) for settings in (QUICK, dear)]
    trials = [[Trial(0, {"num_leaves": leaves}, {}, 0.5, (0.5, 0.5), 0.3)] for leaves in (9.0, 11.0)]
    days = ("2026-11-20", "2026-11-21")
    for key, found, day in zip(keys, trials, days, strict=True):
        keep(store, "tuning", {**tuning_document(key, found, 100), "created_at": f"{day}T00:00:00+00:00"})
    for settings, day in zip((QUICK, dear), days, strict=True):
        keep(store, "comparison", {**dated(settings), **comparison(False, "weighted"), "day": day})
    for settings, key, found, day in zip((QUICK, dear), keys, trials, days, strict=True):
        assert list(known_trials(read_search(store, key))) == found
        history = read_history(store, settings)
        assert of_purpose(history, settings) == (history, [])
        assert settled(settings, history).trees.num_leaves == found[0].parameters["num_leaves"]
        assert history["comparison"]["day"] == day
    older = tmp_path / "older" / "training"
    older.mkdir(parents=True)
    (older / "tuning.json").write_text(json.dumps(tuning_document(keys[0], trials[0], 100)))
    assert list(known_trials(read_search(open_store(older.parent), keys[0]))) == trials[0]


def test_options_say_what_they_expect() -> None:
    """Costs as FN:FP, lists with commas; anything else is named."""
    assert parse_costs("7.5:1") == (7.5, 1.0)
    assert parse_list("age, family_status") == ("age", "family_status")
    assert parse_list("") == ()
    for wrong in ("10", "a:b", "1:2:3"):
        with pytest.raises(typer.BadParameter, match="expected FN:FP"):
            parse_costs(wrong)


def test_search_and_comparison_are_kept_and_stand_in_the_version(portfolio: Path, tmp_path: Path) -> None:
    """One training searches and compares, the next one does neither and still stands on both."""
    store: UPath = open_store(tmp_path / "store")
    quick = replace(QUICK, folds=3)  # all candidates and inputs are fitted on each

    def train(**more: Any) -> str:
        return run_training(open_store(portfolio), store, quiet(), plan=TrainingPlan(quick, **more))

    first = train(trials=2, compare=True)
    second = train()
    forgetful = train(forget=True)
    before = read_history(store)
    afresh = train(trials=1, forget=True)
    found: Any = load(store, afresh).metadata["history"]
    assert len(found["tuning"]["trials"]) == 1
    assert "comparison" not in found
    keep(store, "tuning", before["tuning"])
    history = read_history(store)
    assert len(history["tuning"]["trials"]) == 2
    for version in (first, second):
        assert json.loads(json.dumps(load(store, version).metadata["history"])) == history
    assert load(store, forgetful).metadata["history"] == {}
    assert (
        load(store, first).booster.dump_model()["tree_info"]
        == load(store, second).booster.dump_model()["tree_info"]
    )
    drift: Any = load(store, first).metadata["drift"]
    assert drift["clients"] > 0


def test_ctrl_c_keeps_the_trials_and_the_same_command_goes_on(portfolio: Path, tmp_path: Path) -> None:
    """Interrupted after two trials: exit 130, no version, the trials stay; asked for as many, it seeks no more."""
    store = tmp_path / "store"
    command = [PRET, "train", "--data", str(portfolio), "--store", str(store), "--trials"]
    kept = store / "training"
    with running([*command, "40"]) as process:
        wait_until(lambda: len(_kept_trials(kept)) > 1, process)  # the first was kept, then told
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert "trial 1 leads" in " ".join(said.decode().split())
    assert "the same command goes on from there" in " ".join(said.decode().split())
    trials = _kept_trials(kept)
    assert not (store / "models").exists()
    again = subprocess.run([*command, str(len(trials))], capture_output=True, timeout=4 * SECONDS, check=True)
    assert f"trials known from an earlier search: {len(trials)}" in " ".join(again.stderr.decode().split())
    assert _kept_trials(kept) == trials
    assert load(open_store(store), "v001").metadata["history"].keys() == {"tuning"}  # type: ignore[attr-defined]  # JSON of any shape


def _kept_trials(folder: Path) -> list[Any]:
    """Trials of the store's one search as it has them now."""
    trials: list[Any] = [json.loads(file.read_bytes())["trials"] for file in folder.glob("tuning-*.json")]
    return trials[0] if trials else []


def test_help_tells_the_defaults_that_count(pret: Pret) -> None:
    """What `pret train --help` says of options that are left out is what the settings then hold."""
    told = " ".join(re.sub("[│╭╰─╮╯]", " ", pret("train", "--help").out).split())
    settings, money = TrainingSettings(), MoneyAssumptions()
    for option, default in (
        ("--seed", settings.seed),
        ("--costs", f"{settings.fn_cost:g}:{settings.fp_cost:g}"),
        ("--lgd", f"{money.loss_given_default:.2f}"),
        ("--margin", f"{money.margin:.2f}"),
        ("--trials", "0"),
    ):
        of_option = re.search(rf" {option} (?:[<TF].*?)([Dd]efault: \S+)", told)
        assert of_option
        assert of_option[1][9:].rstrip(".]") == str(default), option
