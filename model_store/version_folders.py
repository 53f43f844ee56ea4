"""Where versions lie in a store: their folders, their numbers, and which of them are complete.

Belongs here: names and folders. Does not: the files inside (versions), aliases.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import uuid
from collections.abc import Callable, Mapping

from upath import UPath

from model_store.checksums import SUMS_FILE, sums_text
from model_store.errors import ModelNotFound
from model_store.storage import is_local, publish_bytes

_VERSION = re.compile(r"v(\d{3,})")


def version_folder(store: UPath, version: str) -> UPath:
    """The folder of a version."""
    return store / "models" / version


def _numbers_taken(store: UPath) -> list[int]:
    models = store / "models"
    if not models.exists():
        return []
    names = [_VERSION.fullmatch(path.name) for path in models.iterdir()]
    return sorted(int(name.group(1)) for name in names if name)


def version_names(store: UPath) -> list[str]:
    """Versions that are complete, oldest first; a folder without checksums was never finished."""
    names = [f"v{number:03d}" for number in _numbers_taken(store)]
    return [name for name in names if (version_folder(store, name) / SUMS_FILE).exists()]


def require_version(store: UPath, version: str, aliases: Mapping[str, str] | None = None) -> str:
    """`version`, if the store has it. Errors: ModelNotFound listing versions and aliases."""
    names = version_names(store)
    if version in names:
        return version
    standing = ", ".join(f"{alias} = {name}" for alias, name in (aliases or {}).items())
    raise ModelNotFound(
        f"{store} has no model version {version!r}; it has {', '.join(names) or 'none'}"
        + (f" ({standing})" if standing else "")
        + ("" if names else "; make one with `pret train`")
    )


def save_folder(store: UPath, files_of: Callable[[str], Mapping[str, bytes]]) -> str:
    """The new version's name, the next free number; its folder appears complete or not at all.

    `files_of(version)` gives the files under that name; it is asked again if another saving took the number.
    On a local disk the folder is written aside and renamed in one step. Object stores cannot rename: there
    the checksums are written last, and a folder without them is no version.
    """
    while True:
        version = f"v{max(_numbers_taken(store), default=0) + 1:03d}"
        files = dict(files_of(version))
        files[SUMS_FILE] = sums_text(files)
        folder = version_folder(store, version)
        if not is_local(folder):
            for name in sorted(files, key=lambda name: name == SUMS_FILE):
                publish_bytes(folder / name, files[name])
            return version
        if _renamed_into_place(folder, files):
            return version


def _renamed_into_place(folder: UPath, files: Mapping[str, bytes]) -> bool:
    aside = folder.parent / f".saving-{uuid.uuid4().hex}"
    aside.mkdir(parents=True)
    try:
        for name, data in files.items():
            publish_bytes(aside / name, data)
        os.rename(str(aside), str(folder))  # noqa: PTH104 - on the plain string, also for a local UPath
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    finally:
        shutil.rmtree(str(aside), ignore_errors=True)
    return True
