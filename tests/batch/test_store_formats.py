"""Stores of other versions at the terminal: an older one is taken over, a newer one is refused by every command."""

import json
from pathlib import Path

import pytest
from command_line import Pret
from upath import UPath

from batch.shards.ingests import keep_latest
from model_store import published_run
from model_store.store_format import FORMAT

PROCESS_FACTS = ("process", "program", "model_content", "inputs", "stages", "compared_with", "moves")


@pytest.mark.parametrize(
    "command",
    [
        ["night", "--data", "tables"],
        ["train", "--data", "tables"],
        ["runs", "list"],
        ["runs", "prune"],
        ["models", "list"],
        ["explain", "100002"],
        ["serve"],
        ["api"],
    ],
    ids=" ".join,
)
def test_a_newer_store_is_refused(command: list[str], pret: Pret, tmp_path: Path) -> None:
    """One line with both formats and what to do; nothing is written beside the note."""
    (tmp_path / "store.json").write_text(json.dumps({"format": FORMAT + 1, "written_by": "9.0"}))
    answer = pret(*command, "--store", tmp_path)
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert f"has format {FORMAT + 1}, written by pret 9.0" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["store.json"]


def test_a_night_takes_over_an_older_store(pret: Pret, own_store: Path, portfolio: Path) -> None:
    """A store as version 0.1 left it before formats were noted: no note, runs and ingests that say less, no list of
    clients. The night says so once, computes all, publishes."""
    (own_store / "store.json").unlink()
    record = own_store / "runs" / published_run(own_store) / "run.json"
    told = json.loads(record.read_text())
    for name in PROCESS_FACTS:
        told.pop(name, None)
    told["ingest"].pop("schemas")
    record.write_text(json.dumps(told))
    for ingest in (own_store / "ingests").iterdir():
        said = json.loads((ingest / "ingest.json").read_text())
        for name in ("schemas", "compared_with", "unchanged"):
            said.pop(name)
        (ingest / "ingest.json").write_text(json.dumps(said))
        (ingest / "clients.parquet").unlink()
    answer = pret("night", "--data", portfolio, "--store", own_store, "--as-of", "2026-11-24")
    assert answer.code == 0, answer.err
    assert answer.err.count("was written as format 1") == 1
    assert published_run(own_store) == "2026-11-24-001"
    again = pret("night", "--data", portfolio, "--store", own_store, "--as-of", "2026-11-25")
    assert (again.code, "format" in again.err) == (0, False)


def test_ingests_of_an_older_store_give_way_to_later_ones(tmp_path: Path) -> None:
    """Their records do not say what they stand on: they stand alone, and the oldest goes."""
    for number in range(4):
        ingest = tmp_path / "ingests" / f"ingest{number}"
        ingest.mkdir(parents=True)
        (ingest / "ingest.json").write_text(json.dumps({"finished_at": f"2026-11-2{number}"}))
    keep_latest(UPath(tmp_path))
    assert sorted(path.name for path in (tmp_path / "ingests").iterdir()) == ["ingest1", "ingest2", "ingest3"]
