"""Ingest: whatever the files look like, the same rows give the same shards and the same features."""

import gzip
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mini_tables import (
    CLIENTS,
    Sheet,
    mini_tables,
    require_nothing_lost,
    shard_features,
    shard_frames,
    take_in,
    write_tables,
)
from upath import UPath

from batch.ingest import Ingest
from batch.shards.reading import read_pieces
from batch.shards.sources import Source
from features import TABLES


def with_mark(folder: Path, file: str, sheet: Sheet) -> None:
    (folder / f"{file}.csv").write_bytes(b"\xef\xbb\xbf" + sheet.text().encode())


def reordered(folder: Path, file: str, sheet: Sheet) -> None:
    rows = [row[::-1] for row in sheet.rows]
    (folder / f"{file}.csv").write_text(Sheet(sheet.columns[::-1], rows).text())


def whole_as_floats(folder: Path, file: str, sheet: Sheet) -> None:
    texts = ("STATUS",)
    rows = [
        [f"{cell}.0" if cell.lstrip("-").isdigit() and name not in texts else cell for name, cell in pairs]
        for pairs in (zip(sheet.columns, row, strict=True) for row in sheet.rows)
    ]
    (folder / f"{file}.csv").write_text(Sheet(sheet.columns, rows).text())


def upper_case(folder: Path, file: str, sheet: Sheet) -> None:
    (folder / f"{file.upper()}.CSV").write_text(sheet.text())


def lower_case_all(folder: Path, file: str, sheet: Sheet) -> None:
    columns = [name.lower() for name in sheet.columns]
    (folder / f"{file.lower()}.csv").write_text(Sheet(columns, sheet.rows).text())


def packed(folder: Path, file: str, sheet: Sheet) -> None:
    (folder / f"{file}.csv.gz").write_bytes(gzip.compress(sheet.text().encode()))


def as_parquet(folder: Path, file: str, sheet: Sheet) -> None:
    sheet.frame().to_parquet(folder / f"{file}.parquet")


def as_parquet_with_categories(folder: Path, file: str, sheet: Sheet) -> None:
    frame = sheet.frame()
    texts = frame.select_dtypes(include=["object", "str"]).columns
    frame.astype(dict.fromkeys(texts, "category")).to_parquet(folder / f"{file}.parquet", index=False)


def windows_lines(folder: Path, file: str, sheet: Sheet) -> None:
    (folder / f"{file}.csv").write_bytes(sheet.text(newline="\r\n").encode())


def quoted(folder: Path, file: str, sheet: Sheet) -> None:
    lines = [",".join(f'"{cell}"' for cell in row) for row in (sheet.columns, *sheet.rows)]
    (folder / f"{file}.csv").write_text("\n".join([*lines, ""]))


def with_strangers(folder: Path, file: str, sheet: Sheet) -> None:
    columns = ["", *sheet.columns[:2], "NOTE", *sheet.columns[2:], ""]
    rows = [["7", *row[:2], "a, b", *row[2:], "x"] for row in sheet.rows]
    (folder / f"{file}.csv").write_text(Sheet(columns, rows).text())


def with_blank_lines(folder: Path, file: str, sheet: Sheet) -> None:
    lines = sheet.text().splitlines()
    (folder / f"{file}.csv").write_text("\n".join([*lines[:3], "", *lines[3:], "", "", ""]))


LAYOUTS: list[Callable[[Path, str, Sheet], None]] = [
    with_mark,
    reordered,
    whole_as_floats,
    upper_case,
    lower_case_all,
    packed,
    as_parquet,
    as_parquet_with_categories,
    windows_lines,
    quoted,
    with_strangers,
    with_blank_lines,
]


Expected = tuple[dict[str, pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def expected(plain: Ingest) -> Expected:
    """Rows and features of the plain files."""
    return shard_frames(plain), shard_features(plain)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_a_layout_gives_the_shards_of_the_plain_files(
    layout: Callable[[Path, str, Sheet], None], plain: Ingest, expected: Expected, tmp_path: Path
) -> None:
    """Rows, counts and features, to the last bit, are those of plain CSV in the documented order."""
    done = take_in(write_tables(tmp_path / "tables", mini_tables(), layout), tmp_path / "store")
    require_nothing_lost(done)
    assert done.document["rejected"] == {}
    assert (done.document["rows"], done.clients) == (plain.document["rows"], len(CLIENTS))
    found = shard_frames(done)
    for name, rows in expected[0].items():
        pd.testing.assert_frame_equal(found[name], rows, check_exact=True, obj=name)
    pd.testing.assert_frame_equal(shard_features(done), expected[1], check_exact=True)


def test_plain_files_arrive_as_they_were_written(plain: Ingest) -> None:
    """Amounts, texts and missing values in the shards are the cells of the CSV."""
    sheets = mini_tables()
    train = sheets["application_train"].frame().set_index("SK_ID_CURR")
    shards = shard_frames(plain)["application"].set_index("SK_ID_CURR").loc[train.index]
    for name in ("AMT_INCOME_TOTAL", "AMT_CREDIT", "EXT_SOURCE_2"):
        np.testing.assert_array_equal(shards[name].to_numpy(np.float64), train[name].to_numpy(np.float64))
    assert set(shards["NAME_TYPE_SUITE"]) == {"Spouse, partner"}
    assert shards["AMT_CREDIT"].isna().sum() == train["AMT_CREDIT"].isna().sum()
    assert sum(plain.document["rows"].values()) == sum(len(sheet.rows) for sheet in sheets.values())


def test_small_blocks_change_nothing(
    plain: Ingest, expected: Expected, plain_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in blocks of 300 bytes, less than one line of the applications, the shards are the same."""
    monkeypatch.setattr("batch.shards.reading.BLOCK_BYTES", 300)
    monkeypatch.setattr("batch.shards.parquet_rows.VALUES_AT_ONCE", 30)
    done = take_in(plain_folder, tmp_path / "csv")
    packed_rows = take_in(write_tables(tmp_path / "tables", mini_tables(), as_parquet), tmp_path / "parquet")
    for other in (done, packed_rows):
        pd.testing.assert_frame_equal(shard_features(other), expected[1], check_exact=True)
        assert other.document["rows"] == plain.document["rows"]


def test_files_that_are_not_read_do_not_matter(plain: Ingest, plain_folder: Path, tmp_path: Path) -> None:
    """A description of the columns in Latin-1, twice, and a sub-folder lie beside the tables unread."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    for suffix in ("csv", "csv.gz", "parquet"):
        (folder / f"HomeCredit_columns_description.{suffix}").write_bytes(b"caf\xe9,\x00")
    (folder / "old").mkdir()
    done = take_in(folder, tmp_path / "store")
    assert done.fingerprint == plain.fingerprint


def test_memory_does_not_grow_with_the_row_groups_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a Parquet file of forty row groups never more than a few are in memory; every row comes, in order."""
    columns = TABLES["installments_payments"].columns
    rng, path = np.random.default_rng(7), tmp_path / "installments_payments.parquet"
    rows = pa.table({name: rng.random(10_000) for name in columns})
    with pq.ParquetWriter(path, rows.schema) as writer:
        for _ in range(40):
            writer.write_table(rows)
    monkeypatch.setattr("batch.shards.parquet_rows.VALUES_AT_ONCE", 20_000 * len(columns))
    tracemalloc.start()
    read = 0
    for piece in read_pieces(Source(path.stem, TABLES[path.stem], UPath(path)), None):
        block = piece.parse()
        assert block.rows[0] == read + 1
        read += len(block.rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read == 400_000
    assert peak < path.stat().st_size / 5


def test_a_folder_is_the_same_from_wherever_it_is_named(
    plain_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named by a relative path its files are not read again; two folders of one relative name are two."""
    monkeypatch.chdir(plain_folder.parent)
    whole, relative = (
        take_in(folder, tmp_path / "store") for folder in (plain_folder, Path(plain_folder.name))
    )
    assert relative.folder == whole.folder
    other = tmp_path / "elsewhere" / plain_folder.name
    shutil.copytree(plain_folder, other)  # times of change are copied, too
    monkeypatch.chdir(other.parent)
    assert take_in(Path(other.name), tmp_path / "store").folder != whole.folder
