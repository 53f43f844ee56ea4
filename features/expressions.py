"""The small language in which features say what they measure: columns, arithmetic, conditions.

Belongs here: expressions as values (comparable, hashable, printable) and how they are evaluated on rows.
Does not: which features exist (catalogue), how rows of a client are aggregated (aggregations).

An expression never raises on data: a missing operand gives missing, a division by zero gives missing, a
comparison with missing is false. Numbers are float64 arrays with NaN for missing; conditions are bool arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from features.vocabulary import DeclarationError

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Operand = "Number | float | int"


class RowsLike(Protocol):
    """What an expression reads from: cleaned columns by name."""

    def number(self, column: str) -> Numbers: ...
    def category_codes(self, column: str, categories: Sequence[str]) -> Numbers: ...
    def category_in(self, column: str, values: Sequence[str]) -> Mask: ...
    def category_missing(self, column: str) -> Mask: ...


class Number:
    """A number per row. Built with `col(...)`, numbers and operators; evaluated with `evaluate(rows)`."""

    def evaluate(self, rows: RowsLike) -> Numbers:
        raise TypeError(f"{type(self).__name__} is not an expression that can be evaluated")

    def operands(self) -> tuple[Number, ...]:
        """The expressions it is made of; none for a column, a category or a constant."""
        return ()

    def columns(self) -> frozenset[str]:
        """Names of the columns read."""
        return frozenset().union(*(operand.columns() for operand in self.operands()))

    def __bool__(self) -> bool:
        raise DeclarationError(
            f"{self!r} is known row by row: join conditions with &, | and ~, not and, or, not"
        )

    def __add__(self, other: Number | float) -> Number:
        return Arithmetic("+", self, as_number(other))

    def __sub__(self, other: Number | float) -> Number:
        return Arithmetic("-", self, as_number(other))

    def __mul__(self, other: Number | float) -> Number:
        return Arithmetic("*", self, as_number(other))

    def __truediv__(self, other: Number | float) -> Number:
        return Arithmetic("/", self, as_number(other))

    def __neg__(self) -> Number:
        return Arithmetic("-", Constant(0.0), self)

    def __lt__(self, other: Number | float) -> Condition:
        return Comparison("<", self, as_number(other))

    def __le__(self, other: Number | float) -> Condition:
        return Comparison("<=", self, as_number(other))

    def __gt__(self, other: Number | float) -> Condition:
        return Comparison(">", self, as_number(other))

    def __ge__(self, other: Number | float) -> Condition:
        return Comparison(">=", self, as_number(other))

    def at_least(self, floor: float) -> Number:
        """The larger of the number and `floor`; missing stays missing."""
        return Arithmetic("max", self, Constant(floor))

    def at_most(self, ceiling: float) -> Number:
        """The smaller of the number and `ceiling`; missing stays missing."""
        return Arithmetic("min", self, Constant(ceiling))

    def or_else(self, value: float) -> Number:
        """The number, or `value` where it is missing."""
        return Arithmetic("else", self, Constant(value))


class Condition(Number):
    """A yes or no per row; as a number it is 1.0 or 0.0 and never missing."""

    def mask(self, rows: RowsLike) -> Mask:
        raise TypeError(f"{type(self).__name__} is not a condition that can be evaluated")

    def evaluate(self, rows: RowsLike) -> Numbers:
        return self.mask(rows).astype(np.float64)

    def __and__(self, other: Condition) -> Condition:
        return Logical("&", (self, other))

    def __or__(self, other: Condition) -> Condition:
        return Logical("|", (self, other))

    def __invert__(self) -> Condition:
        return Logical("~", (self,))


@dataclass(frozen=True)
class Column(Number):
    """A column of the table, cleaned; or, in a feature of table "client", a feature declared earlier."""

    name: str

    def evaluate(self, rows: RowsLike) -> Numbers:
        return rows.number(self.name)

    def columns(self) -> frozenset[str]:
        return frozenset({self.name})

    def is_in(self, *values: str) -> Condition:
        """True where the category is one of `values`; missing is false."""
        return CategoryIn(self.name, values)

    def is_missing(self) -> Condition:
        """True where a number is missing."""
        return Logical("~", (Comparison("<=", self, Constant(np.inf)),))

    def has_no_category(self) -> Condition:
        """True where a category is missing (empty, XNA, XAP)."""
        return CategoryMissing(self.name)

    def code_in(self, categories: Sequence[str]) -> Number:
        """Position of the category in `categories` (0, 1, …); missing or unknown is missing."""
        return CategoryCode(self.name, tuple(categories))


def col(name: str) -> Column:
    """The column `name`."""
    return Column(name)


@dataclass(frozen=True)
class Constant(Number):
    value: float

    def evaluate(self, rows: RowsLike) -> Numbers:
        return np.array(self.value, dtype=np.float64)


def as_number(value: Number | float) -> Number:
    """The expression itself, or a constant; what is no number is refused by the feature that uses it."""
    if isinstance(value, Number):
        return value
    return Constant(float(value) if isinstance(value, Real) else value)


def divide(left: Numbers, right: Numbers) -> Numbers:
    """left / right, missing where right is 0 or either is missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = np.asarray(left / right)
    np.copyto(quotient, np.nan, where=right == 0)
    return quotient


_ARITHMETIC: dict[str, Callable[[Numbers, Numbers], Numbers]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": divide,
    "max": np.maximum,
    "min": np.minimum,
    "else": lambda left, right: np.where(np.isnan(left), right, left),
}
_COMPARE: dict[str, Callable[[Numbers, Numbers], Mask]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


@dataclass(frozen=True)
class Arithmetic(Number):
    operator: str
    left: Number
    right: Number

    def evaluate(self, rows: RowsLike) -> Numbers:
        return _ARITHMETIC[self.operator](self.left.evaluate(rows), self.right.evaluate(rows))

    def operands(self) -> tuple[Number, ...]:
        return (self.left, self.right)


@dataclass(frozen=True)
class Comparison(Condition):
    operator: str
    left: Number
    right: Number

    def mask(self, rows: RowsLike) -> Mask:
        return _COMPARE[self.operator](self.left.evaluate(rows), self.right.evaluate(rows))

    def operands(self) -> tuple[Number, ...]:
        return (self.left, self.right)


@dataclass(frozen=True)
class Logical(Condition):
    operator: str
    parts: tuple[Condition, ...]

    def mask(self, rows: RowsLike) -> Mask:
        masks = [part.mask(rows) for part in self.parts]
        if self.operator == "~":
            return ~masks[0]
        return masks[0] & masks[1] if self.operator == "&" else masks[0] | masks[1]

    def operands(self) -> tuple[Number, ...]:
        return self.parts


@dataclass(frozen=True)
class CategoryIn(Condition):
    name: str
    values: tuple[str, ...]

    def mask(self, rows: RowsLike) -> Mask:
        return rows.category_in(self.name, self.values)

    def columns(self) -> frozenset[str]:
        return frozenset({self.name})


@dataclass(frozen=True)
class CategoryMissing(Condition):
    name: str

    def mask(self, rows: RowsLike) -> Mask:
        return rows.category_missing(self.name)

    def columns(self) -> frozenset[str]:
        return frozenset({self.name})


@dataclass(frozen=True)
class CategoryCode(Number):
    name: str
    categories: tuple[str, ...]

    def evaluate(self, rows: RowsLike) -> Numbers:
        return rows.category_codes(self.name, self.categories)

    def columns(self) -> frozenset[str]:
        return frozenset({self.name})


@dataclass(frozen=True)
class Across(Number):
    """One number out of several columns of a row, over those that are present; missing if none is."""

    how: str
    parts: tuple[Number, ...]

    def evaluate(self, rows: RowsLike) -> Numbers:
        values = np.stack(np.broadcast_arrays(*(part.evaluate(rows) for part in self.parts)))
        present = ~np.isnan(values)
        count = present.sum(axis=0)
        low = np.where(present, values, np.inf).min(axis=0)
        high = np.where(present, values, -np.inf).max(axis=0)
        total = np.where(present, values, 0.0).sum(axis=0)
        with np.errstate(invalid="ignore"):
            found = {"mean": total / np.maximum(count, 1), "min": low, "max": high, "spread": high - low}
        answer: Numbers = np.where(count > 0, found.get(self.how, total), np.nan)
        return answer

    def operands(self) -> tuple[Number, ...]:
        return self.parts


def mean_of(*parts: Number) -> Number:
    """Mean of the parts that are present."""
    return Across("mean", parts)


def smallest_of(*parts: Number) -> Number:
    """Smallest of the parts that are present."""
    return Across("min", parts)


def largest_of(*parts: Number) -> Number:
    """Largest of the parts that are present."""
    return Across("max", parts)


def spread_of(*parts: Number) -> Number:
    """Largest minus smallest of the parts that are present (0 if there is one)."""
    return Across("spread", parts)


def sum_of(*parts: Number) -> Number:
    """Sum of the parts that are present."""
    return Across("sum", parts)


def parts_of(expression: Number) -> Iterator[Number]:
    """The expression and everything it is made of, outermost first."""
    yield expression
    for operand in expression.operands():
        yield from parts_of(operand)
