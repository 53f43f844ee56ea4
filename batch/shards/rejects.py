"""Rows that cannot be used, each with its place and the reason: counted, kept, never dropped in silence.

Belongs here: what rejects/TABLE.parquet holds. Does not: deciding which rows (block_rows, sharding).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from upath import UPath

from batch.shards.reading import Source
from batch.shards.register import CREDIT, Register
from features import TABLES
from features.schemas import CLIENT

_AT_ONCE = 1 << 16


class Rejects:
    """Rows set aside so far, by table: file, line, column, reason and every value."""

    def __init__(self) -> None:
        self._parts: dict[str, list[pa.Table]] = defaultdict(list)

    def add(
        self,
        source: Source,
        values: pa.Table,
        lines: NDArray[np.int64],
        columns: Sequence[str] | str,
        reasons: Sequence[str] | str,
    ) -> None:
        """Sets rows of a file aside: their lines, the column at fault and the reason, for each or for all.

        Columns that `values` lacks are missing.
        """
        many = len(lines)
        place = {
            "file": _coded(source.path.name, many),
            "row": pa.array(lines, pa.int64()),
            "column": _coded(columns, many),
            "reason": _coded(reasons, many),
        }
        own = {
            name: values.column(name) if name in values.column_names else pa.nulls(many)
            for name in source.table.columns
        }
        self._parts[source.table.name].append(pa.table({**place, **own}))

    def extend(self, others: Rejects) -> None:
        """Adds what another one holds, after what is here."""
        for table, parts in others._parts.items():
            self._parts[table].extend(parts)

    def first_reason(self, table: str, file: str) -> str:
        """The first reason given for a row of the file, with its line and column. Errors: LookupError if none."""
        for part in self._parts[table]:
            first = part.slice(0, 1).to_pylist()[0]
            if first["file"] == file:
                column = f", column {first['column']}" if first["column"] else ""
                return f"line {first['row']}{column}: {first['reason']}"
        raise LookupError(f"no row of {file} was set aside")

    def counts(self) -> dict[str, dict[str, int]]:
        """Rows set aside per table and kind of reason (the reason without the value found)."""
        found: dict[str, dict[str, int]] = {}
        for table, parts in self._parts.items():
            kinds: Counter[str] = Counter()
            for part in parts:
                pairs = part.select(["column", "reason"]).cast(_PAIR).group_by(["column", "reason"])
                for row in pairs.aggregate([([], "count_all")]).to_pylist():
                    kinds[f"{row['reason'].split(': ')[0]} ({row['column'] or 'line'})"] += row["count_all"]
            found[table] = dict(kinds.most_common())
        return found

    def clients(self, register: Register) -> NDArray[np.int32]:
        """Clients of rows set aside that are clients all the same, some more than once."""
        found = [np.zeros(0, dtype=np.int32)]
        for table, parts in self._parts.items():
            owner = CLIENT if CLIENT in TABLES[table].columns else CREDIT
            directory = register.clients if owner == CLIENT else register.credits
            for part in parts:
                numbers = pd.to_numeric(part.column(owner).to_pandas(), errors="coerce").to_numpy(np.float64)
                known = numbers[(numbers > 0) & (numbers < 2**31)]
                found.append(directory.clients_of(known.astype(np.int32)))
        clients = np.concatenate(found)
        known_clients: NDArray[np.int32] = clients[clients != 0]
        return known_clients

    def write(self, folder: UPath) -> None:
        """One Parquet file per table with rejects, every value as text, in the order of files and lines."""
        folder.mkdir(parents=True, exist_ok=True)
        for table, parts in self._parts.items():
            schema = _schema(table)
            with (folder / f"{table}.parquet").open("wb") as file, pq.ParquetWriter(file, schema) as writer:
                for part in _in_order(parts, schema):
                    writer.write_table(part)


_PAIR = pa.schema([("column", pa.string()), ("reason", pa.string())])


def _schema(table: str) -> pa.Schema:
    own = [(name, pa.string()) for name in TABLES[table].columns]
    return pa.schema(
        [("file", pa.string()), ("row", pa.int64()), ("column", pa.string()), ("reason", pa.string()), *own]
    )


def _coded(texts: Sequence[str] | str, many: int) -> pa.DictionaryArray:
    """One text for each of `many` rows; one for all is held once."""
    if isinstance(texts, str):
        return pa.DictionaryArray.from_arrays(np.zeros(many, dtype=np.int32), [texts])
    return pa.array(texts, pa.string()).dictionary_encode()


def _in_order(parts: list[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows as texts by file and line, a few at a time: as they are if they lie so."""
    files = pa.chunked_array([chunk for part in parts for chunk in part.column("file").chunks])
    names = sorted(pc.unique(files).to_pylist())
    ranks = pc.index_in(files, pa.array(names)).to_numpy()
    rows = np.concatenate([part.column("row").to_numpy() for part in parts])
    order = np.lexsort((rows, ranks))
    texts: Iterable[pa.Table] = (part.cast(schema) for part in parts)
    if not bool((order[1:] > order[:-1]).all()):
        texts = [pa.concat_tables(texts).take(pa.array(order))]
    return _evenly(texts)


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
