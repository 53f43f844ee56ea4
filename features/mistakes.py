"""What makes a declaration of a feature wrong, said when it is written.

Belongs here: the checks, as sentences that end in what to do. Does not: the declaration itself, the checks of
what its expressions read (misreadings).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from types import NoneType

from features.aggregations import AGGREGATES
from features.change import Change
from features.change_mistakes import change_mistakes
from features.declared import Declared
from features.expressions import Condition, Number
from features.groups import GROUPS
from features.measures import measure_mistakes
from features.misreadings import category_mistakes, column_mistakes, expression_mistakes
from features.vocabulary import (
    CLOCK_OF,
    DIRECTIONS,
    LIMITS_OF_NO_ROWS,
    PREFIX_OF,
    SINGLE_ROW,
    UNITS,
    kind_of,
)

_TEXT = ((str,), "a text")
_TEXT_OR_NONE = ((str, NoneType), "a text or None")
_WHOLE_OR_NONE = ((int, NoneType), "a whole number or None")
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "name": _TEXT,
    "table": _TEXT,
    "value": ((Number,), "an expression of columns, such as col(name)"),
    "unit": _TEXT,
    "group": _TEXT,
    "meaning": _TEXT,
    "reason": _TEXT,
    "agg": _TEXT_OR_NONE,
    "where": ((Condition, NoneType), "a condition, such as col(name) > 0, or None"),
    "within_days": _WHOLE_OR_NONE,
    "within_months": _WHOLE_OR_NONE,
    "last_rows": _WHOLE_OR_NONE,
    "clock": _TEXT_OR_NONE,
    "when_no_rows": ((int, float), "a number"),
    "riskier": _TEXT_OR_NONE,
    "categories": ((tuple,), "a tuple of names"),
    "protected": ((bool,), "True or False"),
    "change": ((Change,), "a change, such as only_down(...), or FIXED"),
}
_WINDOW_IN_NAME = re.compile(r"_(\d+[dm]|last\d+)$")
_WINDOW_IN_WORDS = re.compile(r"\b(last|past) (\d+ )?(day|month|year)s?\b", re.IGNORECASE)


def mistakes_of(feature: Declared) -> Iterator[str]:
    """What is wrong with a declaration, as sentences that end in what to do.

    Each check relies on the ones before it: the mistakes of the first that finds any are told.
    """
    for check in _CHECKS:
        found = list(check(feature))
        if found:
            yield from found
            return


def _type_mistakes(feature: Declared) -> Iterator[str]:
    for name, (types, expected) in _TYPES.items():
        given = getattr(feature, name)
        if not isinstance(given, types) or (isinstance(given, bool) and bool not in types):
            yield f"{name} is {given!r}, expected {expected}"


def _word_mistakes(feature: Declared) -> Iterator[str]:
    """Words that belong to a list."""
    if feature.table not in PREFIX_OF:
        yield f"unknown table {feature.table!r}; the tables are {', '.join(PREFIX_OF)}"
    if feature.unit not in UNITS:
        yield f"unit is {feature.unit!r}, expected one of {', '.join(UNITS)}"
    if feature.riskier is not None and feature.riskier not in DIRECTIONS:
        yield f"riskier is {feature.riskier!r}, expected {' or '.join(DIRECTIONS)}, or None if not known"
    if feature.table not in SINGLE_ROW and feature.agg not in AGGREGATES:
        yield f"agg is {feature.agg!r}, expected one of {', '.join(AGGREGATES)}"
    if feature.group not in GROUPS:
        yield f"unknown reason group {feature.group!r}; declare it in features/groups.py"


def _text_mistakes(feature: Declared) -> Iterator[str]:
    starts = tuple(f"{prefix}_" for prefix in PREFIX_OF[feature.table])
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", feature.name) or not feature.name.startswith(starts):
        yield f"the name must be lower case and start with {' or '.join(starts)} for table {feature.table}"
    if not feature.meaning.strip() or not feature.reason.strip():
        yield "meaning and reason must be written: they are what a client and an analyst read"


def _window_word_mistakes(feature: Declared) -> Iterator[str]:
    for words in (feature.meaning, feature.reason):
        claimed = _WINDOW_IN_WORDS.search(words)
        if claimed is not None and feature.suffix:
            yield f"leave {claimed[0]!r} out of its words: its window is added when they are read"


def _row_mistakes(feature: Declared) -> Iterator[str]:
    of_many = (feature.agg, feature.where, feature.clock, feature.window, feature.last_rows)
    if feature.table in SINGLE_ROW:
        if any(given is not None for given in of_many):
            yield (
                f"table {feature.table} has one row per client: "
                "leave out agg, where, clock, windows and last_rows"
            )
        if not math.isnan(feature.when_no_rows):
            yield f"table {feature.table} has a row for every client: leave out when_no_rows"
    if feature.last_rows is not None and feature.last_rows <= 0:
        yield f"last_rows={feature.last_rows} holds no row; give a positive number"
    if feature.agg in ("trend", "std") and feature.last_rows == 1:
        yield f"last_rows=1 is one row, which has no {feature.agg}; give 2 or more"
    yield from _no_row_mistakes(feature)


def _no_row_mistakes(feature: Declared) -> Iterator[str]:
    answer = feature.when_no_rows
    if feature.agg == "count" and answer != 0:
        yield "a count of no rows is 0: say when_no_rows=0"
    if math.isnan(answer):
        return
    low, high = LIMITS_OF_NO_ROWS.get(feature.unit, (-math.inf, math.inf))
    if math.isinf(answer) or not low <= answer <= high:
        limits = f" from {low:g} to {high:g}" if high < math.inf else f" of at least {low:g}"
        yield (
            f"when_no_rows={answer} cannot be a {feature.unit}: give a finite number"
            f"{limits if low > -math.inf else ''}, or leave it out for missing"
        )
    if feature.unit == "category":
        yield f"when_no_rows={answer} is no category: leave it out, no rows have no category"


def _clock_mistakes(feature: Declared) -> Iterator[str]:
    lengths = (feature.within_days, feature.within_months, feature.last_rows)
    if sum(length is not None for length in lengths) > 1:
        yield "within_days, within_months and last_rows are windows; keep one"
    if feature.window is not None and feature.window <= 0:
        yield f"a window of {feature.window} holds no row; give a positive length"
    if feature.window is not None and feature.clock is None:
        yield "a window needs a clock, the column that says when"
    if feature.agg == "trend" and feature.clock is None:
        yield "a trend needs a clock, the column that says when"
    if feature.clock is None:
        return
    if feature.window is None and feature.agg != "trend":
        yield "a clock is there for a window or a trend: give one, or leave it out"
    clock = CLOCK_OF[feature.table]
    unit = kind_of(feature.table, clock)
    if feature.clock != clock:
        yield f"{feature.clock} does not say when a row of {feature.table} was; give clock={clock!r}, in {unit}"
    elif feature.window is not None and unit != ("days" if feature.within_days is not None else "months"):
        yield f"its clock {clock} counts {unit}: give the window as within_{unit}"


def _window_name_mistakes(feature: Declared) -> Iterator[str]:
    if not feature.name.endswith(feature.suffix):
        yield f"the window ends the name: call it {feature.name}{feature.suffix}"
    claimed = _WINDOW_IN_NAME.search(feature.stem)
    if claimed is not None and feature.table not in SINGLE_ROW:
        window = f"its window is {feature.suffix}" if feature.suffix else "it has none"
        yield (
            f"the name claims the window {claimed[0]}, but {window}; "
            "give within_days, within_months or last_rows, or another name"
        )


def _statistic_name_mistakes(feature: Declared) -> Iterator[str]:
    claimed = feature.stem.rsplit("_", 1)[-1]
    if feature.agg is not None and claimed in AGGREGATES and claimed != feature.agg:
        yield f"the name claims the {claimed}, but agg is {feature.agg!r}; name what is computed"


_CHECKS: tuple[Callable[[Declared], Iterator[str]], ...] = (
    _type_mistakes,
    _word_mistakes,
    _text_mistakes,
    _window_word_mistakes,
    _row_mistakes,
    _clock_mistakes,
    expression_mistakes,
    column_mistakes,
    category_mistakes,
    _window_name_mistakes,
    _statistic_name_mistakes,
    measure_mistakes,
    change_mistakes,
)
