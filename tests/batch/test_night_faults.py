"""The night that goes wrong: refused, killed, interrupted or out of disk, it leaves readers what they had."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from command_line import Pret
from mini_tables import mini_tables, night_of, published_bytes, write_tables
from processes import SECONDS, dripping, is_read, running, wait_until
from upath import UPath

from batch.errors import CheckFailed
from batch.shards.ingests import bytes_of
from model_store import published_run, read_run, read_scores

PRET = str(Path(sys.executable).parent / "pret")
NIGHT = "2026-11-24"


def last_run(store: Path) -> Path:
    return sorted((store / "runs").iterdir())[-1]


def written_so(ingest: Path) -> None:
    """The ingest's record says what its files are now: whatever was changed in them counts as written so."""
    record = ingest / "ingest.json"
    told = json.loads(record.read_text()) | {"bytes": bytes_of(UPath(ingest))}
    record.write_text(json.dumps(told))


def test_too_many_rejected_rows_are_not_published(own_store: Path, tmp_path: Path) -> None:
    """One row in eight of bureau unusable: the message says how many and the limit; the run is kept, refused."""
    sheets = mini_tables()
    for line in range(2, 9):
        sheets["bureau"].put(line, "DAYS_CREDIT", "soon")
    before = published_bytes(own_store)
    with pytest.raises(CheckFailed) as raised:
        night_of(write_tables(tmp_path / "tables", sheets), own_store)
    said = "rejected_rows.bureau: 7 of 60 rows (11.67%), expected at most 10%"
    assert said in str(raised.value)
    assert "rejected_rows.bureau_balance" in str(raised.value), (
        "months of those credits have no client either"
    )
    assert published_bytes(own_store) == before
    run = read_run(own_store, "2026-11-24-001")
    assert (run.status, run.clients) == ("refused", 30)
    assert run.document["error"] == f"CheckFailed: {raised.value}"
    refused = {check["name"] for check in run.document["checks"] if not check["passed"]}
    assert refused == {"rejected_rows.bureau", "rejected_rows.bureau_balance"}
    assert len(pq.read_table(str(last_run(own_store) / "rejects" / "bureau.parquet"))) == 7
    assert len(read_scores(own_store, "2026-11-24-001")) == 30, "what was computed can be looked at"


def test_a_tenth_rejected_is_published(own_store: Path, tmp_path: Path) -> None:
    """Six rows of sixty are within the limit: published, and the rejects lie with the run."""
    sheets = mini_tables()
    for line in range(2, 8):
        sheets["bureau"].put(line, "DAYS_CREDIT", "soon")
    run = night_of(write_tables(tmp_path / "tables", sheets), own_store)
    assert published_run(own_store) == run.run_id
    assert run.document["status"] == "published"


@pytest.mark.parametrize("where", ["read", "kept"])
def test_a_lost_client_is_not_published(where: str, own_store: Path, portfolio: Path) -> None:
    """A shard, or the run whose rows are kept, that lost a client since it was counted fails the count by one."""
    ingest = next((own_store / "ingests").iterdir())
    path = ingest / "shard=001" / "application.parquet"
    if where == "kept":
        path = own_store / "runs" / published_run(own_store) / "scores" / "shard=001.parquet"
    else:
        (ingest / "clients.parquet").unlink()  # nothing to compare with: everyone is computed
    rows = pq.read_table(str(path))
    pq.write_table(rows.slice(1), str(path))
    mark = own_store / "runs" / published_run(own_store) / "finished" / "shard=001.json"
    told = json.loads(mark.read_text())
    told["files"]["scores/shard=001.parquet"]["bytes"] = path.stat().st_size  # as if it had been written so
    mark.write_text(json.dumps(told))
    written_so(ingest)
    before = published_bytes(own_store)
    with pytest.raises(CheckFailed, match=r"client_count: 1,499 clients, each once, expected 1,500 app"):
        night_of(portfolio, own_store)
    assert published_bytes(own_store) == before


def test_a_night_killed_while_scoring_leaves_the_published_one(own_store: Path, portfolio: Path) -> None:
    """SIGKILL between two shards: readers keep their run; the same night, started again, goes on."""
    before, scores = published_bytes(own_store), read_scores(own_store)
    stuck = next((own_store / "ingests").iterdir()) / "shard=003" / "installments_payments.parquet"
    rows = stuck.read_bytes()
    stuck.unlink()
    os.mkfifo(stuck)  # the worker of this shard waits here for ever
    written_so(stuck.parent.parent)
    command = [PRET, "night", "--data", str(portfolio), "--store", str(own_store), "--as-of", NIGHT]
    written = own_store / "runs" / f"{NIGHT}-001" / "contributions"
    with running(command) as process:
        wait_until(lambda: len(list(written.glob("shard=???.parquet"))) == 3, process)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert published_bytes(own_store) == before
    pd.testing.assert_frame_equal(read_scores(own_store), scores)
    assert read_run(own_store, f"{NIGHT}-001").status == "running"
    stuck.unlink()
    stuck.write_bytes(rows)
    written_so(stuck.parent.parent)
    run = night_of(portfolio, own_store)
    assert published_run(own_store) == run.run_id == f"{NIGHT}-001"
    assert run.document["continued_shards"] in (2, 3), "the third may have been killed before its mark"
    assert [*run.document["interrupted"][0]] == ["started_at"]
    pd.testing.assert_frame_equal(
        read_scores(own_store).drop(columns="run_id"), scores.drop(columns="run_id"), check_exact=True
    )


def test_a_night_that_failed_goes_on_from_its_finished_shards(own_store: Path, portfolio: Path) -> None:
    """One shard cannot be read, as a lost worker, a full disk or Ctrl-C would leave it: the same night, started
    again, computes what is missing, under its number, and keeps what it failed of; the result is that of one go."""
    stuck = next((own_store / "ingests").iterdir()) / "shard=003" / "installments_payments.parquet"
    rows = stuck.read_bytes()
    stuck.write_bytes(bytes(len(rows)))
    with pytest.raises(ValueError, match="arquet"):
        night_of(portfolio, own_store)
    failed = read_run(own_store, f"{NIGHT}-001")
    finished = len(list((own_store / "runs" / f"{NIGHT}-001" / "finished").iterdir()))
    assert (failed.status, finished > 0) == ("failed", True)
    stuck.write_bytes(rows)
    run, last = night_of(portfolio, own_store), read_scores(own_store, "2026-11-23-001")
    assert published_run(own_store) == run.run_id == f"{NIGHT}-001"
    assert run.document["continued_shards"] == finished
    assert run.document["interrupted"][0]["error"] == failed.document["error"]
    assert "error" not in run.document
    pd.testing.assert_frame_equal(
        read_scores(own_store).drop(columns="run_id"), last.drop(columns="run_id"), check_exact=True
    )


def _hear_interrupts() -> None:
    """A job started in the background, as by CI, inherits that Ctrl-C is ignored; a terminal does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(
    ("sent", "code", "error"),
    [(signal.SIGINT, 130, "KeyboardInterrupt: "), (signal.SIGTERM, 143, "Stopped: by SIGTERM")],
    ids=["Ctrl-C", "systemd"],
)
def test_an_interrupted_night_says_so(
    sent: int, code: int, error: str, own_store: Path, tmp_path: Path
) -> None:
    """While tables are read: its exit code, to Prometheus as well, one line, the run recorded failed, and why; no
    half-made ingest."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    last = folder / "installments_payments.csv"
    before, ingests = published_bytes(own_store), sorted((own_store / "ingests").iterdir())
    command = [PRET, "night", "--data", str(folder), "--store", str(own_store), "--as-of", NIGHT]
    with running(command) as process:
        with dripping(last, last.read_bytes()[:500]) as pipe:
            wait_until(lambda: is_read(pipe), process)
            process.send_signal(sent)
        # the pipe ends here: a signal that came just before the next reading is noticed after it
        _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == code
    assert f"pret_night_exit_code {code}.0" in (own_store / "metrics" / "pret_night.prom").read_text()
    assert "interrupted" in said.decode()
    assert "Traceback" not in said.decode()
    assert published_bytes(own_store) == before
    assert sorted((own_store / "ingests").iterdir()) == ingests
    run = read_run(own_store, f"{NIGHT}-001")
    assert (run.status, run.document["error"]) == ("failed", error)


def test_a_full_disk_is_one_line(own_store: Path, portfolio: Path) -> None:
    """No file may grow beyond 40 kB, as on a full disk: the error names it, readers keep what they had."""
    before = published_bytes(own_store)
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000));"
        "from batch.cli import main; sys.argv[0] = 'pret'; main()"
    )
    command = [sys.executable, "-c", code, "night", "--data", str(portfolio), "--store", str(own_store)]
    done = subprocess.run([*command, "--as-of", NIGHT], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.search(r"error \[Errno 27\] File too large: '\S*/(features|rejects)/\S+\.parquet'", done.stderr)
    assert "Traceback" not in done.stderr
    assert published_bytes(own_store) == before
    record = json.loads((last_run(own_store) / "run.json").read_text())
    assert record["status"] == "failed"
    assert "File too large" in record["error"]


def test_a_model_of_other_features_publishes_nothing(own_store: Path, portfolio: Path) -> None:
    """A champion whose files were changed is refused before anything is written."""
    before, runs = published_bytes(own_store), sorted((own_store / "runs").iterdir())
    path = own_store / "models" / "v001" / "model.txt"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(Exception, match=r"model\.txt has grown"):
        night_of(portfolio, own_store)
    assert published_bytes(own_store) == before
    assert sorted((own_store / "runs").iterdir()) == runs


@pytest.mark.parametrize(
    "file", ["shard=002/bureau.parquet", "clients.parquet", "shard=000/application.parquet"]
)
def test_a_truncated_ingest_is_read_again(file: str, pret: Pret, own_store: Path, portfolio: Path) -> None:
    """Somebody shortened or removed one of its files: a note says so, the night ends as if nothing had happened."""
    path = next((own_store / "ingests").iterdir()) / file
    whole, scores = path.read_bytes(), read_scores(own_store)
    path.write_bytes(whole[:1000])
    answer = pret("night", "--data", portfolio, "--store", own_store, "--as-of", NIGHT)
    assert (answer.code, answer.err.count("is not as it was written")) == (0, 1)
    assert path.read_bytes() == whole or file == "clients.parquet"
    pd.testing.assert_frame_equal(
        read_scores(own_store).drop(columns="run_id"), scores.drop(columns="run_id"), check_exact=True
    )


@pytest.mark.parametrize("told", ["{}", '{"schemas": ', '["schemas"]'])
def test_an_ingest_whose_record_is_damaged_is_none(
    told: str, pret: Pret, own_store: Path, portfolio: Path, tmp_path: Path
) -> None:
    """Other files are read whole and those of the damaged ingest again: nights end as if nothing had happened."""
    record, scores = next((own_store / "ingests").glob("*/ingest.json")), read_scores(own_store)
    record.write_text(told)
    elsewhere = shutil.copytree(portfolio, tmp_path / "tables")
    for data in (elsewhere, portfolio):
        answer = pret("night", "--data", data, "--store", own_store, "--as-of", NIGHT)
        assert answer.code == 0, answer.err
        pd.testing.assert_frame_equal(
            read_scores(own_store).drop(columns="run_id"), scores.drop(columns="run_id"), check_exact=True
        )
    assert json.loads(record.read_text())["clients"] == len(scores)


def test_a_truncated_published_night_is_named_and_can_be_run_again(
    pret: Pret, own_store: Path, portfolio: Path
) -> None:
    """The next night says which file, and what to do; that done, the next night is published."""
    scores = read_scores(own_store)
    path = own_store / "runs" / published_run(own_store) / "scores" / "shard=003.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    night = ["night", "--data", portfolio, "--store", own_store, "--as-of"]
    answer = pret(*night, NIGHT)
    assert (answer.code, answer.err.count("error")) == (1, 1)
    assert re.search(
        r"scores/shard=003\.parquet is damaged \(.+\): restore it .* remove the folder", answer.err
    )
    shutil.rmtree(path.parent.parent)
    assert [pret(*night, day).code for day in ("2026-11-23", NIGHT)] == [0, 0]
    pd.testing.assert_frame_equal(
        read_scores(own_store).drop(columns="run_id"), scores.drop(columns="run_id"), check_exact=True
    )


@pytest.mark.parametrize("file", ["features/shard=001.parquet", "finished/shard=001.json"])
def test_what_was_kept_and_then_shortened_is_computed(
    file: str, pret: Pret, own_store: Path, portfolio: Path
) -> None:
    """The night does without the published one's rows where a file of them is not as it was written."""
    scores = read_scores(own_store)
    path = own_store / "runs" / published_run(own_store) / file
    path.write_bytes(path.read_bytes()[:-100])
    answer = pret("night", "--data", portfolio, "--store", own_store, "--as-of", NIGHT)
    run = read_run(own_store).document
    assert (answer.code, run["kept_from"], run["computed"]) == (0, None, len(scores))
    pd.testing.assert_frame_equal(
        read_scores(own_store).drop(columns="run_id"), scores.drop(columns="run_id"), check_exact=True
    )


def test_ingests_are_in_order_whatever_the_clock_said(own_store: Path, tmp_path: Path) -> None:
    """A clock set back by years makes the newest ingest look the oldest: it stays, and the first one goes."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    made = [next((own_store / "ingests").iterdir()).name]
    for _ in range(3):
        for record in (own_store / "ingests").glob("*/ingest.json"):
            later = json.loads(record.read_text()) | {"finished_at": "2099-01-01T00:00:00.000+00:00"}
            record.write_text(json.dumps(later))
        os.utime(
            folder / "bureau.csv", ns=(0, len(made))
        )  # other files, as far as can be told without reading
        made.append(str(night_of(folder, own_store).document["ingest"]["ingest_id"]))
    assert len(set(made)) == 4
    assert {path.name for path in (own_store / "ingests").iterdir()} == set(made[1:])


def test_a_damaged_pointer_is_named(own_store: Path) -> None:
    """A published.json that is no JSON is an error that names the file, not an empty store."""
    (own_store / "published.json").write_text('{"run_id": ')
    with pytest.raises(ValueError, match=r"published\.json is not readable JSON"):
        published_run(own_store)
