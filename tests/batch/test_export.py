"""The BI export is written in stretches of clients: how long they are changes nothing but the memory it takes."""

import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from batch.runs import export
from model_store import open_store, read_run
from model_store.scorebook import runs_folder


@pytest.mark.parametrize(("stretch", "group"), [(1000, 7), (700, 1000), (99, 1 << 18)], ids=str)
def test_stretches_of_clients_are_the_whole_in_order(
    stretch: int, group: int, small_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every client once, by client, with the values of the published export; no row group is too long."""
    run = read_run(small_store)
    published = pq.read_table(next((small_store / "exports").rglob("scores.parquet")))
    monkeypatch.setattr(export, "STRETCH", stretch)
    monkeypatch.setattr(export, "ROW_GROUP", group)
    file = io.BytesIO()
    export.write_export(runs_folder(open_store(small_store)) / run.run_id, run.shards, file)
    written = pq.ParquetFile(file)
    assert written.read().equals(published)
    sizes = [written.metadata.row_group(number).num_rows for number in range(written.metadata.num_row_groups)]
    assert max(sizes) <= group
    assert sum(sizes) == len(published)
