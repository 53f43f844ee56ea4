"""Ingest: a row that cannot be used is set aside with file, line, column and reason, and never lost."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from mini_tables import (
    CLIENTS,
    TEST,
    TRAIN,
    Sheets,
    mini_tables,
    rejects_of,
    require_nothing_lost,
    shard_features,
    shard_frames,
    take_in,
    write_tables,
)

from batch.ingest import Ingest


@dataclass(frozen=True)
class Spoilt:
    """One spoilt row: how it is spoilt, and what must be said of it."""

    name: str
    spoil: Callable[[Sheets], None]
    table: str
    file: str
    line: int
    column: str
    reason: str


def put(file: str, line: int, column: str, value: str) -> Callable[[Sheets], None]:
    """Writes a value at a line and column of a file."""
    return lambda sheets: sheets[file].put(line, column, value)


def repeat(file: str, line: int, **changes: str) -> Callable[[Sheets], None]:
    """Appends the row of a line again, with changes."""

    def spoil(sheets: Sheets) -> None:
        sheet = sheets[file]
        sheet.rows.append(list(sheet.rows[line - 2]))
        for column, value in changes.items():
            sheet.put(len(sheet.rows) + 1, column, value)

    return spoil


TRAIN_FILE, TEST_FILE = "application_train", "application_test"
FIRST = str(TRAIN[0])
CASES = [
    Spoilt(
        "unparsable number", put("bureau", 7, "AMT_CREDIT_SUM", "12,5k"), "bureau", "bureau", 7,
        "AMT_CREDIT_SUM", "unparsable, expected a number (amount): '12,5k'",
    ),
    Spoilt(
        "not finite", put("bureau", 7, "AMT_CREDIT_SUM", "inf"), "bureau", "bureau", 7,
        "AMT_CREDIT_SUM", "unparsable, expected a number (amount): inf",
    ),
    Spoilt(
        "missing key", put("POS_CASH_balance", 9, "SK_ID_PREV", ""), "POS_CASH_balance", "POS_CASH_balance", 9,
        "SK_ID_PREV", "missing",
    ),
    Spoilt(
        "missing outcome", put(TRAIN_FILE, 3, "TARGET", ""), "application", TRAIN_FILE, 3, "TARGET", "missing",
    ),
    Spoilt(
        "identifier not whole", put("credit_card_balance", 4, "SK_ID_CURR", "100001.5"), "credit_card_balance",
        "credit_card_balance", 4, "SK_ID_CURR", "not a whole number: 100001.5",
    ),
    Spoilt(
        "identifier too large", put("bureau", 4, "SK_ID_BUREAU", "2147483648"), "bureau", "bureau", 4,
        "SK_ID_BUREAU", "out of range [1, 2147483647]: 2147483648.0",
    ),
    Spoilt(
        "out of range", put(TEST_FILE, 2, "EXT_SOURCE_2", "1.5"), "application", TEST_FILE, 2,
        "EXT_SOURCE_2", "out of range [0, 1]: 1.5",
    ),
    Spoilt(
        "day in the future", put("installments_payments", 120, "DAYS_INSTALMENT", "3"), "installments_payments",
        "installments_payments", 120, "DAYS_INSTALMENT", "out of range [-inf, 0]: 3.0",
    ),
    Spoilt(
        "client twice in one file", repeat(TRAIN_FILE, 2, AMT_CREDIT="77.25"), "application", TRAIN_FILE, 22,
        "SK_ID_CURR", "duplicate key",
    ),
    Spoilt(
        "client in train and test", put(TEST_FILE, 5, "SK_ID_CURR", FIRST), "application", TEST_FILE, 5,
        "SK_ID_CURR", "duplicate key",
    ),
    Spoilt(
        "credit twice, another client", repeat("bureau", 2, SK_ID_CURR=str(TEST[3])), "bureau", "bureau", 62,
        "SK_ID_BUREAU", "duplicate key",
    ),
    Spoilt(
        "earlier application twice, older", repeat("previous_application", 2, DAYS_DECISION="-2900"),
        "previous_application", "previous_application", 62, "SK_ID_PREV", "duplicate key",
    ),
    Spoilt(
        "month twice", repeat("POS_CASH_balance", 5, SK_DPD="99"), "POS_CASH_balance", "POS_CASH_balance", 122,
        "SK_ID_PREV and MONTHS_BALANCE", "duplicate key",
    ),
    Spoilt(
        "bureau month twice", repeat("bureau_balance", 5, STATUS="5"), "bureau_balance", "bureau_balance", 122,
        "SK_ID_BUREAU and MONTHS_BALANCE", "duplicate key",
    ),
    Spoilt(
        "unknown client", put("installments_payments", 50, "SK_ID_CURR", "999999"), "installments_payments",
        "installments_payments", 50, "SK_ID_CURR", "no application of this client",
    ),
    Spoilt(
        "month without a credit", put("bureau_balance", 8, "SK_ID_BUREAU", "999999"), "bureau_balance",
        "bureau_balance", 8, "SK_ID_BUREAU", "no such credit in bureau",
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("block_bytes", [16 << 20, 2000], ids=["one block", "small blocks"])
def test_a_spoilt_row_is_set_aside_with_its_place_and_reason(
    case: Spoilt, block_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, line, column, reason and every value can be read back; the count stands in the ingest document."""
    monkeypatch.setattr("batch.reading.BLOCK_BYTES", block_bytes)
    sheets = mini_tables()
    case.spoil(sheets)
    done = take_in(write_tables(tmp_path / "tables", sheets), tmp_path / "store")
    require_nothing_lost(done)
    aside = rejects_of(done, case.table)
    place = ["file", "row", "column", "reason"]
    own = aside[aside["file"] == f"{case.file}.csv"].iloc[0]
    assert own[place].tolist() == [f"{case.file}.csv", case.line, case.column, case.reason]
    cells = dict(zip(sheets[case.file].columns, sheets[case.file].rows[case.line - 2], strict=True))
    for column, cell in cells.items():
        assert same_cell(own[column], cell), (column, own[column], cell)
    kind = f"{case.reason.split(': ')[0]} ({case.column})"
    assert done.document["rejected"][case.table][kind] == 1
    assert json.loads((done.folder / "ingest.json").read_text())["rejected"] == done.document["rejected"]


def same_cell(found: object, cell: str) -> bool:
    """True if a text of the rejects says what the cell said: numbers may be written another way."""
    if cell == "":
        return bool(pd.isna(found))
    try:
        return float(str(found)) == float(cell)
    except ValueError:
        return found == cell


def test_only_the_spoilt_row_is_lost(plain: Ingest, tmp_path: Path) -> None:
    """One bad value makes its block text; every other row keeps its values to the last bit."""
    sheets = mini_tables()
    sheets["bureau"].put(7, "AMT_CREDIT_SUM", "?")
    sheets["installments_payments"].put(11, "AMT_PAYMENT", "?")
    done = take_in(write_tables(tmp_path / "tables", sheets), tmp_path / "store")
    found, expected = shard_frames(done), shard_frames(plain)
    lost = {"bureau": rejects_of(done, "bureau")["SK_ID_BUREAU"].astype(int).tolist()}
    kept = expected["bureau"][~expected["bureau"]["SK_ID_BUREAU"].isin(lost["bureau"])]
    pd.testing.assert_frame_equal(found["bureau"], kept.reset_index(drop=True), check_exact=True)
    assert len(found["installments_payments"]) == len(expected["installments_payments"]) - 1
    others = [client for client in CLIENTS if client not in (TRAIN[2], *affected(done))]
    pd.testing.assert_frame_equal(
        shard_features(done).loc[others], shard_features(plain).loc[others], check_exact=True
    )


def affected(done: Ingest) -> set[int]:
    """Clients that lost a row."""
    tables = ("bureau", "installments_payments")
    return {int(client) for name in tables for client in rejects_of(done, name)["SK_ID_CURR"]}


def test_rows_of_a_client_whose_application_is_unusable_follow_it(tmp_path: Path) -> None:
    """Without an application a client is no client: all of its rows are set aside, months through bureau too."""
    sheets = mini_tables()
    sheets["application_test"].put(2, "DAYS_BIRTH", "5")
    done = take_in(write_tables(tmp_path / "tables", sheets), tmp_path / "store")
    require_nothing_lost(done)
    assert TEST[0] not in shard_features(done).index
    for table, rows in (("bureau", 2), ("POS_CASH_balance", 4), ("bureau_balance", 4)):
        aside = rejects_of(done, table)
        assert len(aside) == rows, table
    assert set(rejects_of(done, "bureau_balance")["reason"]) == {"no such credit in bureau"}


def test_the_first_of_two_stays(tmp_path: Path) -> None:
    """Of two rows with one key the one that comes first in the files is used, whatever it says."""
    sheets = mini_tables()
    sheets["application_train"].put(2, "AMT_CREDIT", "111.5")
    repeat("application_train", 2, AMT_CREDIT="222.5")(sheets)
    sheets["previous_application"].put(2, "DAYS_DECISION", "-5")
    repeat("previous_application", 2, DAYS_DECISION="-2900")(sheets)
    done = take_in(write_tables(tmp_path / "tables", sheets), tmp_path / "store")
    rows = shard_frames(done)
    assert rows["application"].set_index("SK_ID_CURR").loc[TRAIN[0], "AMT_CREDIT"] == 111.5
    previous = rows["previous_application"]
    assert previous[previous["SK_ID_PREV"] == TRAIN[0] * 100]["DAYS_DECISION"].tolist() == [-5]


LINES = [
    ("too few fields", 6, lambda line: line.rsplit(",", 1)[0], "7 fields, expected 8"),
    ("too many fields", 6, lambda line: line + ",1", "9 fields, expected 8"),
    ("last line", 121, lambda line: line + ",", "9 fields, expected 8"),
    ("words", 40, lambda line: "# end of part 1", "1 fields, expected 8"),
    ("open quote", 6, lambda line: '"' + line, "not readable as fields (unexpected end of data)"),
    ("open quote at the end", 6, lambda line: line.rsplit(",", 1)[0] + ',"1', "not readable as fields"),
    ("carriage return inside", 6, lambda line: line.replace(",", ",\r", 1), "not readable as fields"),
]


@pytest.mark.parametrize(("name", "line", "spoil", "reason"), LINES, ids=[case[0] for case in LINES])
@pytest.mark.parametrize("block_bytes", [16 << 20, 700], ids=["one block", "small blocks"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_line_that_is_no_row_is_set_aside_as_it_is(
    name: str,
    line: int,
    spoil: Callable[[str], str],
    reason: str,
    block_bytes: int,
    newline: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its number counts from the top of the file, in any block, and its text stands in the reason."""
    monkeypatch.setattr("batch.reading.BLOCK_BYTES", block_bytes)
    sheets = mini_tables()
    folder = write_tables(tmp_path / "tables", sheets)
    lines = sheets["installments_payments"].text().splitlines()
    lines[line - 1] = spoil(lines[line - 1])
    (folder / "installments_payments.csv").write_bytes(newline.join([*lines, ""]).encode())
    done = take_in(folder, tmp_path / "store")
    require_nothing_lost(done)
    aside = rejects_of(done, "installments_payments")
    assert aside["row"].tolist() == [line]
    assert aside["reason"].iloc[0].startswith(reason)
    assert aside["reason"].iloc[0].endswith(f": {lines[line - 1]}")
    assert done.document["rows"]["installments_payments"] == len(sheets["installments_payments"].rows) - 1


@pytest.mark.parametrize("block_bytes", [16 << 20, 700], ids=["one block", "small blocks"])
def test_two_open_quotes_swallow_no_lines(
    block_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines between two stray quotes are rows, not one long text."""
    monkeypatch.setattr("batch.reading.BLOCK_BYTES", block_bytes)
    sheets = mini_tables()
    folder = write_tables(tmp_path / "tables", sheets)
    lines = sheets["bureau_balance"].text().splitlines()
    for line in (6, 9):
        head, tail = lines[line - 1].rsplit(",", 1)
        lines[line - 1] = f'{head},"{tail}'
    (folder / "bureau_balance.csv").write_text("\n".join([*lines, ""]))
    done = take_in(folder, tmp_path / "store")
    require_nothing_lost(done)
    assert rejects_of(done, "bureau_balance")["row"].tolist() == [6, 9]
    assert done.document["rows"]["bureau_balance"] == len(lines) - 1 - 2


@pytest.mark.parametrize("spoil", ["?", "-7,7"], ids=["bad value", "bad line"])
def test_blank_lines_do_not_shift_line_numbers(spoil: str, tmp_path: Path) -> None:
    """A row after blank lines is named by its line in the file, as an editor shows it."""
    sheets = mini_tables()
    sheets["bureau"].put(7, "DAYS_CREDIT", spoil)
    folder = write_tables(tmp_path / "tables", sheets)
    lines = sheets["bureau"].text().replace('"', "").splitlines()
    (folder / "bureau.csv").write_text("\n".join([*lines[:3], "", "", *lines[3:], "", ""]))
    assert rejects_of(take_in(folder, tmp_path / "store"), "bureau")["row"].tolist() == [9]


@pytest.mark.parametrize("also_unparsable", [False, True], ids=["typed", "as text"])
def test_bytes_that_are_no_utf8_are_set_aside(also_unparsable: bool, tmp_path: Path) -> None:
    """A category in Latin-1 is not used with a replacement character in it, the rows around it are used."""
    sheets = mini_tables()
    sheets["bureau"].put(5, "CREDIT_TYPE", "Crédit")
    if also_unparsable:
        sheets["bureau"].put(9, "CREDIT_TYPE", "Crédit")
        sheets["bureau"].put(12, "DAYS_CREDIT", "?")
    folder = write_tables(tmp_path / "tables", sheets)
    (folder / "bureau.csv").write_bytes(sheets["bureau"].text().encode("latin-1"))
    done = take_in(folder, tmp_path / "store")
    require_nothing_lost(done)
    aside = rejects_of(done, "bureau")
    damaged = aside[aside["reason"] == "not readable as UTF-8"]
    assert damaged["row"].tolist() == ([5, 9] if also_unparsable else [5])
    assert set(damaged["column"]) == {"CREDIT_TYPE"}
    assert set(damaged["CREDIT_TYPE"]) == {"Cr\ufffddit"}
    assert len(aside) == len(damaged) + also_unparsable


def test_bytes_that_are_no_utf8_in_a_number_are_unparsable(tmp_path: Path) -> None:
    """A stray byte in an amount costs its row, with the amount as the column at fault."""
    sheets = mini_tables()
    sheets["bureau"].put(5, "AMT_CREDIT_SUM", "12é")
    folder = write_tables(tmp_path / "tables", sheets)
    (folder / "bureau.csv").write_bytes(sheets["bureau"].text().encode("latin-1"))
    aside = rejects_of(take_in(folder, tmp_path / "store"), "bureau")
    assert aside[["row", "column"]].to_numpy().tolist() == [[5, "AMT_CREDIT_SUM"]]


def test_many_faults_at_once_are_all_counted(tmp_path: Path) -> None:
    """Every table spoilt in its own way: the counts by reason add up to what is set aside, table by table."""
    sheets = mini_tables()
    for case in CASES:
        if case.spoil.__name__ != "spoil":  # values first, repeated rows after them
            case.spoil(sheets)
    for case in CASES:
        if case.spoil.__name__ == "spoil":
            case.spoil(sheets)
    done = take_in(write_tables(tmp_path / "tables", sheets), tmp_path / "store")
    require_nothing_lost(done)
    assert sum(len(kinds) for kinds in done.document["rejected"].values()) >= 14


def test_rejects_of_parquet_name_the_row(tmp_path: Path) -> None:
    """In a Parquet file the place is the number of the row, counted from 1."""
    sheets = mini_tables()
    sheets["bureau"].put(5, "CREDIT_DAY_OVERDUE", "-3")
    folder = write_tables(tmp_path / "tables", sheets)
    (folder / "bureau.csv").unlink()
    sheets["bureau"].frame().to_parquet(folder / "bureau.parquet")
    aside = rejects_of(take_in(folder, tmp_path / "store"), "bureau")
    assert aside[["file", "row", "column"]].to_numpy().tolist() == [
        ["bureau.parquet", 4, "CREDIT_DAY_OVERDUE"]
    ]
