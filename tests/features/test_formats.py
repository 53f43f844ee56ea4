"""Numbers, percents, intervals and dates as French and English write them.

Belongs here: features.formats. Does not: texts around the numbers.
"""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.formats import Formats

FR, EN = Formats("fr"), Formats("en")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (FR.integer(356255), "356\u202f255"),
        (EN.integer(356255), "356,255"),
        (FR.percent(0.0807), "8,1\u00a0%"),
        (EN.percent(0.0807), "8.1%"),
        (EN.percent(3 / 7210), "<\u00a00.1%"),
        (EN.percent(0.0), "0.0%"),
        (FR.points(0.012), "+1,2\u00a0pt"),
        (EN.points(-0.012), "\u22121.2\u00a0pp"),
        (EN.points(-0.0001), "0.0\u00a0pp"),
        (EN.points(0.337, sign=False), "33.7\u00a0pp"),
        (FR.interval("7,3\u00a0%", "9,0\u00a0%"), "[7,3\u00a0%\u00a0;\u00a09,0\u00a0%]"),
        (EN.value(412500.0), "412,500"),
        (FR.value(0.4321, "ans"), "0,43\u00a0ans"),
        (FR.day("2026-11-22"), "22/11/2026"),
        (EN.day("2026-11-22"), "22 Nov 2026"),
        (EN.day("soon"), "soon"),
        (FR.value(0.000421), "0,00042"),
        (EN.value(26.0000001, "years"), "26\u00a0years"),
        (FR.sentence("Part : 5 % ; « oui » ?"), "Part\u00a0: 5\u00a0%\u00a0; «\u00a0oui\u00a0»\u00a0?"),
        (EN.sentence("Share : 5 %"), "Share : 5 %"),
    ],
)
def test_numbers_are_written_as_each_language_does(written: str, expected: str) -> None:
    """Separators, signs, percents, points, intervals and dates follow the language."""
    assert written == expected


def test_what_is_missing_is_a_dash_everywhere() -> None:
    """None and NaN never show as nan, nor as an interval of nothing."""
    for write in (FR, EN):
        assert {
            write.integer(None),
            write.percent(math.nan),
            write.points(math.nan),
            write.value(math.nan),
        } == {"–"}
        assert write.interval("–", "9.0%") == "–"


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_a_written_decimal_reads_back_as_the_rounded_number(number: float, digits: int) -> None:
    """Nothing but separators differs from Python's own rounding."""
    plain = FR.decimal(number, digits).replace("\u202f", "").replace(",", ".").replace("\u2212", "-")
    assert float(plain) == float(f"{number:.{digits}f}")
