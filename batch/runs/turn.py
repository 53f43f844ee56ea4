"""One night at a time in a store: STORE/night.lock says which process has its turn.

Belongs here: taking, keeping, giving back and removing the lock. Does not: whether a process lives (owners).
"""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

from upath import UPath

from batch.console import Progress
from batch.errors import JobError, NightRunning
from batch.owners import Owner, is_gone, may_be_seen, owner_of, this_process
from model_store.storage import create_bytes, is_local, json_bytes, naming, read_json, remove_aside

LOCK = "night.lock"


@dataclass(frozen=True)
class Lock:
    """Who has the turn, and since when by its own clock: told to people, never compared with another time."""

    owner: Owner
    since: str

    @property
    def told(self) -> str:
        """In words."""
        return f"{self.owner.who} on {self.owner.host}, process {self.owner.pid}, since {self.since}"


@contextmanager
def one_at_a_time(store: UPath, progress: Progress) -> Iterator[None]:
    """The turn in this store while the block runs; the lock of a process that is gone is taken over with a note.

    Errors: NightRunning if another process has the turn, or may have it on another machine.
    """
    mine = Lock(this_process(), datetime.now(UTC).isoformat(timespec="seconds"))
    with _guarded(store):
        held = read_lock(store)
        if held is not None:
            if not is_gone(held.owner):
                raise NightRunning(_refusal(store, held))
            progress.note(f"the lock of {held.told} is taken over: that process is gone")
            (store / LOCK).unlink()
        remove_aside(store, LOCK)
        try:
            create_bytes(store / LOCK, json_bytes({**mine.owner.document, "since": mine.since}))
        except FileExistsError:
            other = read_lock(store)
            raise NightRunning(_refusal(store, other) if other else "another night just began") from None
    try:
        yield
    finally:
        with suppress(OSError, ValueError):  # what goes wrong in the block is what to tell
            if read_lock(store) == mine:  # not where somebody removed it and another night has begun
                (store / LOCK).unlink()


def read_lock(store: UPath) -> Lock | None:
    """The lock that lies in a store. Errors: ValueError naming a file that is none."""
    path = store / LOCK
    try:
        document = read_json(path)
    except FileNotFoundError:
        return None
    except ValueError:  # what is to be done is the same as for any other text in it
        document = {}
    owner = owner_of(document)
    if owner is None:
        raise ValueError(f"{path} is no lock of a night; look whether one runs, then remove the file")
    return Lock(owner, str(document.get("since")))


def unlock(store: UPath) -> Lock:
    """Removes the lock and returns it. Errors: JobError if there is none, or its night is known to run."""
    with _guarded(store):
        held = read_lock(store)
        if held is None:
            raise JobError(f"{store} has no {LOCK}: no night runs there, nothing is to be unlocked")
        if may_be_seen(held.owner) and not is_gone(held.owner):
            pid = held.owner.pid
            raise JobError(f"the night of {held.told} runs on this machine: end it first (kill {pid})")
        (store / LOCK).unlink()
    return held


def _refusal(store: UPath, held: Lock) -> str:
    return (
        f"a night is running in {store}: {held.told}; nothing was done. If that process is gone for certain: "
        f'pret runs unlock --store {quote(str(store))} --why "…"'
    )


@contextmanager
def _guarded(store: UPath) -> Iterator[None]:
    """Of processes of this machine one at a time looks at the lock; the system lets go of it whatever happens."""
    if is_local(store):
        path = Path(str(store)) / f".guard-of-{LOCK}"
    else:
        name = hashlib.sha256(str(store).encode()).hexdigest()[:16]
        path = Path(tempfile.gettempdir()) / f"pret-{name}.guard"
    with naming(UPath(path)):
        file = path.open("ab")
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
