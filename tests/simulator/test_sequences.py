"""Rows of a history are drawn column by column from trees, and remember what came before."""

import numpy as np
import pandas as pd
import pytest

from simulator.columns import (
    NO_ROWS,
    NOTHING,
    Column,
    History,
    drawn_rows,
    features_of,
    runs_of,
    runs_of_spells,
    trees_from,
)
from simulator.facts import Floats
from simulator.sequences import (
    ADD,
    AT_LEAST,
    CUT,
    FIRST_KNOWN,
    LARGER,
    MISSING,
    OR_ELSE,
    OVER,
    PER,
    SCALE,
    SHRINK,
    SMALLER,
    SPAN,
    SUBTRACT,
    TIMES,
    Drivers,
    Runs,
    make,
)

TOY = History(
    "toy",
    client=("rich",),
    columns=(
        Column("amount", causes=(0.6, 0.0, 0.0, 0.0)),
        Column("total", operation=ADD, operands=("last:total", "amount"), initial=0.0),
        Column("word", values=("no", "yes")),
    ),
)
# amount: 0 to 10 for the poor, 100 or missing for the rich; word: "no" where no row is before.
NODES = pd.DataFrame(
    [
        ("amount", "rich", 0.5, 1, 2, np.nan, np.nan),
        ("amount", "", np.nan, 0, 1, 0.0, 1.0),
        ("amount", "", np.nan, 1, 3, 0.0, 1.0),
        ("word", "last:word", -1.0, 4, 5, np.nan, np.nan),
        ("word", "", np.nan, 3, 4, 0.0, 1.0),
        ("word", "", np.nan, 4, 5, 0.0, 1.0),
    ],
    columns=["column", "feature", "threshold", "left", "right", "usual", "spread"],
)
PIECES = pd.DataFrame(
    [
        (0.0, 10.0, 1000.0),
        (np.nan, np.nan, 250.0),
        (100.0, 100.0, 1000.0),
        (0.0, 0.0, 1000.0),
        (1.0, 1.0, 1000.0),
    ],
    columns=["low", "high", "share"],
)


def draw(runs: Runs, drivers: Floats | None = None) -> Floats:
    """Rows of the toy history."""
    clients = len(runs.starts) - 1
    drivers = np.random.default_rng(2).normal(size=(clients, 3)) * 0.6 if drivers is None else drivers
    causes = Drivers(
        drivers, np.array([0.8, 1.0, 1.0]), np.zeros(clients), np.zeros(3), np.array([0.8, 1.0, 1.0])
    )
    return drawn_rows(TOY, trees_from(TOY, NODES, PIECES), np.random.default_rng(1), runs, causes, NOTHING)


@pytest.mark.parametrize(
    ("operation", "a", "b", "constant", "expected"),
    [
        (ADD, 2.0, 3.0, 0.0, 5.0),
        (SUBTRACT, 2.0, 3.0, 0.0, -1.0),
        (TIMES, 2.0, 3.0, 0.0, 6.0),
        (TIMES, MISSING, 3.0, 0.0, MISSING),
        (OVER, 6.0, 3.0, 0.0, 2.0),
        (OVER, 6.0, 0.0, 0.0, 0.0),
        (PER, 6.0, 0.0, 0.0, 6.0),
        (SHRINK, -100.0, 0.25, 0.0, -75.0),
        (SPAN, 50.0, -100.0, 0.0, 100.0),
        (SPAN, MISSING, -100.0, 0.0, 100.0),
        (SPAN, -40.0, -100.0, 0.0, 60.0),
        (CUT, 40.0, 0.0, 100.0, 0.0),
        (CUT, MISSING, 0.0, 100.0, MISSING),
        (CUT, 140.0, 0.0, 100.0, 140.0),
        (SMALLER, 2.0, 3.0, 0.0, 2.0),
        (LARGER, 2.0, 3.0, 0.0, 3.0),
        (AT_LEAST, -3.0, 0.0, 0.0, 0.0),
        (AT_LEAST, MISSING, 0.0, 0.0, MISSING),
        (FIRST_KNOWN, MISSING, 4.0, 0.0, 4.0),
        (FIRST_KNOWN, 3.0, 4.0, 0.0, 3.0),
        (OR_ELSE, MISSING, 0.0, 7.0, 7.0),
        (SCALE, 2.0, 0.0, 30.0, 60.0),
    ],
)
def test_made_columns(operation: int, a: float, b: float, constant: float, expected: float) -> None:
    """Each operation by example, missing operands included."""
    assert make(operation, a, b, constant) == expected


def test_leaves_give_their_shares() -> None:
    """A stretch is even, a frequent value and missing come as often as the leaf says, and the row before counts."""
    counts = np.full(2_000, 5)
    rich = np.repeat([0.0, 1.0], 1_000)
    drawn = draw(runs_of(counts, [rich]))
    amount = drawn[:, 0].reshape(2_000, 5)
    poor = amount[:1_000].ravel()
    assert poor.min() >= 0
    assert poor.max() <= 10
    assert np.quantile(poor, [0.25, 0.5, 0.75]) == pytest.approx([2.5, 5.0, 7.5], abs=0.3)
    assert np.isnan(amount[1_000:]).mean() == pytest.approx(0.25, abs=0.03)
    assert set(amount[1_000:][~np.isnan(amount[1_000:])]) == {100.0}
    total = drawn[:5_000, 1].reshape(1_000, 5)
    assert np.allclose(total, amount[:1_000].cumsum(axis=1))
    assert np.array_equal(drawn[:, 2].reshape(2_000, 5)[0], [0, 1, 1, 1, 1])


def test_causes_move_values() -> None:
    """A client whose causes stand high gets high values."""
    runs = runs_of(np.full(500, 4), [np.zeros(500)])
    drivers = np.zeros((500, 3))
    drivers[:, 0] = np.linspace(-1.5, 1.5, 500)
    amount = draw(runs, drivers)[:, 0].reshape(500, 4).mean(axis=1)
    assert np.corrcoef(amount, drivers[:, 0])[0, 1] > 0.8


def test_memory_is_that_of_a_plain_loop() -> None:
    """What trees look at equals a row-by-row computation: last row, averages of the spell and of all before."""
    rng = np.random.default_rng(3)
    history = History(
        "seen", client=("c",), spell=("s",), columns=(Column("n"), Column("w", values=("a", "b", "c")))
    )
    owner, lengths = np.array([0, 0, 2]), np.array([3, 2, 4])
    runs = runs_of_spells(
        owner, 3, lengths, [np.array([5.0, np.nan, 7.0])], NO_ROWS, [np.array([1.0, 2.0, 3.0])]
    )
    given = np.column_stack([rng.normal(size=9).round(2), rng.integers(0, 3, 9)])
    given[[1, 6], 0] = np.nan
    features = features_of(history, given, runs)
    found = pd.DataFrame(features, columns=history.features)
    assert list(found["c"]) == [1.0] * 5 + [3.0] * 4
    assert list(found["s"]) == [5.0] * 3 + [MISSING] * 2 + [7.0] * 4
    assert list(found["place"]) == [0, 1, 2, 0, 1, 0, 1, 2, 3]
    assert list(found["left"]) == [2, 1, 0, 1, 0, 3, 2, 1, 0]
    assert list(found["place_in_run"]) == [0, 1, 2, 3, 4, 0, 1, 2, 3]
    spells, clients = [[0, 1, 2], [3, 4], [5, 6, 7, 8]], [[0, 1, 2, 3, 4], [5, 6, 7, 8]]
    for kind, runs_of_rows in (("", spells), ("_run", clients)):
        for rows in runs_of_rows:
            for k, row in enumerate(rows):
                before = given[rows[:k]]
                known = before[~np.isnan(before[:, 0]), 0]
                mean = np.mean(np.sign(known) * np.log1p(np.abs(known))) if len(known) else 0.0
                assert found[f"mean{kind}:n"][row] == pytest.approx(mean)
                gone = np.mean(np.isnan(before[:, 0]) | (before[:, 0] == 0)) if k else 0.0
                assert found[f"rest{kind}:n"][row] == pytest.approx(gone)
                assert found[f"mean{kind}:w"][row] == pytest.approx(np.mean(before[:, 1] == 0) if k else 0.0)
                assert found[f"rest{kind}:w"][row] == pytest.approx(np.mean(before[:, 1] == 1) if k else 0.0)
    for rows in spells:
        assert found["last:n"][rows[0]] == MISSING
        for row in rows[1:]:
            expected = given[row - 1, 0]
            assert found["last:n"][row] == (MISSING if np.isnan(expected) else expected)


def test_nobody_has_no_rows() -> None:
    """Clients without rows draw nothing, and the others are not shifted."""
    drawn = draw(runs_of(np.array([0, 2, 0, 1, 0]), [np.array([1.0, 0.0, 1.0, 0.0, 1.0])]))
    assert drawn.shape == (3, 3)
    assert (drawn[:, 0] <= 10).all()
    assert draw(runs_of(np.zeros(2, dtype=np.int64), [np.zeros(2)])).shape == (0, 3)
