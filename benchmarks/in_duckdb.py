"""The catalogue as one DuckDB query over Parquet (or CSV) tables: the builder's peer in SQL.

Belongs here: declarations in SQL, in the fastest form found. Does not: what is asked (plan), measuring.

One GROUP BY per table: cleaned columns, distinct values and row selections are computed once below it, aggregates
read them through CASE WHEN. NULL is missing; under three values "a AND b", "a OR b" and "a < b" select what the
builder selects as long as NOT is written IS NOT TRUE.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

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
from features.schemas import CLIENT, TABLES, Table
from features.vocabulary import kind_of

Names = Mapping[Number, str]


def condition_sql(condition: Number, names: Names) -> str:
    """A condition in three-valued SQL: true where the builder's is true, false or NULL elsewhere."""
    if condition in names:
        return names[condition]
    match condition:
        case Comparison(operator, left, right):
            return f"({number_sql(left, names)} {operator} {number_sql(right, names)})"
        case CategoryIn(name, values):
            return f"({name} IN ({', '.join(map(_text, values))}))"
        case CategoryMissing(name):
            return f"({name} IS NULL OR {name} IN ({', '.join(map(_text, NO_CATEGORY))}))"
        case Logical("~", (Comparison("<=", value, Constant(math.inf)),)):
            return f"({number_sql(value, names)} IS NULL)"
        case Logical("~", (part,)):
            return f"({condition_sql(part, names)} IS NOT TRUE)"
        case Logical(operator, parts):
            word = {"&": " AND ", "|": " OR "}[operator]
            return f"({word.join(condition_sql(part, names) for part in parts)})"
    raise TypeError(f"no SQL for the condition {condition}")


def number_sql(value: Number, names: Names) -> str:
    """A number in SQL: DOUBLE, NULL for missing."""
    match value:
        case Condition():
            return f"(CASE WHEN {condition_sql(value, names)} THEN 1.0::DOUBLE ELSE 0.0::DOUBLE END)"
        case _ if value in names:
            return names[value]
        case Column(name):
            return name
        case Constant(constant):
            return _constant(constant)
        case CategoryCode(name, categories):
            cases = " ".join(f"WHEN {_text(c)} THEN {code}" for code, c in enumerate(categories))
            return f"(CASE {name} {cases} END)::DOUBLE"
        case Across(how, parts):
            return _across(how, [number_sql(part, names) for part in parts])
        case Arithmetic(operator, left, right):
            return _arithmetic(operator, number_sql(left, names), number_sql(right, names))
    raise TypeError(f"no SQL for the number {value}")


def _arithmetic(operator: str, left: str, right: str) -> str:
    match operator:
        case "/":
            return f"({left} / nullif({right}, 0))"
        case "max":
            return f"(CASE WHEN {left} > {right} THEN {left} WHEN {left} <= {right} THEN {right} END)"
        case "min":
            return f"(CASE WHEN {left} < {right} THEN {left} WHEN {left} >= {right} THEN {right} END)"
        case "else":
            return f"coalesce({left}, {right})"
    return f"({left} {operator} {right})"


def _across(how: str, parts: list[str]) -> str:
    low, high = f"least({', '.join(parts)})", f"greatest({', '.join(parts)})"  # both skip NULL
    known = " + ".join(f"({part} IS NOT NULL)::INTEGER" for part in parts)
    total = " + ".join(f"coalesce({part}, 0)" for part in parts)
    match how:
        case "min":
            return low
        case "max":
            return high
        case "spread":
            return f"({high} - {low})"
        case "mean":
            return f"(({total}) / nullif({known}, 0))"
    return f"(CASE WHEN {known} > 0 THEN {total} END)"


def _constant(value: float) -> str:
    return f"'{value}'::DOUBLE" if math.isinf(value) else f"{value!r}::DOUBLE"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _cleaned(table: str, column: str) -> str:
    """A raw column as a DOUBLE in which what means missing is NULL."""
    rule = rule_of(table, column)
    if rule is None:
        return f"{column}::DOUBLE AS {column}"
    if rule.sentinel is not None:
        return f"nullif({column}::DOUBLE, {rule.sentinel!r}) AS {column}"
    low, high = _constant(rule.minimum), _constant(rule.maximum)
    return f"(CASE WHEN {column} BETWEEN {low} AND {high} THEN {column} END)::DOUBLE AS {column}"


def _window_sql(window: Window, names: Names) -> str:
    where, clock, length, last_rows = window
    parts = [condition_sql(where, names)] if where is not None else []
    if clock is not None:
        parts.append(f"{clock} >= -{length}")
    if last_rows is not None:
        parts.append(f"{RECENT} <= {last_rows}")
    return " AND ".join(parts)


def _aggregate_sql(partial: Partial, plan: TablePlan) -> str:
    """One aggregate column of a GROUP BY. CASE WHEN runs a fifth faster than FILTER here."""
    names = plan.values
    keep = [] if partial.window == EVERY_ROW else [plan.windows[partial.window]]
    if partial.kind in ("rows", "hits"):
        keep += [condition_sql(partial.value, names)] if isinstance(partial.value, Condition) else []
        return f"count({_where(keep, '1')})" if keep else "count(*)"
    assert partial.value is not None
    value = _where(keep, number_sql(partial.value, names))
    match partial.kind:
        case "last":
            return f"arg_max({value}, {MOMENT})"  # rows without a value are skipped
        case "trend":
            return f"regr_slope({value}, {partial.clock})"
    function = {"mean": "avg", "std": "stddev_pop"}.get(partial.kind, partial.kind)
    return f"{function}({value})"


def _where(keep: list[str], value: str) -> str:
    return f"CASE WHEN {' AND '.join(keep)} THEN {value} END" if keep else value


def _rows_sql(plan: TablePlan, sources: Mapping[str, str]) -> str:
    """The table's rows with their client: months through their credit, one row per instalment."""
    if plan.table == "bureau_balance":
        return (
            f"{sources['bureau_balance']} AS months "
            f"JOIN (SELECT SK_ID_BUREAU, {CLIENT} FROM {sources['bureau']}) AS credits USING (SK_ID_BUREAU)"
        )
    if plan.table == "instalments":
        return f"""(
            SELECT any_value({CLIENT}) AS {CLIENT}, SK_ID_PREV, DAYS_INSTALMENT AS due_day,
                NUM_INSTALMENT_VERSION AS version, NUM_INSTALMENT_NUMBER AS number,
                any_value(AMT_INSTALMENT) AS due, sum(coalesce(AMT_PAYMENT, 0)) AS paid,
                max(DAYS_ENTRY_PAYMENT) AS paid_day, count(*) AS payments
            FROM {sources["installments_payments"]}
            GROUP BY SK_ID_PREV, DAYS_INSTALMENT, NUM_INSTALMENT_VERSION, NUM_INSTALMENT_NUMBER)"""
    return sources[plan.table]


def _moment(plan: TablePlan) -> str:
    """The columns that order rows as one whole number: compared at once, much faster than one by one."""
    clock, identifier, *more = plan.order
    packed = f"({clock}::BIGINT * {1 << IDENTIFIER_BITS} + {identifier})"
    for name in more:
        packed = f"({packed} * {SMALLER_THAN} + {name}::BIGINT)"
    return packed


def table_sql(plan: TablePlan, sources: Mapping[str, str]) -> str:
    """One row per client of one table: every aggregate that the features need, as columns of `plan.partials`."""
    read = [CLIENT, *(_cleaned(plan.table, name) for name in plan.numbers), *plan.categories]
    moment = _moment(plan)
    if plan.needs_moment:
        read.append(f"{moment} AS {MOMENT}")
    if plan.last_rows:
        read.append(f"row_number() OVER (PARTITION BY {CLIENT} ORDER BY {moment} DESC) AS {RECENT}")
    values = [f"{_defined(value)} AS {name}" for value, name in plan.values.items()]
    windows = [f"({_window_sql(window, plan.values)}) AS {name}" for window, name in plan.windows.items()]
    aggregates = [f"{_aggregate_sql(partial, plan)} AS {name}" for partial, name in plan.partials.items()]
    return f"""
        SELECT {_listed([CLIENT, *aggregates])}
        FROM (SELECT {_listed(["*", *windows])}
            FROM (SELECT {_listed(["*", *values])}
                FROM (SELECT {_listed(read)} FROM {_rows_sql(plan, sources)})))
        GROUP BY {CLIENT}"""


def _defined(value: Number) -> str:
    return condition_sql(value, {}) if isinstance(value, Condition) else number_sql(value, {})


def _listed(parts: Iterable[str]) -> str:
    return ",\n            ".join(parts)


def _answer_sql(feature: Feature, answer: Answer, names: Mapping[Partial, str]) -> str:
    """A feature out of joined aggregates: a client without rows has NULL in all of them."""
    value = names[answer.main]
    if answer.main.kind == "trend":
        assert answer.main.clock is not None
        value = f"({value} * {YEAR_OF[kind_of(feature.table, answer.main.clock)]})"
    if answer.rows is None:
        return value
    rows = names[answer.rows]
    if answer.share:
        value = f"({value}::DOUBLE / {rows})"
    nothing = "NULL" if math.isnan(feature.when_no_rows) else _constant(feature.when_no_rows)
    return f"CASE WHEN {rows} > 0 THEN {value}::DOUBLE ELSE {nothing} END"


def catalogue_sql(catalogue: Catalogue, sources: Mapping[str, str]) -> str:
    """The query: SK_ID_CURR and every feature as FLOAT, one row per application. `sources`: what to read from."""
    plans = table_plans(catalogue)
    single = [feature for feature in catalogue if feature.agg is None]
    columns = set(TABLES["application"].columns)
    read = [CLIENT, *(_cleaned("application", c) for c in numbers_of(single) if c in columns)]
    read += [c for c in categories_of(single) if c in columns]
    joins = "\n".join(
        f"LEFT JOIN ({table_sql(plan, sources)}) AS {plan.prefix} USING ({CLIENT})" for plan in plans
    )
    answers = [
        f"{_answer_sql(feature, answer_of(feature), plan.partials)} AS {feature.name}"
        for plan in plans
        for feature in plan.features
    ]
    applications = f"(SELECT {_listed(read)} FROM {sources['application']})"
    query = f"SELECT {_listed(['*', *answers])} FROM {applications} {joins}"
    for layer in one_row_layers(catalogue):
        added = (f"{number_sql(feature.value, {})} AS {feature.name}" for feature in layer)
        query = f"SELECT {_listed(['*', *added])} FROM ({query})"
    return f"SELECT {_listed([CLIENT, *(f'{name}::FLOAT AS {name}' for name in catalogue.names)])} FROM ({query})"


def parquet_sources(folder: Path) -> dict[str, str]:
    """What the query reads from: one Parquet file per table."""
    return {name: f"read_parquet('{folder / name}.parquet')" for name in TABLES}


def csv_sources(folder: Path) -> dict[str, str]:
    """The same straight from CSV, with the types said so that nothing must be guessed."""
    return {name: _csv_sql(folder, table) for name, table in TABLES.items()}


def _csv_sql(folder: Path, table: Table) -> str:
    words = {"id": "INTEGER", "category": "VARCHAR"}
    types = ", ".join(f"'{name}': '{words.get(c.kind, 'DOUBLE')}'" for name, c in table.columns.items())
    files = [f"read_csv('{folder / file}.csv', header = true, types = {{{types}}})" for file in table.files]
    if len(files) == 1:
        return files[0]
    train, test = files
    test = test.replace("'TARGET': 'DOUBLE', ", "")
    return f"(SELECT * FROM {train} UNION ALL BY NAME SELECT * FROM {test})"
