"""The figures drawn from the small tables of facts follow them."""

import numpy as np
import pytest

from simulator.facts import (
    Coded,
    constant,
    expand,
    ranked,
    read_layout,
    read_marginal,
    read_missing,
    to_step,
    where_coded,
)


def test_marginal_gives_published_quantiles() -> None:
    """The median of a column lies at position 0 and its 95th percentile at 1.645."""
    income = read_marginal("application_train", "AMT_INCOME_TOTAL")
    assert income.at(np.array([0.0, 1.6449])) == pytest.approx([148_500, 337_500], rel=1e-3)


def test_missing_share_is_zero_where_nothing_is_missing() -> None:
    """A column that always has a value has a missing share of 0."""
    assert read_missing("application_train", "SK_ID_CURR") == 0.0
    assert read_missing("application_train", "EXT_SOURCE_1") == pytest.approx(0.5638, abs=1e-3)


def test_ranked_rises_with_position_and_has_the_shares() -> None:
    """The lowest position gets the smallest number, and each number its share."""
    position = np.random.default_rng(2).standard_normal(20_000)
    drawn = ranked(np.array([12.0, 6.0]), np.array([0.7, 0.3]), position)
    assert (drawn == 6.0).mean() == pytest.approx(0.3, abs=0.01)
    assert position[drawn == 6.0].max() <= position[drawn == 12.0].min()


def test_expand_numbers_rows_of_each_owner() -> None:
    """Owners without rows vanish, the others' rows count from 0."""
    owner, place = expand(np.array([2, 0, 1]))
    assert owner.tolist() == [0, 0, 2]
    assert place.tolist() == [0, 1, 0]


def test_first_case_decides_a_text_column() -> None:
    """Cases are tried in order; a row that none covers is missing, and missing stays missing."""
    first = Coded(np.array([0, -1, 0]), ("a",))
    column = where_coded(
        [(np.array([True, True, False]), first), (np.array([True, True, False]), constant("b", 3))], 3
    )
    assert column.codes.tolist() == [0, -1, -1]


def test_amounts_come_in_steps() -> None:
    """Rounding to 4.5 leaves no binary dust."""
    assert to_step(np.array([10.0, 24_700.1]), 4.5).tolist() == [9.0, 24_700.5]


def test_unknown_table_is_named() -> None:
    """The error names the table that was asked for and those that exist."""
    with pytest.raises(ValueError, match=r"No table 'loans'.*bureau_balance"):
        read_layout("loans")


def test_unknown_column_is_named() -> None:
    """The error names table and column."""
    with pytest.raises(ValueError, match=r"bureau\.WEATHER"):
        read_marginal("bureau", "WEATHER")
