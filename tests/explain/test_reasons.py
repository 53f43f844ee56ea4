"""Reason codes: sums over groups, order, words."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain import group_contributions, reason_codes, reason_texts, word_reasons
from features import CATALOGUE, group_title


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
        ranked = sorted((-np.float32(total), code) for code, total in sums.items() if np.float32(total) > 0)
        expected = [code for _, code in ranked][:count]
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


@pytest.mark.parametrize("language", ["en", "fr"])
def test_texts_say_what_the_codes_say(language):
    """The worded reasons are the coded ones, in order, each the sentence of its strongest feature."""
    own = pd.Series([0.10, 0.30, 0.05, -0.40, -2.0], index=[*EXAMPLE, "expected_value"])
    texts = reason_texts(own, pd.Series(0.25, index=EXAMPLE), language)
    assert [text.code for text in texts] == ["EXTERNAL_SCORES", "AGE"]
    assert [text.feature for text in texts] == [EXAMPLE[1], EXAMPLE[2]]
    assert texts[0].sentence == CATALOGUE[EXAMPLE[1]].text(language).reason
    assert texts[0].title == group_title("EXTERNAL_SCORES", language)
    assert texts[0].contribution == np.float32(0.4)
    assert texts[0].value == 0.25


@pytest.mark.parametrize(("language", "words"), [("en", ": no information"), ("fr", " : aucune information")])
def test_nothing_is_said_of_a_value_that_is_missing(language, words):
    """The sentence is about a known value that raises the risk, if there is one; else that nothing is known."""
    own = pd.Series([0.10, 0.30, 0.05, -0.40], index=EXAMPLE)
    texts = reason_texts(own, pd.Series({EXAMPLE[0]: 0.25, EXAMPLE[3]: 1.0}), language)
    assert texts[0].feature == EXAMPLE[0]
    assert texts[1].sentence == group_title("AGE", language) + words
    assert np.isnan(texts[1].value)
    lowering = pd.Series([-0.10, 0.30, 0.05, -0.40], index=EXAMPLE)
    texts = reason_texts(lowering, pd.Series({EXAMPLE[0]: 0.25}), language)
    assert texts[0].sentence == group_title("EXTERNAL_SCORES", language) + words


def test_codes_of_a_night_are_worded_as_they_are():
    """Published codes keep their order and contributions, whatever the stored contributions would give."""
    own = pd.Series([0.10, 0.30, 0.05, 0.40], index=EXAMPLE)
    texts = word_reasons(["AGE", "EXTERNAL_SCORES", None], [0.7, 0.1, np.nan], own, own)
    assert [(text.code, text.contribution) for text in texts] == [("AGE", 0.7), ("EXTERNAL_SCORES", 0.1)]


def test_an_unknown_language_is_refused():
    """The error names the language asked for and those there are."""
    with pytest.raises(ValueError, match="'de'; expected one of en, fr"):
        reason_texts(pd.Series({EXAMPLE[0]: 0.1}), pd.Series(dtype=float), "de")


def test_wrong_columns_are_named():
    """Contributions without the expected value, and features nobody declared, are refused by name."""
    with pytest.raises(ValueError, match=r"shape \(1, 4\); expected \(clients, 5\)"):
        reason_codes(np.zeros((1, 4)), EXAMPLE)
    with pytest.raises(ValueError, match="does not declare app_moon_phase"):
        reason_codes(np.zeros((1, 2)), ["app_moon_phase"])
