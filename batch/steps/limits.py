"""How much may differ before a night is not published: named limits with their reasons, from STORE/limits.toml.

Belongs here: the limits and reading them. Does not: the checks that compare a night with them (checks).
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import Field, dataclass, field, fields
from typing import Any

from upath import UPath

from batch.errors import JobError

LIMITS_FILE = "limits.toml"


def _limit(value: float, reason: str) -> Any:
    return field(default=value, metadata={"reason": reason})


@dataclass(frozen=True)
class Limits:
    """The largest figure that each check lets pass; the check of a limit has the limit's name.

    Shares are of 1. An index (PSI, CSI) passes, whatever its limit, while chance alone explains it.
    """

    rejected_rows: float = _limit(
        0.10,
        "share of a table's rows set aside; 5 % of the real bureau_balance months have no credit in bureau, twice "
        "that says that a file is wrong",
    )
    clients_gone: float = _limit(
        0.02, "share of last night's clients who are not there: they would be left without a decision"
    )
    clients_new: float = _limit(
        0.10, "new clients per client of last night: more than any day's intake is another extract"
    )
    missing_share: float = _limit(
        0.10,
        "points by which a feature is missing more often than in training: a source that stopped, or half of it",
    )
    score_psi_training: float = _limit(
        0.25,
        "PSI of the default probabilities against training; by custom, above 0.25 the population is another one",
    )
    score_psi_last_night: float = _limit(
        0.10, "PSI of the default probabilities against last night; a day does not change a base that much"
    )
    csi_training: float = _limit(0.25, "largest CSI of a feature against training; as for the scores")
    csi_last_night: float = _limit(0.10, "largest CSI of a feature against last night; as for the scores")
    csi_newcomers: float = _limit(
        0.25,
        "largest CSI of a feature, or PSI of the probabilities, of the clients who came since last night against "
        "training; a feed that broke for newcomers does not show in the whole base for months",
    )
    calibration_gap: float = _limit(
        0.02,
        "points by which the expected default rate of outcomes that became known lies outside the 99 % interval of "
        "the observed one; clients used in training do not count",
    )
    decision_flips: float = _limit(
        0.05, "share of last night's clients who get another decision: each one has to be told why"
    )


def reasons() -> dict[str, str]:
    """Why each limit exists, in the order of the limits."""
    return {entry.name: str(entry.metadata["reason"]) for entry in fields(Limits)}


def read_limits(store: UPath) -> Limits:
    """The limits of STORE/limits.toml (`decision_flips = 0.08`); the defaults for those that it does not state.

    Errors: JobError naming the file and the line that is no TOML, the unknown name or the value that is no limit.
    """
    path = store / LIMITS_FILE
    if not path.exists():
        return Limits()
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise JobError(f"{path} is not readable TOML: {error}") from error
    known = {entry.name: entry for entry in fields(Limits)}
    for name in stated:
        if name not in known:
            raise JobError(f"{path} states {name!r}, which is no limit; there are: {', '.join(known)}")
    return Limits(**{name: _number(path, known[name], value) for name, value in stated.items()})


def _number(path: UPath, limit: Field[Any], value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise JobError(
            f"{path}: {limit.name} is {value!r}, expected a number from 0, by default {limit.default}"
        )
    return float(value)
