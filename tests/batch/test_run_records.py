"""Run records: run.json says what was read, with what it was scored, what was checked, and how it ended."""

import hashlib
import json
from datetime import datetime
from pathlib import Path

import pytest
from mini_tables import FILES, mini_tables, night_of, write_tables

from batch.errors import InputError
from features import CATALOGUE
from model_store import list_runs, load, open_store, published_run, read_run, read_scores


@pytest.fixture(scope="module")
def document(small_store: Path) -> dict:
    """run.json of the small store's published night, as the file says."""
    return json.loads((small_store / "runs" / published_run(small_store) / "run.json").read_text())


def test_inputs_have_the_fingerprints_of_their_files(document: dict, portfolio: Path) -> None:
    """Eight files, each with rows, bytes and the SHA-256 that sha256sum prints."""
    inputs = {entry["table"]: entry for entry in document["ingest"]["inputs"]}
    assert set(inputs) == set(FILES)
    for name, entry in inputs.items():
        data = (portfolio / f"{name}.csv").read_bytes()
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        assert entry["bytes"] == len(data)
        assert entry["rows"] == data.count(b"\n") - 1
    assert len(document["ingest"]["fingerprint"]) == 16


def test_counts_are_those_of_the_scores(document: dict, small_store: Path) -> None:
    """Clients, decisions and clients seen in training can be counted again from what was published."""
    scores = read_scores(small_store)
    assert document["clients"] == len(scores) == 1500
    assert document["decisions"] == scores["decision"].astype(str).value_counts().to_dict()
    assert document["seen_in_training"] == scores["seen_in_training"].sum()
    used = {entry["table"]: entry["used"] for entry in document["ingest"]["inputs"]}
    assert used["application_train"] == document["seen_in_training"]


def test_a_published_run_says_how_it_was_made(document: dict, small_store: Path) -> None:
    """Model, catalogue, checks that all passed, the seconds of each step, when it ran and ended."""
    assert document["status"] == "published"
    assert document["model_version"] == load(open_store(small_store)).version == "v001"
    assert document["catalogue_hash"] == CATALOGUE.hash
    assert {"client_count", "missing_scores", "probability_range"} < {c["name"] for c in document["checks"]}
    assert all(check["passed"] and check["found"] and check["limit"] for check in document["checks"])
    assert {"score", "publish"} <= document["seconds"].keys()
    assert min(document["seconds"].values()) >= 0
    started, finished = (datetime.fromisoformat(document[name]) for name in ("started_at", "finished_at"))
    assert started <= finished
    assert started.tzinfo is not None
    assert "error" not in document


def test_rejects_lie_with_the_run(document: dict, small_store: Path) -> None:
    """Tables with rows set aside have their file beside run.json; the counts agree."""
    folder = small_store / "runs" / document["run_id"] / "rejects"
    assert sorted(path.stem for path in folder.iterdir()) == sorted(document["ingest"]["rejected"])
    assert document["ingest"]["rejected"]["bureau_balance"]


def test_run_ids_count_up_whatever_happened(own_store: Path, tmp_path: Path) -> None:
    """Every start takes the next number of its night; a failed one keeps its own, with status and error."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    assert night_of(folder, own_store).run_id == "2026-11-24-001"
    (folder / "bureau.csv").rename(tmp_path / "bureau.csv")
    with pytest.raises(InputError):
        night_of(folder, own_store)
    (tmp_path / "bureau.csv").rename(folder / "bureau.csv")
    assert night_of(folder, own_store).run_id == "2026-11-24-003"
    assert list_runs(own_store) == ("2026-11-23-001", "2026-11-24-001", "2026-11-24-002", "2026-11-24-003")
    assert [read_run(own_store, run).status for run in list_runs(own_store)[1:]] == [
        "published",
        "failed",
        "published",
    ]
    failed = read_run(own_store, "2026-11-24-002").document
    assert failed["error"].startswith(f"InputError: {folder} lacks bureau;")
    assert failed["model_version"] == "v001"
    assert failed["finished_at"]
