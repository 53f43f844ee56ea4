"""Nights that are really killed and run out of disk: readers see complete nights, and the night ends well."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.disturbed import in_child, rows_of
from model_store.layers import as_layer, below_file, shard_file


def test_nights_survive_kills_full_disks_and_read_only_stores(
    portfolio: Path, small_store: Path, tmp_path: Path
) -> None:
    """A part of `make faults`: whatever was tried was survived, every row to the last bit."""
    page = tmp_path / "faults.md"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.faults", "--kills", "4", "--each", "0"),
            *("--tables", str(portfolio), str(portfolio), "--store", str(small_store), "--page", str(page)),
        ],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^\| ([^|]+) \| (\d+) \| (\d+) \|", page.read_text(), re.MULTILINE)
    tried = {fault: int(number) for fault, number, _ in rows}
    assert all(number == survived for _, number, survived in rows)
    kinds = ("all tables read", "what changed since read")
    kills = {f"kill -9 of the process, {kind}": 2 for kind in kinds}
    assert tried.items() >= kills.items()
    if not tried["disk full"]:
        pytest.skip("disks and read-only stores were not tried: only root may mount")
    assert tried == {**kills, "disk full": 1, "read-only store": 1}


def test_rows_are_compared_to_the_last_bit_whichever_files_hold_them(
    small_store: Path, tmp_path: Path
) -> None:
    """A layer over an earlier file tells the same rows; one bit of one feature, or a row less, other ones."""
    store = shutil.copytree(small_store, tmp_path / "store")
    (run,) = (store / "runs").iterdir()
    whole, shard = rows_of(store, run.name), run / "features" / shard_file(0)
    rows = pq.read_table(shard)
    clients = rows.column("SK_ID_CURR").to_numpy().astype(np.int64)
    pq.write_table(rows, shard.with_name(below_file(0)))
    pq.write_table(as_layer(rows.slice(0, 5), clients[:5]), shard)
    assert rows_of(store, run.name) == whole
    pq.write_table(as_layer(rows.slice(0, 5), clients[:6]), shard)
    assert rows_of(store, run.name) != whole
    name = "app_ext_source_mean"
    values = rows.column(name).to_numpy().copy()
    known = np.flatnonzero(~np.isnan(values))[0]
    values[known] = np.nextafter(values[known], np.float32(np.inf))
    pq.write_table(rows.set_column(rows.column_names.index(name), name, pa.array(values)), shard)
    assert rows_of(store, run.name) != whole


def test_what_cannot_be_read_is_told_not_compared() -> None:
    """Two stores that cannot be read are not taken for the same one."""

    def unreadable() -> str:
        raise ValueError("half of it is lost")

    with pytest.raises(RuntimeError, match="half of it is lost"):
        in_child(unreadable)
