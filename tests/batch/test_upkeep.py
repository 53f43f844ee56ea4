"""What a store looks like after kills, changes and back-fills: nothing left over, readers where they were."""

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import Pret
from mini_tables import mini_tables, night_of, write_tables

from batch.console import Progress
from batch.errors import InputError
from batch.ingest import ingest
from batch.owners import this_process
from batch.runs.turn import LOCK
from batch.shards.ingests import KEPT_INGESTS, MAKER, RECORD, begin, compare_with
from batch.workers import connect
from features import frame_of_rows
from features.raw import InvalidRows
from model_store import open_store, published_run, read_run
from model_store.storage import publish_json

RUN = "2026-11-24-001"


def test_an_older_night_does_not_move_readers_back(own_store: Path, portfolio: Path) -> None:
    """A back-fill publishes its own export; the pointer stays on the later night, both runs say published."""
    later = published_run(own_store)
    run = night_of(portfolio, own_store, date(2026, 11, 1))
    assert published_run(own_store) == later
    assert read_run(own_store, run.run_id).status == read_run(own_store, later).status == "published"
    assert (own_store / "exports/scores/as_of=2026-11-01/scores.parquet").exists()


def test_leftovers_of_dead_processes_are_removed(tmp_path: Path) -> None:
    """A half-made ingest goes with the next one if its process is gone for certain, its number in use again or not;
    one at work stays, on this machine or on another."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    ingests = open_store(tmp_path / "store") / "ingests"
    here = this_process()
    owners = {
        "dead": replace(here, began="1"),
        "before the restart": replace(here, boot="other"),
        "alive": here,
        "elsewhere": replace(here, host="pod", machine="other"),
    }
    left = {name: begin(ingests, name) for name in owners}
    for name, owner in owners.items():
        publish_json(left[name] / MAKER, owner.document)
    (ingests / ".incoming-older@host@1").mkdir()
    with connect() as workers:
        done = ingest(open_store(folder), open_store(tmp_path / "store"), workers, Progress())
    stay = {left["alive"].name, left["elsewhere"].name}
    assert {path.name for path in ingests.iterdir()} == {done.folder.name, *stay}


def test_unlocking_removes_the_ingest_of_another_machine(pret: Pret, own_store: Path) -> None:
    """Who says that the night of another machine is gone says it of its half-made copy of the tables too."""
    elsewhere = replace(this_process(), host="pod", machine="other")
    left = begin(open_store(own_store) / "ingests", "half")
    publish_json(left / MAKER, elsewhere.document)
    publish_json(open_store(own_store) / LOCK, {**elsewhere.document, "since": "2026-11-23T01:00:00+00:00"})
    assert pret("runs", "unlock", "--why", "it burnt down", "--store", own_store).code == 0
    assert not left.exists()


def ingest_often(folder: Path, store: Path, times: int) -> list[str]:
    """As many ingests of the same tables, each time of other times of change; their names."""
    made = []
    with connect() as workers:
        for number in range(times):
            os.utime(folder / "bureau.csv", (number, number))
            made.append(ingest(open_store(folder), open_store(store), workers, Progress()).folder.name)
    return made


def test_only_the_latest_ingests_are_kept(tmp_path: Path) -> None:
    """Each ingest is a copy of all tables: the oldest go, the one just made stays."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    made = ingest_often(folder, tmp_path / "store", KEPT_INGESTS + 2)
    assert {path.name for path in (tmp_path / "store" / "ingests").iterdir()} == set(made[-KEPT_INGESTS:])


def test_what_nights_read_is_kept(own_store: Path, tmp_path: Path) -> None:
    """However many ingests follow: that of the published run, that of a run at work, that on which one stands, and
    that with which one being made is compared."""
    ingests = own_store / "ingests"
    published = read_run(own_store).document["ingest"]["ingest_id"]
    record = json.loads((own_store / "runs" / published_run(own_store) / "run.json").read_text())
    for name, facts in {
        "of-a-run-at-work": {"number": -3, "compared_with": "below-it"},
        "below-it": {"number": -4},
        "compared-with": {"number": -5},
        "nobody-reads": {"number": -6},
    }.items():
        publish_json(open_store(ingests / name) / RECORD, {"finished_at": "", **facts})
    at_work = {**record, "run_id": RUN, "status": "running", "ingest": {"ingest_id": "of-a-run-at-work"}}
    publish_json(open_store(own_store) / "runs" / RUN / "run.json", at_work)
    compare_with(begin(open_store(ingests), "beside"), open_store(ingests / "compared-with"))
    ingest_often(write_tables(tmp_path / "tables", mini_tables()), own_store, KEPT_INGESTS)
    left = {path.name for path in ingests.iterdir()}
    assert left >= {published, "of-a-run-at-work", "below-it", "compared-with"}
    assert "nobody-reads" not in left


def test_a_stopped_command_takes_its_server_along(small_store: Path) -> None:
    """SIGTERM, as systemd sends it, ends `pret api` and the server it started: nothing answers any more."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(Path(sys.executable).parent / "pret"),
        "api",
        "--store",
        str(small_store),
        "--port",
        str(port),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        assert any(f"http://localhost:{port}/docs" in line for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
    assert process.returncode == 143
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_column_of_dates_is_one_clear_error(tmp_path: Path) -> None:
    """A Parquet column that holds no numbers names itself instead of ending in a traceback."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    table = pa.Table.from_pandas(pd.read_csv(folder / "bureau.csv"), preserve_index=False)
    (folder / "bureau.csv").unlink()
    dates = pa.array([date(2026, 1, 1)] * len(table), pa.date32())
    position = table.schema.get_field_index("DAYS_CREDIT")
    pq.write_table(table.set_column(position, "DAYS_CREDIT", dates), folder / "bureau.parquet")
    with connect() as workers, pytest.raises(InputError, match=r"bureau\.parquet.*DAYS_CREDIT: unparsable"):
        ingest(open_store(folder), open_store(tmp_path / "store"), workers, Progress())


def test_one_huge_identifier_costs_one_row(tmp_path: Path) -> None:
    """An integer no float64 holds exactly is out of range in its own row; the others are used."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    frame = pd.read_csv(folder / "bureau.csv")
    frame.loc[0, "SK_ID_BUREAU"] = 2**53 + 1
    frame.to_parquet(folder / "bureau.parquet")
    (folder / "bureau.csv").unlink()
    with connect() as workers:
        done = ingest(open_store(folder), open_store(tmp_path / "store"), workers, Progress())
    assert done.document["rejected"]["bureau"] == {"out of range [1, 2147483647] (SK_ID_BUREAU)": 1}
    assert done.document["rows"]["bureau"] == len(frame) - 1


def test_a_flag_is_zero_or_one() -> None:
    """Half a flag is refused, not cut to 0."""
    with pytest.raises(InvalidRows, match=r"FLAG_MOBIL: not a whole number: 0\.5"):
        frame_of_rows("application", [{"SK_ID_CURR": 1, "FLAG_MOBIL": 0.5}])
