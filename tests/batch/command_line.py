"""What a `pret` command answered, and the type of the fixture that runs one."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """Exit code, standard output, standard error."""

    code: int
    out: str
    err: str


Pret = Callable[..., Said]


def one_line(text: str) -> str:
    """The error line of a command, which must be its only line."""
    lines = [line for line in text.splitlines() if not line.startswith(("✓", "·"))]
    assert len(lines) == 1, text
    assert lines[0].startswith("error ")
    return lines[0]
