"""The command line: every command helps with an example, fails with one line, and prints the right figures."""

import json
import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import Pret, one_line
from mini_tables import mini_tables, write_tables

from model_store import (
    load,
    open_store,
    read_run,
    read_scores,
    save,
)

COMMANDS = [
    "simulate", "train", "night", "serve", "api", "explain",
    "models list", "models show", "models promote", "models rollback", "models history", "models compare",
    "runs list", "runs show", "runs diff", "runs accept", "runs prune", "runs unlock", "features report",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(command: str, pret: Pret) -> None:
    """Each command's help ends with exit code 0 and shows how the command is typed."""
    said = pret(*command.split(), "--help")
    assert said.code == 0
    assert re.search(rf"Example:\s+pret {command} ", said.out)


def test_the_list_of_commands_is_complete(pret: Pret) -> None:
    """Every command that `pret` knows is among those tested here."""
    top = set(re.findall(r"^│ (\w+) ", pret("--help").out, re.MULTILINE))
    groups = {f"{group} {name}" for group in ("models", "runs", "features")
              for name in re.findall(r"^│ (\w+) ", pret(group, "--help").out, re.MULTILINE)}  # fmt: skip
    assert (top - {"models", "runs", "features"}) | groups == set(COMMANDS)


NO_STORE = "is no store: looked for store.json, models, runs, ingests in it"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["night", "--data", "nowhere", "--store", "{own}"], "nowhere is not a folder"),
        (["train", "--data", "nowhere", "--store", "{own}"], "nowhere is not a folder"),
        (["night", "--data", "{portfolio}", "--store", "{none}"], NO_STORE),
        (["night", "--data", "{portfolio}", "--store", "{empty}"], NO_STORE),
        (["explain", "1", "--store", "{store}"], "holds no client 1 (of 1500 clients)"),
        (["explain", "100001", "--store", "{none}"], NO_STORE),
        (["runs", "show", "--store", "{none}"], NO_STORE),
        (["runs", "accept", "2020-01-01-001", "clients_gone", "--why", "x", "--store", "{none}"], NO_STORE),
        (["runs", "unlock", "--why", "x", "--store", "{none}"], NO_STORE),
        (["runs", "show", "2020-01-01-001", "--store", "{store}"], "no run '2020-01-01-001'"),
        (["runs", "diff", "2026-11-23-001", "x", "--store", "{store}"], "there are: 2026-11-23-001"),
        (["models", "show", "v009", "--store", "{store}"], "has no model version 'v009'; it has v001"),
        (["models", "list", "--store", "{none}"], NO_STORE),
        (["models", "show", "--store", "{new}"], "has no champion"),
        (["runs", "show", "--store", "{new}"], "has no published night"),
        (["models", "rollback", "--why", "x", "--store", "{own}"], "has no predecessor"),
        (["models", "promote", "v007", "--why", "x", "--store", "{own}"], "no model version 'v007'"),
        (["models", "promote", "v001", "--why", " ", "--store", "{own}"], "expected both to be stated"),
        (["models", "compare", "v001", "v002", "--store", "{store}"], "no model version 'v002'"),
        (["serve", "--store", "{none}"], NO_STORE),
        (["serve", "--store", "{new}"], "has no published night"),
    ],
)
def test_errors_are_one_line_with_exit_code_1(
    arguments: list[str],
    said: str,
    pret: Pret,
    small_store: Path,
    own_store: Path,
    portfolio: Path,
    tmp_path: Path,
) -> None:
    """What was found and expected, on standard error; standard output stays empty; no store is made."""
    places = {"store": small_store, "own": own_store, "portfolio": portfolio}
    places |= {name: tmp_path / name for name in ("none", "empty", "new")}
    (tmp_path / "new" / "models").mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    answer = pret(*(argument.format(**places) for argument in arguments))
    assert answer.code == 1
    assert said in one_line(answer.err)
    assert answer.out == ""
    assert not (tmp_path / "none").exists()
    assert not [*(tmp_path / "empty").iterdir()]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["night", "--data", "x", "--store", "y", "--as-of", "yesterday"], "expected YYYY-MM-DD"),
        (["night", "--data", "x", "--store", "y", "--as-of", "2026-02-30"], "expected YYYY-MM-DD"),
        (["night", "--store", "y"], "Missing option '--data'"),
        (["explain", "Anna", "--store", "{store}"], "'CLIENT': Input should be a valid integer"),
        (["explain", "1", "--store", "{store}", "--language", "de"], "expected fr or en"),
        (["simulate", "out", "--clients", "5"], "greater than or equal to 100"),
        (["simulate", "out", "--format", "xlsx"], "'xlsx' is not one of 'csv', 'parquet'"),
        (["simulate", "out", "--faults", "rust"], "'rust' is not known: expected rows, layout, files, all"),
        (["simulate", "out", "--drift", "war:1"], "expected one of recession, new-channel, broken-feed"),
        (["simulate", "out", "--drift", "recession:2"], "expected more than 0, 1 at most"),
        (["serve", "--store", "{store}", "--port", "0"], "greater than or equal to 1"),
        (["nights"], "No such command"),
    ],
)
def test_a_wrong_call_has_exit_code_2(arguments: list[str], said: str, pret: Pret, small_store: Path) -> None:
    """What was typed and what was expected; nothing is written."""
    answer = pret(*(argument.format(store=small_store) for argument in arguments))
    assert answer.code == 2
    assert said in " ".join(re.sub("[│╭╰─╮╯]", " ", answer.err).split())


def test_verbose_gives_the_traceback(pret: Pret, tmp_path: Path) -> None:
    """--verbose anywhere in the line shows where the error was raised, and ends with the same exit code."""
    for arguments in (("--verbose", "runs", "show"), ("runs", "show", "--verbose")):
        answer = pret(*arguments, "--store", tmp_path)
        assert answer.code == 1
        assert "Traceback (most recent call last)" in answer.err
        assert "NoStore" in answer.err
    assert "Traceback" not in pret("runs", "show", "--store", tmp_path).err


def test_the_installed_command_answers_as_the_tests_do(small_store: Path) -> None:
    """The console script that users type: exit codes 0, 1 and 2 in processes of their own."""
    script = str(Path(sys.executable).parent / "pret")
    for arguments, code in ((["models", "list"], 0), (["explain", "1"], 1), (["explain", "x"], 2)):
        command = [script, *arguments, "--store", str(small_store)]
        assert subprocess.run(command, capture_output=True, check=False).returncode == code


@pytest.mark.parametrize("command", ["serve", "api"])
def test_a_taken_port_is_one_line(command: str, pret: Pret, small_store: Path) -> None:
    """Neither server starts on a port that something listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = pret(command, "--store", small_store, "--port", port)
    assert answer.code == 1
    assert f"port {port} is in use" in one_line(answer.err)


def test_models_list_and_show(pret: Pret, small_store: Path) -> None:
    """The version's own figures: AUC, cost, cut-off, and all that was recorded of it."""
    model = load(open_store(small_store))
    metrics = model.metadata["metrics"]
    row = next(
        line for line in pret("models", "list", "--store", small_store).out.splitlines() if "v001" in line
    )
    for figure in ("champion", *(f"{metrics[name]['mean']:.4f}" for name in ("auc", "cost_per_client"))):
        assert figure in row
    assert f"{model.cut_off:.4f}" in row
    shown = pret("models", "show", "v001", "--store", small_store).out
    assert f"{model.cut_off:.4f} (FN:FP = 10:1)" in shown
    assert model.catalogue_hash in shown
    assert all(f"{found['mean']:.4f} ± " in shown for found in metrics.values())
    whole = pret("models", "show", "v001", "--json", "--store", small_store).out
    assert json.loads(whole)["metrics"] == metrics


def save_guessing(store: Path) -> str:
    """A version like the champion whose out-of-fold probabilities are drawn: clearly worse."""
    model = load(open_store(store))
    drawn = np.random.default_rng(1).random(len(model.out_of_fold))
    guessing = model.out_of_fold.assign(default_probability=drawn)
    return save(open_store(store), replace(model, out_of_fold=guessing))


def test_models_promote_rollback_and_history(pret: Pret, own_store: Path) -> None:
    """A worse version needs force and can be taken back; the history says who, when and why."""
    assert save_guessing(own_store) == "v002"
    promote = ("models", "promote", "v002", "--store", own_store)
    refused = pret(*promote, "--why", "newer")
    assert refused.code == 1
    assert "v002 is worse than the champion v001 beyond one standard error" in one_line(refused.err)
    watched = pret(*promote, "--why", "to watch", "--alias", "challenger")
    assert "takes effect" not in watched.out
    forced = pret(*promote, "--why", "a trial", "--force")
    assert "Promoted by force" in forced.out
    assert "AUC 0." in forced.out
    assert load(open_store(own_store)).version == "v002"
    back = pret("models", "rollback", "--why", "too strict", "--store", own_store)
    assert "v001 (before: v002)" in back.out
    assert load(open_store(own_store)).version == "v001"
    lines = pret("models", "history", "--store", own_store).out.splitlines()
    told = [re.split(r"\s{2,}", line.strip())[1:] for line in lines if line.strip().startswith("20")]
    assert [row[:4] for row in told] == [
        ["promote", "champion", "–", "v001"],
        ["promote", "challenger", "–", "v002"],
        ["promote (forced)", "champion", "v001", "v002"],
        ["rollback", "champion", "v002", "v001"],
    ]
    assert [row[5] for row in told[1:]] == ["to watch", "a trial", "too strict"]


def test_train_says_when_it_may_not_promote(pret: Pret, own_store: Path, portfolio: Path) -> None:
    """`train --promote` keeps the version it made, names it, and says why it is not the champion."""
    model = load(open_store(own_store))
    perfect = model.out_of_fold.assign(default_probability=model.out_of_fold["target"] * 0.9 + 0.05)
    oracle = save(open_store(own_store), replace(model, cut_off=0.5, out_of_fold=perfect))
    assert pret("models", "promote", oracle, "--why", "knows", "--store", own_store).code == 0
    answer = pret("train", "--data", portfolio, "--store", own_store, "--promote")
    assert answer.code == 1
    assert "v003 is saved but not promoted: v003 is worse than the champion v002" in one_line(answer.err)
    assert load(open_store(own_store), "v003").version == "v003"
    assert load(open_store(own_store)).version == "v002"


def test_models_compare_features_and_decisions(pret: Pret, own_store: Path) -> None:
    """Differences with their errors, inputs of one version only, and how often both decide alike."""
    model = load(open_store(own_store))
    first, *rest = model.feature_names
    probability = model.out_of_fold["default_probability"]
    agree = ((probability >= model.cut_off) == (probability >= 0.5)).mean()
    save(open_store(own_store), replace(model, cut_off=0.5, feature_names=tuple(rest)))
    said = pret("models", "compare", "champion", "v002", "--store", own_store).out
    assert re.search(r"auc +0\.\d{4} +0\.\d{4} +\+0\.0000 ± 0\.0000 +1,\d{3} clients of both", said)
    assert re.search(r"cost_per_client .*clients of both at 10:1", said)
    assert re.search(rf"inputs only in v001 +│ {first} ", said)
    assert re.search(r"inputs only in v002 +│ none ", said)
    assert re.search(r"declarations +│ the same ", said)
    assert f"Decisions agree for {agree:.2%} of {len(probability):,} clients" in " ".join(said.split())


def test_models_show_what_differs_from_this_code(pret: Pret, own_store: Path) -> None:
    """A version of other features is shown with what differs, listed as such, and refused as champion."""
    model = load(open_store(own_store))
    name, *_ = model.definitions
    other = dict(model.definitions, app_of_before="00000000", **{name: "ffffffff"})
    declared = {key: value for key, value in model.declarations.items() if key != name}
    old = replace(model, definitions=other, declarations=declared, catalogue_hash="0" * 16)
    version = save(open_store(own_store), old)
    shown = " ".join(
        re.sub("[│╭╰─╮╯]", " ", pret("models", "show", version, "--store", own_store).out).split()
    )
    assert "only in v002: app_of_before" in shown
    assert f"declared differently: {name}" in shown
    listed = pret("models", "list", "--store", own_store)
    assert "v001" in listed.out
    assert [line.split()[0] for line in listed.err.splitlines()] == ["v002"]
    assert "features that this code does not declare, or differently" in listed.err
    refused = pret("models", "promote", version, "--why", "x", "--store", own_store)
    assert "only in the version: app_of_before" in one_line(refused.err)


def test_models_compare_shows_both_versions(pret: Pret, small_store: Path) -> None:
    """Each metric of both versions and the cut-off; a version does not differ from itself."""
    model = load(open_store(small_store))
    compared = pret("models", "compare", "v001", "v001", "--store", small_store).out
    assert compared.count(f"{model.metadata['metrics']['ks']['mean']:.4f}") == 2
    assert compared.count("+0.0000") == len(model.metadata["metrics"].keys() - {"cut_off"})
    assert "the same folds" in compared
    assert "each on its own folds" not in compared
    assert "agree for 100.00%" in compared
    assert compared.count(f"{model.cut_off:.4f}") >= 2


def test_a_damaged_version_is_listed_with_its_problem(pret: Pret, own_store: Path) -> None:
    """`models list` answers and names the file that was changed."""
    (own_store / "models" / "v001" / "note.en.html").write_text("changed")
    answer = pret("models", "list", "--store", own_store)
    assert answer.code == 0
    assert "v001" in answer.out
    assert "note.en.html is cut short" in answer.err


def test_a_store_without_nights_is_said_to_have_none(pret: Pret, tmp_path: Path) -> None:
    """Not an empty table: what runs a night is told, as it is to be typed."""
    (tmp_path / "my store" / "models").mkdir(parents=True)
    listed = pret("runs", "list", "--store", tmp_path / "my store")
    assert listed.code == 0
    assert (
        f"my store holds no nights; run one: pret night --data DIR --store '{tmp_path}/my store'"
        in listed.out
    )


def test_names_of_runs_are_whole_on_a_narrow_terminal(
    pret: Pret, small_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """60 columns wide the nights are listed without their start, so that each name can be copied."""
    monkeypatch.setenv("COLUMNS", "60")
    listed = pret("runs", "list", "--store", small_store).out
    assert read_run(small_store).run_id in listed
    assert "…" not in listed


def test_runs_list_and_show(pret: Pret, small_store: Path) -> None:
    """The published run is marked; its checks and its record are those of run.json."""
    run = read_run(small_store)
    listed = pret("runs", "list", "--store", small_store).out
    row = next(line for line in listed.splitlines() if run.run_id in line)
    assert [cell.strip() for cell in row.split("│")[1:6]] == [
        "●", run.run_id, "published", "1,500", "v001",
    ]  # fmt: skip
    shown = pret("runs", "show", "--store", small_store).out
    for check in run.document["checks"]:
        line = next(line for line in shown.splitlines() if f" {check['name']} " in line)
        assert check["found"] in line
        assert " yes " in line
    expected = {name: value for name, value in run.document.items() if name != "checks"}
    assert json.loads(shown[shown.index("\n{") :]) == expected


def test_a_night_and_its_difference_from_the_one_before(pret: Pret, own_store: Path, tmp_path: Path) -> None:
    """`night` prints what it published; `diff` counts clients, decisions and the largest change."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    night = pret("night", "--data", folder, "--store", own_store, "--as-of", "2026-11-24")
    assert night.code == 0, night.err
    scores = read_scores(own_store)
    counts = scores["decision"].astype(str).value_counts()
    assert "Published run 2026-11-24-001" in night.out
    assert ", ".join(f"{counts[name]:,} {name}" for name in sorted(counts.index)) in night.out
    assert str(own_store / "exports/scores/as_of=2026-11-24/scores.parquet") in night.out.replace("\n", "")
    before = read_scores(own_store, "2026-11-23-001")
    both = before.index.intersection(scores.index)
    change = (before.loc[both, "default_probability"] - scores.loc[both, "default_probability"]).abs().max()
    diff = pret("runs", "diff", "2026-11-23-001", "2026-11-24-001", "--store", own_store).out
    facts = dict(re.findall(r"│ ([\w ]+?) +│ (.+?) +│", diff))
    assert facts["clients in both"] == f"{len(both)}"
    assert facts["new clients"] == f"{len(scores) - len(both)}"
    assert facts["clients gone"] == f"{len(before) - len(both):,}"
    assert facts["largest change of probability"] == (f"{change:.6f}" if len(both) else "–")
    assert facts["models"] == "v001 → v001"


def test_a_run_without_scores_cannot_be_compared(pret: Pret, own_store: Path) -> None:
    """A night that failed has none: one line says its status."""
    pret("night", "--data", "nowhere", "--store", own_store, "--as-of", "2026-11-24")
    answer = pret("runs", "diff", "2026-11-23-001", "2026-11-24-001", "--store", own_store)
    assert answer.code == 1
    assert "has no scores: its status is failed" in one_line(answer.err)


def test_simulate_writes_a_portfolio_that_can_be_published(
    pret: Pret, own_store: Path, tmp_path: Path
) -> None:
    """The three commands of a first day work together: simulate, (train), night; Parquet included."""
    out = tmp_path / "portfolio"
    assert pret("simulate", out, "--clients", 150, "--seed", 3, "--format", "parquet").code == 0
    assert pret("night", "--data", out, "--store", own_store, "--as-of", "2026-11-25").code == 0
    assert len(read_scores(own_store)) == 150
    again = pret("simulate", out, "--clients", 150)
    assert again.code == 1
    assert str(out) in one_line(again.err)
