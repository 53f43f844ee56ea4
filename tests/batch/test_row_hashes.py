"""Rows of a Parquet file in numbers: the same row has the same one, however the file holds it."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.shards.row_hashes import hash_rows

KEY, AMOUNT, TEXT = "SK_ID_CURR", "AMT_CREDIT", "NAME_TYPE"
row = st.tuples(
    st.integers(1, 9), st.one_of(st.none(), st.integers(-3, 3)), st.sampled_from([None, "", "a", "b"])
)


def table(rows: list[tuple[int, int | None, str | None]], amount: pa.DataType, coded: bool) -> pa.Table:
    """The rows with the amount as that type, texts as texts or as codes."""
    key, amounts, texts = (list(column) for column in zip(*rows, strict=True))
    text = pa.array(texts, pa.string())
    return pa.table(
        {
            KEY: pa.array(key, pa.int64()),
            AMOUNT: pa.array(amounts, amount),
            TEXT: text.dictionary_encode() if coded else text,
        }
    )


@given(st.lists(row, min_size=1, max_size=30), st.integers(0, 30))
@settings(max_examples=100, deadline=None)
def test_equal_rows_have_equal_hashes_and_no_others(
    rows: list[tuple[int, int | None, str | None]], cut: int
) -> None:
    """Whatever the type of a number, whether texts are codes, and where the file is cut into chunks."""
    plain = hash_rows(table(rows, pa.float64(), coded=False), KEY, None, 5)
    cut = min(cut, len(rows))
    parts = [part for part in (rows[:cut], rows[cut:]) if part]
    chunked = pa.concat_tables([table(part, pa.int64(), coded=True) for part in parts])
    assert plain.hashes.tolist() == hash_rows(chunked, KEY, AMOUNT, 5).hashes.tolist()
    assert (
        len({*zip(rows, plain.hashes.tolist(), strict=True)}) == len({*rows}) == len({*plain.hashes.tolist()})
    )
    assert plain.first.tolist() == [key for key, _, _ in rows]
    second = hash_rows(chunked, KEY, AMOUNT, 5).second.tolist()
    assert second == [amount if amount is not None and amount > 0 else 0 for _, amount, _ in rows]
