"""The history of a store's aliases: who changed which, when, from what to what, and why.

Belongs here: entries, one file each, that are only ever added. Does not: whether a change is right (promotion).

`models/history/000001.json`, `000002.json`, …: an entry is created whole under the next free number or not at
all, so a crash leaves nothing half-written and of two changes at once the later one looks again. The newest
entry says what holds now: there is no second file that could disagree with it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from upath import UPath

from model_store.errors import ModelStoreError
from model_store.storage import create_bytes, names_in

_ENTRY = re.compile(r"(\d{6})\.json")
_RESTORE = "restore the folder from a backup"


@dataclass(frozen=True)
class HistoryEntry:
    """One change of an alias at a time (UTC, ISO 8601), from `previous` (None: none) to `version`.

    `check`: what comparing the two versions said; `forced`: it was overruled. `aliases` and `sums` are what holds
    afterwards: alias to version, and version to the SHA-256 of its sums file, for every version that ever had an
    alias. `before`: SHA-256 of the entry before, empty for the first.
    """

    at: str
    action: str
    alias: str
    previous: str | None
    version: str
    who: str
    why: str
    check: str = ""
    forced: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)
    sums: Mapping[str, str] = field(default_factory=dict)
    before: str = ""


def history(store: UPath) -> list[HistoryEntry]:
    """Every change of an alias, oldest first. Errors: ModelStoreError naming an entry that is lost or changed."""
    return [entry for entry, _ in _read_all(store)]


def latest(store: UPath) -> HistoryEntry | None:
    """The newest entry: what holds now. None where nothing was ever promoted."""
    numbers = _numbers(store)
    return _read(_path(store, numbers[-1]))[0] if numbers else None


def append(store: UPath, entry_after: Callable[[Sequence[HistoryEntry]], HistoryEntry]) -> HistoryEntry:
    """The entry that was added. `entry_after` makes it from the history so far, and again if that has grown
    meanwhile; its `before` is filled in here."""
    while True:
        found = _read_all(store)
        entry = entry_after([entry for entry, _ in found])
        document = {**asdict(entry), "before": _digest(found[-1][1]) if found else ""}
        data = (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
        try:
            create_bytes(_path(store, len(found) + 1), data)
        except FileExistsError:
            continue
        return HistoryEntry(**document)


def _read_all(store: UPath) -> list[tuple[HistoryEntry, bytes]]:
    found: list[tuple[HistoryEntry, bytes]] = []
    for place, number in enumerate(_numbers(store), start=1):
        path = _path(store, place)
        if number != place:
            raise ModelStoreError(f"{path} is missing, the history goes on at {number:06d}.json; {_RESTORE}")
        entry, data = _read(path)
        if entry.before != (_digest(found[-1][1]) if found else ""):
            raise ModelStoreError(f"{path} does not follow the entry before it: one was changed; {_RESTORE}")
        found.append((entry, data))
    return found


def _read(path: UPath) -> tuple[HistoryEntry, bytes]:
    data = path.read_bytes()
    try:
        return HistoryEntry(**json.loads(data)), data
    except (ValueError, TypeError) as error:
        raise ModelStoreError(f"{path} is not an entry of the history ({error}); {_RESTORE}") from error


def _numbers(store: UPath) -> list[int]:
    names = [_ENTRY.fullmatch(name) for name in names_in(store / "models" / "history")]
    return [int(name.group(1)) for name in names if name]


def _path(store: UPath, number: int) -> UPath:
    return store / "models" / "history" / f"{number:06d}.json"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
