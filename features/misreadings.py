"""What makes the expressions of a declaration wrong: columns that are not there, or read as what they are not.

Belongs here: checks of value and where, alone and in a catalogue. Does not: the rest of a declaration (mistakes).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from numbers import Real

from features.declared import Declared
from features.expressions import (
    Across,
    Arithmetic,
    CategoryCode,
    CategoryIn,
    CategoryMissing,
    Column,
    Comparison,
    Condition,
    Constant,
    Logical,
    Number,
    parts_of,
)
from features.measures import measure_mistakes
from features.schemas import TABLES
from features.vocabulary import PROTECTED_COLUMNS, SINGLE_ROW, kinds_of, source_of


def expression_mistakes(feature: Declared) -> Iterator[str]:
    """Expressions that could not be evaluated, or say nothing, whatever the table."""
    for expression in _expressions(feature):
        yield from _broken_parts(expression)
    if feature.value == feature.where:
        yield "where keeps the rows in which its value is true, so it is always 1; leave one out"
    if feature.agg == "trend" and feature.value == Column(str(feature.clock)):
        yield "a trend of its own clock is always 1; measure something else"


def column_mistakes(feature: Declared) -> Iterator[str]:
    """Columns that the table has not, that may not be read, or that are read as another kind."""
    if not feature.value.columns():
        yield "its value reads no column, so it is the same for everybody; measure something"
    if "TARGET" in feature.columns:
        yield "it reads TARGET, the outcome itself; measure something known at the application"
    kinds = kinds_of(feature.table)
    unknown = sorted(feature.columns - set(kinds))
    if unknown and feature.table != "client":  # the catalogue knows which features a client's may read
        yield f"table {feature.table} has no column {', '.join(unknown)}; it has {', '.join(sorted(kinds))}"
        return
    for part in _leaves(feature):
        yield from _leaf_mistakes(feature, part, kinds)
    if feature.table in SINGLE_ROW and not feature.protected:
        for name in sorted(feature.columns & PROTECTED_COLUMNS):
            yield f"it reads {name}, a protected characteristic: say protected=True, or do without"


def category_mistakes(feature: Declared) -> Iterator[str]:
    """Codes of categories that are used as quantities, or are not the column's own."""
    code = feature.value
    if (feature.unit == "category") != bool(feature.categories):
        yield "unit 'category' and `categories` go together: give both or neither"
    elif feature.categories and not (
        isinstance(code, CategoryCode)
        and code.categories == feature.categories == _categories(feature.table, code.name)
    ):
        yield "`categories` must be the column's own list: value=col(name).code_in(categories_of(table, name))"
    codes = sum(isinstance(part, CategoryCode) for part in _leaves(feature))
    if codes > bool(feature.categories):
        yield "code_in gives names of categories, not quantities: use it alone, with unit='category'; else is_in"
    if feature.categories and feature.agg not in (None, "last"):
        yield f"agg is {feature.agg!r}, but categories have no {feature.agg}; expected 'last'"
    if feature.categories and feature.riskier is not None:
        yield f"riskier is {feature.riskier!r}, but categories have no higher and lower; leave it out"


def reading_mistakes(feature: Declared, earlier: Mapping[str, Declared]) -> Iterator[str]:
    """What is wrong with the features that a feature of table "client" reads, given those declared before it."""
    if feature.table != "client":
        return
    names = feature.columns - set(kinds_of("client"))
    unknown = sorted(names - set(earlier))
    if unknown:
        yield (
            f"it reads {', '.join(unknown)}, neither a column of the application nor a feature declared before it"
        )
        return
    for name in sorted(names):
        if earlier[name].protected and not feature.protected:
            yield f"it reads {name}, a protected characteristic: say protected=True, or do without"
        if earlier[name].categories:
            yield f"{name} holds categories, not numbers; read the application's column with is_in"
    for part in _leaves(feature):
        for name in sorted(part.columns() & names):
            if not isinstance(part, Column):
                yield f"{name} holds numbers, not categories; compare it with <, <=, > or >="
    yield from measure_mistakes(feature, earlier)


def _expressions(feature: Declared) -> list[Number]:
    return [feature.value] if feature.where is None else [feature.value, feature.where]


def _leaves(feature: Declared) -> Iterator[Number]:
    """The columns, categories and constants that a feature is made of."""
    for expression in _expressions(feature):
        yield from (part for part in parts_of(expression) if not part.operands())


def _says_nothing(part: Number) -> Iterator[str]:
    """What is the same on every row, whatever the table holds."""
    if (
        isinstance(part, Arithmetic)
        and part.operator in "*/"
        and part.right in (Constant(0.0), Constant(-0.0))
    ):
        yield f"{part.operator} 0 gives the same on every row; leave it out"
    if isinstance(part, Arithmetic) and any(
        Constant(end) in part.operands() for end in (math.inf, -math.inf)
    ):
        yield f"{part.operator} with infinity is no number; give a finite one"
    compared = isinstance(part, Comparison) or (isinstance(part, Arithmetic) and part.operator in "-/")
    if compared and part.columns() and len(set(part.operands())) == 1:
        yield "the same stands on both sides, which says nothing; set one thing against another"
    if isinstance(part, Comparison) and not part.columns():
        yield f"{part.operator} compares constants, which is the same on every row; compare a column"
    if isinstance(part, Logical) and part.operator == "&":
        yield from _never_both(*part.parts)


def _never_both(one: Condition, other: Condition) -> Iterator[str]:
    if Logical("~", (one,)) == other or Logical("~", (other,)) == one:
        yield "& joins a condition and its opposite, which is never true; leave one out"
    if not isinstance(one, CategoryIn) or not isinstance(other, CategoryIn):
        return
    if one.name == other.name and not set(one.values) & set(other.values):
        yield f"{one.name} is never both {one.values} and {other.values}; join them with |"


def _broken_parts(part: object) -> Iterator[str]:
    if not isinstance(part, Number) or type(part) in (Number, Condition):
        yield f"{part!r} stands where an expression is expected; write col(name), or a number beside one"
        return
    if isinstance(part, Constant) and not (isinstance(part.value, Real) and part.value == part.value):
        yield f"the constant {part.value!r} is no number; give one, or or_else and is_missing for what is missing"
    if isinstance(part, Column | CategoryIn | CategoryMissing | CategoryCode) and not isinstance(
        part.name, str
    ):
        yield f"col({part.name!r}) names no column; give its name as a text"
    if isinstance(part, CategoryIn) and not part.values:
        yield f"col({part.name!r}).is_in() is never true; name the categories"
    if isinstance(part, Across) and not part.parts:
        yield f"the {part.how} of nothing is always missing; give the numbers it is taken of"
    if isinstance(part, Logical):
        for joined in part.parts:
            if not isinstance(joined, Condition):
                yield f"{part.operator} joins conditions, but {joined!r} is none; compare it first"
    yield from _says_nothing(part)
    for operand in part.operands():
        yield from _broken_parts(operand)


def _leaf_mistakes(feature: Declared, part: Number, kinds: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(part.columns() & set(kinds)):
        if kinds[name] == "id":
            yield f"{name} is an identifier, which measures nothing; read another column"
        elif isinstance(part, Column) and kinds[name] == "category":
            yield f"{name} holds categories, not numbers; read it with is_in, has_no_category or code_in"
        elif not isinstance(part, Column) and kinds[name] != "category":
            yield f"{name} holds numbers, not categories; compare it with <, <=, > or >="
        elif isinstance(part, CategoryIn):
            known = _categories(feature.table, name)
            strange = [value for value in part.values if value not in known]
            if strange:
                yield f"{name} is never {' or '.join(map(repr, strange))}; it is one of {', '.join(known)}"


def _categories(table: str, column: str) -> tuple[str, ...]:
    """The names a column may hold; none for a column of a view, or a feature declared earlier."""
    known = TABLES[source_of(table)].columns.get(column)
    return known.categories if known is not None else ()
