"""Rows that cannot be used, each with its place and the reason: counted, kept, never dropped in silence.

Belongs here: what rejects/TABLE.parquet holds. Does not: deciding which rows (register, sharding).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from features import TABLES


class Rejects:
    """Rows set aside so far, by table: file, line, column, reason and every value as text."""

    def __init__(self) -> None:
        self._parts: dict[str, list[pa.Table]] = defaultdict(list)

    def add(
        self,
        table: str,
        file: str,
        values: pa.Table,
        rows: pa.Array | pa.ChunkedArray,
        columns: Sequence[str],
        reasons: Sequence[str],
    ) -> None:
        """Sets rows of `file` aside: their lines, the column at fault and the reason, value by value as text."""
        texts = {
            name: values.column(name).cast(pa.string())
            if name in values.column_names
            else pa.nulls(len(values), pa.string())
            for name in TABLES[table].columns
        }
        place = {
            "file": pa.array([file] * len(values), pa.string()),
            "row": rows.cast(pa.int64()),
            "column": pa.array(columns, pa.string()),
            "reason": pa.array(reasons, pa.string()),
        }
        self._parts[table].append(pa.table({**place, **texts}))

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
                pairs = zip(part.column("column").to_pylist(), part.column("reason").to_pylist(), strict=True)
                kinds.update(f"{reason.split(': ')[0]} ({column or 'line'})" for column, reason in pairs)
            found[table] = dict(kinds.most_common())
        return found

    def write(self, folder: UPath) -> None:
        """One Parquet file per table with rejects, in the order of files and lines."""
        folder.mkdir(parents=True, exist_ok=True)
        for table, parts in self._parts.items():
            with (folder / f"{table}.parquet").open("wb") as file:
                pq.write_table(
                    pa.concat_tables(parts).sort_by([("file", "ascending"), ("row", "ascending")]), file
                )
