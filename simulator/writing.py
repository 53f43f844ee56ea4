"""Here: rows become CSV text or Parquet in the Kaggle layout; a folder appears whole or not at all.
Not here: what the rows say.
"""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator.facts import Coded, Column, Rows, number, read_layout

FileFormat = Literal["csv", "parquet"]
TABLES = (
    "application_train",
    "application_test",
    "bureau",
    "bureau_balance",
    "previous_application",
    "POS_CASH_balance",
    "installments_payments",
    "credit_card_balance",
)
"""The files of a portfolio, in the order in which they are written."""


class TableWriter(Protocol):
    """Takes a table block by block."""

    def write(self, block: Any) -> None:
        """Append one encoded block."""

    def close(self) -> None:
        """Flush to disk."""


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """A temporary sibling folder to write into; it becomes `out` when the block ends well, and vanishes
    otherwise.

    Raises FileExistsError when `out` holds anything already, OSError naming `out` when its disk is full.
    """
    require_vacant(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = out.parent / f".{out.name}.{uuid4().hex[:8]}.partial"
    temporary.mkdir()
    try:
        yield temporary
        with suppress(FileNotFoundError):
            out.rmdir()
        temporary.replace(out)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise OSError(
            f"The disk of {out} is full: expected 8 KB a client as CSV, 2 KB as Parquet. Nothing is left there; "
            "free space, or choose another folder or --format parquet."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def require_vacant(out: Path) -> None:
    """Nothing, or an empty folder, is at `out`; FileExistsError otherwise."""
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise FileExistsError(
            f"{out} is not empty: expected a new or empty folder for the portfolio. "
            "Choose another one or remove it."
        )


def encode(table: str, rows: Rows, file_format: FileFormat) -> Any:
    """One block of a table: bytes of CSV lines without header, or an Arrow table. Columns in the Kaggle
    order.
    """
    layout = read_layout(table)
    if file_format == "parquet":
        return pa.table({column: _arrow(rows, column, kind) for column, kind in layout.items()})
    return _csv_lines([_text(rows, column, kind) for column, kind in layout.items()])


def open_table(folder: Path, table: str, file_format: FileFormat) -> "CsvTable | ParquetTable":
    """A writer of `folder/table.csv` or `folder/table.parquet`."""
    path = folder / f"{table}.{file_format}"
    return CsvTable(path, list(read_layout(table))) if file_format == "csv" else ParquetTable(path)


class CsvTable:
    """A CSV file that grows block by block; the header is written first."""

    def __init__(self, path: Path, columns: list[str]) -> None:
        self._file = path.open("wb")
        self._file.write((",".join(columns) + "\n").encode())

    def write(self, block: Any) -> None:
        self._file.write(block)

    def close(self) -> None:
        self._file.close()


class ParquetTable:
    """A Parquet file that grows by one row group per block."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None

    def write(self, block: Any) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, block.schema, compression="zstd")
        self._writer.write_table(block)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class Tables:
    """Writers of several tables, closed together."""

    def __init__(self, folder: Path, names: list[str], file_format: FileFormat) -> None:
        self._writers = {name: open_table(folder, name, file_format) for name in names}

    def __enter__(self) -> "Tables":
        return self

    def write(self, table: str, block: Any) -> None:
        self._writers[table].write(block)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            writer.close()


def _arrow(rows: Rows, column: str, kind: str) -> Any:
    if kind == "text":
        return _dictionary(rows[column], quoted=False).cast(pa.string())
    values = pa.array(number(rows, column), from_pandas=True)
    return values.cast(pa.int64()) if kind == "int" else values


def _text(rows: Rows, column: str, kind: str) -> Any:
    """The column as Kaggle writes it: 1.0 in float columns, quotes around commas only, empty if missing."""
    if kind == "text":
        return _dictionary(rows[column], quoted=True).cast(pa.string())
    if kind == "int":
        return pa.array(np.asarray(rows[column]).astype(np.int64)).cast(pa.string())
    values = number(rows, column) + 0.0
    whole = np.nan_to_num(values) == np.round(np.nan_to_num(values))
    if whole.all():
        integers = pa.array(np.nan_to_num(values).astype(np.int64), mask=np.isnan(values))
        return pc.binary_join_element_wise(integers.cast(pa.string()), ".0", "")
    texts = pa.array(values, from_pandas=True).cast(pa.string())
    endings = pa.DictionaryArray.from_arrays(pa.array(whole.astype(np.int8)), ["", ".0"]).cast(pa.string())
    return pc.binary_join_element_wise(texts, endings, "")


def _dictionary(column: Column, quoted: bool) -> Any:
    if not isinstance(column, Coded):
        raise TypeError("A text column holds numbers: expected a Coded column.")
    values = [f'"{value}"' if quoted and "," in value else value for value in column.values]
    codes = pa.array(column.codes.astype(np.int32), mask=column.codes < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(values, pa.string()))


def _csv_lines(texts: list[Any]) -> Any:
    """The bytes of all lines: fields joined by commas, each line ended by a newline."""
    last = pc.binary_join_element_wise(texts[-1], "\n", "", null_handling="replace", null_replacement="")
    lines = pc.binary_join_element_wise(*texts[:-1], last, ",", null_handling="replace", null_replacement="")
    if len(lines) == 0:
        return b""
    lines = lines.cast(pa.large_string()) if lines.offset else lines
    return lines.buffers()[2][: sum_of_lengths(lines)]


def sum_of_lengths(lines: Any) -> int:
    """Bytes of text in a string array."""
    return int(pc.sum(pc.binary_length(lines)).as_py())
