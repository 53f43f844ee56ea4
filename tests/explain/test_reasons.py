"""Reason codes: sums over groups, threshold, order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain import favourable_codes, group_contributions, reason_codes
from explain.reasons.codes import LEAST_CONTRIBUTION
from features import CATALOGUE


def names_of(group: str, count: int) -> list[str]:
    """Names of the first `count` declared features of a group."""
    return [feature.name for feature in CATALOGUE if feature.group == group][:count]


EXAMPLE = [*names_of("EXTERNAL_SCORES", 2), *names_of("AGE", 1), *names_of("REPAYMENT_BURDEN", 1)]


def contributions(*rows: list[float]) -> np.ndarray:
    """Rows of contributions with an expected value of -2 in the last column."""
    return np.array([[*row, -2.0] for row in rows])


def test_groups_are_summed_and_ordered():
    """Contributions of one group add up, lowering ones included; groups come strongest first."""
    reasons = reason_codes(contributions([0.30, -0.10, 0.05, -0.40], [0.0, 0.1, 0.4, 0.2]), EXAMPLE)
    assert reasons.codes.tolist() == [
        ["EXTERNAL_SCORES", "AGE", None, None],
        ["AGE", "REPAYMENT_BURDEN", "EXTERNAL_SCORES", None],
    ]
    np.testing.assert_allclose(reasons.contributions[0, :2], [0.20, 0.05], rtol=1e-6)
    assert np.isnan(reasons.contributions[0, 2:]).all()
    assert reasons.contributions.dtype == np.float32


def test_ties_are_ordered_by_code():
    """Equal sums come in the alphabetical order of their codes."""
    reasons = reason_codes(contributions([0.1, 0.1, 0.2, 0.2]), EXAMPLE)
    assert reasons.codes[0].tolist() == ["AGE", "EXTERNAL_SCORES", "REPAYMENT_BURDEN", None]


def test_nothing_that_raises_risk_gives_no_reason():
    """A client whose groups all lower the risk has no reason, and the expected value is none either."""
    reasons = reason_codes(contributions([-0.1, 0.1, 0.0, -1.0]), EXAMPLE)
    assert reasons.codes[0].tolist() == [None] * 4


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), clients=st.integers(0, 40), count=st.integers(1, 6))
def test_fast_reasons_equal_the_naive_loop(seed, clients, count):
    """The codes equal a plain loop over clients; one client alone equals the same among others."""
    names = CATALOGUE.model_inputs
    values = np.random.RandomState(seed).normal(size=(clients, len(names) + 1)).round(1)
    reasons = reason_codes(values, names, count=count)
    for row in range(clients):
        sums: dict[str, float] = {}
        for name, value in zip(names, values[row], strict=False):
            sums[CATALOGUE[name].group] = sums.get(CATALOGUE[name].group, 0.0) + value
        raising = {code: np.float32(total) for code, total in sums.items() if total >= LEAST_CONTRIBUTION}
        expected = sorted(raising, key=lambda code: (-raising[code], code))[:count]
        assert [code for code in reasons.codes[row] if code is not None] == expected
        alone = reason_codes(values[row : row + 1], names, count=count)
        assert alone.codes[0].tolist() == reasons.codes[row].tolist()
        assert np.array_equal(alone.contributions[0], reasons.contributions[row], equal_nan=True)


def test_group_sums_and_expected_value_make_the_raw_score():
    """No contribution is lost: groups plus the expected value equal the row's sum."""
    names = CATALOGUE.model_inputs
    values = np.random.RandomState(4).normal(size=(20, len(names) + 1))
    _, totals = group_contributions(values, names)
    np.testing.assert_allclose(totals.sum(axis=1) + values[:, -1], values.sum(axis=1), atol=1e-12)


def test_what_lowers_the_risk_is_ordered_in_the_same_way():
    """The strongest of what speaks for a client comes first, with its negative contribution."""
    found = favourable_codes(contributions([-0.30, 0.10, -0.05, 0.40], [0.1, 0.1, 0.1, 0.1]), EXAMPLE)
    assert found.codes.tolist() == [["EXTERNAL_SCORES", "AGE", None, None], [None] * 4]
    np.testing.assert_allclose(found.contributions[0, :2], [-0.20, -0.05], rtol=1e-6)


def test_wrong_columns_are_named():
    """Contributions without the expected value, and features nobody declared, are refused by name."""
    with pytest.raises(ValueError, match=r"shape \(1, 4\); expected \(clients, 5\)"):
        reason_codes(np.zeros((1, 4)), EXAMPLE)
    with pytest.raises(ValueError, match="does not declare app_moon_phase"):
        reason_codes(np.zeros((1, 2)), ["app_moon_phase"])
