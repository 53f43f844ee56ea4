"""Here: faults are written into the files of a portfolio, and where each one stands is recorded.
Not here: which faults there are (faults.py).
"""

import csv
import gzip
import io
import os
import shutil
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from simulator.facts import Ints
from simulator.faults import (
    CREDIT,
    FILE_FAULTS,
    LAYOUT_FAULTS,
    ROW_FAULTS,
    FileFault,
    Outcome,
    RowFault,
)
from simulator.writing import TABLES

HEAD = 20_000  # lines of a file among which models are chosen
FRESH = 2_000_000_100  # the first identifier given to bad rows
RECORD = "faults.csv"


@dataclass(frozen=True)
class Planted:
    """A fault as it stands: folder (empty: the portfolio's own), file, line from 1 (0: the whole file), column at
    fault (empty: the line or the file), kind, what must become of it, what the ingest must say.
    """

    folder: str
    file: str
    line: int
    column: str
    kind: str
    outcome: Outcome
    says: str


def plant_faults(folder: Path, kinds: frozenset[str], seed: int) -> tuple[Planted, ...]:
    """Plant these kinds in the CSV files of `folder`; what was planted is told and written to faults.csv.

    Bad rows and other layouts go into the tables. Each fault that stops a night gets a folder
    `fault=KIND` with the same tables (hard links), one of them spoilt. Errors: ValueError if a table is too
    small.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1_000_004,)))
    planted: list[Planted] = []
    for table in TABLES:
        rows = [fault for fault in ROW_FAULTS if fault.file == table and fault.kind in kinds]
        if rows:
            planted += _plant_rows(folder, table, rows, rng)
    for layout in LAYOUT_FAULTS:
        if layout.kind in kinds:
            path = folder / f"{layout.file}.csv"
            _rewrite(path, LAYOUTS[layout.kind])
            planted.append(Planted("", path.name, 0, "", layout.kind, "used", ""))
    for fault in FILE_FAULTS:
        if fault.kind in kinds:
            planted.append(_plant_file(folder, fault))
    with (folder / RECORD).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(column.name for column in fields(Planted))
        writer.writerows(astuple(fault) for fault in planted)
    return tuple(planted)


def _plant_rows(folder: Path, table: str, faults: list[RowFault], rng: np.random.Generator) -> list[Planted]:
    """The file again with the bad rows in it."""
    path = folder / f"{table}.csv"
    with path.open("rb") as file:
        columns = file.readline().decode().rstrip("\n").split(",")
        head = [line for _, line in zip(range(HEAD), file, strict=False)]
        offset = file.tell() if len(head) == HEAD else path.stat().st_size
        file.seek(offset)
        rest = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    models = _models(folder, table, head, len(faults), rng)
    after = dict(zip(models, faults, strict=True))
    ends: list[tuple[RowFault, bytes]] = []
    planted: list[Planted] = []
    line = 1
    with path.with_suffix(".spoilt").open("wb") as out:
        out.write((",".join(columns) + "\n").encode())
        for number, good in enumerate(head):
            fault = after.get(number)
            bad = _bad_line(fault, columns, good, FRESH + number) if fault else b""
            if fault is None or fault.where != "instead":
                out.write(good)
                line += 1
            if fault is not None and fault.where != "end":
                out.write(bad)
                line += 1
                planted.append(_record(path.name, line, fault))
            elif fault is not None:
                ends.append((fault, bad))
        with path.open("rb") as file:
            file.seek(offset)
            shutil.copyfileobj(file, out, 1 << 20)
        line += rest
        for fault, bad in ends:
            out.write(bad)
            line += 1
            planted.append(_record(path.name, line, fault))
    path.with_suffix(".spoilt").replace(path)
    return planted


def _record(file: str, line: int, fault: RowFault) -> Planted:
    return Planted("", file, line, fault.column, fault.kind, fault.outcome, fault.says)


def _models(folder: Path, table: str, head: list[bytes], count: int, rng: np.random.Generator) -> list[int]:
    """Lines to copy, each for one fault: of bureau_balance only months of credits that bureau holds."""
    places = np.arange(len(head), dtype=np.int64)
    if table == "bureau_balance":
        own = np.array([int(line.split(b",", 1)[0]) for line in head], dtype=np.int64)
        places = places[np.isin(own, _credits(folder))]
    if len(places) < count:
        raise ValueError(
            f"{table} has {len(places)} rows, too few for {count} faults: simulate more clients or plant fewer."
        )
    return [int(place) for place in np.sort(rng.choice(places, count, replace=False))]


def _credits(folder: Path) -> Ints:
    options = pacsv.ConvertOptions(include_columns=[CREDIT])
    known: Ints = pacsv.read_csv(folder / "bureau.csv", convert_options=options)[CREDIT].to_numpy()
    return known


def _bad_line(fault: RowFault, columns: list[str], good: bytes, fresh: int) -> bytes:
    text = good.decode().rstrip("\n")
    if fault.spoil is not None:
        return (fault.spoil(text) + "\n").encode()
    cells = dict(zip(columns, next(csv.reader([text])), strict=True))
    if fault.fresh:
        cells[fault.fresh] = str(fresh)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow({**cells, **fault.cells}.values())
    return out.getvalue().encode("utf-8", "surrogateescape")


def _rewrite(path: Path, change: Callable[[int, bytes], bytes]) -> None:
    """The file again, line by line."""
    spoilt = path.with_suffix(".spoilt")
    with path.open("rb") as file, spoilt.open("wb") as out:
        out.writelines(change(number, line) for number, line in enumerate(file))
    spoilt.replace(path)


def _reversed(number: int, line: bytes) -> bytes:
    out = io.StringIO()
    text = line.decode("utf-8", "surrogateescape").rstrip("\n")
    csv.writer(out, lineterminator="\n").writerow(next(csv.reader([text]))[::-1])
    return out.getvalue().encode("utf-8", "surrogateescape")


LAYOUTS: dict[str, Callable[[int, bytes], bytes]] = {
    "byte-order-mark": lambda number, line: line if number else b"\xef\xbb\xbf" + line,
    "columns-reversed": _reversed,
    "windows-lines": lambda number, line: line.rstrip(b"\n") + b"\r\n",
}


def _plant_file(folder: Path, fault: FileFault) -> Planted:
    """A folder with the same tables, one of them spoilt."""
    own = folder / f"fault={fault.kind}"
    own.mkdir()
    for table in TABLES:
        _link(folder / f"{table}.csv", own / f"{table}.csv")
    path = own / f"{fault.file}.csv"
    spoilt = FILES[fault.kind](path)
    if spoilt is not None:
        path.unlink()  # a link: writing into it would spoil the portfolio itself
        path.write_bytes(spoilt)
    return Planted(own.name, path.name, 0, "", fault.kind, "night stops", fault.says)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.readline()


def _renamed(path: Path) -> None:
    path.rename(path.with_suffix(".csv.gz"))


def _cut_gzip(path: Path) -> None:
    path.with_suffix(".csv.gz").write_bytes(gzip.compress(path.read_bytes(), 1, mtime=0)[:-40])
    path.unlink()


def _cut_parquet(path: Path) -> None:
    whole = path.with_suffix(".parquet")
    pq.write_table(pa.table({"SK_ID_CURR": [1]}), whole)
    whole.write_bytes(whole.read_bytes()[:-10])
    path.unlink()


def _folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _two_formats(path: Path) -> None:
    pq.write_table(pa.table({"SK_ID_CURR": [1]}), path.with_suffix(".parquet"))


def _birth_again(path: Path) -> bytes:
    first, *rest = path.read_bytes().splitlines()
    return b"\n".join([first + b",DAYS_BIRTH", *(line + b",-9000" for line in rest), b""])


def _no_identifiers(path: Path) -> bytes:
    first, *rest = path.read_bytes().splitlines(keepends=True)
    place = first.rstrip().split(b",").index(b"SK_ID_CURR")  # columns may be reversed
    lost = [
        b"?," + line.split(b",", 1)[1] if place == 0 else line.rsplit(b",", 1)[0] + b",?\n" for line in rest
    ]
    return b"".join([first, *lost])


FILES: dict[str, Callable[[Path], bytes | None]] = {
    "missing-table": Path.unlink,
    "missing-column": lambda path: path.read_bytes().replace(b"DAYS_BIRTH", b"BORN", 1),
    "column-twice": _birth_again,
    "empty-file": lambda path: b"",
    "header-only": _header,
    "cut-line": lambda path: path.read_bytes()[:-9],
    "cut-gzip": _cut_gzip,
    "not-gzip": _renamed,
    "cut-parquet": _cut_parquet,
    "two-formats": _two_formats,
    "semicolons": lambda path: path.read_bytes().replace(b",", b";"),
    "utf-16": lambda path: path.read_text(encoding="utf-8").encode("utf-16"),
    "folder-for-file": _folder_instead,
    "no-usable-row": _no_identifiers,
}
"""How each kind spoils its file: the bytes it holds instead, or None where the file itself was moved."""
