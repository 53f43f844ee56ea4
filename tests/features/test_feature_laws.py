"""Laws of the builder on drawn tables: what must hold for every client, whatever the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn_tables import CLIENT, Tables, draw_tables, drawn_tables
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import naive_features

from features import (
    CATALOGUE,
    TABLES,
    Catalogue,
    Feature,
    MissingTable,
    RepeatedClients,
    build_features,
    frame_of_rows,
)
from features.expressions import col

few = settings(max_examples=25, deadline=None)


def _extra(name: str, table: str, agg: str, **more: object) -> Feature:
    given = {"unit": "amount", "group": "INCOME", "meaning": "-", "reason": "-", **more}
    return Feature(name=name, table=table, agg=agg, **given)  # type: ignore[arg-type] # words of any kind


BALANCE, PAID = col("AMT_BALANCE"), col("paid") - col("due")
EXTRAS = (  # what the catalogue happens not to use: other aggregations, windows with last rows and conditions
    _extra("card_x_std", "credit_card_balance", "std", value=BALANCE),
    _extra("card_x_std_last2", "credit_card_balance", "std", value=BALANCE, last_rows=2, when_no_rows=-1),
    _extra("card_x_trend", "credit_card_balance", "trend", value=BALANCE, clock="MONTHS_BALANCE"),
    _extra("inst_x_last", "instalments", "last", value=col("paid") - col("due"), where=col("due") > 0),
    _extra("inst_x_std_365d", "instalments", "std", value=col("paid"), within_days=365, clock="due_day"),
    _extra("inst_x_trend_365d", "instalments", "trend", value=PAID, within_days=365, clock="due_day"),
    _extra(
        "inst_x_sum",
        "instalments",
        "sum",
        value=col("payments") * col("number"),
        where=col("version") < 2,
        unit="count",
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
        "bureau_x_sum",
        "bureau",
        "sum",
        value=-col("DAYS_ENDDATE_FACT"),
        where=col("DAYS_CREDIT") < -35,
        unit="days",
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
)
ALL = Catalogue((*CATALOGUE, *EXTRAS))


def same_bits(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Fails unless clients, names and every bit agree, the bits of NaN included."""
    assert list(left.columns) == list(right.columns)
    assert left.index.tolist() == right.index.tolist()
    assert set(left.dtypes) == set(right.dtypes) == {np.dtype(np.float32)}
    differs = np.flatnonzero(np.any(_bits(left) != _bits(right), axis=0))
    assert not len(differs), f"{left.columns[differs].tolist()}"


def _bits(frame: pd.DataFrame) -> np.ndarray:
    return np.ascontiguousarray(frame.to_numpy()).view(np.uint32)


def rows_of(tables: Tables, clients: list[int]) -> Tables:
    """The tables with the rows of these clients only."""
    credits = tables["bureau"].loc[tables["bureau"][CLIENT].isin(clients), "SK_ID_BUREAU"]
    key = {"bureau_balance": "SK_ID_BUREAU"}
    kept = {"bureau_balance": credits}
    return {
        name: frame[frame[key.get(name, CLIENT)].isin(kept.get(name, pd.Series(clients)))]
        for name, frame in tables.items()
    }


@given(tables=drawn_tables)
@settings(max_examples=60, deadline=None)
def test_whole_equals_naive_loop(tables: Tables) -> None:
    """The segment reductions give what a plain loop over clients and rows gives, within float32."""
    found, expected = build_features(tables, ALL), naive_features(tables, ALL)
    assert found.index.tolist() == expected.index.tolist()
    close = np.isclose(found, expected, rtol=1e-5, atol=1e-4, equal_nan=True)
    wrong = found.columns[~close.all(axis=0)].tolist()
    assert not wrong, pd.concat(
        [found[wrong], expected[wrong]], axis=1, keys=["builder", "naive"]
    ).to_string()


@given(tables=drawn_tables, shards=st.integers(2, 4))
@few
def test_shards_equal_whole(tables: Tables, shards: int) -> None:
    """Clients built shard by shard are bit for bit those built all at once."""
    whole = build_features(tables, ALL)
    parts = [[c for c in whole.index.tolist() if c % shards == shard] for shard in range(shards)]
    built = [build_features(rows_of(tables, clients), ALL) for clients in parts]
    same_bits(pd.concat(built).sort_index(), whole)


@given(tables=drawn_tables)
@few
def test_one_client_at_a_time_equals_whole(tables: Tables) -> None:
    """A client scored alone, as by day, has the bits of the night."""
    whole = build_features(tables, ALL)
    same_bits(
        pd.concat([build_features(rows_of(tables, [client]), ALL) for client in whole.index.tolist()]), whole
    )


@given(tables=drawn_tables, seed=st.integers(0, 2**32 - 1))
@few
def test_row_order_does_not_matter(tables: Tables, seed: int) -> None:
    """Rows in any order give the same bits."""
    shuffled = {name: frame.sample(frac=1, random_state=seed) for name, frame in tables.items()}
    same_bits(build_features(shuffled, ALL), build_features(tables, ALL))


@given(tables=drawn_tables, others=drawn_tables)
@few
def test_client_depends_on_own_rows_only(tables: Tables, others: Tables) -> None:
    """Whoever else is in the tables, a client's features stay what they are."""
    client = tables["application"][CLIENT].tolist()[:1]
    own = rows_of(tables, client)
    moved = {name: _moved(frame) for name, frame in others.items()}
    mixed = {name: pd.concat([moved[name], own[name]], ignore_index=True) for name in own}
    same_bits(build_features(mixed, ALL).loc[client], build_features(tables, ALL).loc[client])


def _moved(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows with identifiers that nobody else has."""
    ids = {name: frame[name] + 10_000_000 for name in frame.columns if name.startswith("SK_ID")}
    return frame.assign(**ids)


def test_client_with_two_applications_is_refused() -> None:
    """Two applications of one client would make two rows of features: the client is named instead."""
    tables = draw_tables(seed=5, clients=3, rows=2)
    application = tables["application"]
    client = application[CLIENT].iloc[1]
    with pytest.raises(RepeatedClients, match=f"client {client} twice"):
        build_features(tables | {"application": pd.concat([application, application.iloc[[1]]])})


@given(tables=drawn_tables)
@few
def test_columns_that_the_catalogue_names_are_enough(tables: Tables) -> None:
    """A reader that reads `catalogue.columns` only loses nothing."""
    needed = {name: frame[[c for c in ALL.columns[name] if c in frame]] for name, frame in tables.items()}
    same_bits(build_features(needed, ALL), build_features(tables, ALL))


@given(tables=drawn_tables, outcome=st.sampled_from([0.0, 1.0, np.nan]))
@few
def test_nothing_reads_the_outcome(tables: Tables, outcome: float) -> None:
    """With any TARGET, or without the column as in application_test, the features are the same."""
    application = tables["application"]
    without = build_features(tables | {"application": application.drop(columns="TARGET")}, ALL)
    same_bits(build_features(tables | {"application": application.assign(TARGET=outcome)}, ALL), without)


@given(tables=drawn_tables)
@few
def test_frames_are_not_changed(tables: Tables) -> None:
    """The caller's frames are the same afterwards, values, types, order and all; sorted ones as well."""
    ordered = {
        name: frame.sort_values([key for key in TABLES[name].order if key in frame], ignore_index=True)
        for name, frame in tables.items()
    }
    for given_frames in (tables, ordered):
        before = {name: frame.copy(deep=True) for name, frame in given_frames.items()}
        build_features(given_frames, ALL)
        for name, frame in given_frames.items():
            pd.testing.assert_frame_equal(frame, before[name])


@given(tables=drawn_tables)
@few
def test_months_with_or_without_their_client_are_the_same(tables: Tables) -> None:
    """bureau_balance as Kaggle gives it and as a shard holds it (with SK_ID_CURR) say the same."""
    credits = tables["bureau"][["SK_ID_BUREAU", CLIENT]]
    with_client = tables["bureau_balance"].merge(credits, on="SK_ID_BUREAU", how="inner")
    same_bits(build_features(tables | {"bureau_balance": with_client}, ALL), build_features(tables, ALL))


@given(tables=drawn_tables)
@few
def test_types_of_a_shard_change_nothing(tables: Tables) -> None:
    """Rows checked and narrowed to a shard's types (float32 for whole numbers) give the same bits."""
    narrowed = {
        name: frame_of_rows(name, frame.drop(columns="TARGET", errors="ignore").to_dict("records"))
        for name, frame in tables.items()
    }
    same_bits(build_features(narrowed, ALL), build_features(tables, ALL))


@given(
    tables=drawn_tables,
    huge=st.floats(allow_nan=False, allow_infinity=False, min_value=1e30),
    tiny=st.floats(min_value=0, max_value=1e-30),
)
@few
def test_no_feature_is_infinite(tables: Tables, huge: float, tiny: float) -> None:
    """However large or small the amounts, a feature is a finite number or missing."""
    loud = {
        name: frame.assign(
            **{
                amount: np.where(np.arange(len(frame)) % 2, huge, tiny)
                for amount in frame.columns
                if amount.startswith(("AMT_", "CNT_"))
            }
        )
        for name, frame in tables.items()
    }
    assert not np.isinf(build_features(loud, ALL).to_numpy()).any()


def test_columns_that_no_table_declares_are_ignored() -> None:
    """Text columns that a loader adds (file names, shards) neither break nor change anything."""
    tables = draw_tables(seed=5, clients=4, rows=6)
    more = {name: frame.assign(loaded_from="a file.csv") for name, frame in tables.items()}
    same_bits(build_features(more, ALL), build_features(tables, ALL))


@pytest.mark.parametrize("absent", [name for name in TABLES if name != "application"])
def test_table_left_out_is_a_table_without_rows(absent: str) -> None:
    """A client without history can be scored from the application alone."""
    tables = draw_tables(seed=11, clients=5, rows=6)
    emptied = {absent: tables[absent].iloc[:0]}
    without = {name: frame for name, frame in tables.items() if name != absent}
    same_bits(build_features(without, ALL), build_features(tables | emptied, ALL))


def test_no_clients_give_no_rows() -> None:
    """An empty shard has the columns of the catalogue, float32, and no rows."""
    tables = draw_tables(seed=3, clients=2, rows=4)
    built = build_features(tables | {"application": tables["application"].iloc[:0]})
    assert built.shape == (0, len(CATALOGUE))
    assert set(built.dtypes) == {np.dtype(np.float32)}


def test_missing_application_is_named() -> None:
    """Without applications nobody knows who the clients are: the error says so."""
    with pytest.raises(MissingTable, match="application"):
        build_features({})


@pytest.mark.parametrize("table", list(TABLES))
def test_missing_column_is_named(table: str) -> None:
    """A frame without one of its columns is refused with table and column."""
    tables = draw_tables(seed=7, clients=3, rows=5)
    column = TABLES[table].order[-1]
    lacking = tables | {table: tables[table].drop(columns=column)}
    with pytest.raises(MissingTable, match=rf"table {table}\b.* {column}"):
        build_features(lacking)


def test_credits_without_their_number_are_named() -> None:
    """Months cannot find their client through a bureau frame without SK_ID_BUREAU."""
    tables = draw_tables(seed=7, clients=3, rows=5)
    months = Catalogue([CATALOGUE["bureau_late_months_3m"]])
    lacking = tables | {"bureau": tables["bureau"].drop(columns="SK_ID_BUREAU")}
    with pytest.raises(MissingTable, match="table bureau lacks the column SK_ID_BUREAU"):
        build_features(lacking, months)
