"""What a value is measured in: amounts, days, months, years, or numbers that have no measure.

Belongs here: how measures go through an expression, and units that do not fit what they are given for. Does not:
which columns may be read (misreadings), the rest of a declaration (mistakes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce

from features.declared import Declared
from features.expressions import Across, Arithmetic, Column, Comparison, Condition, Number, parts_of
from features.vocabulary import kinds_of

_TIMES = ("days", "months", "years")
_ONE_OF_MANY = (None, "last", "min", "max")
_SUMS = ("amount", "count", *_TIMES)


@dataclass(frozen=True)
class Measure:
    """How often an amount and a time are factors of a value; `scale` says which time, None once it is converted."""

    amounts: int = 0
    times: int = 0
    scale: str | None = None

    def __str__(self) -> str:
        if self.times == 0 and self.amounts in (0, 1):
            return "an amount" if self.amounts else "a plain number"
        if self.amounts == 0 and self.times == 1:
            return self.scale or "a time"
        return "a product of amounts or times"

    def times_other(self, other: Measure, power: int) -> Measure:
        """The measure of a product (power 1) or a quotient (power -1)."""
        times = self.times + power * other.times
        scale = self.scale if self.times and not other.times else other.scale if not self.times else None
        return Measure(self.amounts + power * other.amounts, times, scale if times == 1 else None)

    def fits(self, other: Measure) -> bool:
        """True for what can be added, compared or averaged."""
        same_scale = self.scale is None or other.scale is None or self.scale == other.scale
        return (self.amounts, self.times) == (other.amounts, other.times) and same_scale


NUMBER = Measure()
_OF_WORD = {"amount": Measure(1)} | {time: Measure(0, 1, time) for time in _TIMES}
"""Measure of a kind of column, or of a unit; anything else is a plain number."""


def measure_mistakes(feature: Declared, earlier: Mapping[str, Declared] | None = None) -> Iterator[str]:
    """Measures that do not go together in an expression, and a unit that is not the value's.

    What a feature of table "client" reads of `earlier` features is measured in their units.
    """
    words: dict[str, str] = {**kinds_of(feature.table)}
    words |= {name: of.unit for name, of in (earlier or {}).items()} if feature.table == "client" else {}
    expressions = [feature.value] if feature.where is None else [feature.value, feature.where]
    found = [wrong for expression in expressions for wrong in _mixtures(expression, words)]
    yield from found or _unit_mistakes(feature, words)


def _mixtures(expression: Number, words: Mapping[str, str]) -> Iterator[str]:
    for part in parts_of(expression):
        multiplied = isinstance(part, Arithmetic) and part.operator in "*/"
        if multiplied or not isinstance(part, Arithmetic | Comparison | Across):
            continue
        known = [measure for one in part.operands() if (measure := _measure(one, words)) is not None]
        for other in known[1:]:
            if not known[0].fits(other):
                read = ", ".join(sorted(part.columns()))
                yield f"{known[0]} and {other} are put together (of {read}); convert one, or divide them"
                break


def _measure(expression: Number, words: Mapping[str, str]) -> Measure | None:
    """Measure of a value; None for a constant, which fits any, and for what is not known yet."""
    if isinstance(expression, Condition):
        return NUMBER
    if isinstance(expression, Column):
        return _OF_WORD.get(words[expression.name], NUMBER) if expression.name in words else None
    if isinstance(expression, Arithmetic) and expression.operator in "*/":
        return _product(expression, words)
    known = [measure for one in expression.operands() if (measure := _measure(one, words)) is not None]
    if not expression.operands():
        return NUMBER if expression.columns() else None
    return reduce(lambda one, other: one if one.scale else other, known) if known else None


def _product(expression: Arithmetic, words: Mapping[str, str]) -> Measure | None:
    power = 1 if expression.operator == "*" else -1
    left, right = _measure(expression.left, words), _measure(expression.right, words)
    if not expression.right.columns():
        return None if left is None else replace(left, scale=None)  # a constant converts
    if not expression.left.columns():
        return None if right is None else replace(NUMBER.times_other(right, power), scale=None)
    return None if left is None or right is None else left.times_other(right, power)


def _unit_mistakes(feature: Declared, words: Mapping[str, str]) -> Iterator[str]:
    if feature.agg == "count":
        if feature.unit not in ("count", "months"):
            yield f"a count of rows is no {feature.unit}: say unit='count', or 'months' where a row is a month"
        return
    if feature.agg == "sum" and feature.unit not in _SUMS:
        yield f"a sum is no {feature.unit}: take the mean, or say what the sum is ({', '.join(_SUMS)})"
        return
    if feature.unit == "flag" and not (
        feature.agg in _ONE_OF_MANY
        and (
            isinstance(feature.value, Condition)
            or (isinstance(feature.value, Column) and words.get(feature.value.name, "flag") == "flag")
        )
    ):
        yield "a flag is a condition of one row; compare the value, or give another unit (a mean is a share)"
        return
    measure = _measure(feature.value, words)
    if measure is not None and not _is_unit(feature, measure, words):
        yield f"its value is {measure}, which is no unit {feature.unit!r}: convert it, or give its own unit"


def _is_unit(feature: Declared, measure: Measure, words: Mapping[str, str]) -> bool:
    if feature.unit == "amount":
        return measure.amounts == 1
    if feature.unit in _TIMES:
        counted = not isinstance(feature.value, Condition) and any(
            words.get(name) == "count" for name in feature.value.columns()
        )
        timed = measure.times == 1 and measure.scale in (None, feature.unit)
        return measure.amounts == 0 and (timed or (measure.times == 0 and counted))
    rate = feature.unit == "ratio" or (feature.unit == "count" and measure.times == -1)  # so many a year
    return measure.amounts == 0 and (rate or measure.times == 0)
