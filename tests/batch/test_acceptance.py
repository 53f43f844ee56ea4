"""A refused night: what it says, how it is accepted, what is recorded, what readers see meanwhile."""

import json
import shutil
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from command_line import Pret, Said
from mini_tables import published_bytes
from upath import UPath

from batch.errors import CheckFailed
from batch.owners import person
from batch.runs.record import RunRecord
from batch.steps.acceptance import require_passed
from batch.steps.checks import Check
from model_store import published_run, read_run, read_scores

NIGHT = "2026-11-24"
RUN = f"{NIGHT}-001"


@pytest.fixture
def thinned(portfolio: Path, tmp_path: Path) -> Path:
    """The portfolio without every fifth client of application_test, 2.7 % of the base: too many gone."""
    folder = shutil.copytree(portfolio, tmp_path / "tables")
    left: dict[str, pd.Series] = {}
    for table, key in (
        ("application_test", "SK_ID_CURR"),
        ("bureau", "SK_ID_CURR"),
        ("bureau_balance", "SK_ID_BUREAU"),
    ):
        path = folder / f"{table}.csv"
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        gone = rows.index % 5 == 0 if not left else rows[key].isin(left[key])
        left |= {name: rows.loc[gone, name] for name in ("SK_ID_CURR", "SK_ID_BUREAU") if name in rows}
        rows[~gone].to_csv(path, index=False)
    return folder


def night(pret: Pret, folder: Path, store: Path, *more: object) -> Said:
    return pret("night", "--data", folder, "--store", store, "--as-of", NIGHT, *more)


def test_the_way_out_of_a_refusal_can_be_typed_as_it_stands(tmp_path: Path) -> None:
    """Also where the store's folder has a blank in its name."""
    run = RunRecord(RUN, UPath(tmp_path) / "my store" / "runs" / RUN, {})
    run.folder.mkdir(parents=True)
    failed = Check("clients_gone", passed=False, found="3 are gone", limit="at most 2")
    with pytest.raises(CheckFailed, match=f"clients_gone --store '{tmp_path}/my store' --why"):
        require_passed(run, [failed], [])


def test_a_refused_night_says_which_limit_by_how_much(pret: Pret, guarded_store: Path, thinned: Path) -> None:
    """Exit code 3, one line with what was found, the limit and the way out; readers keep what they had."""
    before = published_bytes(guarded_store)
    answer = night(pret, thinned, guarded_store)
    assert answer.code == 3
    run = read_run(guarded_store, RUN)
    gone = 1500 - run.clients
    share = (
        f"{gone} of last night's clients are not there ({gone / 1500:.2%} of 1,500), expected at most 2.0%"
    )
    assert f"clients_gone: {share}" in answer.err
    assert f'pret runs accept {RUN} clients_gone --store {guarded_store} --why "…"' in answer.err
    assert published_bytes(guarded_store) == before
    assert run.status == "refused"
    assert [check["name"] for check in run.document["checks"] if not check["passed"]] == ["clients_gone"]


def test_an_accepted_check_is_published_and_recorded(pret: Pret, guarded_store: Path, thinned: Path) -> None:
    """--accept with a reason publishes; run.json says what, who, when, why; the check stays failed."""
    answer = night(pret, thinned, guarded_store, "--accept", "clients_gone", "--why", "branch closed")
    assert answer.code == 0, answer.err
    assert published_run(guarded_store) == RUN
    run = read_run(guarded_store, RUN).document
    (accepted,) = run["accepted"]
    assert (accepted["check"], accepted["why"], accepted["who"]) == (
        "clients_gone",
        "branch closed",
        person(),
    )
    assert datetime.fromisoformat(accepted["at"]).tzinfo is not None
    assert [check["name"] for check in run["checks"] if not check["passed"]] == ["clients_gone"]
    assert "accepted" in answer.out
    assert "are not there" in answer.out


def test_another_check_accepted_does_not_help(pret: Pret, guarded_store: Path, thinned: Path) -> None:
    """Only the check that was named may fail."""
    answer = night(pret, thinned, guarded_store, "--accept", "clients_new", "--why", "x")
    assert answer.code == 3
    assert published_run(guarded_store) != RUN


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--accept", "clients_gnoe", "--why", "x"], "no check 'clients_gnoe'; did you mean clients_gone?"),
        (["--accept", "zzz", "--why", "x"], "no check 'zzz'; there are: client_count, missing_scores"),
        (["--accept", "clients_gone"], "--accept clients_gone needs a reason"),
        (["--accept", "clients_gone", "--why", " "], "--accept clients_gone needs a reason"),
        (["--why", "x"], "name the check: --accept CHECK"),
        (["--accept", "client_count", "--why", "x"], "client_count cannot be accepted"),
        (["--accept", "model_checksum", "--why", "x"], "model_checksum cannot be accepted"),
    ],
)
def test_a_wrong_acceptance_is_refused_before_the_night(
    more: list[str], said: str, pret: Pret, guarded_store: Path, portfolio: Path
) -> None:
    """No such check, one that no reason excuses, or no reason: nothing is started."""
    answer = night(pret, portfolio, guarded_store, *more)
    assert answer.code == 1
    assert said in answer.err
    assert not (guarded_store / "runs" / RUN).exists()


def test_a_refused_run_is_accepted_without_computing_it_again(
    pret: Pret, guarded_store: Path, thinned: Path
) -> None:
    """`pret runs accept` publishes what the night wrote, to the byte, and records who and why."""
    assert night(pret, thinned, guarded_store).code == 3
    shutil.rmtree(guarded_store / "ingests")
    written = {path: path.read_bytes() for path in (guarded_store / "runs" / RUN).rglob("*.parquet")}
    answer = pret("runs", "accept", RUN, "clients_gone", "--why", "branch closed", "--store", guarded_store)
    assert answer.code == 0, answer.err
    assert published_run(guarded_store) == RUN
    assert {path: path.read_bytes() for path in written} == written
    run = read_run(guarded_store, RUN)
    assert run.status == "published"
    assert "error" not in run.document
    assert run.document["accepted"][0]["why"] == "branch closed"
    assert len(read_scores(guarded_store)) == run.clients
    assert f"Published run {RUN}" in answer.out


def test_a_run_is_accepted_check_by_check(pret: Pret, guarded_store: Path, thinned: Path) -> None:
    """With two failed checks the first acceptance is recorded and the second publishes."""
    (guarded_store / "limits.toml").write_text("missing_share = 0.0")
    assert night(pret, thinned, guarded_store).code == 3
    accept = ("runs", "accept", RUN, "--store", guarded_store, "--why", "closed")
    first = pret(*accept, "clients_gone")
    assert first.code == 3
    assert "missing_share" in first.err
    assert "clients_gone:" not in first.err
    assert published_run(guarded_store) != RUN
    assert pret(*accept, "missing_share").code == 0
    assert published_run(guarded_store) == RUN
    accepted = read_run(guarded_store, RUN).document["accepted"]
    assert [entry["check"] for entry in accepted] == ["clients_gone", "missing_share"]


def test_a_night_that_is_not_refused_cannot_be_accepted(pret: Pret, guarded_store: Path) -> None:
    """A published run needs no acceptance; an unknown one is named."""
    accept = ("runs", "accept", "--why", "x", "--store", guarded_store)
    published = pret(*accept, published_run(guarded_store), "clients_gone")
    assert (published.code, "is published, expected a refused one" in published.err) == (1, True)
    unknown = pret(*accept, "2020-01-01-001", "clients_gone")
    assert (unknown.code, "no run '2020-01-01-001'" in unknown.err) == (1, True)


def test_what_was_compared_with_an_older_night_is_not_accepted(
    pret: Pret, guarded_store: Path, thinned: Path, portfolio: Path
) -> None:
    """Once another run is published, the refused one's comparison is out of date: the night is to be run again."""
    assert night(pret, thinned, guarded_store).code == 3
    assert night(pret, portfolio, guarded_store).code == 0
    accept = pret("runs", "accept", RUN, "clients_gone", "--why", "x", "--store", guarded_store)
    assert accept.code == 1
    assert "another one was published since: run the night again" in accept.err
    assert published_run(guarded_store) == f"{NIGHT}-002"
    assert json.loads((guarded_store / "runs" / RUN / "run.json").read_text())["status"] == "refused"
