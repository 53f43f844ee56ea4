"""Here: reading the small tables of published figures and drawing values that follow them.
Not here: which column follows which cause (the tables' modules).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from statistics import NormalDist

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

EXTREME = 4.5  # standard deviations at which a marginal reaches its published minimum or maximum


@dataclass(frozen=True)
class Coded:
    """A text column: `codes` index `values`, -1 means missing."""

    codes: Ints
    values: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: Ints | Bools) -> "Coded":
        """The same column at these rows."""
        return Coded(self.codes[rows], self.values)

    def equals(self, value: str) -> Bools:
        """True where the column holds `value`; all False for a value it does not know."""
        if value not in self.values:
            return np.zeros(len(self.codes), dtype=bool)
        return np.equal(self.codes, self.values.index(value))


Column = Floats | Ints | Coded
Rows = dict[str, Column]


@dataclass(frozen=True)
class Marginal:
    """A column's published quantiles, as a curve over standard normal positions."""

    positions: Floats
    values: Floats

    def at(self, position: Floats) -> Floats:
        """The value of each standard normal position: the median at 0."""
        return np.interp(position, self.positions, self.values)


@dataclass(frozen=True)
class Categories:
    """A column's published categories: and their shares."""

    values: tuple[str, ...]
    shares: Floats


@cache
def read_facts(name: str) -> pd.DataFrame:
    """One of the small tables of published figures in `facts/`."""
    with resources.files("simulator").joinpath("facts", f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False, na_values=[""])


def read_figures(name: str) -> pd.DataFrame:
    """One of the tables of derived figures in `facts/`."""
    with resources.files("simulator").joinpath("facts", f"{name}.parquet").open("rb") as file:
        table: pd.DataFrame = pq.read_table(file).to_pandas()
    return table


@cache
def read_layout(table: str) -> dict[str, str]:
    """Kind ("int", "float", "text") by column, in file order."""
    layout = read_facts("layout")
    mine = layout[layout["table"] == table]
    if mine.empty:
        raise ValueError(f"No table {table!r}: the layout knows {sorted(layout['table'].unique())}.")
    return dict(zip(mine["column"], mine["kind"], strict=True))


@cache
def read_missing(table: str, column: str) -> float:
    """Share of missing values of a column, 0.0 where it has none."""
    missing = read_facts("missing")
    found = missing.loc[(missing["table"] == table) & (missing["column"] == column), "share"]
    return float(found.iloc[0]) if len(found) else 0.0


@cache
def read_marginal(table: str, column: str, maximum: float | None = None) -> Marginal:
    """A column's quantile curve; `maximum` replaces a published maximum that is an outlier, not a tail."""
    quantiles = read_facts("quantiles")
    row = quantiles[(quantiles["table"] == table) & (quantiles["column"] == column)]
    if len(row) != 1:
        raise ValueError(
            f"{len(row)} quantile rows for {table}.{column}: expected one in facts/quantiles.csv."
        )
    levels = [float(level) for level in quantiles.columns[2:]]
    values = row.iloc[0, 2:].to_numpy(dtype=np.float64, copy=True)
    if maximum is not None:
        values[-1] = maximum
    inner = [NormalDist().inv_cdf(level) for level in levels[1:-1]]
    return Marginal(np.array([-EXTREME, *inner, EXTREME]), values)


@cache
def read_categories(table: str, column: str, without: tuple[str, ...] = ()) -> Categories:
    """A column's categories, shares summing to 1."""
    frame = read_facts("categories")
    mine = frame[(frame["table"] == table) & (frame["column"] == column) & ~frame["value"].isin(without)]
    if mine.empty:
        raise ValueError(f"No categories for {table}.{column} in facts/categories.csv.")
    shares = mine["share"].to_numpy(dtype=np.float64)
    return Categories(tuple(mine["value"].astype(str)), shares / shares.sum())


def draw_codes(rng: np.random.Generator, shares: Floats, rows: int) -> Ints:
    """A code 0..len(shares)-1 per row, code k with probability shares[k]."""
    edges = np.cumsum(shares) / np.sum(shares)
    return np.searchsorted(edges[:-1], rng.random(rows), side="right").astype(np.int64)


def ranked(numbers: Floats, shares: Floats, position: Floats) -> Floats:
    """One of the numbers per standard normal position: it rises with it and has the given shares."""
    order = np.argsort(numbers)
    edges = np.cumsum(shares[order]) / shares.sum()
    grid = np.linspace(-6.0, 6.0, 4001)
    heights = np.cumsum(np.exp(-(grid**2) / 2.0))
    level = np.interp(position, grid, heights / heights[-1])
    chosen: Floats = numbers[order][np.searchsorted(edges[:-1], level, side="right")]
    return chosen


def choose(rng: np.random.Generator, shares: dict[str, float], rows: int) -> Coded:
    """A value per row with the given shares."""
    return Coded(draw_codes(rng, np.array(list(shares.values())), rows), tuple(shares))


def constant(value: str, rows: int) -> Coded:
    """A text column that holds one value."""
    return Coded(np.zeros(rows, dtype=np.int64), (value,))


def where_coded(cases: Sequence[tuple[Bools, Coded]], rows: int) -> Coded:
    """The first case that holds decides each row's value; missing where none does."""
    values = tuple(dict.fromkeys(value for _, column in cases for value in column.values))
    codes = np.full(rows, -1, dtype=np.int64)
    for holds, column in reversed(cases):
        place = np.array([*(values.index(value) for value in column.values), -1], dtype=np.int64)
        codes = np.where(holds, place[column.codes], codes)
    return Coded(codes, values)


def with_missing(column: Floats, missing: Bools) -> Floats:
    """The column with NaN where `missing`."""
    return np.where(missing, np.nan, column)


def blank(column: Coded, missing: Bools) -> Coded:
    """The text column with missing values where `missing`."""
    return Coded(np.where(missing, -1, column.codes), column.values)


def to_step(amount: Floats, step: float) -> Floats:
    """Amounts rounded to a multiple of `step` (prices in the tables are multiples of 4.5)."""
    return np.round(np.round(amount / step) * step, 3)


def logistic(log_odds: Floats) -> Floats:
    """Probability of each log-odds: 1 / (1 + exp(-x)); 0.5 at 0."""
    return 1.0 / (1.0 + np.exp(-log_odds))


def text(rows: Rows, column: str) -> Coded:
    """A text column of the rows; a number column there is our mistake (TypeError)."""
    found = rows[column]
    if not isinstance(found, Coded):
        raise TypeError(f"{column} holds numbers: expected a text column.")
    return found


def number(rows: Rows, column: str) -> Floats:
    """A number column of the rows, as floats; a text column there is our mistake (TypeError)."""
    found = rows[column]
    if isinstance(found, Coded):
        raise TypeError(f"{column} holds texts: expected a number column.")
    return found.astype(np.float64, copy=False)


def take_rows(rows: Rows, chosen: Ints | Bools) -> Rows:
    """Every column at the chosen rows."""
    return {
        column: value.take(chosen) if isinstance(value, Coded) else value[chosen]
        for column, value in rows.items()
    }


def expand(counts: Ints) -> tuple[Ints, Ints]:
    """Owner of each row and its place among the owner's: counts (2, 0, 1) give (0, 0, 2) and (0, 1, 0)."""
    owner = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    first = np.cumsum(counts) - counts
    return owner, np.arange(len(owner), dtype=np.int64) - first[owner]
