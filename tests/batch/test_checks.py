"""Checks: each one made to fail on its own, saying what was found and what is allowed."""

from dataclasses import replace

import numpy as np
import pytest

from batch.checks import REJECTED_SHARE, Check, run_checks
from batch.ingest import Ingest
from batch.scoring import ShardScores


def scored(probability: list[float], clients: list[int] | None = None) -> list[ShardScores]:
    """Two shards with these probabilities."""
    ids = np.array(clients or range(1, len(probability) + 1), dtype=np.int64)
    values = np.array(probability)
    halves = (slice(None, len(ids) // 2), slice(len(ids) // 2, None))
    return [ShardScores(ids[half], values[half], {"accept": 1}, 0) for half in halves]


def failed(ingested: Ingest, shards: list[ShardScores]) -> list[Check]:
    return [check for check in run_checks(ingested, shards) if not check.passed]


@pytest.fixture
def four(plain: Ingest) -> Ingest:
    """An ingest that counted four clients."""
    return replace(plain, document={**plain.document, "clients": 4})


GOOD = [0.1, 0.2, 0.3, 0.4]


def test_a_sound_night_passes_every_check(four: Ingest) -> None:
    """Count, missing, range, and one share of rejected rows for each of the seven tables."""
    checks = run_checks(four, scored(GOOD))
    assert [check.name for check in checks if not check.passed] == []
    assert len(checks) == 3 + 7


@pytest.mark.parametrize(
    ("probability", "clients", "name", "found"),
    [
        (GOOD[:3], None, "client_count", "3 clients, each once"),
        ([*GOOD, 0.5], None, "client_count", "5 clients, each once"),
        (GOOD, [1, 2, 3, 3], "client_count", "4 clients, some twice"),
        ([0.1, np.nan, 0.3, np.nan], None, "missing_scores", "2 clients without a probability"),
        ([0.1, 0.2, 0.3, 1.0], None, "probability_range", "0.100000 to 1.000000"),
        ([0.0, 0.2, 0.3, 0.4], None, "probability_range", "0.000000 to 0.400000"),
        ([0.1, 0.2, np.inf, 0.4], None, "probability_range", "0.100000 to inf"),
        ([-0.1, 0.2, 0.3, 0.4], None, "probability_range", "-0.100000 to 0.400000"),
        ([0.2, 0.2, 0.2, 0.2], None, "probability_range", "0.200000 to 0.200000"),
    ],
)
def test_a_fault_fails_its_check_alone(
    probability: list[float], clients: list[int] | None, name: str, found: str, four: Ingest
) -> None:
    """The check that is about the fault, no other, says what it found."""
    assert [(check.name, check.found) for check in failed(four, scored(probability, clients))] == [
        (name, found)
    ]


def test_no_probability_at_all_fails_two_checks(four: Ingest) -> None:
    """All missing is neither complete nor within a range."""
    names = [check.name for check in failed(four, scored([np.nan] * 4))]
    assert names == ["missing_scores", "probability_range"]


@pytest.mark.parametrize(("rejected", "passes"), [(10, True), (11, False)])
def test_a_tenth_of_the_rows_may_be_set_aside(rejected: int, passes: bool, four: Ingest) -> None:
    """10 of 100 rows pass, 11 of 101 do not; both reasons of a table count together."""
    document = {**four.document, "rows": {"bureau": 90}, "rejected": {"bureau": {"a": 4, "b": rejected - 4}}}
    checks = failed(replace(four, document=document), scored(GOOD))
    assert REJECTED_SHARE == 0.10
    assert (checks == []) == passes
    if not passes:
        assert checks == [Check("rejected_rows.bureau", False, "11 of 101 rows (10.89%)", "at most 10%")]
