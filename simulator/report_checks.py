"""Here: every published figure measured on a portfolio, family by family, each with its tolerance.
Not here: reading and arithmetic (measuring.py), behaviour over a client's history (report_histories.py).
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from simulator.facts import Bools, Floats, read_facts
from simulator.measuring import (
    Estimate,
    MeasuredTable,
    Ordered,
    People,
    ratio,
    rows_of_clients,
    rows_up_to,
    share,
    share_of_rows,
)
from simulator.report_table import CheckedFact

POINTS = 0.015  # of shares and rates, as the project asks
QUANTILE_POINTS = 0.025  # of clients or rows that lie below a published quantile
RANGE = 0.01  # of the width between smallest and largest published value
CORRELATION = 0.05
TARGET_CORRELATION = 0.02
RELATIVE = 0.05  # of counts and means
FEWEST_BEHIND = 100  # clients behind a published default rate; fewer say nothing
FEWEST_EXPECTED = 10  # simulated clients whose rate is compared
TENTH = 30_752  # train clients on whom rates and correlations were published
SENTINEL = 365243.0
MOST_ORDERED = 1_000_000  # values that a shown quantile is taken from; what is checked are exact shares
EDGE = 1e-5  # published quantiles are rounded


def fact_of_estimate(
    place: tuple[str, str, str, str],
    published: float,
    found: Estimate,
    tolerance: float,
    relative: bool = False,
) -> CheckedFact:
    """A figure beside an estimate; `relative`: the tolerance is a share of the published figure."""
    scale = abs(published) if relative else 1.0
    allowance = 2.0 * float(np.hypot(found.error, found.fact_error)) / scale
    return CheckedFact(
        *place, published, found.value, (found.value - published) / scale, tolerance, allowance
    )


def check_table(table: MeasuredTable, people: dict[str, People]) -> Iterator[CheckedFact]:
    """Missing shares, categories, quantiles and ranges of one table."""
    yield from _missing(table, people)
    yield from _categories(table, people)
    yield from _quantiles(table, people)
    yield from _ranges(table)


def published(name: str, table: str = "", column: str = "") -> list[dict[str, Any]]:
    """The rows of a table of figures, those of one table or column if it is named."""
    facts = read_facts(name)
    if table:
        facts = facts[facts["table"] == table]
    if column:
        facts = facts[facts["column"] == column]
    return [{str(key): value for key, value in row.items()} for row in facts.to_dict("records")]


def _missing(table: MeasuredTable, people: dict[str, People]) -> Iterator[CheckedFact]:
    every = np.ones(len(table), dtype=np.bool_)
    for row in published("report_missing", table.name):
        column, who = row["column"], people[row["population"]]
        found = share_of_rows(who, table.owner, table.missing(column), every)
        yield fact_of_estimate(("missing", table.name, column, "missing"), row["share"], found, POINTS)


def _categories(table: MeasuredTable, people: dict[str, People]) -> Iterator[CheckedFact]:
    for name, rows in groupby(published("report_shares", table.name), itemgetter("column")):
        bottom = rows_of_clients(people["everyone"], table.owner, ~table.missing(name))
        for row in rows:
            value, who = str(row["value"]), people[row["population"]]
            hits = rows_of_clients(people["everyone"], table.owner, table.equals(name, value))
            found = share(who, hits, bottom)
            yield fact_of_estimate(("categories", table.name, name, value), row["share"], found, POINTS)


def _quantiles(table: MeasuredTable, people: dict[str, People]) -> Iterator[CheckedFact]:
    """The share of values below each published quantile; ties at it count either way."""
    for column, facts in groupby(published("report_quantiles", table.name), itemgetter("column")):
        rows = list(facts)
        values, everyone = table.numbers(column), people["everyone"]
        expected = np.array([row["value"] for row in rows], dtype=np.float64)
        slack = EDGE * np.maximum(np.abs(expected), 1e-3)
        edges = np.unique([expected - slack, expected + slack])
        upto = rows_up_to(everyone, table.owner, values, edges)
        bottom = rows_of_clients(everyone, table.owner, ~np.isnan(values))
        few = slice(None, None, 1 + len(values) // MOST_ORDERED)
        present = (table.owner[few] >= 0) & ~np.isnan(values[few])
        owner, values = table.owner[few][present], values[few][present]
        ordered: dict[str, Ordered] = {}
        for row, value, tie in zip(rows, expected, slack, strict=True):
            who = people[row["population"]]
            if row["population"] not in ordered:
                chosen = who.chosen[owner]
                ordered[row["population"]] = Ordered.of(values[chosen], who.weight[owner[chosen]])
            low, high = (
                share(who, upto[np.searchsorted(edges, edge)], bottom) for edge in (value - tie, value + tie)
            )
            place = ("quantiles", table.name, column, f"{row['level']:.0%} quantile")
            own = ordered[row["population"]].quantile(row["level"])
            yield _quantile_fact(place, row["level"], float(value), own, low, high)


def _quantile_fact(
    place: tuple[str, str, str, str],
    level: float,
    expected: float,
    own: float,
    below: Estimate,
    upto: Estimate,
) -> CheckedFact:
    """Off by as many points as `level` lies outside of the shares below and up to the published value."""
    off = max(below.value - level, 0.0) + min(upto.value - level, 0.0)
    allowance = 2.0 * float(np.hypot(upto.error, upto.fact_error))
    return CheckedFact(*place, expected, own, off, QUANTILE_POINTS, allowance)


def _ranges(table: MeasuredTable) -> Iterator[CheckedFact]:
    for row in published("report_ranges", table.name):
        column, low, high = row["column"], float(row["lowest"]), float(row["highest"])
        values = table.numbers(column)
        width = max(high - low, 1.0)
        smallest, largest = (
            (float(np.nanmin(values)), float(np.nanmax(values))) if np.isfinite(values).any() else (low, high)
        )
        place = ("ranges", table.name, column)
        yield CheckedFact(*place, "smallest", low, smallest, min(smallest - low, 0.0) / width, RANGE)
        yield CheckedFact(*place, "largest", high, largest, max(largest - high, 0.0) / width, RANGE)


def check_default_rates(train: MeasuredTable, people: dict[str, People]) -> Iterator[CheckedFact]:
    """Default rate overall, by value and by decile of the main columns."""
    target = train.numbers("TARGET")
    every = np.ones(len(train), dtype=np.bool_)
    overall = read_facts("report_per_client").query("statistic == 'default rate'")["value"].iloc[0]
    found = share_of_rows(people["train"], train.owner, target == 1, every)
    place = ("default rates", train.name, "TARGET", "default rate")
    yield fact_of_estimate(place, float(overall), found, 0.005)
    for row in published("report_rates"):
        expected = row["clients"] / TENTH * len(train)
        if row["clients"] >= FEWEST_BEHIND and expected >= FEWEST_EXPECTED:
            rows, what = _rows_of_rate(train, row)
            found = share_of_rows(people["train_tenth"], train.owner, target == 1, rows)
            place = ("default rates", train.name, row["column"], f"default rate {what}")
            yield fact_of_estimate(place, row["rate"], found, POINTS)


def _rows_of_rate(train: MeasuredTable, row: dict[str, Any]) -> tuple[Bools, str]:
    """The clients that a published rate is about, and who they are in words."""
    column = row["column"]
    if row["kind"] == "value":
        return train.equals(column, str(row["value"])), f"if {row['value']}"
    if row["kind"] == "missing":
        texts = train.kinds[column] == "text"
        return (train.missing(column) if texts else np.isnan(present_numbers(train, column))), "if missing"
    values, low, high = present_numbers(train, column), float(row["low"]), float(row["high"])
    slack = EDGE * abs(high)
    return (values > low + EDGE * abs(low)) & (values <= high + slack), f"in ({low:.6g}, {high:.6g}]"


def present_numbers(table: MeasuredTable, column: str) -> Floats:
    """The column's numbers, NaN where missing or where the sentinel of DAYS_EMPLOYED stands."""
    values = table.numbers(column).astype(np.float64)
    return np.where(values == SENTINEL, np.nan, values) if column == "DAYS_EMPLOYED" else values


def check_correlations(train: MeasuredTable) -> Iterator[CheckedFact]:
    """Rank correlations between the main columns, and the correlation of every column with TARGET."""
    facts = read_facts("spearman").set_index("column")
    names = list(facts.columns)
    frame = pd.DataFrame({name: present_numbers(train, name) for name in names})
    found = frame.corr(method="spearman").to_numpy()
    filled = frame.notna().to_numpy(dtype=np.float64)
    behind = np.maximum(filled.T @ filled, 1.0)
    for a, first in enumerate(names):
        for b, second in enumerate(names[:a]):
            expected, own = float(facts.to_numpy()[a, b]), float(found[a, b])
            share = behind[a, b] / len(train)
            error = (1 - expected**2) * np.sqrt(1 / behind[a, b] + 1 / (share * TENTH))
            place = ("rank correlations", train.name, first, f"with {second}")
            yield CheckedFact(*place, expected, own, own - expected, CORRELATION, 2.0 * float(error))
    yield from _target_correlations(train)


def _target_correlations(train: MeasuredTable) -> Iterator[CheckedFact]:
    target = train.numbers("TARGET")
    for row in published("report_target_correlations"):
        column, expected = row["column"], float(row["correlation"])
        values = present_numbers(train, column)
        there = ~np.isnan(values)
        count = max(int(there.sum()), 1)
        varies = count > 2 and values[there].std() > 0 and target[there].std() > 0
        own = float(np.corrcoef(values[there], target[there])[0, 1]) if varies else 0.0
        error = np.sqrt(1 / count + 1 / (count / len(train) * TENTH))
        place = ("TARGET correlations", train.name, column, "with TARGET")
        yield CheckedFact(*place, expected, own, own - expected, TARGET_CORRELATION, 2.0 * float(error))


def check_rows(clients: int, tables: dict[str, int]) -> Iterator[CheckedFact]:
    """Rows of each table per client of the portfolio."""
    facts = (
        read_facts("report_per_client").query("statistic == 'rows per client'").set_index("table")["value"]
    )
    for table, rows in tables.items():
        expected, own = float(facts[table]), rows / clients
        place = ("rows", table, "", "rows per client of the portfolio")
        yield CheckedFact(*place, expected, own, own / expected - 1.0, RELATIVE, 2.0 * clients**-0.5)


def check_rows_per_client(table: MeasuredTable, people: dict[str, People]) -> Iterator[CheckedFact]:
    """Share of clients with rows, mean and quantiles of rows of those, identifiers per client."""
    counts = rows_of_clients(people["everyone"], table.owner, table.owner >= 0)
    has = (counts > 0).astype(float)
    one = np.ones(len(counts))
    for row in published("report_per_client", table.name):
        statistic, expected = row["statistic"], float(row["value"])
        who = people[row["population"]]
        place = ("rows per client", table.name, "", f"{statistic} ({row['population']})")
        if statistic in ("share_with_rows", "share_of_clients_with_any"):
            yield fact_of_estimate(place, expected, ratio(who, has, one), POINTS)
        elif statistic == "mean_if_any":
            yield fact_of_estimate(place, expected, ratio(who, counts, has), RELATIVE, relative=True)
        elif statistic.startswith("quantile "):
            yield _count_quantile(place, who, counts, float(statistic.removeprefix("quantile ")), expected)
        elif statistic.endswith(" per client") and statistic.startswith("SK_ID"):
            own = len(np.unique(table.ids(statistic.split()[0]))) / len(counts)
            yield CheckedFact(
                *place, expected, own, own / expected - 1.0, RELATIVE, 2.0 * len(counts) ** -0.5
            )


def _count_quantile(
    place: tuple[str, str, str, str], who: People, counts: Floats, level: float, expected: float
) -> CheckedFact:
    has = (counts > 0).astype(float)
    below = ratio(who, has * (counts < expected), has)
    upto = ratio(who, has * (counts <= expected), has)
    chosen = who.chosen & (counts > 0)
    own = Ordered.of(counts[chosen], who.weight[chosen]).quantile(level)
    return _quantile_fact(place, level, expected, own, below, upto)
