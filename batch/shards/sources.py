"""The eight files of a folder of tables, and what reading them hands on.

Belongs here: finding them, what is the same for CSV and Parquet. Does not: reading either (reading, parquet_rows).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from upath import UPath

from batch.errors import InputError
from batch.shards.csv_text import Block, CsvText
from features import TABLES, Table

SUFFIXES = (".csv", ".csv.gz", ".parquet")


class Digest(Protocol):
    """A running hash of what was read."""

    def update(self, data: bytes, /) -> None: ...


@dataclass(frozen=True)
class Source:
    """One input file: which table it holds, whether its clients carry a TARGET, where it lies."""

    name: str
    table: Table
    path: UPath

    @property
    def is_parquet(self) -> bool:
        """True for a Parquet file, false for a CSV, packed or not."""
        return self.path.name.lower().endswith(".parquet")

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns the file must have: the table's, TARGET in application_train only."""
        return tuple(c for c in self.table.columns if c != "TARGET" or self.name == "application_train")


@dataclass(frozen=True)
class Piece:
    """Some consecutive rows of a file, not parsed yet: `parse` may be called in any thread. `text`: if a CSV's."""

    parse: Callable[[], Block]
    bytes_read: int
    text: CsvText | None = None


def stat(path: UPath) -> tuple[int, str]:
    """Size of a file and when it was changed, or what its storage says instead."""
    info = path.fs.info(path.path)
    changed = info.get("mtime") or info.get("LastModified") or info.get("ETag") or ""
    return int(info["size"]), str(changed)


def find_sources(folder: UPath) -> tuple[Source, ...]:
    """The eight files of `folder`, whatever the case of their names. Errors: InputError naming what lacks."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give the folder that holds the eight tables")
    wanted = [(name, table) for table in TABLES.values() for name in table.files]
    known = {name.lower() for name, _ in wanted}
    found: dict[str, UPath] = {}
    for path in sorted(folder.iterdir(), key=str):
        for suffix in SUFFIXES:
            name = path.name.lower().removesuffix(suffix)
            if name != path.name.lower() and name in known:
                if name in found:
                    raise InputError(f"{folder} holds {found[name].name} and {path.name}; keep one of them")
                if path.is_dir():
                    raise InputError(f"{path} is a folder, not a file; give the table itself")
                found[name] = path
    missing = [name for name, _ in wanted if name.lower() not in found]
    if missing:
        raise InputError(
            f"{folder} lacks {', '.join(missing)}; expected the eight Home Credit tables as "
            f"{' or '.join(SUFFIXES)}"
        )
    return tuple(Source(name, table, found[name.lower()]) for name, table in wanted)


def require_columns(source: Source, header: Sequence[str]) -> None:
    """Errors: InputError naming columns that a file lacks, or has twice."""
    missing = [name for name in source.columns if name not in header]
    if missing:
        shown = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
        raise InputError(
            f"{source.path} lacks {len(missing)} of {len(source.columns)} columns: {shown}; its header has "
            f"{len(header)} columns, the first {', '.join(header[:3])}"
        )
    twice = sorted(name for name in source.columns if header.count(name) > 1)
    if twice:
        raise InputError(f"{source.path} has the column {', '.join(twice)} twice; keep one")
