"""SHA-256 sums over a folder: written when it is saved, compared with every byte when it is read.

Belongs here: the sums file and the refusal. Does not: what the files mean (records).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from upath import UPath

from model_store.errors import ModelDamaged
from model_store.storage import names_in

SUMS_FILE = "SHA256SUMS"
DESCRIPTION = "version.json"  # states, under "files", how many bytes every other file has
_WHAT_TO_DO = "restore the folder from a backup, or promote another version"


def sums_text(files: Mapping[str, bytes]) -> bytes:
    """The sums file of `files`, names ascending, in the format that `sha256sum --check` reads."""
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return "".join(lines).encode()


def read_verified(folder: UPath) -> dict[str, bytes]:
    """Every file of `folder` by name, without the sums file, each exactly as it was saved.

    The bytes returned are the bytes that were verified. Errors: ModelDamaged naming the file and what is wrong
    with it: missing, never part of it, cut short, grown, changed, or the file of another version.
    """
    found = {path.name: path for path in folder.iterdir()}
    if SUMS_FILE not in found:
        raise ModelDamaged(f"{folder} has no {SUMS_FILE}, so nothing in it can be trusted; {_WHAT_TO_DO}")
    sums = _read(found.pop(SUMS_FILE))
    saved = _saved_sums(folder, sums)
    for name in sorted(found.keys() | saved.keys()):
        if name not in found:
            raise ModelDamaged(f"{folder / name} is missing; {_WHAT_TO_DO}")
        if name not in saved:
            raise ModelDamaged(
                f"{folder / name} is not listed in {SUMS_FILE}: added, or the list was changed; {_WHAT_TO_DO}"
            )
    files = {name: _read(found[name]) for name in sorted(found)}
    for name, data in files.items():
        if hashlib.sha256(data).hexdigest() != saved[name]:
            wrong = _what_is_wrong(folder, name, files, saved, sums)
            raise ModelDamaged(f"{wrong}; {_WHAT_TO_DO}")
    if sums != sums_text(files):
        raise ModelDamaged(f"{folder / SUMS_FILE} was changed; {_WHAT_TO_DO}")
    return files


def _read(path: UPath) -> bytes:
    try:
        return path.read_bytes()
    except IsADirectoryError as error:
        raise ModelDamaged(f"{path} is a folder, expected a file; {_WHAT_TO_DO}") from error


def _what_is_wrong(
    folder: UPath, name: str, files: Mapping[str, bytes], saved: Mapping[str, str], sums: bytes
) -> str:
    data = files[name]
    digest = hashlib.sha256(data).hexdigest()
    for other, listed in _sums_of_others(folder).items():
        if listed == sums:
            return f"{folder / SUMS_FILE} is that of version {other}"
        if f"{digest}  ".encode() in listed:
            return f"{folder / name} is a file of version {other}, swapped or copied by hand"
    size = _stated_sizes(files, saved).get(name, len(data))
    unfinished = name == DESCRIPTION and not data.endswith(b"}\n")
    if len(data) < size or unfinished:
        return f"{folder / name} is cut short: it has {len(data):,} bytes" + (
            f", expected {size:,}" if not unfinished else ""
        )
    if len(data) > size:
        return f"{folder / name} has grown: it has {len(data):,} bytes, expected {size:,}"
    return f"{folder / name} was changed: it has SHA-256 {digest[:16]}…, expected {saved[name][:16]}…"


def _sums_of_others(folder: UPath) -> dict[str, bytes]:
    """The sums file of every other version, by the version's name."""
    others = (name for name in names_in(folder.parent) if name != folder.name)
    listed = {name: folder.parent / name / SUMS_FILE for name in others}
    return {name: path.read_bytes() for name, path in listed.items() if path.exists()}


def _stated_sizes(files: Mapping[str, bytes], saved: Mapping[str, str]) -> dict[str, int]:
    """Sizes as the description states them; none if the description itself is not as it was saved."""
    description = files.get(DESCRIPTION, b"")
    if hashlib.sha256(description).hexdigest() != saved.get(DESCRIPTION):
        return {}
    return dict(json.loads(description).get("files", {}))


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
