"""The command line in rough places: an edited store, odd names, few signs on a terminal, S3 without keys."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Pret, one_line

from batch.console import print_facts


def test_a_pointer_that_names_no_run_is_one_line(pret: Pret, own_store: Path, portfolio: Path) -> None:
    """published.json edited by hand, still JSON: readers and the night say what it lacks, no traceback."""
    (own_store / "published.json").write_text('{"as_of": "2026-11-23"}')
    for command in (["runs", "show"], ["runs", "prune"], ["night", "--data", portfolio]):
        answer = pret(*command, "--store", own_store)
        assert answer.code == 1
        assert "published.json lacks run_id; restore it" in one_line(answer.err)


def test_a_record_that_says_little_is_one_line(pret: Pret, own_store: Path, portfolio: Path) -> None:
    """A run.json edited by hand, still JSON: whoever reads the nights says which it is and what it lacks."""
    record = own_store / "runs" / "2026-11-23-001" / "run.json"
    told = json.loads(record.read_text())
    del told["status"]
    record.write_text(json.dumps(told))
    for command in (["runs", "list"], ["runs", "show"], ["night", "--data", portfolio]):
        answer = pret(*command, "--store", own_store)
        assert answer.code == 1
        assert f"{record} lacks status; restore it" in one_line(answer.err)


def test_commands_that_are_told_run_as_copied(pret: Pret, tmp_path: Path) -> None:
    """A store with blanks in its name is quoted in what a command says to type next."""
    store = tmp_path / "mon magasin"
    (store / "models").mkdir(parents=True)
    for command in (["runs", "show"], ["runs", "list"]):
        said = pret(*command, "--store", store)
        assert f"--store '{store}'" in said.out + said.err


def test_brackets_are_told_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """A folder or a reason with brackets is no markup of the terminal: nothing is swallowed, nothing raised."""
    print_facts("Store [old]", {"why": "ticket [ops-12], see [/x]"})
    said = capsys.readouterr().out
    assert "Store [old]" in said
    assert "ticket [ops-12], see [/x]" in said


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_a_terminal_of_few_signs_is_served(encoding: str, small_store: Path, tmp_path: Path) -> None:
    """Where neither ● nor … can be written, tables are printed all the same, and lines for machines stay JSON."""
    script = str(Path(sys.executable).parent / "pret")
    few = os.environ | {"PYTHONIOENCODING": encoding}
    command = [script, "runs", "list", "--store", str(small_store)]
    listed = subprocess.run(command, capture_output=True, check=True, env=few)
    assert b"2026-11-23-001" in listed.stdout
    command = [script, "explain", "1", "--log-json", "--store", str(tmp_path / "été")]
    told = subprocess.run(command, capture_output=True, check=False, env=few)
    assert "été is no store" in json.loads(told.stderr.decode(encoding))["message"]


def test_an_object_store_without_credentials_is_one_line(tmp_path: Path) -> None:
    """What the client of S3 raises by itself, no OSError: the line says what lacks, no traceback."""
    none = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "HOME": str(tmp_path)}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | none
    command = [str(Path(sys.executable).parent / "pret"), "models", "list", "--store", "s3://lender/store"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (1, "error Unable to locate credentials\n")
