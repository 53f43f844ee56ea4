"""Which process holds something, written so that another one can tell later whether it still lives.

Belongs here: naming a process, and knowing for certain that one is gone. Does not: what is held (turn, record).
"""

from __future__ import annotations

import getpass
import hashlib
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

_MACHINE, _BOOT = Path("/etc/machine-id"), Path("/proc/sys/kernel/random/boot_id")
_PROCESSES = Path("/proc/self/ns/pid")
_STATE, _STARTED = 0, 19  # fields of /proc/PID/stat after the name, proc_pid_stat(5)


@dataclass(frozen=True)
class Owner:
    """A process: who runs it, on which machine since which start of it, its number, when it began.

    `began` counts clock ticks since the machine started: it tells two processes of one number apart, and no change
    of the clock touches it. "" where the system does not say.
    """

    who: str
    host: str
    machine: str
    boot: str
    processes: str
    pid: int
    began: str

    @property
    def document(self) -> dict[str, object]:
        """As JSON."""
        return asdict(self)


def this_process() -> Owner:
    """The process that asks."""
    pid = os.getpid()
    return Owner(
        who=person(),
        host=socket.gethostname(),
        machine=hashlib.sha256(_text(_MACHINE).encode()).hexdigest()[:16],  # itself it is confidential
        boot=_text(_BOOT),
        processes=_namespace(),
        pid=pid,
        began=_began(pid),
    )


def owner_of(document: Mapping[str, object]) -> Owner | None:
    """The process that a document names; None for one written before processes were."""
    told = {field.name: str(document.get(field.name, "")) for field in fields(Owner)}
    if not told["pid"].isdecimal():
        return None
    pid = int(told.pop("pid"))
    return Owner(pid=pid, **told)


def is_gone(owner: Owner) -> bool:
    """True only if it is certain that the process ended: it ran on this machine, which was restarted since or has
    no such process. False for one of another machine or of another container."""
    here = this_process()
    if (owner.host, owner.machine) != (here.host, here.machine):
        return False
    return owner.boot != here.boot or (may_be_seen(owner) and not _lives(owner))


def may_be_seen(owner: Owner) -> bool:
    """True for a process that is seen from here as long as it lives: of this machine, not in another container."""
    here = this_process()
    seen = ("host", "machine", "boot", "processes")
    return all(getattr(owner, name) == getattr(here, name) for name in seen)


def _lives(owner: Owner) -> bool:
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        pass
    return _began(owner.pid) == owner.began


def _began(pid: int) -> str:
    """When a process began; "" for one that ended and waits for its parent to ask, and where there is no /proc."""
    stat = _text(Path(f"/proc/{pid}/stat"))
    fields = stat.rpartition(")")[2].split()  # the name before may hold anything
    return "" if not fields or fields[_STATE] in "ZX" else fields[_STARTED]


def age() -> float:
    """Seconds since this process began, its libraries not loaded yet; 0 where the system does not say."""
    began = _began(os.getpid())
    if not began:
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(began) / os.sysconf("SC_CLK_TCK")


def _namespace() -> str:
    try:
        return str(_PROCESSES.readlink())
    except OSError:
        return ""


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def person() -> str:
    """Who types: the login name, for histories and records."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
