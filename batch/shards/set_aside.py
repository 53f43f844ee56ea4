"""The rows of all files that were set aside: counted, kept on disk while files are read, never dropped in silence.

Belongs here: what rejects/TABLE.parquet holds, in which order. Does not: what is said of a row (rejects).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
from upath import UPath

from batch.shards.register import CREDIT, Identifiers, Known, Register
from batch.shards.rejects import Rejects, by_line, schema_of
from features import Table
from features.schemas import CLIENT
from model_store.storage import naming

_AT_ONCE = 1 << 16
_PACKED = ipc.IpcWriteOptions(compression="lz4")
_PAIR = pa.schema([("column", pa.string()), ("reason", pa.string())])


class SetAside:
    """Rows set aside so far: on disk in `folder`, those of one file in the order of their lines; a tenth of a table
    may be among them. What is found after all files were read waits in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, list[str]] = defaultdict(list)
        self._writers: dict[str, ipc.RecordBatchStreamWriter] = {}
        self._late = Rejects()
        self._kinds: dict[str, Counter[str]] = defaultdict(Counter)
        self._first: dict[str, str] = {}
        self._owners = Known()

    def extend(self, block: Rejects, register: Register) -> None:
        """Adds what was set aside of a block; blocks of a file come in their order.

        `register`: knows all credits, if it is a block of their months.
        """
        for source, rows in block.by_file():
            file = source.path.name
            self._count(source.table.name, rows)
            self._owners.add(_owners(source.table, rows, register))
            if file not in self._first:
                self._first[file] = _told(rows)
            with naming(UPath(self._path(file))):
                self._writer(source.table.name, file).write_table(rows)

    def extend_late(self, found: Rejects) -> None:
        """Adds rows of files that were read to their end; whose they are is told by their shards."""
        for source, rows in found.by_file():
            self._count(source.table.name, rows)
        self._late = found

    def _writer(self, table: str, file: str) -> ipc.RecordBatchStreamWriter:
        if file not in self._writers:
            self._files[table].append(file)
            self._writers[file] = ipc.new_stream(
                pa.OSFile(str(self._path(file)), "wb"), schema_of(table), options=_PACKED
            )
        return self._writers[file]

    def _path(self, file: str) -> Path:
        return self._folder / f"set-aside-{file}.arrows"

    def _count(self, table: str, rows: pa.Table) -> None:
        pairs = rows.select(["column", "reason"]).cast(_PAIR).group_by(["column", "reason"])
        for row in pairs.aggregate([([], "count_all")]).to_pylist():
            kind = f"{row['reason'].split(': ')[0]} ({row['column'] or 'line'})"
            self._kinds[table][kind] += row["count_all"]

    def first_reason(self, file: str) -> str:
        """The reason given for the first row of the file, with its line and column. Errors: LookupError if none."""
        return self._first[file]

    def counts(self) -> dict[str, dict[str, int]]:
        """Rows set aside per table and kind of reason (the reason without the value found), most first."""
        return {
            table: dict(sorted(kinds.items(), key=lambda item: (-item[1], item[0])))
            for table, kinds in self._kinds.items()
        }

    def clients(self, register: Register) -> Identifiers:
        """Clients of rows set aside in blocks that are clients all the same, ascending."""
        owners = self._owners.ascending()
        return owners[register.clients.holds(owners)]

    def write(self, folder: UPath) -> None:
        """One Parquet file per table with rejects, every value as text, in the order of files and lines."""
        folder.mkdir(parents=True, exist_ok=True)
        for table in self._kinds:
            schema, path = schema_of(table, coded=False), folder / f"{table}.parquet"
            texts = [
                name for name in schema.names if name != "row"
            ]  # lines are all different: no codes for them
            with (
                naming(path),
                path.open("wb") as file,
                pq.ParquetWriter(
                    file, schema, compression="lz4", use_dictionary=texts, write_statistics=False
                ) as writer,
            ):
                for rows in _evenly(part.cast(schema) for part in self._rows(table)):
                    writer.write_table(rows)

    def _rows(self, table: str) -> Iterator[pa.Table]:
        """The rows of a table, a few at a time, by the name of their file and by line."""
        late = {source.path.name: rows for source, rows in self._late.by_file() if source.table.name == table}
        for file in sorted({*self._files[table], *late}):
            yield from _merged(self._spooled(file), late.get(file, schema_of(table).empty_table()))

    def _spooled(self, file: str) -> Iterator[pa.Table]:
        if file in self._writers:
            self._writers[file].close()
            with pa.OSFile(str(self._path(file))) as held, ipc.open_stream(held) as stream:
                for batch in stream:
                    yield pa.Table.from_batches([batch])


def _owners(table: Table, rows: pa.Table, register: Register) -> Identifiers:
    """Whose rows of a table may be, as far as it can be read: of somebody who has an application, or of nobody."""
    key = CLIENT if CLIENT in table.columns else CREDIT
    texts = pc.unique(rows.column(key)).to_pandas()  # a credit has many months
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64)
    read = numbers[(numbers > 0) & (numbers < 2**31)].astype(np.int32)
    owners: Identifiers = read if key == CLIENT else register.credits.clients_of(read)
    return np.asarray(owners[owners != 0])


def _told(rows: pa.Table) -> str:
    first = rows.slice(0, 1).to_pylist()[0]
    column = f", column {first['column']}" if first["column"] else ""
    return f"line {first['row']}{column}: {first['reason']}"


def _merged(parts: Iterable[pa.Table], late: pa.Table) -> Iterator[pa.Table]:
    """The parts of a file, whose lines ascend, with the late rows of the same file among them."""
    lines, start = late.column("row").to_numpy(), 0
    for part in parts:
        end = int(np.searchsorted(lines, part.column("row")[-1].as_py()))
        some = late.slice(start, end - start)
        yield by_line(pa.concat_tables([part, some]).unify_dictionaries().combine_chunks()) if some else part
        start = end
    yield late.slice(start)


def _evenly(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The rows of all tables, as many in each as a file's blocks do not decide."""
    waiting: list[pa.Table] = []
    many = 0
    for table in tables:
        waiting.append(table)
        many += len(table)
        if many >= _AT_ONCE:
            whole, left = pa.concat_tables(waiting), many % _AT_ONCE
            for start in range(0, many - left, _AT_ONCE):
                yield whole.slice(start, _AT_ONCE).combine_chunks()
            waiting, many = [whole.slice(many - left)], left
    if many:
        yield pa.concat_tables(waiting).combine_chunks()
