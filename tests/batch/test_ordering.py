"""Ordering: the packed sort is the plain one, whatever the keys hold."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from batch.shards.ordering import sorted_order
from batch.shards.register import KEPT_KEYS
from features import TABLES, Table
from features.schemas import CLIENT

whole = st.integers(-5, 5).map(float)
huge = st.sampled_from([2.0**24, 2.0**53, -(2.0**60), 1e30, float("inf")])
cells = st.one_of(whole, st.just(float("nan")), st.sampled_from([0.5, -0.0]), huge)


def plain_order(keys: list[NDArray[np.float64]]) -> NDArray[np.intp]:
    """All keys in double precision, missing last, the order of the rows last of all."""
    return np.lexsort([np.where(np.isnan(key), np.inf, key) for key in keys[::-1]])


@given(st.lists(st.tuples(st.integers(1, 2**31 - 1), whole, cells, cells), max_size=30))
@example([(7, 1.0, float("nan"), 2.0**24), (7, 1.0, 2.0**24, float("nan")), (7, 1.0, 2.0**24, 2.0**24)])
@settings(max_examples=300, deadline=None)
def test_order_and_repeats_are_those_of_a_plain_sort(rows: list[tuple[int, float, float, float]]) -> None:
    """Same positions, equal rows as they were; repeats are the rows equal to the one before in every key."""
    first = np.array([row[0] % 3 + 1 for row in rows], dtype=np.int32)
    keys = [np.array([row[n] for row in rows], dtype=np.float32 if n < 3 else np.float64) for n in (1, 2, 3)]
    order, equal = sorted_order([first, *keys])
    expected = plain_order([first.astype(np.float64), *keys])
    np.testing.assert_array_equal(order, expected)
    ordered = np.array([np.where(np.isnan(key), np.inf, key)[order] for key in (first.astype(float), *keys)])
    same = (ordered[:, 1:] == ordered[:, :-1]).all(axis=0)
    np.testing.assert_array_equal(equal, np.concatenate(([False], same))[: len(rows)])


def test_keys_too_wide_for_one_number_are_compared_between_ties() -> None:
    """Three identifiers of 31 bits do not fit into 63: the third one decides where the first two are equal."""
    generator = np.random.default_rng(1)
    keys = [generator.choice([1, 2, 2**31 - 1], 1000).astype(np.int32) for _ in range(3)]
    keys.append(generator.integers(-3, 0, 1000).astype(np.float32))
    order, equal = sorted_order(keys)
    np.testing.assert_array_equal(order, np.lexsort(keys[::-1]))
    assert equal.sum() == 1000 - len(np.unique(np.array(keys), axis=1).T)


def test_rows_in_order_stay_where_they_are() -> None:
    """Sorted rows without repeats come back as they are."""
    order, equal = sorted_order([np.arange(5, dtype=np.int32), np.zeros(5)])
    assert order.tolist() == [0, 1, 2, 3, 4]
    assert not equal.any()


@pytest.mark.parametrize("table", [t for t in TABLES.values() if t.key and t.name not in KEPT_KEYS])
def test_rows_that_are_equal_in_order_repeat_the_key(table: Table) -> None:
    """Tables compared within a shard are ordered by client and key, so that repeats lie side by side."""
    assert set(table.order) == {CLIENT, *table.key}
