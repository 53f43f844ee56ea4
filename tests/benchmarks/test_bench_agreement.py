"""DuckDB and Polars compute every declared feature as the builder does: two second opinions that share no code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from drawn_tables import draw_tables

from benchmarks.agreement import ColumnDifference, Disagreement, compare_columns, require_agreement
from benchmarks.data import arrow_schema
from benchmarks.in_duckdb import catalogue_sql
from benchmarks.in_polars import catalogue_frame
from features import CATALOGUE, TABLES, Catalogue, Feature, build_features
from features.expressions import col, sum_of

Tables = Mapping[str, pd.DataFrame]


def _extra(name: str, table: str, agg: str | None, **more: object) -> Feature:
    given = {"unit": "amount", "group": "INCOME", "meaning": "-", "reason": "-", **more}
    return Feature(name=name, table=table, agg=agg, **given)


BALANCE, PAID, LATE = col("AMT_BALANCE"), col("paid"), (col("paid_day") - col("due_day")) > 0
EXTRAS = (  # what the catalogue happens not to use
    _extra("card_x_std_last2", "credit_card_balance", "std", value=BALANCE, last_rows=2, when_no_rows=-1),
    _extra("card_x_last", "credit_card_balance", "last", value=BALANCE, where=col("SK_DPD") > 0),
    _extra("card_x_trend", "credit_card_balance", "trend", value=BALANCE, clock="MONTHS_BALANCE"),
    _extra("inst_x_trend_365d", "instalments", "trend", value=PAID, within_days=365, clock="due_day"),
    _extra("inst_x_last", "instalments", "last", value=PAID - col("due"), where=col("due") > 0),
    _extra(
        "inst_x_late_max", "instalments", "max", value=LATE, where=~LATE | (col("version") < 2), unit="flag"
    ),
    _extra(
        "inst_x_late_sum_last3", "instalments", "sum", value=LATE, last_rows=3, when_no_rows=0, unit="count"
    ),
    _extra(
        "prev_x_min_366d",
        "previous_application",
        "min",
        value=col("AMT_CREDIT").or_else(7.5) * 2 + 1,
        where=(col("AMT_ANNUITY") >= 100) | ~col("NAME_YIELD_GROUP").has_no_category(),
        within_days=366,
        clock="DAYS_DECISION",
        when_no_rows=-3,
    ),
    _extra(
        "prev_x_sum",
        "previous_application",
        "sum",
        value=sum_of(col("AMT_ANNUITY"), col("AMT_DOWN_PAYMENT")),
        where=col("AMT_GOODS_PRICE").is_missing() | ~(col("AMT_CREDIT") > 22_500),
    ),
    _extra(
        "bureau_x_count_last4",
        "bureau_balance",
        "count",
        value=col("MONTHS_BALANCE"),
        where=col("STATUS").is_in("X", "C") & (col("MONTHS_BALANCE") <= -2),
        last_rows=4,
        when_no_rows=0,
        unit="count",
    ),
    _extra("card_x_to_bureau", "client", None, value=col("card_x_last") / col("bureau_x_count_last4")),
    _extra("card_x_again", "client", None, value=-col("card_x_to_bureau").at_least(-2).or_else(9)),
)
ALL = Catalogue((*CATALOGUE, *EXTRAS))


def as_arrow(tables: Tables) -> dict[str, pa.Table]:
    """The tables in the types that the benchmarks write, NaN and empty cells as null."""
    return {
        name: pa.Table.from_pandas(
            tables[name], arrow_schema(table, tables[name].columns), preserve_index=False
        )
        for name, table in TABLES.items()
    }


def with_duckdb(tables: Tables, catalogue: Catalogue) -> pd.DataFrame:
    connection = duckdb.connect(config={"threads": 2})
    for name, rows in as_arrow(tables).items():
        connection.register(f"given_{name}", rows)
    query = catalogue_sql(catalogue, {name: f"given_{name}" for name in TABLES})
    return connection.execute(query).to_arrow_table().to_pandas()


def with_polars(tables: Tables, catalogue: Catalogue) -> pd.DataFrame:
    sources = {name: pl.LazyFrame(pl.from_arrow(rows)) for name, rows in as_arrow(tables).items()}
    return catalogue_frame(catalogue, sources).collect(engine="streaming").to_arrow().to_pandas()


ENGINES = [with_duckdb, with_polars]
Engine = Callable[[Tables, Catalogue], pd.DataFrame]


def require_same(tables: Tables, catalogue: Catalogue, engine: Engine) -> None:
    """Fails unless every client has the same missing values and nearly the same numbers."""
    ours = build_features(tables, catalogue).astype(np.float64)
    theirs = engine(tables, catalogue).set_index("SK_ID_CURR").sort_index().astype(np.float64)
    clients = ours.index.to_numpy()
    assert clients.tolist() == theirs.index.tolist()
    columns = [compare_columns(n, ours[n].to_numpy(), theirs[n].to_numpy(), clients) for n in catalogue.names]
    require_agreement(engine.__name__, columns)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", range(5))
def test_engines_agree_on_drawn_tables(engine: Engine, seed: int) -> None:
    """Rows full of window edges, ties, sentinels and missing values say the same in three engines."""
    require_same(draw_tables(seed, clients=60, rows=9, strangers=3), ALL, engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree_where_nobody_has_rows(engine: Engine) -> None:
    """Without any row, counts are 0 and the rest is missing, in three engines."""
    require_same(draw_tables(3, clients=4, rows=0), ALL, engine)


@pytest.mark.sample
@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree_on_real_rows(engine: Engine, sample_folder: Path) -> None:
    """Every feature of every client of the real sample is the same in three engines."""
    tables = {
        name: pd.concat(
            [pd.read_csv(sample_folder / f"{f}.csv", low_memory=False) for f in table.files],
            ignore_index=True,
        )
        for name, table in TABLES.items()
    }
    require_same(tables, CATALOGUE, engine)


def _difference(ours: list[float], theirs: list[float]) -> ColumnDifference:
    clients = np.arange(101, 101 + len(ours))
    return compare_columns("x", np.array(ours), np.array(theirs), clients)


def test_one_missing_value_is_a_disagreement() -> None:
    """A value where the other has none cannot be close; the client is named."""
    found = _difference([1, np.nan, 3], [1, 2, 3])
    assert (found.missing, found.client, found.agrees) == (1, 102, False)


def test_infinite_counts_as_missing() -> None:
    """The builder writes no infinite value, so a peer's infinite one is missing."""
    assert _difference([1, np.nan], [1, np.inf]).agrees


def test_difference_is_relative_to_the_column() -> None:
    """1e-9 beside a true 0 in a column of ones is no difference; 0.001 beside 1 is one."""
    assert _difference([1, 1, 0], [1, 1, 1e-9]).agrees
    found = _difference([1, 1, 1], [1, 1.001, 1])
    assert (found.client, found.agrees) == (102, False)


def test_disagreement_names_who_and_what() -> None:
    """The message says which side, which column, which client."""
    with pytest.raises(Disagreement, match=r"duckdb disagrees in 1 of 1 columns: x: .*client 102"):
        require_agreement("duckdb", [_difference([1, 1], [1, 2])])
