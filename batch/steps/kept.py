"""The files of a shard in a run; what is the same as in an earlier run is that run's file, not a copy of it.

Belongs here: writing rows, laying new ones over kept ones. Does not: whose rows are kept (earlier), reading them
(model_store.layers).
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from batch.steps.earlier import Earlier
from batch.steps.finished import Written, written_files
from features.schemas import CLIENT
from model_store.layers import (
    Ids,
    as_layer,
    below_file,
    gone_below,
    laid_together,
    read_shard_rows,
    shard_file,
)
from model_store.rows import read_rows
from model_store.storage import link, read_ahead, write_whole

THICKEST = 0.25
"""Rows of a layer per row of its shard from which a file of its own is quicker to read."""


def write_rows(run: UPath, kind: str, shard: int, rows: pa.Table) -> dict[str, Written]:
    """A file of all rows of a shard, or of a layer; returns what was written, by its path in the run."""
    texts = [field.name for field in rows.schema if pa.types.is_string(field.type)]
    buffer = pa.BufferOutputStream()
    # numbers as they are: coding them takes thrice as long to write and to read, and no less room
    pq.write_table(rows, buffer, compression="lz4", use_dictionary=texts, write_statistics=[CLIENT])
    data, name = memoryview(buffer.getvalue()), f"{kind}/{shard_file(shard)}"
    (run / kind).mkdir(parents=True, exist_ok=True)
    write_whole(run / name, data)
    return {name: Written(len(data), hashlib.sha256(data).hexdigest())}


def kept_rows(earlier: Earlier, kind: str, shard: int, computed: pa.Table) -> pa.Table:
    """The computed rows and, of the earlier run, those of clients who are as they were, by client."""
    return laid_together(read_shard_rows(earlier.folder / kind, shard), earlier.outdated, computed)


def keep_rows(
    earlier: Earlier, run: UPath, kind: str, shard: int, gone: Ids, computed: pa.Table, clients: int
) -> dict[str, Written]:
    """As `write_rows` of the `kept_rows` to who reads them; but of the earlier run's rows nothing is written: its
    file is linked, and a layer of what changed is laid over it, where that is little and the disk has links.

    `gone`: clients of this shard whose rows in the earlier run are not kept; `clients`: all that the shard has now.
    """
    own, below = f"{kind}/{shard_file(shard)}", f"{kind}/{below_file(shard)}"
    written = written_files(earlier.folder, shard)
    under = below if below in written else own
    rows = computed
    if under == below:
        layer = read_rows(earlier.folder / own)
        rows = laid_together(layer, gone, computed)
        gone = np.union1d(gone_below(layer), gone)
    if max(len(rows), len(gone)) > THICKEST * clients or not link(earlier.folder / under, run / below):
        return write_rows(run, kind, shard, kept_rows(earlier, kind, shard, computed))
    read_ahead(run / below)  # the check is next to read it
    return {below: written[under], **write_rows(run, kind, shard, as_layer(rows, gone))}
