"""Ingest: a folder that cannot be used is one clear line, and what was published stays, byte for byte."""

import gzip
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mini_tables import (
    Sheet,
    mini_tables,
    night_of,
    published_bytes,
    shard_features,
    take_in,
    write_tables,
)
from processes import SECONDS, dripping, is_read, running, wait_until

from batch.errors import InputError
from batch.ingest import Ingest

Spoil = Callable[[Path], None]


def removed(folder: Path) -> None:
    shutil.rmtree(folder)


def a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("")


def table_missing(folder: Path) -> None:
    (folder / "bureau_balance.csv").unlink()


def column_missing(folder: Path) -> None:
    rewrite(folder, "bureau", lambda sheet: sheet.columns.__setitem__(4, "DAYS_OF_CREDIT"))


def outcome_missing(folder: Path) -> None:
    rewrite(folder, "application_train", lambda sheet: sheet.columns.__setitem__(1, "Y"))


def column_twice(folder: Path) -> None:
    rewrite(folder, "bureau", add_again)


def column_twice_in_parquet(folder: Path) -> None:
    frame = mini_tables()["bureau"].frame()
    frame["days_credit"] = frame["DAYS_CREDIT"]
    frame.to_parquet(folder / "bureau.parquet")
    (folder / "bureau.csv").unlink()


def column_missing_in_parquet(folder: Path) -> None:
    mini_tables()["bureau"].frame().drop(columns="DAYS_CREDIT").to_parquet(folder / "bureau.parquet")
    (folder / "bureau.csv").unlink()


def empty(folder: Path) -> None:
    (folder / "credit_card_balance.csv").write_bytes(b"")


def empty_but_marked(folder: Path) -> None:
    (folder / "credit_card_balance.csv").write_bytes(b"\xef\xbb\xbf\r\n")


def header_only(folder: Path) -> None:
    rewrite(folder, "credit_card_balance", lambda sheet: sheet.rows.clear())


def header_without_end(folder: Path) -> None:
    path = folder / "credit_card_balance.csv"
    path.write_bytes(path.read_bytes().split(b"\n")[0])


def cut_in_a_line(folder: Path) -> None:
    path = folder / "previous_application.csv"
    path.write_bytes(path.read_bytes()[:-9])


def cut_gzip(folder: Path) -> None:
    path = folder / "previous_application.csv"
    (folder / "previous_application.csv.gz").write_bytes(gzip.compress(path.read_bytes())[:-40])
    path.unlink()


def no_gzip(folder: Path) -> None:
    (folder / "previous_application.csv").rename(folder / "previous_application.csv.gz")


def cut_parquet(folder: Path) -> None:
    path = folder / "previous_application.parquet"
    mini_tables()["previous_application"].frame().to_parquet(path)
    path.write_bytes(path.read_bytes()[:-100])
    (folder / "previous_application.csv").unlink()


def empty_parquet(folder: Path) -> None:
    mini_tables()["bureau"].frame().head(0).to_parquet(folder / "bureau.parquet")
    (folder / "bureau.csv").unlink()


def zero_parquet(folder: Path) -> None:
    (folder / "bureau.parquet").write_bytes(b"")
    (folder / "bureau.csv").unlink()


def all_unusable(folder: Path) -> None:
    rewrite(folder, "application_test", lambda sheet: [row.__setitem__(0, "?") for row in sheet.rows])


def all_of_the_second_file_unusable(folder: Path) -> None:
    rewrite(folder, "application_train", lambda sheet: sheet.rows[3].__setitem__(0, "first"))
    rewrite(folder, "application_test", lambda sheet: [row.__setitem__(0, "second") for row in sheet.rows])


def in_two_formats(folder: Path) -> None:
    mini_tables()["bureau"].frame().to_parquet(folder / "bureau.parquet")


def semicolons(folder: Path) -> None:
    path = folder / "bureau.csv"
    path.write_text(path.read_text().replace(",", ";"))


def old_mac_lines(folder: Path) -> None:
    path = folder / "bureau.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r"))


def rewrite(folder: Path, file: str, change: Callable[[Sheet], object]) -> None:
    """The file again, after a change to its sheet."""
    sheet = mini_tables()[file]
    change(sheet)
    (folder / f"{file}.csv").write_text(sheet.text())


def add_again(sheet: Sheet) -> None:
    at = sheet.columns.index("DAYS_CREDIT")
    sheet.columns.append("DAYS_CREDIT")
    for row in sheet.rows:
        row.append(row[at])


FAULTS: list[tuple[Spoil, str, str]] = [
    (removed, "tables", "is not a folder"),
    (a_file, "tables", "is not a folder"),
    (table_missing, "tables", "lacks bureau_balance;"),
    (column_missing, "bureau.csv", "lacks 1 of 17 columns: DAYS_CREDIT;"),
    (outcome_missing, "application_train.csv", "lacks 1 of 122 columns: TARGET;"),
    (column_twice, "bureau.csv", "has the column DAYS_CREDIT twice"),
    (column_twice_in_parquet, "bureau.parquet", "has the column DAYS_CREDIT twice"),
    (column_missing_in_parquet, "bureau.parquet", "lacks 1 of 17 columns: DAYS_CREDIT;"),
    (empty, "credit_card_balance.csv", "is empty; expected a header and rows"),
    (empty_but_marked, "credit_card_balance.csv", "is empty; expected a header and rows"),
    (header_only, "credit_card_balance.csv", "holds no rows"),
    (header_without_end, "credit_card_balance.csv", "holds no rows"),
    (cut_in_a_line, "previous_application.csv", "is truncated: it ends in the middle of a line"),
    (cut_gzip, "previous_application.csv.gz", "is truncated or not gzip"),
    (no_gzip, "previous_application.csv.gz", "is truncated or not gzip"),
    (cut_parquet, "previous_application.parquet", "is not a complete Parquet file"),
    (zero_parquet, "bureau.parquet", "is not a complete Parquet file"),
    (empty_parquet, "bureau.parquet", "holds no rows"),
    (all_unusable, "application_test.csv", "none of its 10 rows can be used; line 2, column SK_ID_CURR"),
    (all_of_the_second_file_unusable, "application_test.csv", "line 2, column SK_ID_CURR: unparsable"),
    (in_two_formats, "bureau.csv and bureau.parquet", "keep one of them"),
    (semicolons, "bureau.csv", "its header has 1 columns"),
    (old_mac_lines, "bureau.csv", "its first line is no header"),
]


@pytest.fixture(scope="module")
def published(small_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small store for nights that fail."""
    return shutil.copytree(small_store, tmp_path_factory.mktemp("faults") / "store")


@pytest.mark.parametrize(("spoil", "place", "said"), FAULTS, ids=[case[0].__name__ for case in FAULTS])
def test_an_unusable_folder_is_one_line_and_changes_nothing(
    spoil: Spoil, place: str, said: str, published: Path, tmp_path: Path
) -> None:
    """The night names the file and what is wrong; pointer, exports and shards stay, the run is recorded failed."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    spoil(folder)
    before, ingests = published_bytes(published), sorted((published / "ingests").iterdir())
    with pytest.raises(InputError) as raised:
        night_of(folder, published)
    message = str(raised.value)
    assert place in message
    assert said in message
    assert "\n" not in message
    assert published_bytes(published) == before
    assert sorted((published / "ingests").iterdir()) == ingests
    record = json.loads((sorted((published / "runs").iterdir())[-1] / "run.json").read_text())
    assert (record["status"], record["error"]) == ("failed", f"InputError: {message}")


def test_unchanged_files_are_not_read_again(tmp_path: Path) -> None:
    """The second ingest of the same files is the first one: nothing is written, the documents are equal."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    first = take_in(folder, tmp_path / "store")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "store").rglob("*")}
    again = take_in(folder, tmp_path / "store")
    assert again == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "store").rglob("*")} == times


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """A value changed for another of the same length gives shards of its own, in which one client differs."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    first = take_in(folder, tmp_path / "store")
    path = folder / "application_train.csv"
    moment = path.stat().st_mtime_ns
    rewrite(folder, "application_train", lambda sheet: sheet.put(2, "DAYS_BIRTH", "-12999"))
    os.utime(path, ns=(moment + 1_000_000_000, moment + 1_000_000_000))
    second = take_in(folder, tmp_path / "store")
    assert second.folder != first.folder
    assert second.fingerprint != first.fingerprint
    changed = (shard_features(second) != shard_features(first)) & shard_features(first).notna()
    assert changed.any(axis=1).sum() == 1


def test_a_folder_left_half_made_is_not_used(tmp_path: Path) -> None:
    """Shards without their document, as a copy that stopped leaves them, are replaced by a new ingest."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    first = take_in(folder, tmp_path / "store")
    features = shard_features(first)
    (first.folder / "ingest.json").unlink()
    shutil.rmtree(first.folder / "shard=001")
    again = take_in(folder, tmp_path / "store")
    assert again.folder == first.folder
    assert shard_features(again).equals(features)


def test_an_ingest_that_was_killed_is_not_used(plain: Ingest, tmp_path: Path) -> None:
    """Killed with SIGKILL while it reads, an ingest leaves no folder that the next one takes for finished."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    last = folder / "installments_payments.csv"
    rows = last.read_bytes()
    code = "import sys, mini_tables as m; from pathlib import Path as P; m.take_in(*map(P, sys.argv[1:]))"
    command = [sys.executable, "-c", code, str(folder), str(tmp_path / "store")]
    places = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), str(Path.cwd())])}
    # the ingest waits at the last table for more, and is killed there
    with dripping(last, rows[: len(rows) // 2]) as pipe, running(command, places) as process:
        wait_until(lambda: is_read(pipe), process)
        process.send_signal(signal.SIGKILL)
        assert process.wait(SECONDS) == -signal.SIGKILL
    left = list((tmp_path / "store" / "ingests").iterdir())
    assert [path.name[0] for path in left] == ["."]
    last.unlink()
    last.write_bytes(rows)
    done = take_in(folder, tmp_path / "store")
    assert done.fingerprint == plain.fingerprint
    assert done.folder not in left
