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
            *(sys.executable, "-m", "benchmarks.faults", "--kills", "4", "--disks", "1"),
            *("--tables", str(portfolio), "--store", str(small_store), "--page", str(page)),
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
    assert tried["kill -9 of the process"] == 4
    if not tried["disk full"]:
        pytest.skip("disks and read-only stores were not tried: only root may mount")
    assert tried == {"read-only store": 1, "disk full": 2, "kill -9 of the process": 4}
