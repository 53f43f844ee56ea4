"""Tables and store on S3: train, night, second night, readers; the server is moto's, on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
import s3fs
from command_line import Pret
from fastapi.testclient import TestClient
from processes import wait_until
from second_night import GONE, NEW, next_night
from upath import UPath

from api import create_app
from batch.console import Progress
from batch.errors import NightRunning
from batch.night import run_night
from batch.runs.turn import LOCK, one_at_a_time, read_lock
from batch.train import TrainingPlan, run_training
from dashboard.data import open_book
from model_store import load, open_store, published_run, read_contributions, read_features, read_scores
from model_store.storage import create_bytes
from training import TrainingSettings, TreeSettings

AS_OF, DAY = date(2026, 11, 24), timedelta(days=1)
WIDE = "clients_gone = 1\nclients_new = 1\ncsi_newcomers = 1000\n"
QUICK = replace(TrainingSettings(), trees=TreeSettings(learning_rate=0.1, max_trees=120, patience=15))


@pytest.fixture(scope="module")
def bucket() -> Iterator[s3fs.S3FileSystem]:
    """An S3 server of its own process that listens on this machine only, named in the environment; one bucket,
    `lender`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server,
        pytest.MonkeyPatch.context() as environment,
    ):
        wait_until(partial(_answers, port), server)
        environment.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_CONFIG_FILE", os.devnull)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "tests")
        s3fs.S3FileSystem.clear_instance_cache()
        files = s3fs.S3FileSystem()
        files.mkdir("lender")
        yield files
        s3fs.S3FileSystem.clear_instance_cache()
        server.kill()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def tables(bucket: s3fs.S3FileSystem, portfolio: Path) -> str:
    """The 1,500 clients' tables in the bucket."""
    bucket.put(str(portfolio), "lender/tables", recursive=True)
    return "s3://lender/tables"


@pytest.fixture(scope="module")
def store(bucket: s3fs.S3FileSystem, small_store: Path) -> str:
    """A store in the bucket that holds a model, no more."""
    bucket.put(str(small_store / "models"), "lender/store/models", recursive=True)
    return "s3://lender/store"


def test_a_night_on_s3_is_the_night_on_disk(pret: Pret, tables: str, store: str, small_store: Path) -> None:
    """`pret night` reads tables from S3 and publishes there what it publishes on a disk."""
    ran = pret("night", "--data", tables, "--store", store, "--as-of", AS_OF)
    assert ran.code == 0, ran.err
    run = published_run(store)
    for read in (read_scores, read_features, read_contributions):
        here, there = read(store), read(small_store)
        pd.testing.assert_frame_equal(
            here.drop(columns="run_id", errors="ignore"),
            there.drop(columns="run_id", errors="ignore"),
            check_exact=True,
        )
    export = UPath(f"{store}/exports/scores/as_of={AS_OF}/scores.parquet")
    with export.open("rb") as file:
        assert len(pd.read_parquet(file)) == 1500
    listed = pret("runs", "list", "--store", store)
    assert run in listed.out
    assert "published" in listed.out


def test_a_second_night_on_s3_reads_what_changed(
    bucket: s3fs.S3FileSystem, tables: str, store: str, portfolio: Path, tmp_path: Path
) -> None:
    """It computes some of the clients, readers see it, and so does one who had read the night before."""
    before = read_scores(store)
    bucket.put(str(next_night(portfolio, tmp_path / "tables")), "lender/following", recursive=True)
    (open_store(store) / "limits.toml").write_text(WIDE)
    second = run_night(open_store("s3://lender/following"), open_store(store), AS_OF + DAY, Progress())
    assert second.document["kept_from"] is not None
    assert 0 < second.document["computed"] < 0.25 * second.document["clients"]
    assert published_run(store) == second.run_id
    assert len(read_scores(store)) == len(before) - GONE + NEW


def test_training_promotes_a_version_on_s3(pret: Pret, tables: str, store: str) -> None:
    """`pret train` finds the ingest of the night on the same tables and writes a version that can be loaded."""
    place = open_store(store)
    version = run_training(open_store(tables), place, Progress(), "tests", TrainingPlan(QUICK))
    assert load(place).version == version
    assert pret("models", "list", "--store", store).code == 0


def test_readers_read_from_s3(store: str) -> None:
    """The service answers for a client and the dashboard's book holds the same figure."""
    scores = read_scores(store)
    client = int(scores.index[0])
    with TestClient(create_app(store)) as http:
        answered = http.get(f"/v1/clients/{client}")
    assert answered.status_code == 200, answered.text
    assert answered.json()["default_probability"] == scores.loc[client, "default_probability"]
    assert len(open_book(store).scores) == len(scores)


def test_a_second_night_at_once_is_refused_on_s3(store: str) -> None:
    """The lock is created only where none lies (If-None-Match), and is gone when the night is over."""
    place = open_store(store)
    with one_at_a_time(place, Progress()):
        with pytest.raises(FileExistsError):
            create_bytes(place / LOCK, b"{}")
        with pytest.raises(NightRunning, match="a night is running in s3://lender/store"):
            run_night(open_store("s3://lender/tables"), place, AS_OF, Progress())
    assert read_lock(place) is None
