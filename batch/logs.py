"""What a job says for machines: one JSON object a line on standard error, if PRET_LOG=json or --log-json asks.

Belongs here: the format of a line. Does not: when something is said (console, commands).
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from typing import Any

VARIABLE = "PRET_LOG"


def for_machines() -> bool:
    """True if lines are wanted as JSON."""
    return os.environ.get(VARIABLE) == "json"


def log(event: str, level: str = "info", **facts: Any) -> None:
    """One line: time (UTC), level, event ("stage", "note", "night", "error"), then the facts."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    told = {"time": now, "level": level, "event": event, **facts}
    line = json.dumps(told, ensure_ascii=not _speaks_utf8(), default=str)
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - lines for machines, no console in between


def _speaks_utf8() -> bool:
    """Whatever else reads standard error gets \\u00e9 for é: the same JSON."""
    return (sys.stderr.encoding or "").lower().replace("_", "-") in ("utf-8", "utf8")
