"""Nights that are really killed and run out of disk: readers see complete nights, and the night ends well."""

import re
import subprocess
import sys
from pathlib import Path

import pytest


def test_nights_survive_kills_full_disks_and_read_only_stores(
    portfolio: Path, small_store: Path, tmp_path: Path
) -> None:
    """A part of `make faults`: whatever was tried was survived, every file to the last bit."""
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
