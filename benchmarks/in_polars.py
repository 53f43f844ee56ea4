"""The catalogue as one lazy Polars query over Parquet (or CSV) tables: the builder's peer in data frames.

Belongs here: declarations in Polars, in the fastest form found. Does not: what is asked (plan), measuring.

One group_by per table: cleaned columns, distinct values and row selections are named once before it, aggregates
read `when(selection).then(value)`. Null is missing; `&`, `|` and comparisons are three-valued as in SQL.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import reduce
from operator import and_
from pathlib import Path

import polars as pl

from benchmarks.plan import (
    EVERY_ROW,
    IDENTIFIER_BITS,
    MOMENT,
    RECENT,
    SMALLER_THAN,
    Answer,
    Partial,
    TablePlan,
    answer_of,
    categories_of,
    numbers_of,
    one_row_layers,
    rule_of,
    table_plans,
)
from features.aggregations import YEAR_OF
from features.cleaning import NO_CATEGORY
from features.declaration import Catalogue, Feature
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
)
from features.rows import Window
from features.schemas import CLIENT, TABLES
from features.vocabulary import kind_of

Names = Mapping[Number, str]


def condition_expr(condition: Condition, names: Names) -> pl.Expr:
    """A condition in three-valued logic: true where the builder's is true, false or null elsewhere."""
    if condition in names:
        return pl.col(names[condition])
    match condition:
        case Comparison(operator, left, right):
            return _compared(operator, number_expr(left, names), number_expr(right, names))
        case CategoryIn(name, values):
            return pl.col(name).is_in(list(values))
        case CategoryMissing(name):
            return pl.col(name).is_null() | pl.col(name).is_in(list(NO_CATEGORY))
        case Logical("~", (Comparison("<=", value, Constant(math.inf)),)):
            return number_expr(value, names).is_null()
        case Logical("~", (part,)):
            return ~condition_expr(part, names).fill_null(False)
        case Logical("&", (left, right)):
            return condition_expr(left, names) & condition_expr(right, names)
        case Logical("|", (left, right)):
            return condition_expr(left, names) | condition_expr(right, names)
    raise TypeError(f"no Polars expression for the condition {condition}")


def _compared(operator: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
    return left >= right


def number_expr(value: Number, names: Names) -> pl.Expr:
    """A number: Float64, null for missing."""
    match value:
        case Condition():
            return condition_expr(value, names).fill_null(False).cast(pl.Float64)
        case _ if value in names:
            return pl.col(names[value])
        case Column(name):
            return pl.col(name)
        case Constant(constant):
            return pl.lit(constant, dtype=pl.Float64)
        case CategoryCode(name, categories):
            codes = {category: float(code) for code, category in enumerate(categories)}
            return pl.col(name).replace_strict(codes, default=None, return_dtype=pl.Float64)
        case Across(how, parts):
            return _across(how, [number_expr(part, names) for part in parts])
        case Arithmetic(operator, left, right):
            return _arithmetic(operator, number_expr(left, names), number_expr(right, names))
    raise TypeError(f"no Polars expression for the number {value}")


def _arithmetic(operator: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return pl.when(right != 0).then(left / right)
        case "max":
            return pl.when(left > right).then(left).when(left <= right).then(right)
        case "min":
            return pl.when(left < right).then(left).when(left >= right).then(right)
    return left.fill_null(right)


def _across(how: str, parts: list[pl.Expr]) -> pl.Expr:
    low, high = pl.min_horizontal(parts), pl.max_horizontal(parts)  # both skip null
    match how:
        case "min":
            return low
        case "max":
            return high
        case "spread":
            return high - low
        case "mean":
            return pl.mean_horizontal(parts)
    known = pl.any_horizontal([part.is_not_null() for part in parts])
    return pl.when(known).then(pl.sum_horizontal(parts))


def _cleaned(table: str, column: str) -> pl.Expr:
    """A raw column as Float64 in which what means missing is null."""
    value, rule = pl.col(column).cast(pl.Float64), rule_of(table, column)
    if rule is None:
        return value
    if rule.sentinel is not None:
        return pl.when(value != rule.sentinel).then(value).alias(column)
    return pl.when(value.is_between(rule.minimum, rule.maximum)).then(value).alias(column)


def _window_expr(window: Window, names: Names) -> pl.Expr:
    where, clock, length, last_rows = window
    parts = [condition_expr(where, names)] if where is not None else []
    if clock is not None and length is not None:
        parts.append(pl.col(clock) >= -length)
    if last_rows is not None:
        parts.append(pl.col(MOMENT) >= pl.col(f"{RECENT}{last_rows}"))
    return reduce(and_, parts)


def _aggregates(partial: Partial, plan: TablePlan) -> pl.Expr:
    """One aggregate column of a group_by."""
    keep = None if partial.window == EVERY_ROW else pl.col(plan.windows[partial.window])
    if partial.value is None:
        return pl.len() if keep is None else keep.sum()
    if partial.kind == "hits":
        assert isinstance(partial.value, Condition)
        hit = condition_expr(partial.value, plan.values)
        return (hit if keep is None else hit & keep).sum()
    every = number_expr(partial.value, plan.values)
    value = every if keep is None else pl.when(keep).then(every)
    match partial.kind:
        case "sum":
            return pl.when(value.count() > 0).then(value.sum())
        case "mean":
            return value.mean()
        case "min":
            return value.min()
        case "max":
            return value.max()
        case "std":
            return value.std(ddof=0)
        case "last":
            return value.max_by(pl.when(value.is_not_null()).then(pl.col(MOMENT)))
        case "trend":
            return _slope(value, pl.col(str(partial.clock)))
    raise TypeError(f"no Polars aggregate {partial.kind}")


def _slope(value: pl.Expr, clock: pl.Expr) -> pl.Expr:
    """Least squares from sums; clocks are whole numbers, so one point in time has a spread of exactly 0."""
    time = pl.when(value.is_not_null()).then(clock)
    count = value.count().cast(pl.Float64)
    spread = count * (time * time).sum() - time.sum() * time.sum()
    return pl.when(spread > 0).then((count * (time * value).sum() - time.sum() * value.sum()) / spread)


def _rows(plan: TablePlan, sources: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The table's rows with their client: months through their credit, one row per instalment."""
    if plan.table == "bureau_balance":
        credits = sources["bureau"].select("SK_ID_BUREAU", CLIENT)
        return sources["bureau_balance"].join(credits, on="SK_ID_BUREAU", how="inner")
    if plan.table == "instalments":
        return (
            sources["installments_payments"]
            .with_columns(pl.col("AMT_PAYMENT").fill_null(0.0))
            .group_by(
                "SK_ID_PREV",
                pl.col("DAYS_INSTALMENT").alias("due_day"),
                pl.col("NUM_INSTALMENT_VERSION").alias("version"),
                pl.col("NUM_INSTALMENT_NUMBER").alias("number"),
            )
            .agg(
                pl.col(CLIENT).first(),
                pl.col("AMT_INSTALMENT").first().alias("due"),
                pl.col("AMT_PAYMENT").sum().alias("paid"),
                pl.col("DAYS_ENTRY_PAYMENT").max().alias("paid_day"),
                pl.len().alias("payments"),
            )
        )
    return sources[plan.table]


def _moment(plan: TablePlan) -> pl.Expr:
    """The columns that order rows as one whole number: compared at once, much faster than one by one."""
    clock, identifier, *more = plan.order
    packed = pl.col(clock).cast(pl.Int64) * (1 << IDENTIFIER_BITS) + pl.col(identifier)
    for name in more:
        packed = packed * SMALLER_THAN + pl.col(name).cast(pl.Int64)
    return packed


def table_frame(plan: TablePlan, sources: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """One row per client of one table: every aggregate that the features need, as columns of `plan.partials`."""
    read = [pl.col(CLIENT), *(_cleaned(plan.table, name) for name in plan.numbers)]
    read += [pl.col(name) for name in plan.categories]
    if plan.needs_moment or plan.last_rows:
        read.append(_moment(plan).alias(MOMENT))
    rows = _rows(plan, sources).select(read)
    if plan.last_rows:
        rows = rows.join(_first_of_last(plan, rows), on=CLIENT)
    values = {name: _defined(value) for value, name in plan.values.items()}
    windows = {name: _window_expr(window, plan.values) for window, name in plan.windows.items()}
    aggregates = {name: _aggregates(partial, plan) for partial, name in plan.partials.items()}
    return rows.with_columns(**values).with_columns(**windows).group_by(CLIENT).agg(**aggregates)


def _first_of_last(plan: TablePlan, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Per client the moment from which the last k rows begin, for each k: faster than numbering every row."""
    lengths = sorted({window[3] for window in plan.windows if window[3] is not None})
    moment = pl.col(MOMENT)
    return rows.group_by(CLIENT).agg(**{f"{RECENT}{k}": moment.top_k(k).min() for k in lengths})


def _defined(value: Number) -> pl.Expr:
    return condition_expr(value, {}) if isinstance(value, Condition) else number_expr(value, {})


def _answer(feature: Feature, answer: Answer, names: Mapping[Partial, str]) -> pl.Expr:
    """A feature out of joined aggregates: a client without rows has null in all of them."""
    value = pl.col(names[answer.main]).cast(pl.Float64)
    if answer.main.clock is not None:
        value = value * YEAR_OF[kind_of(feature.table, answer.main.clock)]
    if answer.rows is None:
        return value
    rows = pl.col(names[answer.rows])
    if answer.share:
        value = value / rows
    nothing = None if math.isnan(feature.when_no_rows) else feature.when_no_rows
    return pl.when(rows > 0).then(value).otherwise(pl.lit(nothing, dtype=pl.Float64))


def catalogue_frame(catalogue: Catalogue, sources: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The query: SK_ID_CURR and every feature as Float32, one row per application."""
    single = [feature for feature in catalogue if feature.agg is None]
    columns = set(TABLES["application"].columns)
    read = [pl.col(CLIENT), *(_cleaned("application", c) for c in numbers_of(single) if c in columns)]
    read += [pl.col(c) for c in categories_of(single) if c in columns]
    frame = sources["application"].select(read)
    answers: dict[str, pl.Expr] = {}
    for plan in table_plans(catalogue):
        frame = frame.join(table_frame(plan, sources), on=CLIENT, how="left")
        answers |= {f.name: _answer(f, answer_of(f), plan.partials) for f in plan.features}
    frame = frame.with_columns(**answers)
    for layer in one_row_layers(catalogue):
        frame = frame.with_columns(**{feature.name: number_expr(feature.value, {}) for feature in layer})
    return frame.select(CLIENT, *(pl.col(name).cast(pl.Float32) for name in catalogue.names))


def parquet_sources(folder: Path) -> dict[str, pl.LazyFrame]:
    """What the query reads from: one Parquet file per table."""
    return {name: pl.scan_parquet(folder / f"{name}.parquet") for name in TABLES}


def csv_sources(folder: Path) -> dict[str, pl.LazyFrame]:
    """The same straight from CSV, with the types said so that nothing must be guessed."""
    words = {"id": pl.Int32, "category": pl.String}
    found = {}
    for name, table in TABLES.items():
        types = {column.name: words.get(column.kind, pl.Float64) for column in table.columns.values()}
        files = [pl.scan_csv(folder / f"{file}.csv", schema_overrides=types) for file in table.files]
        found[name] = pl.concat(files, how="diagonal")
    return found
