"""The rows of a request as the frames that features are built from.

Belongs here: what must hold between the tables of one application. Does not: what must hold within a row
(features.frame_of_rows, shared with the nightly ingest).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import pandas as pd

from api.bodies import CellProblem, Row, ScoreRequest
from features import TABLES, InvalidRows, frame_of_rows

CLIENT = "SK_ID_CURR"


class UnusableRequest(ValueError):
    """The request's rows cannot be scored; `problems` names every table, row and column."""

    def __init__(self, problems: Sequence[CellProblem]) -> None:
        self.problems = list(problems)
        super().__init__(f"{len(self.problems)} value(s) of the request cannot be used")


def tables_of(request: ScoreRequest) -> dict[str, pd.DataFrame]:
    """The tables of `build_features`, typed as the night types them; tables without rows are left out.

    Errors: UnusableRequest with every problem of every table.
    """
    given: dict[str, list[Row]] = {
        name: [request.application] if name == "application" else getattr(request, name) for name in TABLES
    }
    frames: dict[str, pd.DataFrame] = {}
    problems: list[CellProblem] = []
    for name, rows in given.items():
        if not rows:
            continue
        try:
            frames[name] = frame_of_rows(name, rows)
        except InvalidRows as invalid:
            problems.extend(
                CellProblem(table=found.table, row=found.row, column=found.column, reason=found.reason)
                for found in invalid.problems
            )
    if not problems:
        problems = [*_foreign_rows(frames), *_repeated_keys(frames)]
    if problems:
        raise UnusableRequest(problems)
    return frames


def _foreign_rows(frames: Mapping[str, pd.DataFrame]) -> list[CellProblem]:
    """Rows of another client than the applicant, and months of a credit that bureau does not hold."""
    client = int(frames["application"][CLIENT].iloc[0])
    known = set(_column(frames, "bureau", "SK_ID_BUREAU"))
    others = (
        CellProblem(table=name, row=row, column=CLIENT, reason=f"is {found}, the application's is {client}")
        for name, frame in frames.items()
        if CLIENT in frame.columns
        for row, found in enumerate(frame[CLIENT])
        if found != client
    )
    orphans = (
        CellProblem(
            table="bureau_balance", row=row, column="SK_ID_BUREAU", reason=f"{found} has no row in bureau"
        )
        for row, found in enumerate(_column(frames, "bureau_balance", "SK_ID_BUREAU"))
        if found not in known
    )
    return list(chain(others, orphans))


def _repeated_keys(frames: Mapping[str, pd.DataFrame]) -> list[CellProblem]:
    """Rows whose key stands in an earlier row of the same table."""
    return [
        CellProblem(
            table=name,
            row=int(row),
            column=", ".join(TABLES[name].key),
            reason="repeats the key of an earlier row; send each row once",
        )
        for name, frame in frames.items()
        if TABLES[name].key
        for row in frame.duplicated(list(TABLES[name].key)).to_numpy().nonzero()[0]
    ]


def _column(frames: Mapping[str, pd.DataFrame], table: str, column: str) -> list[int]:
    """Identifiers in a column; none where the table has no rows."""
    return frames[table][column].tolist() if table in frames else []
