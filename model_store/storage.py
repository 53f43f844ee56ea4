"""Files of a store: opened, read, and replaced in one step, on a local disk or any fsspec file system.

Belongs here: bytes and JSON in and out of a store. Does not: what the files mean (versions, scorebook).
"""

import errno
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from fsspec.parquet import open_parquet_file
from upath import UPath

Location = str | Path | UPath
"""A local path or an fsspec URL."""


def open_store(location: Location) -> UPath:
    """The store at a local path or fsspec URL (`s3://bucket/store`); nothing is created or read yet.

    A local URL (file://) is the path it names. Object stores are asked each time what they hold: fsspec would
    keep listings for as long as a process lives, and a reader would not see the next night. Errors: ValueError
    naming the package that this kind of URL needs (s3fs for s3://).
    """
    try:
        store = UPath(location)
    except ImportError as error:
        raise ValueError(f"{location} needs a package that is not installed: {error}") from error
    if store.protocol in ("file", "local"):
        return UPath(store.path)
    return store if is_local(store) else UPath(store, use_listings_cache=False)


def is_local(path: UPath) -> bool:
    """True for a path on a mounted file system, where a rename replaces a file in one step."""
    return isinstance(path, Path)


def opened(path: UPath, columns: Sequence[str] | None = None) -> AbstractContextManager[Any]:
    """A Parquet file, open for reading `columns` or all: of this machine mapped into memory, so that threads read
    side by side; of an object store fetched in one request, or in two for the columns alone."""
    source: AbstractContextManager[Any]
    if is_local(path):
        source = pa.memory_map(str(path))
    elif columns is None:
        source = pa.BufferReader(path.read_bytes())
    else:
        source = open_parquet_file(path.path, fs=path.fs, columns=list(columns), engine="pyarrow")
    return source


def read_ahead(path: UPath) -> None:
    """The system begins to read a local file that is wanted soon, all at once and beside other work: what is met in
    a file mapped into memory comes in small pieces, each of which is waited for."""
    if is_local(path) and hasattr(os, "posix_fadvise"):
        descriptor = os.open(str(path), os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_WILLNEED)
        finally:
            os.close(descriptor)


def names_in(folder: UPath) -> list[str]:
    """Names of what lies in a folder now, ascending; none if there is no such folder."""
    try:
        return sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def remove_folder(folder: UPath) -> None:
    """What lies in the folder is gone; an object store knows no folder that holds nothing."""
    with suppress(FileNotFoundError):
        folder.fs.rm(folder.path, recursive=True)


@contextmanager
def naming(path: UPath) -> Iterator[None]:
    """An OSError in the block names `path`: a full disk, met while writing, does not say which file it met."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


def publish_bytes(path: UPath, data: bytes) -> None:
    """`path` holds `data`; a reader at any instant sees the old file or the new one, whole.

    Local: written beside the target, forced to disk, then renamed over it. Object stores put objects whole.
    """
    if not is_local(path):
        path.write_bytes(data)
        return
    with naming(path):
        _replace(path, data)


def write_whole(path: UPath, data: bytes | memoryview) -> None:
    """As `publish_bytes`, but the disk may take its time: a power cut may lose what another process saw whole."""
    if not is_local(path):
        with path.open("wb") as file:
            file.write(data)
        return
    with naming(path):
        _replace(path, data, sync=False)


def create_bytes(path: UPath, data: bytes) -> None:
    """`path` holds `data`, on disk and whole, if nothing lay there: of writers at once exactly one succeeds.

    Errors: FileExistsError, and what lay there stays. Object stores are asked to create, never to overwrite.
    """
    if not is_local(path):
        path.fs.pipe_file(path.path, data, mode="create")
        return
    with naming(path):
        _create(path, data)


@contextmanager
def replacing(path: UPath) -> Iterator[IO[bytes]]:
    """A file to write: when the block ends `path` holds it, as with `publish_bytes`, but memory need not hold it
    all. What lay there stays if the block raises."""
    if not is_local(path):
        with tempfile.NamedTemporaryFile(prefix="pret-") as file:
            yield file
            file.flush()
            path.fs.put_file(file.name, path.path)
        return
    with naming(path), _aside(path) as (own, temporary):
        yield own
        _settle(own, sync=True)
        _rename(temporary, path)


def _replace(path: UPath, data: bytes | memoryview, sync: bool = True) -> None:
    with _aside(path) as (file, temporary):
        file.write(data)
        _settle(file, sync)
        _rename(temporary, path)


def _rename(temporary: str, path: UPath) -> None:
    os.replace(temporary, str(path))  # noqa: PTH105 - on the plain string, also for a local UPath


def _create(path: UPath, data: bytes) -> None:
    with _aside(path) as (aside, temporary):
        aside.write(data)
        _settle(aside, sync=True)
        try:
            os.link(temporary, str(path))
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links (an SMB share)
            with path.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        sync_folder(path.parent)


def link(path: UPath, beside: UPath) -> bool:
    """`beside` is the file at `path` under a second name, which outlives the first; False, and nothing there, on a
    file system without links (an object store, an SMB share)."""
    if not is_local(path):
        return False
    beside.parent.mkdir(parents=True, exist_ok=True)
    beside.unlink(missing_ok=True)
    try:
        os.link(str(path), str(beside))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENOENT):
            raise
        return False
    return True


def sync_folder(folder: UPath) -> None:
    """What was last created or renamed in a local folder is still there after a power cut."""
    descriptor = os.open(str(folder), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _aside(path: UPath) -> Iterator[tuple[IO[bytes], str]]:
    """A hidden file beside `path`, open for writing, and its name; gone after the block unless renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=str(path.parent), prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, temporary
    finally:
        Path(temporary).unlink(missing_ok=True)


def _settle(file: IO[bytes], sync: bool) -> None:
    """What was written is in the file, for all to read; with `sync` it is on disk."""
    file.flush()
    os.fchmod(file.fileno(), 0o644)
    if sync:
        os.fsync(file.fileno())


def remove_aside(folder: UPath, name: str = "") -> None:
    """Removes what a killed process left of `name` (of any file) that it was writing into a local folder: only for
    who knows that nobody else is writing it now. Object stores put objects whole and have nothing left over."""
    if is_local(folder) and folder.exists():
        for path in folder.iterdir():
            if path.name.startswith(f".{name}.") if name else path.name.startswith("."):
                path.unlink(missing_ok=True)


def publish_json(path: UPath, document: Mapping[str, object]) -> None:
    """`path` holds `document` as indented UTF-8 JSON, replaced in one step. NaN is refused (ValueError)."""
    publish_bytes(path, json_bytes(document))


def json_bytes(document: Mapping[str, object]) -> bytes:
    """`document` as indented UTF-8 JSON. NaN is refused (ValueError)."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def read_json(path: UPath) -> dict[str, object]:
    """The JSON object in `path`. Errors: FileNotFoundError; ValueError naming the file when it is not one."""
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:  # bytes that are no text are one too
        raise ValueError(f"{path} is not readable JSON ({error}); restore it from a backup") from error
    if not isinstance(document, dict):
        raise ValueError(f"{path} holds a {type(document).__name__}, expected a JSON object")
    return document
