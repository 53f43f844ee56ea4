"""Which rows of a file go to shards: typed, with a client, with a key not met before; the others are set aside.

Belongs here: what is known while files are read. Does not: reading (reading), dealing to shards (sharding).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from batch.reading import Block, Source
from batch.rejects import Rejects
from batch.sharding import FILE, ROW, spool_schema
from features.raw import typed_rows
from features.schemas import CLIENT

CREDIT, PREVIOUS = "SK_ID_BUREAU", "SK_ID_PREV"
_KEPT_KEYS = {"application": CLIENT, "bureau": CREDIT, "previous_application": PREVIOUS}
Identifiers = NDArray[np.int64]


def _none() -> Identifiers:
    return np.zeros(0, dtype=np.int64)


@dataclass
class Register:
    """Identifiers met so far, sorted: clients with an application, credits in bureau with their client, and
    earlier applications."""

    clients: Identifiers = field(default_factory=_none)
    credits: Identifiers = field(default_factory=_none)
    credit_clients: Identifiers = field(default_factory=_none)
    previous: Identifiers = field(default_factory=_none)


def usable_rows(source: Source, number: int, block: Block, register: Register, rejects: Rejects) -> pa.Table:
    """The rows of a block that go to shards, typed, with client, file and line; the others are set aside."""
    table = source.table
    _set_aside_malformed(source, block, rejects)
    block = _decoded(source, block, rejects)
    typed = typed_rows(table, block.values, source.columns)
    if typed.problems:
        bad = pa.array([problem.row for problem in typed.problems])
        rejects.add(
            source.table.name,
            source.path.name,
            block.values.take(bad),
            block.rows.take(bad),
            [problem.column for problem in typed.problems],
            [problem.reason for problem in typed.problems],
        )
    rows = typed.rows.append_column(FILE, pa.array(np.full(len(typed.rows), number, dtype=np.int8)))
    rows = rows.append_column(ROW, block.rows.filter(pa.array(typed.usable)).cast(pa.int64()))
    if table.name == "application" and "TARGET" not in rows.column_names:
        rows = rows.append_column("TARGET", pa.nulls(len(rows), pa.float32()))
    rows = _with_client(source, rows, register, rejects)
    rows = _first_of_key(source, rows, register, rejects)
    return rows.select(spool_schema(table).names)


def _decoded(source: Source, block: Block, rejects: Rejects) -> Block:
    """The block without rows whose categories hold U+FFFD: their bytes were no UTF-8, now or in an earlier copy."""
    bad = np.zeros(len(block.values), dtype=np.bool_)
    columns = np.full(len(block.values), "", dtype=object)
    for name in source.columns:
        texts = block.values.column(name)
        if source.table.columns[name].kind != "category" or not len(texts):
            continue
        damaged = _holds(texts, "\ufffd")
        columns[damaged & ~bad] = name
        bad |= damaged
    if not bad.any():
        return block
    lost = pa.array(bad)
    rejects.add(
        source.table.name,
        source.path.name,
        block.values.filter(lost),
        block.rows.filter(lost),
        columns[bad].tolist(),
        ["not readable as UTF-8"] * int(bad.sum()),
    )
    kept = pa.array(~bad)
    return replace(block, values=block.values.filter(kept), rows=block.rows.filter(kept))


def _holds(texts: pa.ChunkedArray, part: str) -> NDArray[np.bool_]:
    """Which texts contain `part`; dictionaries are searched once per distinct text."""
    if not (pa.types.is_dictionary(texts.type) or pa.types.is_string(texts.type)):
        return np.zeros(len(texts), dtype=np.bool_)
    chunks = []
    for chunk in texts.chunks:
        coded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        found = pc.match_substring(coded.dictionary.cast(pa.string()), part)
        chunks.append(pc.fill_null(pc.take(found, coded.indices), False).to_numpy(zero_copy_only=False))
    return np.concatenate(chunks)


def _with_client(source: Source, rows: pa.Table, register: Register, rejects: Rejects) -> pa.Table:
    """Rows whose client has an application; months get their client through bureau."""
    if source.table.name == "application":
        return rows
    if CLIENT not in rows.column_names:
        credits = rows.column(CREDIT).to_numpy()
        at = np.minimum(np.searchsorted(register.credits, credits), max(len(register.credits) - 1, 0))
        known = register.credits[at] == credits
        rows = rows.append_column(CLIENT, pa.array(register.credit_clients[at].astype(np.int32)))
        return _kept(source, rows, known, CREDIT, "no such credit in bureau", rejects)
    known = np.isin(rows.column(CLIENT).to_numpy(), register.clients)
    return _kept(source, rows, known, CLIENT, "no application of this client", rejects)


def _first_of_key(source: Source, rows: pa.Table, register: Register, rejects: Rejects) -> pa.Table:
    """Applications, credits and earlier applications whose identifier was not met before; remembers the new."""
    name = source.table.name
    if name not in _KEPT_KEYS:
        return rows  # months repeat within their client: they are compared inside its shard
    key = _KEPT_KEYS[name]
    values = rows.column(key).to_numpy().astype(np.int64)
    first = np.zeros(len(values), dtype=np.bool_)
    first[np.unique(values, return_index=True)[1]] = True
    met = {CLIENT: register.clients, CREDIT: register.credits, PREVIOUS: register.previous}[key]
    kept = _kept(source, rows, first & ~np.isin(values, met), key, "duplicate key", rejects)
    fresh = kept.column(key).to_numpy().astype(np.int64)
    if key == CLIENT:
        register.clients = np.sort(np.concatenate([register.clients, fresh]))
    elif key == PREVIOUS:
        register.previous = np.sort(np.concatenate([register.previous, fresh]))
    else:
        both = np.concatenate([register.credits, fresh])
        clients = np.concatenate([register.credit_clients, kept.column(CLIENT).to_numpy()])
        order = np.argsort(both, kind="stable")
        register.credits, register.credit_clients = both[order], clients[order]
    return kept


def _kept(
    source: Source, rows: pa.Table, keep: NDArray[np.bool_], column: str, reason: str, rejects: Rejects
) -> pa.Table:
    """`rows` where `keep`; the others are set aside with the reason."""
    if keep.all():
        return rows
    lost = rows.filter(pa.array(~keep))
    many = len(lost)
    rejects.add(source.table.name, source.path.name, lost, lost.column(ROW), [column] * many, [reason] * many)
    return rows.filter(pa.array(keep))


def _set_aside_malformed(source: Source, block: Block, rejects: Rejects) -> None:
    bad = block.malformed
    if bad:
        reasons = [f"{row.reason}: {row.text}" for row in bad]
        rows = pa.array([row.row for row in bad], pa.int64())
        nothing = pa.table({name: pa.nulls(len(bad), pa.string()) for name in source.columns})
        rejects.add(source.table.name, source.path.name, nothing, rows, [""] * len(bad), reasons)
