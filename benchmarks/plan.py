"""What a catalogue asks of a query engine: per table the columns, values, row selections and aggregates, each once.

Belongs here: what both translators share. Does not: the words of an engine (in_duckdb, in_polars).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TypeVar

from features.cleaning import RULES, Rule
from features.declaration import Catalogue, Feature
from features.expressions import (
    CategoryCode,
    CategoryIn,
    CategoryMissing,
    Column,
    Condition,
    Number,
    parts_of,
)
from features.rows import Window
from features.schemas import CLIENT, TABLES
from features.vocabulary import SINGLE_ROW

Key = TypeVar("Key")
EVERY_ROW: Window = (None, None, None, None)
RECENT = "recent"
MOMENT = "moment"
IDENTIFIER_BITS = 31
SMALLER_THAN = 512  # versions and numbers of instalments: up to 178 and 277 in the full data
_RULE_OF = {(rule.table, column): rule for rule in RULES for column in rule.columns}


@dataclass(frozen=True)
class Partial:
    """One aggregate column: `kind` over `value` on the rows of `window`.

    Kinds: rows (how many), hits (how many fulfil a condition), known (how many have a value), sum, mean, min,
    max, std, last, trend (per unit of `clock`).
    """

    kind: str
    window: Window
    value: Number | None = None
    clock: str | None = None


@dataclass(frozen=True)
class Answer:
    """How a feature is read off aggregates: `main`, over `rows` if it is a share; `rows` also tells no rows."""

    main: Partial
    rows: Partial | None = None
    share: bool = False


def answer_of(feature: Feature) -> Answer:
    """The aggregates that a feature with an aggregation needs. A share is hits over rows: both are counts."""
    window = feature.rows_that_count
    rows = Partial("rows", window)
    if feature.agg == "count":
        return Answer(rows, rows)
    if feature.agg in ("mean", "sum") and isinstance(feature.value, Condition):
        return Answer(Partial("hits", window, feature.value), rows, feature.agg == "mean")
    clock = feature.clock if feature.agg == "trend" else None
    main = Partial(str(feature.agg), window, feature.value, clock)
    return Answer(main, None if math.isnan(feature.when_no_rows) else rows)


@dataclass(frozen=True)
class TablePlan:
    """What is asked of one table or view with many rows per client."""

    table: str
    features: tuple[Feature, ...]

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(answer_of(feature) for feature in self.features)

    @cached_property
    def partials(self) -> dict[Partial, str]:
        """Every aggregate once, with its column's name; all-time row counts tell who has rows at all."""
        asked = chain.from_iterable((answer.main, answer.rows) for answer in self.answers)
        return _named(f"{self.prefix}_a", (partial for partial in asked if partial is not None))

    @cached_property
    def prefix(self) -> str:
        return self.table.split("_")[0].lower() + ("_m" if self.table == "bureau_balance" else "")

    @cached_property
    def values(self) -> dict[Number, str]:
        """Every distinct value that is more than a column, and every condition, named."""
        asked: list[Number] = []
        for partial in self.partials:
            asked += [partial.value] if partial.value is not None else []
            asked += [partial.window[0]] if partial.window[0] is not None else []
        return _named("v", (value for value in asked if not isinstance(value, Column)))

    @cached_property
    def windows(self) -> dict[Window, str]:
        """Every distinct selection of rows, named."""
        return _named("w", (partial.window for partial in self.partials if partial.window != EVERY_ROW))

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        return numbers_of(self.features)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        return categories_of(self.features)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Columns that order a client's rows, the most recent last."""
        if self.table == "instalments":
            return ("due_day", "SK_ID_PREV", "version", "number")
        return tuple(name for name in TABLES[self.table].order if name != CLIENT)

    @cached_property
    def needs_moment(self) -> bool:
        return any(partial.kind == "last" for partial in self.partials)

    @cached_property
    def last_rows(self) -> int:
        """The longest window of last rows; 0 if there is none."""
        return max((window[3] or 0 for window in self.windows), default=0)


def _named(prefix: str, keys: Iterable[Key]) -> dict[Key, str]:
    return {key: f"{prefix}{number}" for number, key in enumerate(dict.fromkeys(keys))}


def numbers_of(features: Iterable[Feature]) -> tuple[str, ...]:
    """Columns that the features read as numbers, clocks included."""
    clocks = [feature.clock for feature in features if feature.clock is not None]
    read = (part.name for part in leaves_of(features) if isinstance(part, Column))
    return tuple(dict.fromkeys((*read, *clocks)))


def categories_of(features: Iterable[Feature]) -> tuple[str, ...]:
    """Columns that the features read as categories."""
    kinds = CategoryIn | CategoryMissing | CategoryCode
    return tuple(dict.fromkeys(part.name for part in leaves_of(features) if isinstance(part, kinds)))


def leaves_of(features: Iterable[Feature]) -> Iterator[Number]:
    for feature in features:
        yield from parts_of(feature.value)
        if feature.where is not None:
            yield from parts_of(feature.where)


def table_plans(catalogue: Catalogue) -> tuple[TablePlan, ...]:
    """One plan per table or view with many rows per client."""
    tables = dict.fromkeys(feature.table for feature in catalogue if feature.table not in SINGLE_ROW)
    return tuple(
        TablePlan(table, tuple(feature for feature in catalogue if feature.table == table))
        for table in tables
    )


def one_row_layers(catalogue: Catalogue) -> tuple[tuple[Feature, ...], ...]:
    """Features of a client's one row, in layers: each reads the application and the layers before it."""
    level = dict.fromkeys((feature.name for feature in catalogue if feature.agg is not None), 0)
    layers: list[list[Feature]] = []
    for feature in catalogue:
        if feature.agg is None:
            height = max((level.get(column, -1) for column in feature.columns), default=-1) + 1
            height = max(height, 1) if feature.table == "client" else 0
            level[feature.name] = height
            layers += [[] for _ in range(height + 1 - len(layers))]
            layers[height].append(feature)
    return tuple(tuple(layer) for layer in layers)


def rule_of(table: str, column: str) -> Rule | None:
    """What in a column means missing, if anything does."""
    return _RULE_OF.get((table, column))
