"""Here: keeping the numbers of drawn rows within the published smallest and largest values of their columns.
Not here: the figures themselves (derive_report.py), how near a portfolio comes to them (report_checks.py).
"""

from functools import cache

import numpy as np

from simulator.facts import Bools, Coded, Floats, Rows, read_facts


@cache
def read_ranges(table: str) -> dict[str, tuple[float, float]]:
    """Smallest and largest value on the full data of the columns for which they are published."""
    facts = read_facts("report_ranges")
    own = facts[facts["table"] == table]
    return {
        str(column): (float(low), float(high))
        for column, low, high in own[["column", "lowest", "highest"]].itertuples(index=False)
    }


def within_ranges(table: str, rows: Rows) -> Rows:
    """The rows, numbers beyond a published end moved onto it; missing stays missing."""
    return rows | {
        column: np.clip(_numbers(rows, column), *ends)
        for column, ends in read_ranges(table).items()
        if column in rows
    }


def application_within_ranges(rows: Rows, came_unknown: Bools) -> Rows:
    """The same of applications: those who came as test clients keep to the smaller ranges of the test table."""
    train, test = (within_ranges(f"application_{part}", rows) for part in ("train", "test"))
    numbers = {column for part in ("train", "test") for column in read_ranges(f"application_{part}")} & set(
        rows
    )
    return rows | {
        column: np.where(came_unknown, _numbers(test, column), _numbers(train, column)) for column in numbers
    }


def _numbers(rows: Rows, column: str) -> Floats:
    """A number column as it is, whole numbers included."""
    found = rows[column]
    if isinstance(found, Coded):
        raise TypeError(
            f"{column} holds texts, but facts/report_ranges.csv has a range for it; run simulator.derive_report"
        )
    return found  # type: ignore[return-value]  # Ints stay Ints
