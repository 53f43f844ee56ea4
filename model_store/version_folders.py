"""Where versions lie in a store: their folders, their numbers, and which of them are complete.

Belongs here: names and folders. Does not: the files inside (versions), aliases.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress

from upath import UPath

from model_store.checksums import DESCRIPTION, SUMS_FILE, sums_text
from model_store.errors import ModelNotFound
from model_store.history import latest
from model_store.storage import create_bytes, is_local, names_in, publish_bytes, sync_folder

_VERSION = re.compile(r"v(\d{3,})")
_ASIDE = ".saving-"
_ABANDONED = 24 * 3600  # seconds; a saving takes a few


def version_folder(store: UPath, version: str) -> UPath:
    """The folder of a version."""
    return store / "models" / version


def _numbers_taken(store: UPath) -> list[int]:
    names = [_VERSION.fullmatch(name) for name in names_in(store / "models")]
    return sorted(int(name.group(1)) for name in names if name)


def version_names(store: UPath) -> list[str]:
    """Versions that are complete, oldest first; a folder without checksums was never finished."""
    names = [f"v{number:03d}" for number in _numbers_taken(store)]
    return [name for name in names if (version_folder(store, name) / SUMS_FILE).exists()]


def require_version(store: UPath, version: str, aliases: Mapping[str, str] | None = None) -> str:
    """`version`, if the store has it. Errors: ModelNotFound listing versions and aliases."""
    if _VERSION.fullmatch(version) and (version_folder(store, version) / SUMS_FILE).exists():
        return version
    names = version_names(store)
    standing = ", ".join(f"{alias} = {name}" for alias, name in (aliases or {}).items())
    raise ModelNotFound(
        f"{store} has no model version {version!r}; it has {', '.join(names) or 'none'}"
        + (f" ({standing})" if standing else "")
        + ("" if names else "; make one with `pret train`")
    )


def save_folder(store: UPath, files_of: Callable[[str], Mapping[str, bytes]]) -> str:
    """The new version's name, the next free number; its folder appears complete or not at all.

    `files_of(version)` gives the files under that name; it is asked again if another saving took the number.
    A number is never given twice, not even that of a promoted version that was deleted. On a local disk the
    folder is written aside and renamed in one step. Object stores cannot rename: there the description is
    created first, which claims the number, and the checksums are written last: a folder without them is no
    version.
    """
    while True:
        version = f"v{_next_number(store):03d}"
        files = dict(files_of(version))
        files[SUMS_FILE] = sums_text(files)
        folder = version_folder(store, version)
        written = _renamed_into_place if is_local(folder) else _claimed_and_written
        if written(folder, files):
            return version


def _next_number(store: UPath) -> int:
    newest = latest(store)
    promoted = [int(name.removeprefix("v")) for name in (newest.sums if newest else ())]
    return max([*_numbers_taken(store), *promoted], default=0) + 1


def _claimed_and_written(folder: UPath, files: Mapping[str, bytes]) -> bool:
    try:
        create_bytes(folder / DESCRIPTION, files[DESCRIPTION])
    except FileExistsError:
        return False
    for name in sorted(files.keys() - {DESCRIPTION}, key=lambda name: (name == SUMS_FILE, name)):
        publish_bytes(folder / name, files[name])
    return True


def _renamed_into_place(folder: UPath, files: Mapping[str, bytes]) -> bool:
    _remove_abandoned(folder.parent)
    aside = folder.parent / f"{_ASIDE}{uuid.uuid4().hex}"
    aside.mkdir(parents=True)
    try:
        for name, data in files.items():
            publish_bytes(aside / name, data)
        os.rename(str(aside), str(folder))  # noqa: PTH104 - on the plain string, also for a local UPath
        sync_folder(folder.parent)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    finally:
        shutil.rmtree(str(aside), ignore_errors=True)
    return True


def _remove_abandoned(models: UPath) -> None:
    """Removes what savings that were killed left aside: it holds outcomes of clients."""
    for path in (models / name for name in names_in(models) if name.startswith(_ASIDE)):
        with suppress(FileNotFoundError):  # another saving has just got its name
            if path.stat().st_mtime < time.time() - _ABANDONED:
                shutil.rmtree(str(path), ignore_errors=True)
