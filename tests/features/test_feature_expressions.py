"""The language of features: missing stays missing, nothing raises, comparisons with missing are false."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.expressions import (
    Condition,
    Number,
    as_number,
    col,
    divide,
    largest_of,
    mean_of,
    parts_of,
    smallest_of,
    spread_of,
    sum_of,
)
from features.rows import Rows, segments_of

NAN = np.nan
A, B, C, KIND = col("a"), col("b"), col("c"), col("kind")
COLUMNS: dict[str, Any] = {
    "a": [6.0, 6.0, NAN, -2.0, 0.0],
    "b": [3.0, 0.0, 5.0, NAN, 0.0],
    "c": [1.0, NAN, NAN, NAN, NAN],
    "kind": ["red", "XNA", None, "blue", ""],
}


def evaluated(expression: Number, columns: dict[str, Any] | None = None) -> list[float]:
    rows = Rows("made up", columns or COLUMNS, segments_of(np.arange(5)))
    return [float(value) for value in rows.value(expression)]


NUMBERS: list[tuple[str, Number, list[float]]] = [
    ("column", A, [6, 6, NAN, -2, 0]),
    ("sum", A + B, [9, 6, NAN, NAN, 0]),
    ("difference", A - 1, [5, 5, NAN, -3, -1]),
    ("product", A * B, [18, 0, NAN, NAN, 0]),
    ("quotient, by zero", A / B, [2, NAN, NAN, NAN, NAN]),
    ("quotient by a constant", A / 4, [1.5, 1.5, NAN, -0.5, 0]),
    ("quotient by constant zero", A / 0, [NAN] * 5),
    ("negation", -A, [-6, -6, NAN, 2, 0]),
    ("floor", A.at_least(1), [6, 6, NAN, 1, 1]),
    ("ceiling", A.at_most(1), [1, 1, NAN, -2, 0]),
    ("otherwise", A.or_else(9), [6, 6, 9, -2, 0]),
    ("constant", as_number(7), [7] * 5),
    ("condition as a number", (A > 0) + 1, [2, 2, 1, 1, 1]),
    ("mean of the known", mean_of(A, B, C), [10 / 3, 3, 5, -2, 0]),
    ("smallest of the known", smallest_of(A, B, C), [1, 0, 5, -2, 0]),
    ("largest of the known", largest_of(A, B, C), [6, 6, 5, -2, 0]),
    ("spread of the known", spread_of(A, B, C), [5, 6, 0, 0, 0]),
    ("sum of the known", sum_of(A, B, C), [10, 6, 5, -2, 0]),
    ("none known", sum_of(C, C), [2, NAN, NAN, NAN, NAN]),
    ("column and constant", largest_of(A, as_number(1)), [6, 6, 1, 1, 1]),
    ("expressions within", mean_of(A / B, A - B), [2.5, 6, NAN, NAN, 0]),
    ("category's place", KIND.code_in(("blue", "red")), [1, NAN, NAN, 0, NAN]),
]
CONDITIONS: list[tuple[str, Condition, list[float]]] = [
    ("less", A < 6, [0, 0, 0, 1, 1]),
    ("at most", A <= 6, [1, 1, 0, 1, 1]),
    ("more", A > 0, [1, 1, 0, 0, 0]),
    ("at least", A >= 0, [1, 1, 0, 0, 1]),
    ("between columns", A > B, [1, 1, 0, 0, 0]),
    ("of a quotient by zero", A / B <= 99, [1, 0, 0, 0, 0]),
    ("missing", A.is_missing(), [0, 0, 1, 0, 0]),
    ("not", ~(A > 0), [0, 0, 1, 1, 1]),
    ("and", (A > 0) & (B > 0), [1, 0, 0, 0, 0]),
    ("or", (A > 0) | (B > 0), [1, 1, 1, 0, 0]),
    ("one of", KIND.is_in("red", "green"), [1, 0, 0, 0, 0]),
    ("one of, spelt as missing", KIND.is_in("XNA"), [0, 1, 0, 0, 0]),
    ("no category", KIND.has_no_category(), [0, 1, 1, 0, 1]),
]


@pytest.mark.parametrize(("expression", "expected"), [n[1:] for n in NUMBERS], ids=[n[0] for n in NUMBERS])
def test_number(expression: Number, expected: list[float]) -> None:
    """Arithmetic on rows: a missing part or a division by zero gives missing, without a warning."""
    np.testing.assert_allclose(evaluated(expression), expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("condition", "expected"), [c[1:] for c in CONDITIONS], ids=[c[0] for c in CONDITIONS]
)
def test_condition(condition: Condition, expected: list[float]) -> None:
    """Conditions are 1 or 0; whatever is compared with missing is 0."""
    assert evaluated(condition) == expected
    assert Rows("made up", COLUMNS, segments_of(np.arange(5))).mask(condition).dtype == np.bool_


@pytest.mark.parametrize(
    "kinds",
    [
        pd.Series(COLUMNS["kind"], dtype="category"),
        pd.Series(COLUMNS["kind"], dtype="string"),
        pd.Series(COLUMNS["kind"], dtype=object),
        pd.Series(COLUMNS["kind"], dtype=pd.CategoricalDtype(["", "unused", "red", "blue", "XNA"])),
    ],
    ids=["category", "string", "object", "categories in another order"],
)
def test_categories_are_read_by_name_in_any_type(kinds: pd.Series) -> None:
    """A category is its name, whatever codes the frame happens to use."""
    columns = COLUMNS | {"kind": kinds}
    assert evaluated(KIND.is_in("red"), columns) == [1, 0, 0, 0, 0]
    assert evaluated(KIND.has_no_category(), columns) == [0, 1, 1, 0, 1]
    np.testing.assert_array_equal(evaluated(KIND.code_in(("blue", "red")), columns), [1, NAN, NAN, 0, NAN])


def test_numbers_are_read_in_any_type() -> None:
    """Integers, nullable integers and float32 read as the same float64 numbers."""
    for values in (
        pd.Series([6, 6, None, -2, 0], dtype="Int64"),
        pd.Series([6, 6, NAN, -2, 0], dtype=np.float32),
        pd.Series([6, 6, None, -2, 0], dtype=object),
    ):
        np.testing.assert_array_equal(evaluated(A, COLUMNS | {"a": values}), COLUMNS["a"])


def test_division_leaves_its_arguments_alone() -> None:
    """divide makes new numbers; the divisor keeps its zero."""
    left, right = np.array([1.0, 2.0]), np.array([0.0, 4.0])
    np.testing.assert_array_equal(divide(left, right), [NAN, 0.5])
    np.testing.assert_array_equal(right, [0.0, 4.0])


def test_columns_read_are_known() -> None:
    """An expression tells every column it reads, however deep."""
    expression = mean_of((A / B).at_least(0), -C).or_else(1) + (KIND.is_in("red") & ~KIND.has_no_category())
    assert expression.columns() == {"a", "b", "c", "kind"}
    assert KIND.code_in(("red",)).columns() == {"kind"}
    assert as_number(3).columns() == frozenset()
    assert set(parts_of(A / B)) == {A / B, A, B}


def test_expressions_are_values() -> None:
    """Two expressions written alike are equal, hash alike and print alike; others are not."""
    assert (A / B).at_least(0) == (A / B).at_least(0)
    assert len({A / B, A / B, B / A, A - B}) == 3
    assert repr(A / B) == repr(col("a") / col("b"))
    assert KIND.is_in("red") != KIND.is_in("blue")
    assert KIND.has_no_category() != KIND


def test_bare_expressions_do_not_evaluate() -> None:
    """The two base classes are no expressions: using one says so."""
    rows = Rows("made up", COLUMNS, segments_of(np.arange(5)))
    with pytest.raises(TypeError, match="Number is not an expression"):
        rows.value(Number())
    with pytest.raises(TypeError, match="Condition is not a condition"):
        rows.mask(Condition())
