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
