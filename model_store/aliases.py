"""Which version is the champion, who made it so, when and why, and the way back.

Belongs here: aliases and their history. Does not: what a version holds (versions).

`models/aliases.json` is replaced in one step; `models/history.jsonl` only grows, and a change stands in it
before it takes effect.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from upath import UPath

from model_store.checksums import read_verified
from model_store.errors import ModelNotFound, ModelStoreError, NothingToRollBack
from model_store.storage import is_local, publish_bytes, publish_json, read_json
from model_store.version_folders import require_version, version_folder, version_names

ALIASES = ("champion", "challenger")


@dataclass(frozen=True)
class HistoryEntry:
    """One change of an alias at a time (UTC, ISO 8601), from `previous` (None: none) to `version`."""

    at: str
    action: str
    alias: str
    previous: str | None
    version: str
    who: str
    why: str


def read_aliases(store: UPath) -> dict[str, str]:
    """Alias to version; empty where nothing was promoted yet."""
    path = store / "models" / "aliases.json"
    return {alias: str(version) for alias, version in read_json(path).items()} if path.exists() else {}


def resolve(store: UPath, version_or_alias: str) -> str:
    """The version that a version name or alias stands for. Errors: ModelNotFound listing what there is."""
    aliases = read_aliases(store)
    if version_or_alias in ALIASES:
        if version_or_alias not in aliases:
            raise ModelNotFound(
                f"{store} has no {version_or_alias}; its versions are {_listed(version_names(store))}. "
                "Promote one, or train with --promote"
            )
        return require_version(store, aliases[version_or_alias])
    return require_version(store, version_or_alias, aliases)


def champion(store: UPath) -> str:
    """The version that decides. Errors: ModelNotFound when none was promoted."""
    return resolve(store, "champion")


def history(store: UPath) -> list[HistoryEntry]:
    """Every change of an alias, oldest first. Errors: ModelStoreError naming an unreadable line."""
    path = _history_path(store)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    entries = []
    for number, line in enumerate(lines, start=1):
        try:
            entries.append(HistoryEntry(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise ModelStoreError(
                f"line {number} of {path} is not an entry of the history ({error}); restore it from a backup"
            ) from error
    return entries


def promote(store: UPath, version: str, who: str, why: str, alias: str = "champion") -> None:
    """`alias` stands for `version` from now on, for every reader that looks it up again.

    Errors: ModelNotFound, ModelDamaged (a damaged version is not promoted), ValueError for an unknown alias
    or a change without a person or reason.
    """
    if alias not in ALIASES:
        raise ValueError(f"alias {alias!r} is unknown, expected one of {', '.join(ALIASES)}")
    with _alone(store):
        _change(store, "promote", alias, require_version(store, version), who, why)


def rollback(store: UPath, who: str, why: str) -> str:
    """The champion before the present one decides again; its name. Repeated, it goes back further.

    Errors: NothingToRollBack for the first champion, ModelDamaged when the predecessor is damaged.
    """
    with _alone(store):
        line = _line_of_champions(history(store))
        if len(line) < 2:
            raise NothingToRollBack(
                f"the champion {_listed(line)} of {store} has no predecessor; promote another version instead"
            )
        _change(store, "rollback", "champion", require_version(store, line[-2]), who, why)
    return line[-2]


def _line_of_champions(entries: list[HistoryEntry]) -> list[str]:
    """Champions that can still be gone back to, oldest first, the present one last."""
    line: list[str] = []
    for entry in entries:
        if entry.alias != "champion":
            continue
        if entry.action == "rollback":
            line = line[:-1]
        elif line[-1:] != [entry.version]:
            line = [*line, entry.version]
    return line


def _change(store: UPath, action: str, alias: str, version: str, who: str, why: str) -> None:
    if not who.strip() or not why.strip():
        raise ValueError(
            f"{action} of {version}: who is {who!r} and why is {why!r}, expected both to be stated"
        )
    read_verified(version_folder(store, version))
    aliases = read_aliases(store)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    _append(_history_path(store), HistoryEntry(at, action, alias, aliases.get(alias), version, who, why))
    publish_json(store / "models" / "aliases.json", {**aliases, alias: version})


def _append(path: UPath, entry: HistoryEntry) -> None:
    line = (json.dumps(asdict(entry), ensure_ascii=False) + "\n").encode()
    if not is_local(path):
        publish_bytes(path, (path.read_bytes() if path.exists() else b"") + line)
        return
    with path.open("ab") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _alone(store: UPath) -> Iterator[None]:
    """One change at a time on a local store; object stores know no lock, there the last change wins."""
    folder = store / "models"
    if not is_local(folder) or not folder.exists():
        yield
        return
    with (folder / ".lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _history_path(store: UPath) -> UPath:
    return store / "models" / "history.jsonl"


def _listed(names: list[str]) -> str:
    return ", ".join(names) if names else "none"
