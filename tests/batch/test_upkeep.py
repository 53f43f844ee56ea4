"""What a store looks like after kills, changes and back-fills: nothing left over, readers where they were."""

import os
import signal
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mini_tables import mini_tables, night_of, write_tables

from batch.console import Progress
from batch.errors import InputError
from batch.ingest import ingest
from batch.shards.ingests import KEPT_INGESTS
from batch.workers import connect
from features import frame_of_rows
from features.raw import InvalidRows
from model_store import open_store, published_run, read_run


def test_an_older_night_does_not_move_readers_back(own_store: Path, portfolio: Path) -> None:
    """A back-fill publishes its own export; the pointer stays on the later night, both runs say published."""
    later = published_run(own_store)
    run = night_of(portfolio, own_store, date(2026, 11, 1))
    assert published_run(own_store) == later
    assert read_run(own_store, run.run_id).status == read_run(own_store, later).status == "published"
    assert (own_store / "exports/scores/as_of=2026-11-01/scores.parquet").exists()


def test_leftovers_of_dead_processes_are_removed(tmp_path: Path) -> None:
    """A half-made ingest of a process that is gone goes with the next ingest; one at work stays."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    ingests = tmp_path / "store" / "ingests"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = ingests / f".incoming-a@{socket.gethostname()}@{ended.pid}"
    alive = ingests / f".incoming-b@{socket.gethostname()}@{os.getppid()}"
    elsewhere = ingests / ".incoming-c@another-machine@1"
    for path in (dead, alive, elsewhere):
        path.mkdir(parents=True)
    with connect() as workers:
        done = ingest(open_store(folder), open_store(tmp_path / "store"), workers, Progress())
    assert {path.name for path in ingests.iterdir()} == {done.folder.name, alive.name, elsewhere.name}


def test_only_the_latest_ingests_are_kept(tmp_path: Path) -> None:
    """Each ingest is a copy of all tables: the oldest go, the one just made stays."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    store, made = open_store(tmp_path / "store"), []
    with connect() as workers:
        for number in range(KEPT_INGESTS + 2):
            os.utime(folder / "bureau.csv", (number, number))
            made.append(ingest(open_store(folder), store, workers, Progress()).folder.name)
    assert {path.name for path in (store / "ingests").iterdir()} == set(made[-KEPT_INGESTS:])


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
