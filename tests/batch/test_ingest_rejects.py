"""Ingest: a row that cannot be used is set aside with file, line, column and reason, and never lost."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
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
        "AMT_CREDIT_SUM", "unparsable, expected a number (amount)",
    ),
    Spoilt(
        "not finite", put("bureau", 8, "AMT_CREDIT_SUM", "inf"), "bureau", "bureau", 8,
        "AMT_CREDIT_SUM", "unparsable, expected a number (amount)",
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
        "credit_card_balance", 4, "SK_ID_CURR", "not a whole number",
    ),
    Spoilt(
        "identifier too large", put("bureau", 4, "SK_ID_BUREAU", "2147483648"), "bureau", "bureau", 4,
        "SK_ID_BUREAU", "out of range [1, 2147483647]",
    ),
    Spoilt(
        "out of range", put(TEST_FILE, 2, "EXT_SOURCE_2", "1.5"), "application", TEST_FILE, 2,
        "EXT_SOURCE_2", "out of range [0, 1]",
    ),
    Spoilt(
        "day in the future", put("installments_payments", 120, "DAYS_INSTALMENT", "3"), "installments_payments",
        "installments_payments", 120, "DAYS_INSTALMENT", "out of range [-inf, 0]",
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
        "credit twice, another client", repeat("bureau", 2, SK_ID_CURR=str(TEST[7])), "bureau", "bureau", 62,
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


@dataclass(frozen=True)
class Taken:
    """An ingest of spoilt files and what was written in them."""

    done: Ingest
    sheets: Sheets


@pytest.fixture(scope="module", params=[16 << 20, 2000], ids=["one block", "small blocks"])
def spoilt(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """All cases in one folder: values first, then the repeated rows."""
    sheets = mini_tables()
    for case in sorted(CASES, key=lambda case: case.reason == "duplicate key"):
        case.spoil(sheets)
    place = tmp_path_factory.mktemp("spoilt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("batch.shards.reading.BLOCK_BYTES", request.param)
        return Taken(take_in(write_tables(place / "tables", sheets), place / "store"), sheets)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_spoilt_row_is_set_aside_with_its_place_and_reason(case: Spoilt, spoilt: Taken) -> None:
    """File, line, column, reason and every value can be read back from rejects/TABLE.parquet."""
    aside = rejects_of(spoilt.done, case.table)
    own = aside[(aside["file"] == f"{case.file}.csv") & (aside["row"] == case.line)]
    assert own["column"].tolist() == [case.column]
    reason, _, value = own["reason"].iloc[0].partition(": ")
    assert reason == case.reason
    cells = dict(
        zip(spoilt.sheets[case.file].columns, spoilt.sheets[case.file].rows[case.line - 2], strict=True)
    )
    assert not value or same_cell(value.strip("'"), cells[case.column]), value
    for column, cell in cells.items():
        assert same_cell(own[column].iloc[0], cell), (column, own[column].iloc[0], cell)


def test_what_is_set_aside_is_counted_by_reason(spoilt: Taken) -> None:
    """Used and set aside make up every file; the counts in ingest.json are those of the rejects, by reason."""
    require_nothing_lost(spoilt.done)
    counted = spoilt.done.document["rejected"]
    for table, kinds in counted.items():
        aside = rejects_of(spoilt.done, table)
        found = aside["reason"].str.split(": ").str[0] + " (" + aside["column"] + ")"
        assert kinds == found.value_counts().to_dict(), table
    assert {case.table for case in CASES} <= counted.keys()
    assert json.loads((spoilt.done.folder / "ingest.json").read_text())["rejected"] == counted


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
    ("too many fields", 12, lambda line: line + ",1", "9 fields, expected 8"),
    ("last line", 121, lambda line: line + ",", "9 fields, expected 8"),
    ("words", 40, lambda line: "# end of part 1", "1 fields, expected 8"),
    ("open quote", 60, lambda line: '"' + line, "not readable as fields (unexpected end of data)"),
    ("open quote at the end", 80, lambda line: line.rsplit(",", 1)[0] + ',"1', "not readable as fields"),
    ("carriage return inside", 100, lambda line: line.replace(",", ",\r", 1), "not readable as fields"),
]


@pytest.fixture(
    scope="module",
    params=[(16 << 20, "\n"), (700, "\n"), (700, "\r\n")],
    ids=["one block", "small blocks", "small blocks, CRLF"],
)
def broken(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Ingest, list[str]]:
    """An ingest of instalments in which some lines are no rows, and the lines of that file."""
    block_bytes, newline = request.param
    sheets = mini_tables()
    place = tmp_path_factory.mktemp("broken")
    folder = write_tables(place / "tables", sheets)
    lines = sheets["installments_payments"].text().splitlines()
    for _, line, spoil, _ in LINES:
        lines[line - 1] = spoil(lines[line - 1])
    (folder / "installments_payments.csv").write_bytes(newline.join([*lines, ""]).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("batch.shards.reading.BLOCK_BYTES", block_bytes)
        return take_in(folder, place / "store"), lines


@pytest.mark.parametrize(("name", "line", "spoil", "reason"), LINES, ids=[case[0] for case in LINES])
def test_a_line_that_is_no_row_is_set_aside_as_it_is(
    name: str, line: int, spoil: Callable[[str], str], reason: str, broken: tuple[Ingest, list[str]]
) -> None:
    """Its number counts from the top of the file, in any block, and its text stands in the reason."""
    done, lines = broken
    aside = rejects_of(done, "installments_payments")
    found = aside.set_index("row").loc[line, "reason"]
    assert found.startswith(reason)
    assert found.endswith(f": {lines[line - 1]}")


def test_only_the_lines_that_are_no_rows_are_lost(broken: tuple[Ingest, list[str]]) -> None:
    """Every other line of the file is a row, the next line included."""
    done, lines = broken
    require_nothing_lost(done)
    assert rejects_of(done, "installments_payments")["row"].tolist() == sorted(case[1] for case in LINES)
    assert done.document["rows"]["installments_payments"] == len(lines) - 1 - len(LINES)


@pytest.mark.parametrize("block_bytes", [16 << 20, 700], ids=["one block", "small blocks"])
def test_two_open_quotes_swallow_no_lines(
    block_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines between two stray quotes are rows, not one long text."""
    monkeypatch.setattr("batch.shards.reading.BLOCK_BYTES", block_bytes)
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


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), "coded"], ids=str)
def test_bytes_that_are_no_utf8_are_set_aside_in_parquet(kind: pa.DataType | str, tmp_path: Path) -> None:
    """However the file holds texts: the row is named with its column, the others are used, today and when the next
    night looks for what changed."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    table = pa.Table.from_pandas(mini_tables()["bureau"].frame(), preserve_index=False)
    told = [text.encode() for text in table.column("CREDIT_TYPE").to_pylist()]
    told[3] = "Crédit".encode("latin-1")
    texts = pa.array(told, pa.binary()).cast(pa.string() if kind == "coded" else kind, safe=False)
    texts = texts.dictionary_encode() if kind == "coded" else texts
    place = table.schema.get_field_index("CREDIT_TYPE")
    (folder / "bureau.csv").unlink()
    pq.write_table(table.set_column(place, "CREDIT_TYPE", texts), folder / "bureau.parquet")
    for size in (0, 1):  # another time of change: compared with the ingest before
        os.utime(folder / "bureau_balance.csv", (size, size))
        done = take_in(folder, tmp_path / "store")
        require_nothing_lost(done)
        aside = rejects_of(done, "bureau")[["row", "column", "reason", "CREDIT_TYPE"]]
        assert aside.to_numpy().tolist() == [[4, "CREDIT_TYPE", "not readable as UTF-8", "Cr\ufffddit"]]


def test_bytes_that_are_no_utf8_in_a_number_are_unparsable(tmp_path: Path) -> None:
    """A stray byte in an amount costs its row, with the amount as the column at fault."""
    sheets = mini_tables()
    sheets["bureau"].put(5, "AMT_CREDIT_SUM", "12é")
    folder = write_tables(tmp_path / "tables", sheets)
    (folder / "bureau.csv").write_bytes(sheets["bureau"].text().encode("latin-1"))
    aside = rejects_of(take_in(folder, tmp_path / "store"), "bureau")
    assert aside[["row", "column"]].to_numpy().tolist() == [[5, "AMT_CREDIT_SUM"]]


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
