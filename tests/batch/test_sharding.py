"""Sharding: a client's rows lie together and in order, and how many shards there are changes no feature."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mini_tables import mini_tables, rejects_of, shard_features, take_in, write_tables

from batch.ingest import Ingest
from batch.shards.sharding import CLIENTS_PER_SHARD, shards_for
from features import TABLES
from model_store.client_shards import read_shard
from model_store.scorebook import shard_of
from simulator import simulate


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 simulated clients."""
    place = tmp_path_factory.mktemp("sharding") / "tables"
    simulate(place, clients=200, seed=4)
    return place


@pytest.fixture(scope="module")
def taken(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Ingest:
    """Their ingest into four shards."""
    return take_in(folder, tmp_path_factory.mktemp("sharding") / "store")


def test_every_row_of_a_client_lies_in_its_shard(taken: Ingest) -> None:
    """The shard is SK_ID_CURR modulo the number of shards, in every table; no row is missing."""
    rows = dict.fromkeys(TABLES, 0)
    for shard in range(taken.shards):
        for name, frame in read_shard(taken.folder, shard).items():
            assert (frame["SK_ID_CURR"] % taken.shards == shard).all(), name
            assert (shard_of(frame["SK_ID_CURR"].to_numpy(), taken.shards) == shard).all(), name
            rows[name] += len(frame)
    assert rows == taken.document["rows"]
    assert min(rows.values()) > 0


def test_rows_are_sorted_as_the_table_says(taken: Ingest) -> None:
    """Within a shard rows follow Table.order, missing values last."""
    for shard in range(taken.shards):
        for name, frame in read_shard(taken.folder, shard).items():
            order = list(TABLES[name].order)
            expected = frame.sort_values(order, kind="stable", na_position="last").index
            np.testing.assert_array_equal(expected, frame.index, err_msg=name)


def test_months_get_their_client_through_bureau(taken: Ingest) -> None:
    """Each month of bureau_balance carries the client of its credit."""
    for shard in range(taken.shards):
        tables = read_shard(taken.folder, shard)
        client = tables["bureau"].set_index("SK_ID_BUREAU")["SK_ID_CURR"]
        months = tables["bureau_balance"]
        np.testing.assert_array_equal(client.loc[months["SK_ID_BUREAU"]], months["SK_ID_CURR"])


@pytest.mark.parametrize("clients_per_shard", [100_000, 30, 10])
def test_features_do_not_depend_on_the_number_of_shards(
    clients_per_shard: int, taken: Ingest, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four, eight or twenty-four shards of half a dozen clients: the same bits."""
    monkeypatch.setattr("batch.shards.sharding.CLIENTS_PER_SHARD", clients_per_shard)
    done = take_in(folder, tmp_path / "store")
    assert done.shards == {100_000: 4, 30: 8, 10: 24}[clients_per_shard]
    pd.testing.assert_frame_equal(shard_features(done), shard_features(taken), check_exact=True)


def test_what_is_a_duplicate_does_not_depend_on_the_number_of_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loan and a month claimed by a client of another shard or of the same one: the same rows set aside."""
    sheets = mini_tables()
    for file in ("previous_application", "POS_CASH_balance"):
        for step in (4, 5):  # the shard of the first client with 4 shards, another one
            sheets[file].rows.append(list(sheets[file].rows[0]))
            sheets[file].put(len(sheets[file].rows) + 1, "SK_ID_CURR", str(100_001 + step))
    folder = write_tables(tmp_path / "tables", sheets)
    few = take_in(folder, tmp_path / "few")
    monkeypatch.setattr("batch.shards.sharding.CLIENTS_PER_SHARD", 1)
    many = take_in(folder, tmp_path / "many")
    assert few.shards < many.shards
    assert few.document["rows"] == many.document["rows"]
    pd.testing.assert_frame_equal(shard_features(few), shard_features(many), check_exact=True)
    assert rejects_of(few, "previous_application")["row"].tolist() == [62, 63]


@given(clients=st.integers(min_value=0, max_value=3_000_000))
@settings(max_examples=50, deadline=None)
def test_shards_are_few_and_small(clients: int) -> None:
    """2^k or 3·2^k, at least four, at most 12,000 clients each, and at most half as many again as needed."""
    shards = shards_for(clients)
    assert shards >= 4
    assert shards.bit_count() == 1 or (shards % 3 == 0 and (shards // 3).bit_count() == 1)
    assert clients <= shards * CLIENTS_PER_SHARD
    assert shards == 4 or clients > shards * CLIENTS_PER_SHARD / 1.5


def test_the_full_portfolio_takes_32_shards() -> None:
    """356,255 clients and ten times as many, the worked numbers of the docstring."""
    assert shards_for(356_255) == 32
    assert shards_for(3_562_550) == 384


def test_only_what_is_asked_for_is_read(taken: Ingest) -> None:
    """Tables and columns in the order asked for, the same values as when all are read."""
    columns = {"bureau": ["AMT_CREDIT_SUM", "SK_ID_CURR"], "application": ("SK_ID_CURR", "CODE_GENDER")}
    some, whole = read_shard(taken.folder, 1, columns), read_shard(taken.folder, 1)
    assert list(some) == ["bureau", "application"]
    for name, own in columns.items():
        pd.testing.assert_frame_equal(some[name], whole[name][list(own)], check_exact=True)


def bytes_of(done: Ingest) -> dict[str, bytes]:
    """Every file of an ingest but its document, byte by byte."""
    folder = Path(str(done.folder))
    paths = sorted(path for path in folder.rglob("*.parquet"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.mark.parametrize(
    ("threads", "block_bytes", "together"), [(1, 4 << 20, 1 << 30), (2, 20_000, 100_000), (7, 3_000, 1)]
)
def test_shards_are_the_same_bytes_however_they_were_read(
    threads: int,
    block_bytes: int,
    together: int,
    folder: Path,
    taken: Ingest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One thread or seven, one block or hundreds, packed one by one or all at once: the same shards and rejects,
    byte by byte, the same counts."""
    monkeypatch.setattr("batch.ingest.THREADS", threads)
    monkeypatch.setattr("batch.shards.reading.BLOCK_BYTES", block_bytes)
    monkeypatch.setattr("batch.shards.spool.TOGETHER", together)
    done = take_in(folder, tmp_path / "store")
    assert bytes_of(done) == bytes_of(taken)
    timed = {"seconds": 0, "finished_at": ""}
    assert done.document | timed == taken.document | timed
    assert any(path.startswith("rejects") for path in bytes_of(done))
