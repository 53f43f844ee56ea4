"""Which layout of a store this program reads and writes, noted in STORE/store.json.

Belongs here: the number, refusing a newer one or a place that is no store, noting it. Does not: the layout of a
model version (records).

Format 1 is every store without the note: its nights and ingests carry no process, program and ledger. It is read as
it is, and noted as format 2 by the next night or training; nothing in it is changed.
"""

from __future__ import annotations

from importlib.metadata import version

from upath import UPath

from model_store.errors import NoStore, StoreTooNew
from model_store.storage import publish_json, read_json

FORMAT = 2
FORMAT_FILE = "store.json"
FOLDERS = ("models", "runs", "ingests")
"""What a store holds one of at least, noted or not."""
_UNNOTED = 1


def store_format(store: UPath) -> int:
    """The format of a store; that of today for one that does not exist yet.

    Errors: ValueError naming a note that says no number.
    """
    path = store / FORMAT_FILE
    try:
        found = read_json(path).get("format")
    except FileNotFoundError:
        holds_something = any((store / name).exists() for name in FOLDERS)
        return _UNNOTED if holds_something else FORMAT
    if not isinstance(found, int):
        raise ValueError(f'{path} says format {found!r}, expected a number: write {{"format": {FORMAT}}}')
    return found


def is_store(store: UPath) -> bool:
    """Whether anything of a store lies there."""
    return any((store / name).exists() for name in (FORMAT_FILE, *FOLDERS))


def require_store(store: UPath) -> None:
    """Errors: NoStore where nothing of a store lies there: the path was mistyped, or a disk is not mounted."""
    if not is_store(store):
        raise NoStore(
            f"{store} is no store: looked for {', '.join((FORMAT_FILE, *FOLDERS))} in it; correct the path, "
            "mount its disk, or make a store there: pret train"
        )


def require_readable(store: UPath) -> None:
    """Errors: StoreTooNew for a store that a newer program has written to."""
    found = store_format(store)
    if found > FORMAT:
        writer = read_json(store / FORMAT_FILE).get("written_by", "a newer version")
        raise StoreTooNew(
            f"{store} has format {found}, written by pret {writer}; this is pret {version('pret-scoring')}, which "
            f"reads up to format {FORMAT}: install the newer one. Nothing was changed"
        )


def note_format(store: UPath) -> int | None:
    """Notes that the store is of today's format, for whoever is about to write to it; the older format that it had,
    None if it had today's. Errors: StoreTooNew."""
    require_readable(store)
    found = store_format(store)
    if not (store / FORMAT_FILE).exists() or found < FORMAT:
        publish_json(store / FORMAT_FILE, {"format": FORMAT, "written_by": version("pret-scoring")})
    return found if found < FORMAT else None
