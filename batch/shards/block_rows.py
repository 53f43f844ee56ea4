"""What a block of a file becomes: rows for shards, typed and with their client, and rows set aside.

Belongs here: the checks on a block, in any thread; the one on keys, block after block. Does not: parsing
(csv_text), what a value must satisfy (features.raw), dealing to shards (spool).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from batch.shards.csv_text import Block
from batch.shards.register import CREDIT, KEPT_KEYS, Register
from batch.shards.rejects import Rejects
from batch.shards.sources import Source
from features.raw import Typed, typed_columns
from features.schemas import CLIENT, TARGET

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class BlockRows:
    """Typed rows of a block with their line numbers, which of them to use, and what was set aside."""

    source: Source
    columns: Mapping[str, Typed]
    lines: NDArray[np.int64]
    keep: Mask
    found: int
    rejects: Rejects

    def numbers(self, name: str) -> NDArray[Any]:
        """A column that holds no categories."""
        values = self.columns[name]
        assert isinstance(values, np.ndarray), name
        return values

    def without(self, bad: Mask, column: str, reason: str) -> BlockRows:
        """The same rows; those that are `bad` and were to be used are set aside with the reason."""
        lost = np.flatnonzero(self.keep & bad)
        if not len(lost):
            return self
        values = {
            name: pa.array(np.take(values, lost), from_pandas=True)
            if isinstance(values, np.ndarray)
            else values.take(pa.array(lost))
            for name, values in self.columns.items()
        }
        self.rejects.add(self.source, pa.table(values), self.lines[lost], column, reason)
        return replace(self, keep=self.keep & ~bad)


def checked_rows(source: Source, block: Block, register: Register) -> BlockRows:
    """The rows of a block after every check that looks at no other block of the same file."""
    rejects = Rejects()
    found = len(block.rows) + len(block.malformed)
    _set_aside_malformed(source, block, rejects)
    block = _decoded(source, block, rejects)
    typed = typed_columns(source.table, block.values, source.columns)
    if typed.problems:
        bad = np.array([problem.row for problem in typed.problems])
        columns = [problem.column for problem in typed.problems]
        reasons = [problem.reason for problem in typed.problems]
        rejects.add(source, block.values.take(pa.array(bad)), block.rows[bad], columns, reasons)
    lines = block.rows[typed.usable]
    values: dict[str, Typed] = dict(typed.columns)
    if TARGET in source.table.columns and TARGET not in values:
        values[TARGET] = np.full(len(lines), np.nan, dtype=np.float32)
    rows = BlockRows(source, values, lines, np.ones(len(lines), dtype=np.bool_), found, rejects)
    return _with_client(rows, register)


def first_of_key(rows: BlockRows, register: Register) -> BlockRows:
    """Applications, credits and earlier applications whose identifier was not met before; remembers the new.

    Must see the blocks of a file in order. Months repeat within their client: they are compared in its shard.
    """
    key = KEPT_KEYS.get(rows.source.table.name)
    if key is None:
        return rows
    directory = register.of(key)
    identifiers = rows.numbers(key)
    repeated = directory.holds(identifiers)
    used = np.flatnonzero(rows.keep)
    later = np.ones(len(used), dtype=np.bool_)
    later[np.unique(identifiers[used], return_index=True)[1]] = False
    repeated[used[later]] = True
    rows = rows.without(repeated, key, "duplicate key")
    directory.add(identifiers[rows.keep], rows.numbers(CLIENT)[rows.keep])
    return rows


def _with_client(rows: BlockRows, register: Register) -> BlockRows:
    """Rows whose client has an application; months get their client through bureau."""
    if rows.source.table.name == "application":
        return rows
    if CLIENT not in rows.columns:
        clients = register.credits.clients_of(rows.numbers(CREDIT))
        rows = replace(rows, columns={**rows.columns, CLIENT: clients})
        return rows.without(clients == 0, CREDIT, "no such credit in bureau")
    unknown = ~register.clients.holds(rows.numbers(CLIENT))
    return rows.without(unknown, CLIENT, "no application of this client")


def _decoded(source: Source, block: Block, rejects: Rejects) -> Block:
    """The block without rows whose categories hold U+FFFD: their bytes were no UTF-8, now or in an earlier copy."""
    damaged = {
        name: rows
        for name in source.columns
        if source.table.columns[name].kind == "category"
        and len(rows := _holding(block.values.column(name), "\ufffd"))
    }
    if not damaged:
        return block
    columns = np.full(len(block.values), "", dtype=object)
    for name, rows in reversed(damaged.items()):  # of several columns the first is named
        columns[rows] = name
    bad = columns != ""
    lost = block.values.filter(pa.array(bad))
    rejects.add(source, lost, block.rows[bad], columns[bad].tolist(), "not readable as UTF-8")
    return replace(block, values=block.values.filter(pa.array(~bad)), rows=block.rows[~bad])


def _holding(texts: pa.ChunkedArray, part: str) -> NDArray[np.intp]:
    """Rows whose text contains `part`; dictionaries are searched once per distinct text."""
    if pa.types.is_dictionary(texts.type):
        found = [pc.match_substring(chunk.dictionary.cast(pa.string()), part) for chunk in texts.chunks]
        if not any(pc.any(texts_with_part).as_py() for texts_with_part in found):
            return np.zeros(0, dtype=np.intp)
        texts = texts.cast(pa.string())
    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
        return np.zeros(0, dtype=np.intp)
    return np.flatnonzero(pc.fill_null(pc.match_substring(texts, part), False).to_numpy())


def _set_aside_malformed(source: Source, block: Block, rejects: Rejects) -> None:
    if block.malformed:
        reasons = [f"{row.reason}: {row.text}" for row in block.malformed]
        lines = np.array([row.row for row in block.malformed], dtype=np.int64)
        rejects.add(source, pa.table({}), lines, "", reasons)
