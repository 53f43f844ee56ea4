"""Limits: the file of a store states some, the defaults hold for the others, and what is no limit is refused."""

from dataclasses import fields
from pathlib import Path

import pytest
from command_line import Pret

from batch.errors import JobError
from batch.steps.limits import Limits, read_limits, reasons
from model_store import open_store

ROOT = Path(__file__).resolve().parents[2]


def test_a_store_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    """No limits.toml: every limit as declared."""
    assert read_limits(open_store(tmp_path)) == Limits()


def test_a_file_states_some_limits(tmp_path: Path) -> None:
    """What it states holds, whole numbers included; the rest are the defaults."""
    (tmp_path / "limits.toml").write_text("# a new branch opens\nclients_new = 1\ndecision_flips = 0.08\n")
    assert read_limits(open_store(tmp_path)) == Limits(clients_new=1.0, decision_flips=0.08)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "decision_flip = 0.1",
            "states 'decision_flip', which is no limit; there are: rejected_rows, clients_gone",
        ),
        ("clients_new = '10%'", "clients_new is '10%', expected a number from 0, by default 0.1"),
        ("clients_new = true", "clients_new is True, expected a number"),
        ("clients_new = -0.1", "clients_new is -0.1, expected a number from 0"),
        ("clients_new = nan", "clients_new is nan, expected a number from 0"),
        ("clients_new = inf", "clients_new is inf, expected a number from 0"),
        ("clients_new 0.1", "is not readable TOML: Expected '='"),
        ('clients_new = "\udcff"', "is not readable TOML"),
    ],
)
def test_what_is_no_limit_is_refused(text: str, said: str, tmp_path: Path) -> None:
    """The message names the file, what it states and what was expected."""
    (tmp_path / "limits.toml").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(JobError) as raised:
        read_limits(open_store(tmp_path))
    assert str(tmp_path / "limits.toml") in str(raised.value)
    assert said in str(raised.value)


def test_a_wrong_file_stops_the_night_before_it_begins(
    pret: Pret, guarded_store: Path, portfolio: Path
) -> None:
    """Exit code 1, one line, no run started: a limit that nobody reads protects nobody."""
    (guarded_store / "limits.toml").write_text("decision_flip = 0.1")
    runs = sorted((guarded_store / "runs").iterdir())
    answer = pret("night", "--data", portfolio, "--store", guarded_store)
    assert answer.code == 1
    assert "is no limit" in answer.err
    assert sorted((guarded_store / "runs").iterdir()) == runs


def test_every_limit_has_a_reason() -> None:
    """One sentence each, in the order of the limits."""
    assert list(reasons()) == [entry.name for entry in fields(Limits)]
    assert all(len(reason) > 30 for reason in reasons().values())
