"""Here: reading a folder in the Kaggle layout column by column, and shares, means and quantiles with errors.
Not here: what they are compared with (report.py and its checks).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from simulator.facts import Bools, Coded, Floats, Ints, read_layout

Ids = NDArray[np.int32]  # identifiers and places of clients: half the memory, and they fit
NULLS = [""]
AT_ONCE = 1 << 22
ARROW_TYPES = {"int": pa.int32(), "float": pa.float32(), "text": pa.dictionary(pa.int32(), pa.string())}


class MeasuredTable:
    """One table of a folder, read whole; columns become arrays when asked for. `clients`: who they belong to.

    `owner` is each row's client, as a place in the portfolio's clients; -1 where it has none.
    """

    def __init__(self, name: str, rows: pa.Table, clients: Ids) -> None:
        self.name, self._rows = name, rows
        self.columns = tuple(rows.column_names)
        self.kinds = read_layout(name)
        self.owner = self._owners(clients)

    def __len__(self) -> int:
        return int(self._rows.num_rows)

    def numbers(self, column: str) -> Floats:
        """A number column, NaN where missing. Whole numbers as float32, exact up to 16,777,216: no identifiers."""
        found: Floats = self._rows.column(column).to_numpy().astype(np.float32, copy=False)
        return found

    def texts(self, column: str) -> Coded:
        """A text column."""
        values = self._rows.column(column).unify_dictionaries().combine_chunks()
        codes = values.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return Coded(codes, tuple(values.dictionary.to_pylist()))

    def missing(self, column: str) -> Bools:
        """True where the column holds nothing."""
        if self.kinds[column] == "text":
            return self.texts(column).codes < 0
        return np.isnan(self.numbers(column))

    def equals(self, column: str, value: str) -> Bools:
        """True where the column holds the value, given as text."""
        if self.kinds[column] == "text":
            return self.texts(column).equals(value)
        return np.equal(self.numbers(column), np.float32(float(value)))

    def ids(self, column: str) -> Ids:
        """An identifier column."""
        found: Ids = self._rows.column(column).to_numpy().astype(np.int32, copy=False)
        return found

    def _owners(self, clients: Ids) -> Ids:
        if "SK_ID_CURR" not in self.columns:
            return np.full(len(self), -1, dtype=np.int32)
        return place_of(clients, self.ids("SK_ID_CURR"))


def place_of(known: Ids, wanted: Ids) -> Ids:
    """Place of each wanted number among the known ones, which rise; -1 where it is not there."""
    found = np.full(len(wanted), -1, dtype=np.int32)
    for part in parts(len(wanted) if len(known) else 0):
        place = np.minimum(np.searchsorted(known, wanted[part]), len(known) - 1)
        found[part] = np.where(known[place] == wanted[part], place, -1)
    return found


def parts(rows: int) -> Iterator[slice]:
    """The rows a few millions at a time, so that temporary arrays stay small."""
    return (slice(start, min(start + AT_ONCE, rows)) for start in range(0, rows, AT_ONCE))


@dataclass(frozen=True)
class Portfolio:
    """A folder's clients in the order of their identifiers: who is in test, and TARGET (NaN in test)."""

    folder: Path
    clients: Ids
    in_test: Bools
    target: Floats

    def read(self, table: str) -> MeasuredTable:
        """One of the eight tables; months of bureau_balance find their client through bureau."""
        measured = MeasuredTable(table, read_table(self.folder, table), self.clients)
        if table == "bureau_balance":
            measured.owner = self.owners_of(measured.ids("SK_ID_BUREAU"))
        return measured

    def owners_of(self, credits: Ids) -> Ids:
        """The client of each credit, -1 of those that bureau does not hold."""
        identifiers, owners = self._credits
        found = place_of(identifiers, credits)
        for part in parts(len(found)):
            found[part] = np.where(found[part] >= 0, owners[np.maximum(found[part], 0)], -1)
        return found

    @property
    def credit_owners(self) -> Ids:
        """The client of each credit of bureau, in the order of SK_ID_BUREAU."""
        return self._credits[1]

    @cached_property
    def _credits(self) -> tuple[Ids, Ids]:
        credits = MeasuredTable(
            "bureau", read_table(self.folder, "bureau", ("SK_ID_CURR", "SK_ID_BUREAU")), self.clients
        )
        order = np.argsort(credits.ids("SK_ID_BUREAU"))
        return credits.ids("SK_ID_BUREAU")[order], credits.owner[order]


def read_portfolio(folder: Path) -> Portfolio:
    """Who is in a folder of tables. Errors: FileNotFoundError naming the table that is not there."""
    train = read_table(folder, "application_train", ("SK_ID_CURR", "TARGET"))
    test = read_table(folder, "application_test", ("SK_ID_CURR",))
    ids = np.concatenate([train["SK_ID_CURR"].to_numpy(), test["SK_ID_CURR"].to_numpy()]).astype(np.int32)
    target = np.concatenate([train["TARGET"].to_numpy(), np.full(len(test), np.nan)])
    order = np.argsort(ids)
    return Portfolio(folder, ids[order], (np.arange(len(ids)) >= len(train))[order], target[order])


def read_table(folder: Path, table: str, columns: tuple[str, ...] | None = None) -> pa.Table:
    """Columns of a table, CSV or Parquet, in the types of `ARROW_TYPES`."""
    layout = read_layout(table)
    wanted = list(columns or layout)
    types = {name: ARROW_TYPES[layout[name]] for name in wanted}
    parquet = folder / f"{table}.parquet"
    if parquet.exists():
        rows = pq.read_table(parquet, columns=wanted)
        return pa.table({name: _typed(rows.column(name), types[name]) for name in wanted})
    for name in (f"{table}.csv", f"{table}.csv.gz"):
        if (folder / name).exists():
            options = pacsv.ConvertOptions(
                column_types=types, include_columns=wanted, null_values=NULLS, strings_can_be_null=True
            )
            return pacsv.read_csv(folder / name, convert_options=options)
    raise FileNotFoundError(
        f"{folder} holds no {table}.csv or .parquet: expected the eight tables of a portfolio."
    )


def _typed(column: Any, kind: Any) -> Any:
    if pa.types.is_dictionary(kind):
        return column.cast(pa.string()).dictionary_encode()
    return column.cast(kind)


@dataclass(frozen=True)
class People:
    """Clients to measure as the published figure was: each one's weight and group, -1 for those left out.

    `behind` holds how many clients of each group stand behind the figure, None where all of them do.
    """

    weight: Floats
    group: Ints
    behind: tuple[int, ...] | None

    @property
    def chosen(self) -> Bools:
        return self.group >= 0

    def fact_variance(self, parts: Floats) -> float:
        """Variance of the published figure, from the simulated clients' squared parts in the estimate."""
        if self.behind is None:
            return 0.0
        chosen = self.chosen
        groups = len(self.behind)
        sums = np.bincount(self.group[chosen], parts[chosen], minlength=groups)
        clients = np.bincount(self.group[chosen], minlength=groups)
        return float((sums * clients / np.array(self.behind, dtype=np.float64)).sum())


@dataclass(frozen=True)
class Estimate:
    """A figure measured on a portfolio, and the standard errors of it and of the published one."""

    value: float
    error: float
    fact_error: float


def ratio(people: People, top: Floats, bottom: Floats) -> Estimate:
    """Weighted sum over clients of `top` by that of `bottom`; both hold one number per client.

    Standard errors treat clients as drawn independently (linearised ratio), so many rows of few clients count
    as few.
    """
    weight = np.where(people.chosen, people.weight, 0.0)
    whole = float((weight * bottom).sum())
    if whole <= 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    value = float((weight * top).sum()) / whole
    parts = (weight * (top - value * bottom) / whole) ** 2
    return Estimate(value, float(np.sqrt(parts.sum())), float(np.sqrt(people.fact_variance(parts))))


def share(people: People, top: Floats, bottom: Floats) -> Estimate:
    """The ratio of counts per client, `top` of `bottom`.

    No hits, or nothing else, among few clients proves little: the error is at least that of a share with one
    more hit and one more miss, as if each client had one row.
    """
    found = ratio(people, top, bottom)
    if 0.0 < found.value < 1.0:
        return found
    many = int((people.chosen & (bottom > 0)).sum())
    near = (found.value * many + 1.0) / (many + 2.0)
    return replace(found, error=max(found.error, float(np.sqrt(near * (1.0 - near) / max(many, 1)))))


def share_of_rows(people: People, owner: Ids, hits: Bools, present: Bools) -> Estimate:
    """Share of the rows that are `present` in which `hits` holds; rows of no client are left out."""
    bottom = rows_of_clients(people, owner, present)
    return share(people, rows_of_clients(people, owner, present & hits), bottom)


def rows_of_clients(people: People, owner: Ids, rows: Bools) -> Floats:
    """How many of the rows each client has; those without a client (-1) are nobody's."""
    counts = np.zeros(len(people.weight))
    for part in parts(len(owner)):
        own = owner[part][rows[part]]
        counts += np.bincount(own[own >= 0], minlength=len(counts))
    return counts


def rows_up_to(people: People, owner: Ids, values: Floats, edges: Floats) -> Floats:
    """Array (edges, clients): how many of each client's values are at most each edge, edges rising.

    Missing values are above all edges.
    """
    width = len(edges) + 1
    counts = np.zeros(len(people.weight) * width, dtype=np.int64)
    for part in parts(len(owner)):
        ours = owner[part] >= 0
        cell = owner[part][ours].astype(np.int64) * width + np.searchsorted(
            edges, values[part][ours], side="left"
        )
        counts += np.bincount(cell, minlength=len(counts))
    return np.cumsum(counts.reshape(-1, width)[:, :-1], axis=1).T.astype(np.float64)


def build_people(portfolio: Portfolio) -> Mapping[str, People]:
    """The populations that published figures were measured on, by name.

    halves: 5,000 train and 5,000 test clients. raised: 719 train clients, 31 % of whom defaulted; our train
    clients are weighted to that. train_tenth: 30,752 train clients. The others: all of their kind.
    """
    tests, target = portfolio.in_test, portfolio.target
    one = np.ones(len(tests))
    side = tests.astype(np.int64)
    bad = np.nan_to_num(target).astype(np.int64)
    return {
        "everyone": People(one, np.zeros(len(tests), dtype=np.int64), None),
        "train": People(one, np.where(tests, -1, 0), None),
        "test": People(one, np.where(tests, 0, -1), None),
        "train_tenth": People(one, np.where(tests, -1, 0), (30_752,)),
        "train_half": People(one, np.where(tests, -1, 0), (5_000,)),
        "test_half": People(one, np.where(tests, 0, -1), (5_000,)),
        "halves": People(_halves(tests), side, (5_000, 5_000)),
        "raised": People(_raised(tests, target), np.where(tests, -1, bad), (496, 223)),
    }


def _halves(tests: Bools) -> Floats:
    return np.where(tests, 0.5 / max(int(tests.sum()), 1), 0.5 / max(int((~tests).sum()), 1))


def _raised(tests: Bools, target: Floats) -> Floats:
    goods, bads = max(int((target == 0).sum()), 1), max(int((target == 1).sum()), 1)
    return np.where(tests, 0.0, np.where(target == 1, 0.31 / bads, 0.69 / goods))


@dataclass(frozen=True)
class Ordered:
    """Values in rising order and the weight up to each."""

    values: Floats
    heights: Floats

    @classmethod
    def of(cls, values: Floats, weights: Floats) -> "Ordered":
        """The values with their weights, in any order."""
        order = np.argsort(values)
        return cls(values[order], np.cumsum(weights[order]))

    def quantile(self, level: float) -> float:
        """The smallest value up to which `level` of the weight lies; NaN without values."""
        if len(self.values) == 0:
            return float("nan")
        place = int(np.searchsorted(self.heights, level * self.heights[-1] * (1 - 1e-12)))
        return float(self.values[min(place, len(self.values) - 1)])
