"""Rows of a block that cannot be used, each with its place and the reason.

Belongs here: what is said of such a row. Does not: deciding which rows (block_rows, sharding), keeping those of all
blocks (set_aside).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from batch.shards.sources import Source
from features import TABLES

_CODED = pa.dictionary(pa.int32(), pa.string())


class Rejects:
    """Rows set aside, by file: line, column, reason and every value."""

    def __init__(self) -> None:
        self._parts: dict[str, list[pa.Table]] = defaultdict(list)
        self._sources: dict[str, Source] = {}

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
        rows = pa.table({**place, **own}).cast(schema_of(source.table.name))
        self._parts[source.path.name].append(rows)
        self._sources[source.path.name] = source

    def by_file(self) -> Iterator[tuple[Source, pa.Table]]:
        """The rows of each file by line, values as texts."""
        for file, parts in self._parts.items():
            yield self._sources[file], by_line(pa.concat_tables(parts).unify_dictionaries().combine_chunks())


def by_line(rows: pa.Table) -> pa.Table:
    """The rows of a file in the order of their lines."""
    return rows.take(pa.array(np.argsort(rows.column("row").to_numpy(), kind="stable")))


def schema_of(table: str, coded: bool = True) -> pa.Schema:
    """File, row, column, reason and every column of the table as text; `coded`: what repeats is held once."""
    text = _CODED if coded else pa.string()
    own = [(name, pa.string()) for name in TABLES[table].columns]
    return pa.schema([("file", text), ("row", pa.int64()), ("column", text), ("reason", text), *own])


def _coded(texts: Sequence[str] | str, many: int) -> pa.DictionaryArray:
    """One text for each of `many` rows; one for all is held once."""
    if isinstance(texts, str):
        return pa.DictionaryArray.from_arrays(np.zeros(many, dtype=np.int32), [texts])
    return pa.array(texts, pa.string()).dictionary_encode()
