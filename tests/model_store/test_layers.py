"""A shard read through a layer is the shard that would have been written whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_store import open_store
from model_store.layers import as_layer, below_file, laid_together, read_shard_rows, shard_file
from model_store.storage import link

SHARD = 3
BELOW = pa.table({"SK_ID_CURR": [1, 2, 4, 6], "value": [1.0, 2.0, 4.0, 6.0]})
OVER = pa.table({"SK_ID_CURR": [2, 5], "value": [20.0, 50.0]})
GONE = np.array([2, 6])
"""2 changed, 5 is new, 6 left."""
WHOLE = {1: 1.0, 2: 20.0, 4: 4.0, 5: 50.0}


@pytest.fixture(scope="module")
def layered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("features")
    pq.write_table(BELOW, folder / below_file(SHARD))
    pq.write_table(as_layer(OVER, GONE), folder / shard_file(SHARD))
    return folder


def told(rows: pa.Table) -> list[tuple[int, float]]:
    return [*zip(rows.column("SK_ID_CURR").to_pylist(), rows.column("value").to_pylist(), strict=True)]


@given(wanted=st.sets(st.integers(0, 8)))
def test_clients_are_read_from_the_file_that_holds_them_now(layered: Path, wanted: set[int]) -> None:
    """Whichever clients are asked for: the rows of the whole shard, ascending; nothing of those who left."""
    rows = read_shard_rows(open_store(layered), SHARD, None, np.array(sorted(wanted), np.int64))
    assert told(rows) == [(client, WHOLE[client]) for client in sorted(wanted & WHOLE.keys())]


def test_all_rows_are_read_in_one_order(layered: Path) -> None:
    """Without clients, every row once; without a layer, the file as it is."""
    assert told(read_shard_rows(open_store(layered), SHARD)) == [*WHOLE.items()]
    assert read_shard_rows(open_store(layered), SHARD, ["SK_ID_CURR"]).column_names == ["SK_ID_CURR"]
    assert told(laid_together(BELOW, GONE, OVER)) == [*WHOLE.items()]


def test_a_layer_without_its_file_is_no_shard(layered: Path, tmp_path: Path) -> None:
    """A copy that lost the file below is noticed, not read as the few clients who changed."""
    (tmp_path / shard_file(SHARD)).write_bytes((layered / shard_file(SHARD)).read_bytes())
    with pytest.raises(FileNotFoundError):
        read_shard_rows(open_store(tmp_path), SHARD)


def test_a_linked_file_outlives_its_first_name(tmp_path: Path) -> None:
    """Linked over what lay there, the content stays when the first name is removed; object stores have no links."""
    first, second = open_store(tmp_path) / "first", open_store(tmp_path) / "folder" / "second"
    first.write_bytes(b"rows")
    second.parent.mkdir()
    second.write_bytes(b"older")
    assert link(first, second)
    assert first.stat().st_ino == second.stat().st_ino
    first.unlink()
    assert second.read_bytes() == b"rows"
    assert not link(open_store("memory://store/first"), open_store("memory://store/second"))
