"""Unknown categories: a night goes on, and says which names it met, where, and in how many rows."""

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from command_line import Pret
from mini_tables import Sheets, mini_tables, take_in, write_tables

from batch.shards.unknown_categories import unknown_facts, unknown_note
from model_store import published_run, read_run


@pytest.fixture
def changed(portfolio: Path, tmp_path: Path) -> Path:
    """The simulated portfolio, in which two names nobody knows stand in three rows."""
    folder = shutil.copytree(portfolio, tmp_path / "tables")
    for file, column, name, rows in (
        ("bureau", "CREDIT_TYPE", "Loan [for] a boat", [3, 11]),
        ("application_test", "NAME_HOUSING_TYPE", "Houseboat", [0]),
        ("application_train", "NAME_HOUSING_TYPE", "XNA", [5]),  # stands for missing
    ):
        frame = pd.read_csv(folder / f"{file}.csv", dtype=str, keep_default_na=False)
        frame.loc[rows, column] = name
        frame.to_csv(folder / f"{file}.csv", index=False)
    return folder


def test_a_night_tells_the_categories_it_does_not_know(changed: Path, own_store: Path, pret: Pret) -> None:
    """It is published; run.json, its closing lines and `pret runs show` name table, column, category and rows."""
    night = pret("night", "--data", changed, "--store", own_store, "--as-of", "2026-11-24")
    assert night.code == 0, night.err
    assert published_run(own_store) == "2026-11-24-001"
    said = read_run(own_store).document["ingest"]
    boat = {"table": "bureau", "column": "CREDIT_TYPE", "category": "Loan [for] a boat", "rows": 2}
    house = {"table": "application", "column": "NAME_HOUSING_TYPE", "category": "Houseboat", "rows": 1}
    assert said["unknown_categories"] == [boat, house]
    assert said["unknown_categories_total"] == {"categories": 2, "rows": 3}
    closing = " ".join(night.err.split())
    assert "categories never met before, read as missing: 2, in 3 rows" in closing
    assert "'Loan [for] a boat' of bureau, CREDIT_TYPE, in 2 rows" in closing
    shown = pret("runs", "show", "--store", own_store).out
    assert "Categories never met before: read as missing" in shown
    table = shown.split("read as missing")[1].split("{")[0]
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines() if "boat" in line]
    assert rows == [[str(cell) for cell in entry.values()] for entry in (boat, house)]


def test_a_night_of_known_categories_says_nothing(small_store: Path, pret: Pret) -> None:
    """The simulator writes the lender's own names: no entry, no table."""
    said = read_run(small_store).document["ingest"]
    assert said["unknown_categories"] == []
    assert said["unknown_categories_total"] == {"categories": 0, "rows": 0}
    assert "never met" not in pret("runs", "show", "--store", small_store).out
    assert unknown_note(said) == ""


def spoil_value(sheets: Sheets) -> None:
    sheets["bureau"].put(2, "AMT_CREDIT_SUM", "?")


def spoil_line(sheets: Sheets) -> None:
    sheets["bureau"].rows[0].append("1")


def spoil_client(sheets: Sheets) -> None:
    sheets["bureau"].put(2, "SK_ID_CURR", "999999")


@pytest.mark.parametrize("spoil", [spoil_value, spoil_line, spoil_client], ids=lambda spoil: spoil.__name__)
def test_only_rows_that_are_used_count(spoil: Callable[[Sheets], None], tmp_path: Path) -> None:
    """A row set aside is told by its own reason, not for its category too."""
    sheets = mini_tables()
    for line in (2, 3):
        sheets["bureau"].put(line, "CREDIT_CURRENCY", "shells")
    spoil(sheets)
    done = take_in(write_tables(tmp_path / "tables", sheets), tmp_path / "store")
    found = [entry for entry in done.document["unknown_categories"] if entry["category"] == "shells"]
    assert found == [{"table": "bureau", "column": "CREDIT_CURRENCY", "category": "shells", "rows": 1}]


def test_the_list_is_bounded() -> None:
    """Of 150 names the 100 with most rows are told, largest first; the total counts all of them in all shards."""
    shards = [Counter({("t", "c", f"{number:03d}"): number for number in range(1, 151)}) for _ in range(2)]
    facts = unknown_facts(shards)
    assert [entry["rows"] for entry in facts["unknown_categories"]] == list(range(300, 100, -2))
    assert facts["unknown_categories_total"] == {"categories": 150, "rows": 150 * 151}


def test_an_older_ingest_is_silent() -> None:
    """An ingest.json from before unknown categories were counted has nothing to tell."""
    assert unknown_note({"rows": {}}) == ""
