"""Simulated files are written cell by cell as the real ones are: numbers, decimals, quotes, missing values."""

import csv
import os
import re
import subprocess
import sys
from collections import defaultdict
from itertools import islice
from pathlib import Path

import pytest

from simulator.facts import read_facts
from simulator.writing import TABLES

LINES = 3_000  # of each file are compared
INTEGER = re.compile(r"-?\d+")
FLOAT = re.compile(r"-?\d+\.\d+(e-?\d+)?")
FEW_DECIMALS = 4  # columns written with more are quotients, whose digits say nothing

Cells = dict[str, list[str]]


def read_cells(path: Path) -> Cells:
    """The first cells of each column, as text."""
    with path.open(encoding="utf-8", newline="") as file:
        columns, *rows = islice(csv.reader(file), LINES + 1)
    return dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))


def formats(cells: list[str]) -> set[str]:
    """How the cells that are not empty are written: integer, float or text."""
    kinds = {cell: "integer" if INTEGER.fullmatch(cell) else "float" if FLOAT.fullmatch(cell) else "text"
             for cell in set(cells) if cell}  # fmt: skip
    return set(kinds.values())


def decimals(cells: list[str]) -> int:
    """Most digits after the point."""
    return max((len(cell.split(".")[1]) for cell in cells if FLOAT.fullmatch(cell)), default=0)


@pytest.fixture(scope="module")
def pairs(sample_folder: Path, portfolio: Path) -> dict[str, tuple[Cells, Cells]]:
    """Real and simulated cells of each table."""
    return {
        table: (read_cells(sample_folder / f"{table}.csv"), read_cells(portfolio / f"{table}.csv"))
        for table in TABLES
    }


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_written_as_the_real_ones(table: str, pairs: dict[str, tuple[Cells, Cells]]) -> None:
    """Same columns in the same order; integers, floats and texts where the real file has them."""
    real, ours = pairs[table]
    assert list(ours) == list(real)
    differ = {
        column: (formats(ours[column]), formats(real[column]))
        for column in real
        if not formats(ours[column]) <= formats(real[column]) and formats(real[column])
    }
    assert differ == {}


@pytest.mark.parametrize("table", TABLES)
def test_amounts_have_no_more_decimals_than_the_real_ones(
    table: str, pairs: dict[str, tuple[Cells, Cells]]
) -> None:
    """Where the real file writes a few decimals, ours writes no more."""
    real, ours = pairs[table]
    longer = {
        column: (decimals(ours[column]), decimals(real[column]))
        for column in real
        if decimals(real[column]) <= FEW_DECIMALS and decimals(ours[column]) > max(decimals(real[column]), 1)
    }
    assert longer == {}


@pytest.mark.parametrize("table", TABLES)
def test_cells_are_empty_only_where_real_ones_are(table: str, pairs: dict[str, tuple[Cells, Cells]]) -> None:
    """A missing value is an empty cell, in columns that miss values in the real tables and in no others."""
    missing = read_facts("report_missing")
    known = set(missing.loc[(missing["table"] == table) & (missing["share"] > 0), "column"])
    _, ours = pairs[table]
    assert {column for column, cells in ours.items() if "" in cells} <= known
    assert not {cell.lower() for cells in ours.values() for cell in cells} & {"nan", "none", "null", "inf"}


@pytest.mark.parametrize("table", TABLES)
def test_lines_are_quoted_and_ended_as_the_real_ones(
    table: str, sample_folder: Path, portfolio: Path
) -> None:
    """Quotes stand around cells with commas only; lines end with a line feed, the last one too; no byte mark."""
    found: dict[str, list[bool]] = defaultdict(list)
    for folder in (sample_folder, portfolio):
        content = (folder / f"{table}.csv").read_bytes()
        found["return"].append(b"\r" in content)
        found["last"].append(content.endswith(b"\n"))
        found["mark"].append(content.startswith(b"\xef\xbb\xbf"))
        lines = content[: 2 << 20].decode().splitlines()[:-1]
        quoted = [cell for line in lines for cell in re.findall(r'"([^"]*)"', line)]
        found["quotes"].append(all("," in cell for cell in quoted))
    assert all(real == ours for real, ours in found.values()), dict(found)


def test_another_process_writes_the_same_bytes(portfolio: Path, tmp_path: Path) -> None:
    """A process of its own, with other hashes of texts and three threads, writes the files of this one."""
    code = "import sys; from simulator import simulate; simulate(sys.argv[1], 1500, 11, workers=3)"
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": str(Path.cwd())}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "p")], check=True, env=environment)
    for path in portfolio.iterdir():
        assert (tmp_path / "p" / path.name).read_bytes() == path.read_bytes(), path.name
