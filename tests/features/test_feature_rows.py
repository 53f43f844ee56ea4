"""Raw rows become typed rows, or are refused with table, row, column and reason; bits survive."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import csv, parquet

from features import TABLES, InvalidRows, frame_of_rows
from features.raw import typed_rows
from features.schemas import Kind

NAN = float("nan")
BUREAU: dict[str, Any] = {
    "SK_ID_CURR": 100001,
    "SK_ID_BUREAU": 7,
    "CREDIT_ACTIVE": "Active",
    "DAYS_CREDIT": -5,
}
LEAST: dict[str, dict[str, Any]] = {
    "application": {"SK_ID_CURR": 100001},
    "bureau": BUREAU,
    "bureau_balance": {"SK_ID_BUREAU": 7, "MONTHS_BALANCE": 0, "STATUS": "C"},
    "previous_application": {"SK_ID_CURR": 100001, "SK_ID_PREV": 9, "DAYS_DECISION": -1},
    "POS_CASH_balance": {"SK_ID_CURR": 100001, "SK_ID_PREV": 9, "MONTHS_BALANCE": -1},
    "credit_card_balance": {"SK_ID_CURR": 100001, "SK_ID_PREV": 9, "MONTHS_BALANCE": -1},
    "installments_payments": {
        "SK_ID_CURR": 100001,
        "SK_ID_PREV": 9,
        "NUM_INSTALMENT_VERSION": 1,
        "NUM_INSTALMENT_NUMBER": 1,
        "DAYS_INSTALMENT": -1,
        "AMT_INSTALMENT": 10,
    },
}


@pytest.mark.parametrize("table", list(TABLES))
def test_least_row_is_enough(table: str) -> None:
    """The required columns alone make a row; every other column is there, missing, in a shard's type."""
    frame = frame_of_rows(table, [LEAST[table]])
    columns = {name: column for name, column in TABLES[table].columns.items() if name != "TARGET"}
    assert list(frame.columns) == list(columns)
    for name, column in columns.items():
        categorical = isinstance(frame[name].dtype, pd.CategoricalDtype)
        assert categorical or frame[name].dtype == column.arrow_type.to_pandas_dtype()
        assert categorical == (column.kind == "category")
        assert frame[name].isna().all() == (name not in LEAST[table])


@pytest.mark.parametrize("table", list(TABLES))
def test_required_columns_are_required(table: str) -> None:
    """Leaving out any required column is reported as missing, by name."""
    for name in LEAST[table]:
        row = {key: value for key, value in LEAST[table].items() if key != name}
        with pytest.raises(InvalidRows, match=f"table {table}, row 0, column {name}: missing"):
            frame_of_rows(table, [row])


BAD: list[tuple[str, str, dict[str, Any], str, str]] = [
    (
        "text for a number",
        "bureau",
        {"DAYS_CREDIT": "soon"},
        "DAYS_CREDIT",
        "unparsable, expected a number (days)",
    ),
    ("empty text for a number", "bureau", {"AMT_ANNUITY": ""}, "AMT_ANNUITY", "unparsable"),
    ("comma for a point", "bureau", {"AMT_ANNUITY": "1,5"}, "AMT_ANNUITY", "unparsable"),
    ("text nan", "bureau", {"AMT_ANNUITY": "nan"}, "AMT_ANNUITY", "unparsable"),
    ("a list", "bureau", {"AMT_ANNUITY": [1]}, "AMT_ANNUITY", "unparsable"),
    ("infinite", "bureau", {"AMT_ANNUITY": float("inf")}, "AMT_ANNUITY", "unparsable"),
    ("infinite text", "bureau", {"AMT_ANNUITY": "inf"}, "AMT_ANNUITY", "unparsable"),
    ("beyond the floats", "bureau", {"AMT_ANNUITY": 10**400}, "AMT_ANNUITY", "unparsable"),
    ("beyond the floats below", "bureau", {"AMT_ANNUITY": -(10**400)}, "AMT_ANNUITY", "unparsable"),
    ("true for an amount", "bureau", {"AMT_ANNUITY": True}, "AMT_ANNUITY", "unparsable"),
    (
        "a number for a category",
        "bureau",
        {"CREDIT_TYPE": 3},
        "CREDIT_TYPE",
        "unparsable, expected a category",
    ),
    (
        "true for a category",
        "bureau",
        {"CREDIT_TYPE": True},
        "CREDIT_TYPE",
        "unparsable, expected a category",
    ),
    ("none for a required number", "bureau", {"DAYS_CREDIT": None}, "DAYS_CREDIT", "missing"),
    ("NaN for a required number", "bureau", {"DAYS_CREDIT": NAN}, "DAYS_CREDIT", "missing"),
    ("none for a required category", "bureau", {"CREDIT_ACTIVE": None}, "CREDIT_ACTIVE", "missing"),
    ("NaN for a required category", "bureau", {"CREDIT_ACTIVE": NAN}, "CREDIT_ACTIVE", "missing"),
    ("half an identifier", "bureau", {"SK_ID_BUREAU": 7.5}, "SK_ID_BUREAU", "not a whole number: 7.5"),
    (
        "identifier 2**31",
        "bureau",
        {"SK_ID_CURR": 2**31},
        "SK_ID_CURR",
        "out of range [1, 2147483647]: 2147483648",
    ),
    ("identifier 2**32 + 5", "bureau", {"SK_ID_CURR": 2**32 + 5}, "SK_ID_CURR", "out of range"),
    ("identifier 0", "bureau", {"SK_ID_CURR": 0}, "SK_ID_CURR", "out of range [1, 2147483647]: 0.0"),
    ("negative identifier", "bureau", {"SK_ID_BUREAU": -7}, "SK_ID_BUREAU", "out of range"),
    ("day in the future", "bureau", {"DAYS_CREDIT": 1}, "DAYS_CREDIT", "out of range [-inf, 0]: 1.0"),
    ("negative amount", "bureau", {"AMT_CREDIT_SUM": -1}, "AMT_CREDIT_SUM", "out of range [0, inf]"),
    ("flag of 2", "application", {"FLAG_MOBIL": 2}, "FLAG_MOBIL", "out of range [0, 1]: 2.0"),
    ("score above 1", "application", {"EXT_SOURCE_1": 1.5}, "EXT_SOURCE_1", "out of range [0, 1]: 1.5"),
    ("not born yet", "application", {"DAYS_BIRTH": 0}, "DAYS_BIRTH", "out of range [-43800, -1]"),
    (
        "unknown column",
        "bureau",
        {"AMT_CREDIT_SUMM": 1},
        "AMT_CREDIT_SUMM",
        "no such column; the table has 17",
    ),
    ("the outcome", "application", {"TARGET": 1}, "TARGET", "no such column; the table has 121"),
]


@pytest.mark.parametrize(("table", "change", "column", "says"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_unusable_row_is_refused_by_place(table: str, change: dict[str, Any], column: str, says: str) -> None:
    """The second row is wrong: the error names table, row 1, column and reason, with the value."""
    with pytest.raises(InvalidRows) as refused:
        frame_of_rows(table, [LEAST[table], LEAST[table] | change])
    assert str(refused.value).startswith(f"table {table}, row 1, column {column}: ")
    assert says in str(refused.value)
    assert [(problem.row, problem.column) for problem in refused.value.problems] == [(1, column)]


def test_first_problem_in_column_order_is_told_for_each_row() -> None:
    """A row with several problems is told once, by its first column; every bad row is told."""
    rows = [
        BUREAU | {"AMT_ANNUITY": "x", "DAYS_CREDIT": 5},
        BUREAU,
        BUREAU | {"SK_ID_CURR": 1.5, "DAYS_CREDIT": 5},
        BUREAU | {"SK_ID_CURR": 2.5e9 + 0.5},
    ]
    with pytest.raises(
        InvalidRows, match=r"row 0, column DAYS_CREDIT: out of range .* \(and 2 more\)"
    ) as refused:
        frame_of_rows("bureau", rows)
    assert [(p.row, p.column) for p in refused.value.problems] == [
        (0, "DAYS_CREDIT"),
        (2, "SK_ID_CURR"),
        (3, "SK_ID_CURR"),
    ]


def test_unknown_table_is_refused() -> None:
    """A table that does not exist has no rows."""
    with pytest.raises(KeyError, match="bureaux"):
        frame_of_rows("bureaux", [])


def test_no_rows_make_an_empty_frame() -> None:
    """A client without history sends no rows and gets a frame without rows, columns and types intact."""
    full, empty = frame_of_rows("bureau", [BUREAU]), frame_of_rows("bureau", [])
    assert len(empty) == 0
    assert list(empty.columns) == list(full.columns)


def test_missing_has_three_spellings() -> None:
    """None, NaN and leaving a column out are the same missing value, in numbers and in categories."""
    rows = [
        BUREAU,
        *(BUREAU | {"AMT_ANNUITY": m, "CREDIT_TYPE": m, "DAYS_CREDIT_UPDATE": m} for m in (None, NAN)),
    ]
    frame = frame_of_rows("bureau", rows)
    assert frame[["AMT_ANNUITY", "CREDIT_TYPE", "DAYS_CREDIT_UPDATE"]].isna().all(axis=None)


def test_numbers_may_come_as_integers_floats_or_text() -> None:
    """100001, 100001.0 and "100001" are one identifier; the same holds for every number."""
    spellings = [[int, int], [float, float], [str, float], [str, str]]
    frames = [
        frame_of_rows("bureau", [BUREAU | {"SK_ID_CURR": a(100001), "DAYS_CREDIT": b(-5)}] * 2)
        for a, b in spellings
    ]
    for frame in frames[1:]:
        pd.testing.assert_frame_equal(frame, frames[0])


def test_true_and_false_are_flags() -> None:
    """A flag may be sent as true or false, and is 1 or 0."""
    rows = [{"SK_ID_CURR": 1, "FLAG_MOBIL": True}, {"SK_ID_CURR": 2, "FLAG_MOBIL": False}]
    assert frame_of_rows("application", rows)["FLAG_MOBIL"].tolist() == [1.0, 0.0]


def test_largest_identifier_survives() -> None:
    """2**31 - 1 is an identifier like any other, not rounded by a float."""
    frame = frame_of_rows("bureau", [BUREAU | {"SK_ID_CURR": 2**31 - 1, "SK_ID_BUREAU": 2**31 - 2}])
    assert frame[["SK_ID_CURR", "SK_ID_BUREAU"]].to_numpy().tolist() == [[2147483647, 2147483646]]


RAW = pa.table(
    {
        "SK_ID_BUREAU": ["7", "8", "x", None, "9.5", "2147483648", "10"],
        "MONTHS_BALANCE": ["0", "-1", "-1", "-1", "-1", "-1", "1"],
        "STATUS": ["C", "0", "0", "0", "0", "0", "0"],
    }
)


@pytest.mark.parametrize(
    "text", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())], ids=str
)
def test_file_rows_are_told_apart(text: pa.DataType) -> None:
    """Usable rows go on in a shard's types, each other row is told with its number in the file."""
    raw = pa.table({name: RAW.column(name).cast(text) for name in RAW.column_names})
    typed = typed_rows(TABLES["bureau_balance"], raw, RAW.column_names)
    assert typed.usable.tolist() == [True, True, False, False, False, False, False]
    assert typed.rows.to_pydict() == {"SK_ID_BUREAU": [7, 8], "MONTHS_BALANCE": [0, -1], "STATUS": ["C", "0"]}
    assert [column.type for column in typed.rows.columns] == [
        TABLES["bureau_balance"].columns[name].arrow_type for name in RAW.column_names
    ]
    assert [(problem.row, problem.column, problem.reason) for problem in typed.problems] == [
        (2, "SK_ID_BUREAU", "unparsable, expected a number (id): 'x'"),
        (3, "SK_ID_BUREAU", "missing"),
        (4, "SK_ID_BUREAU", "not a whole number: '9.5'"),
        (5, "SK_ID_BUREAU", "out of range [1, 2147483647]: '2147483648'"),
        (6, "MONTHS_BALANCE", "out of range [-inf, 0]: '1'"),
    ]


def test_empty_columns_of_no_type_are_missing() -> None:
    """A Parquet column in which nothing was ever written has no type: it is missing, number or category."""
    nothing = pa.nulls(2)
    raw = pa.table({"CREDIT_TYPE": nothing, "AMT_ANNUITY": nothing, "CREDIT_ACTIVE": ["Closed", "Sold"]})
    typed = typed_rows(TABLES["bureau"], raw, raw.column_names)
    assert typed.problems == ()
    assert typed.rows.to_pydict() == {
        "CREDIT_TYPE": [None, None],
        "AMT_ANNUITY": [None, None],
        "CREDIT_ACTIVE": ["Closed", "Sold"],
    }


def test_frame_of_pandas_is_read_as_written() -> None:
    """Categories and text that pandas hands to Arrow (large strings, small codes) are read as names."""
    names = ["Closed", None, "Sold"]
    for dtype in ("category", "str", object):
        frame = pd.DataFrame({"CREDIT_TYPE": pd.Series(names, dtype=dtype), "AMT_ANNUITY": [1.5, NAN, 2.5]})
        typed = typed_rows(TABLES["bureau"], pa.Table.from_pandas(frame), frame.columns.tolist())
        assert typed.problems == ()
        assert typed.rows.to_pydict() == {"CREDIT_TYPE": names, "AMT_ANNUITY": [1.5, None, 2.5]}


def test_rows_in_several_chunks_keep_their_numbers() -> None:
    """A file read in blocks gives chunks: the row numbers run on through them."""
    chunks = pa.concat_tables([RAW.slice(0, 3), RAW.slice(3)])
    typed = typed_rows(TABLES["bureau_balance"], chunks, chunks.column_names)
    assert [problem.row for problem in typed.problems] == [2, 3, 4, 5, 6]
    assert typed.usable.tolist() == [True, True, *[False] * 5]


amounts = st.floats(min_value=0, max_value=1e9, allow_subnormal=False)
rates = st.floats(min_value=0, max_value=1)
days = st.integers(-25_000, 0)
maybe = st.one_of(st.none(), amounts)


@given(rows=st.lists(st.tuples(amounts, maybe, rates, days), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_request_has_the_bits_of_the_night(rows: list[tuple[float, float | None, float, int]]) -> None:
    """Rows of a request, of a CSV and of a Parquet file become the same typed rows, to the last bit."""
    table, columns = (
        TABLES["application"],
        ["SK_ID_CURR", "AMT_CREDIT", "AMT_ANNUITY", "EXT_SOURCE_1", "DAYS_ID_PUBLISH"],
    )
    sent = [dict(zip(columns, (number + 1, *row), strict=True)) for number, row in enumerate(rows)]
    by_day = frame_of_rows("application", sent)[columns]
    raw = pa.Table.from_pylist(sent)
    for read in (_through_csv(raw), _through_csv(raw, as_text=True), _through_parquet(raw)):
        typed = typed_rows(table, read, columns)
        assert typed.problems == ()
        by_night = typed.rows.to_pandas()
        for name in columns:
            assert by_night[name].to_numpy().tobytes() == by_day[name].to_numpy().tobytes(), name


def _through_csv(raw: pa.Table, as_text: bool = False) -> pa.Table:
    """Written and read; `as_text`: as a column is read in which some row holds no number."""
    file = io.BytesIO()
    csv.write_csv(raw, file)
    types = {name: pa.string() if as_text else pa.float64() for name in raw.column_names}
    options = csv.ConvertOptions(column_types=types, strings_can_be_null=True)
    return csv.read_csv(io.BytesIO(file.getvalue()), convert_options=options)


def _through_parquet(raw: pa.Table) -> pa.Table:
    file = io.BytesIO()
    parquet.write_table(raw, file)
    return parquet.read_table(io.BytesIO(file.getvalue()))


def test_given_rows_are_not_changed() -> None:
    """The caller's rows are the same afterwards."""
    row = BUREAU | {"AMT_ANNUITY": None}
    before = dict(row)
    frame_of_rows("bureau", [row])
    assert row == before


def test_schemas_are_of_known_kinds_and_complete() -> None:
    """Every column has a known kind, each table's key and order are among its columns (or its client)."""
    for table in TABLES.values():
        assert {column.kind for column in table.columns.values()} <= set(Kind.__args__)
        assert set(table.key) <= set(table.columns)
        assert set(table.order) <= set(table.columns) | {"SK_ID_CURR"}
        assert table.order[0] == "SK_ID_CURR"
        assert all(column.name == name for name, column in table.columns.items())
        bounds = [
            (c.minimum, c.maximum) for c in table.columns.values() if None not in (c.minimum, c.maximum)
        ]
        assert all(low < high for low, high in bounds)


def test_column_counts_are_those_of_the_eight_tables() -> None:
    """The declared tables have the column counts of the published layout."""
    assert {name: len(table.columns) for name, table in TABLES.items()} == {
        "application": 122,
        "bureau": 17,
        "bureau_balance": 3,
        "previous_application": 37,
        "POS_CASH_balance": 8,
        "installments_payments": 8,
        "credit_card_balance": 23,
    }


def test_whole_numbers_fit_a_float32() -> None:
    """Days, months and counts are kept as float32: every whole number up to 2**24 is exact in it."""
    largest = np.arange(2**24 - 5, 2**24 + 1, dtype=np.float64)
    assert largest.astype(np.float32).astype(np.float64).tolist() == largest.tolist()
