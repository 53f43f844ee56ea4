"""Processes that tests stop in the middle of their work, and pipes that hold them there."""

import fcntl
import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SECONDS = 60.0
"""A limit for what takes a second or two: reached only if something hangs."""


def _hear_interrupts() -> None:
    """A job started in the background, as CI may be, inherits that Ctrl-C is ignored; a terminal's does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def running(
    command: Sequence[str], environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own, killed at the end of the block if it still runs."""
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_hear_interrupts
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Returns when `ready`; fails if the process ends before."""
    limit = time.monotonic() + SECONDS
    while not ready():
        assert process.poll() is None, (
            f"the process ended before it could be stopped: {process.communicate()}"
        )
        assert time.monotonic() < limit, f"not ready within {SECONDS} s"


@contextmanager
def dripping(path: Path, beginning: bytes) -> Iterator[int]:
    """In place of the file at `path` a pipe that gives the beginning and then nothing more, until closed."""
    path.unlink()
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # both ends, so that neither side waits for the other
    try:
        os.write(pipe, beginning)
        yield pipe
    finally:
        os.close(pipe)


def is_read(pipe: int) -> bool:
    """True once somebody has read all that the pipe gave."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4), sys.byteorder) == 0
