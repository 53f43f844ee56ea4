"""SHA-256 sums over a folder: written when it is saved, compared with every byte when it is read.

Belongs here: the sums file and the refusal. Does not: what the files mean (versions).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from upath import UPath

from model_store.errors import ModelDamaged

SUMS_FILE = "SHA256SUMS"


def sums_text(files: Mapping[str, bytes]) -> bytes:
    """The sums file of `files`, names ascending, in the format that `sha256sum --check` reads."""
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return "".join(lines).encode()


def read_verified(folder: UPath) -> dict[str, bytes]:
    """Every file of `folder` by name, without the sums file, each exactly as it was saved.

    The bytes returned are the bytes that were verified. Errors: ModelDamaged naming the file that is changed,
    missing or was never part of it.
    """
    found = {path.name: path for path in folder.iterdir()}
    if SUMS_FILE not in found:
        raise ModelDamaged(f"{folder} has no {SUMS_FILE}, so nothing in it can be trusted; {_WHAT_TO_DO}")
    sums = found.pop(SUMS_FILE).read_bytes()
    saved = _saved_sums(folder, sums)
    for name in sorted(found.keys() | saved.keys()):
        if name not in found:
            raise ModelDamaged(f"{folder / name} is missing; {_WHAT_TO_DO}")
        if name not in saved:
            raise ModelDamaged(
                f"{folder / name} is not listed in {SUMS_FILE}: added, or the list was changed; {_WHAT_TO_DO}"
            )
    files = {name: found[name].read_bytes() for name in sorted(found)}
    for name, data in files.items():
        digest = hashlib.sha256(data).hexdigest()
        if digest != saved[name]:
            raise ModelDamaged(
                f"{folder / name} has SHA-256 {digest[:16]}…, expected {saved[name][:16]}…; {_WHAT_TO_DO}"
            )
    if sums != sums_text(files):
        raise ModelDamaged(f"{folder / SUMS_FILE} was changed; {_WHAT_TO_DO}")
    return files


_WHAT_TO_DO = "restore the folder from a backup, or promote another version"


def _saved_sums(folder: UPath, sums: bytes) -> dict[str, str]:
    saved: dict[str, str] = {}
    if not sums.endswith(b"\n"):
        raise ModelDamaged(f"{folder / SUMS_FILE} ends in the middle of a line; {_WHAT_TO_DO}")
    for number, line in enumerate(sums.split(b"\n")[:-1], start=1):
        digest, gap, name = line[:64], line[64:66], line[66:]
        if gap != b"  " or not name or not name.isascii():
            raise ModelDamaged(f"line {number} of {folder / SUMS_FILE} is unreadable; {_WHAT_TO_DO}")
        saved[name.decode()] = digest.decode("ascii", errors="replace")
    return saved
