"""Numbers of drawn rows keep to the published ranges."""

import numpy as np

from simulator.published_ranges import application_within_ranges, within_ranges


def test_numbers_stay_within_the_published_ranges() -> None:
    """What lies beyond a published end is moved onto it, the rest and missing values are left."""
    rows = within_ranges("POS_CASH_balance", {"CNT_INSTALMENT_FUTURE": np.array([118.0, 12.0, np.nan])})
    np.testing.assert_array_equal(rows["CNT_INSTALMENT_FUTURE"], [85.0, 12.0, np.nan])


def test_test_clients_keep_to_the_ranges_of_their_table() -> None:
    """An income of 20 million is one of a train client; no test client has document 13."""
    rows = {"AMT_INCOME_TOTAL": np.full(2, 2e7), "FLAG_DOCUMENT_13": np.ones(2)}
    found = application_within_ranges(rows, np.array([False, True]))
    assert found["AMT_INCOME_TOTAL"].tolist() == [2e7, 4_410_000.0]
    assert found["FLAG_DOCUMENT_13"].tolist() == [1.0, 0.0]
