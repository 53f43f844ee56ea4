"""Rows on their way into shards: gathered from blocks, dealt to shards and packed, one file per table.

Belongs here: what lies between reading and shards, and is removed after. Does not: reading, sorting (sharding).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from upath import UPath

from batch.shards.block_rows import BlockRows
from batch.shards.register import KEPT_KEYS
from features import Table
from features.schemas import CLIENT
from model_store.scorebook import shard_of
from model_store.storage import naming

PLACE = "_place"
"""Number of the file within its table, times 2**48, plus the line: where a row repeats a key within a shard."""
_FILE = 48
TOGETHER = 16 << 20
"""Bytes of rows that are dealt at once: one shard's among them are enough to pack well, also of 400 shards."""
_CODEC = "lz4_raw"  # to a third; packs 0.8 GB/s, unpacks 2 GB/s, which costs less than writing the rest
Codes = NDArray[np.int32]
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class UsableRows:
    """Rows of a block that go into shards, in file order; categories are codes of `names`, -1 for missing."""

    columns: Columns
    names: Mapping[str, list[str]]

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def bytes(self) -> int:
        return sum(values.nbytes for values in self.columns.values())


def usable_rows(rows: BlockRows, number: int) -> UsableRows:
    """The rows to use of a block of the file with that number in its table."""
    columns: Columns = {}
    names: dict[str, list[str]] = {}
    for name, values in rows.columns.items():
        if not isinstance(values, np.ndarray):
            names[name] = values.dictionary.to_pylist()
            values = pc.fill_null(values.indices, -1).to_numpy()
        columns[name] = values
    if compared_in_shard(rows.source.table):
        columns[PLACE] = rows.lines + (number << _FILE)
    if not rows.keep.all():
        used = np.flatnonzero(rows.keep)
        columns = {name: np.take(values, used) for name, values in columns.items()}
    return UsableRows(columns, names)


def compared_in_shard(table: Table) -> bool:
    """True for a table whose key is compared within each shard, the others' while files are read."""
    return bool(table.key) and table.name not in KEPT_KEYS


def place_of(places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of the file and line of each place."""
    return places >> _FILE, places & ((1 << _FILE) - 1)


class Spool:
    """The rows of one table, in the order they were added: some blocks at a time dealt and packed in `pool`."""

    def __init__(self, folder: Path, table: Table, shards: int, pool: ThreadPoolExecutor) -> None:
        self._folder, self._table, self._shards, self._pool = folder, table, shards, pool
        self._types = spooled_types(table)
        self._names: dict[str, dict[str, int]] = {
            name: {} for name, column in table.columns.items() if column.kind == "category"
        }
        self._waiting: list[Columns] = []
        self._bytes = 0
        self._packing: Future[NDArray[np.int64]] | None = None
        self._packed: list[NDArray[np.int64]] = []

    def add(self, block: UsableRows) -> None:
        """Takes a block's rows. Errors: OSError naming the file, of this block or of those before."""
        recoded = {name: self._recoded(name, block) for name in self._names}
        self._waiting.append({**block.columns, **recoded})
        self._bytes += block.bytes
        if self._bytes >= TOGETHER:
            self._pack()

    def close(self) -> None:
        """Packs what waits; writes down where the rows of each shard lie, and the names of the categories."""
        self._pack()
        self._end_packing()
        places = np.array(self._packed, dtype=np.int64).reshape(-1, self._shards, 3)
        places.swapaxes(0, 1).tofile(_places_file(self._folder, self._table.name))
        names = {name: list(codes) for name, codes in self._names.items()}
        index = {"packs": len(places), "names": names}
        _index_file(self._folder, self._table.name).write_text(json.dumps(index))

    def _recoded(self, name: str, block: UsableRows) -> Codes:
        """Codes of the block as codes of the table, given to names in the order of the file."""
        known = self._names[name]
        codes = [known.setdefault(text, len(known)) for text in block.names[name]]
        recoded: Codes = np.array([*codes, -1], dtype=np.int32)[block.columns[name]]
        return recoded

    def _pack(self) -> None:
        """Begins to pack the rows that wait, once those before them are packed: they lie in the order of files."""
        self._end_packing()
        if self._waiting:
            self._packing = self._pool.submit(self._append, self._waiting)
        self._waiting, self._bytes = [], 0

    def _end_packing(self) -> None:
        if self._packing is not None:
            packing, self._packing = self._packing, None
            self._packed.append(packing.result())

    def _append(self, blocks: Sequence[Columns]) -> NDArray[np.int64]:
        """Deals, packs and writes rows; of each shard their number, where in the file they begin, bytes."""
        clients = np.concatenate([block[CLIENT] for block in blocks])
        shard = shard_of(clients, self._shards)
        # numpy counts small numbers instead of comparing them
        order = np.argsort(shard.astype(np.min_scalar_type(self._shards - 1)), kind="stable")
        rows = np.bincount(shard, minlength=self._shards)
        ends = np.cumsum(rows)
        dealt = [self._dealt(blocks, name, order) for name in self._types]
        places = np.zeros((self._shards, 3), dtype=np.int64)
        path = _rows_file(self._folder, self._table.name)
        with naming(UPath(path)), path.open("ab", buffering=1 << 20) as file:
            for number in np.flatnonzero(rows).tolist():
                own = slice(ends[number] - rows[number], ends[number])
                packed = pa.compress(b"".join(values[own].data for values in dealt), _CODEC)
                places[number] = rows[number], file.tell(), len(packed)
                file.write(packed)
        return places

    def _dealt(self, blocks: Sequence[Columns], name: str, order: NDArray[np.intp]) -> NDArray[Any]:
        values = [block[name] for block in blocks]
        return np.take(np.concatenate(values, dtype=self._types[name], casting="no"), order)


def spooled_types(table: Table) -> dict[str, np.dtype[Any]]:
    """Columns of the spool: the table's own, its client, its place if rows may repeat a key; codes for names."""
    types = {
        name: np.dtype(np.int32 if column.kind == "category" else column.arrow_type.to_pandas_dtype())
        for name, column in table.columns.items()
    }
    types.setdefault(CLIENT, np.dtype(np.int32))
    if compared_in_shard(table):
        types[PLACE] = np.dtype(np.int64)
    return types


def _rows_file(folder: Path, table: str) -> Path:
    return folder / f"{table}.rows"


def _places_file(folder: Path, table: str) -> Path:
    # no .npy: its header is parsed as Python, which fails now and then in two threads at once on 3.11
    return folder / f"{table}.places"


def _index_file(folder: Path, table: str) -> Path:
    return folder / f"{table}.json"


def read_spooled(folder: Path, table: Table, shard: int) -> tuple[Columns, dict[str, list[str]]]:
    """The rows of one shard in file order, and the names that the codes of its category columns stand for."""
    index = json.loads(_index_file(folder, table.name).read_text())
    names: dict[str, list[str]] = index["names"]
    pieces = _places_of(_places_file(folder, table.name), index["packs"], shard)
    types = spooled_types(table)
    columns = {name: np.empty(pieces[:, 0].sum(), kind) for name, kind in types.items()}
    targets = [(columns[name].view(np.uint8), kind.itemsize) for name, kind in types.items()]
    width = sum(kind.itemsize for kind in types.values())
    row = 0
    for count, packed in _packed_pieces(_rows_file(folder, table.name), pieces):
        piece = np.frombuffer(pa.decompress(packed, count * width, _CODEC), np.uint8)
        start = 0
        for target, size in targets:
            target[row * size : (row + count) * size] = piece[start : start + count * size]
            start += count * size
        row += count
    return columns, names


def _places_of(path: Path, packs: int, shard: int) -> NDArray[np.int64]:
    """Rows, beginning and bytes of each piece of a shard that has rows."""
    places = np.fromfile(path, np.int64, count=packs * 3, offset=shard * packs * 24).reshape(packs, 3)
    return places[places[:, 0] > 0]


def _packed_pieces(path: Path, pieces: NDArray[np.int64]) -> Iterator[tuple[int, bytes]]:
    """Rows and bytes of each piece of a shard."""
    if len(pieces):
        with path.open("rb", buffering=0) as file:
            for count, start, size in pieces.tolist():
                file.seek(start)
                yield count, file.read(size)
