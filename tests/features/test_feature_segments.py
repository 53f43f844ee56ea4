"""The compiled loops on rows where loops go wrong: nothing, nothing known, infinity, one point in time."""

from __future__ import annotations

import numpy as np

from features.schemas import CLIENT, TABLES
from features.segments import (
    add_up,
    compiled,
    count_rows,
    deviations,
    extremes,
    last_known,
    look_up,
    recent,
    settled,
    slopes,
)
from features.vocabulary import CLOCK_OF, VIEW_COLUMNS, source_of

NAN, INF = np.nan, np.inf
VALUES = np.array([1.0, NAN, 5.0, NAN, NAN, INF, -2.0])
STARTS, COUNTS = np.array([0, 3, 5]), np.array([3, 2, 2])
EVERY = np.zeros(0, dtype=np.bool_)
SOME = np.array([False, True, True, True, True, True, False])


def test_sums_and_counts_leave_missing_out() -> None:
    """Known values are counted and added; of nothing known the sum is 0 and the count says so."""
    known, total = add_up(VALUES, EVERY, STARTS, COUNTS)
    assert known.tolist() == [2, 0, 2]
    assert total.tolist() == [6, 0, INF]
    assert add_up(VALUES, SOME, STARTS, COUNTS)[1].tolist() == [5, 0, INF]
    assert count_rows(SOME, STARTS, COUNTS).tolist() == [2, 2, 1]


def test_extremes_and_last_of_nothing_are_missing() -> None:
    """Smallest, largest and last known value; NaN where none is known, infinity where it is the value."""
    low, high = extremes(VALUES, EVERY, STARTS, COUNTS)
    np.testing.assert_array_equal(low, [1, NAN, -2])
    np.testing.assert_array_equal(high, [5, NAN, INF])
    np.testing.assert_array_equal(extremes(VALUES, SOME, STARTS, COUNTS)[0], [5, NAN, INF])
    np.testing.assert_array_equal(last_known(VALUES, EVERY, STARTS, COUNTS), [5, NAN, -2])
    np.testing.assert_array_equal(last_known(VALUES, SOME, STARTS, COUNTS), [5, NAN, INF])


def test_deviation_keeps_its_digits() -> None:
    """The spread around a large mean is not lost; of one value it is 0."""
    values = np.array([1e9, 1e9 + 2, NAN, 7.0])
    found = deviations(values, EVERY, np.array([0, 2]), np.array([2, 2]))
    assert found.tolist() == [1, 0]


def test_slope_needs_two_points_in_time() -> None:
    """Two values of one day have no slope, whatever rounding says; a line has its own."""
    times = np.array([-0.1, -0.1, -0.1, -3.0, -2.0, -1.0])
    values = np.array([1.0, 5.0, 9.0, 10.0, 12.0, 14.0])
    found = slopes(values, times, EVERY, np.array([0, 3]), np.array([3, 3]))
    np.testing.assert_allclose(found, [NAN, 2])


def test_recent_rows_are_the_end_of_each_client() -> None:
    """The oldest day itself is recent; missing days are not, and leave nothing where there is nothing else."""
    times = np.array([-400.0, -365.0, -2.0, NAN, NAN, -500.0, -366.0])
    first, found = recent(times, -365.0, np.array([0, 4, 5]), np.array([4, 1, 2]))
    assert found.tolist() == [2, 0, 0]
    assert first[0] == 1


def test_tables_are_sorted_by_their_clock() -> None:
    """Within a client the clock comes first: windows rely on it."""
    due_day = {"due_day": "DAYS_INSTALMENT"}
    for table, clock in CLOCK_OF.items():
        column = due_day[clock] if table in VIEW_COLUMNS else clock
        assert TABLES[source_of(table)].order[:2] == (CLIENT, column), table


def test_missing_category_reads_the_last_answer() -> None:
    """Each code reads its own answer, whatever type the codes come in; -1 reads the one for missing."""
    answers = np.array([7.0, 8.0, NAN])
    for kind in (np.int8, np.int32):
        found = look_up(answers, np.array([1, -1, 0, 1], dtype=kind))
        np.testing.assert_array_equal(found, [8, NAN, 7, 8])


def test_payments_of_an_instalment_are_added_up() -> None:
    """Known payments are added, the last known day is the day; nothing paid is 0 on no day."""
    paid, days = np.array([10.0, 5.0, NAN, NAN, 7.0]), np.array([-3.0, -9.0, NAN, NAN, -1.0])
    total, last = settled(paid, days, np.array([0, 2, 3]))
    assert total.tolist() == [15, 0, 7]
    np.testing.assert_array_equal(last, [-3, NAN, -1])


def test_loops_read_conditions_as_bytes() -> None:
    """A condition is 0 and 1: its sum is how often it holds."""
    late = np.array([True, False, True]).view(np.uint8)
    known, total = add_up(late, EVERY, np.array([0]), np.array([3]))
    assert (known.tolist(), total.tolist()) == ([3], [2])


def test_a_loop_that_cannot_be_kept_still_runs() -> None:
    """Where compiled code has no place on disk, it is compiled for this process and works."""
    scope: dict[str, object] = {}
    exec("def twice(value):\n    return 2 * value\n", scope)  # a function without a file cannot be kept
    twice = compiled(scope["twice"])  # type: ignore[type-var] # an object of unknown type
    assert twice(3) == 6  # type: ignore[operator] # as above
