"""docs/features.md is made from the catalogue, and is current."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from features import CATALOGUE, GROUPS, Feature
from features.describe import FAMILIES, computation, describe, words
from features.expressions import Number, as_number, col, mean_of, spread_of

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "features.md"
A, B, KIND = col("a"), col("b"), col("kind")

WORDS: list[tuple[Number, str]] = [
    (A, "`a`"),
    (as_number(2.5), "2.5"),
    (A / B, "`a` / `b`"),
    ((A - B) / 2, "(`a` - `b`) / 2"),
    (-A / 365.25, "-`a` / 365.25"),
    ((A + B).at_least(0), "`a` + `b` (at least 0)"),
    (A.or_else(3), "`a` (3 if missing)"),
    ((A * B) > 1, "(`a` * `b`) > 1"),
    (A.is_missing(), "`a` is missing"),
    (~A.is_missing(), "`a` is known"),
    (~(A > 1), "not `a` > 1"),
    ((A > 1) & KIND.is_in("x", "y", "z"), "`a` > 1 and `kind` is x, y or z"),
    (KIND.has_no_category() | (B <= 0), "`kind` is missing or not applicable or `b` <= 0"),
    (KIND.code_in(("x",)), "place of `kind` in its list"),
    (mean_of(A, B), "mean of the known among `a`, `b`"),
    (
        spread_of(*(col(f"c{n}") for n in range(9))),
        "largest minus smallest of the known among `c0`, `c1`, … `c8`",
    ),
]


@pytest.mark.parametrize(("expression", "expected"), WORDS, ids=[expected for _, expected in WORDS])
def test_expression_in_words(expression: Number, expected: str) -> None:
    """Every form of expression reads as a person would write it."""
    assert words(expression) == expected


def test_unknown_expression_has_no_words() -> None:
    """A new kind of expression is not printed as if it were understood."""
    with pytest.raises(TypeError, match=r"no words for Number; write them in features/describe\.py"):
        words(Number())


COMPUTATIONS = {
    "app_annuity_to_income": "`AMT_ANNUITY` / `AMT_INCOME_TOTAL`",
    "bureau_credits_count": "number of rows",
    "bureau_active_share": "share of rows in which `CREDIT_ACTIVE` is Active",
    "bureau_max_overdue_max": "largest `AMT_CREDIT_MAX_OVERDUE`, 0 if there is none",
    "prev_refused_count_365d": "number of rows where `NAME_CONTRACT_STATUS` is Refused, of the last 365 days "
    "(`DAYS_DECISION`)",
    "pos_payments_left_sum_last3": "sum of `CNT_INSTALMENT_FUTURE`, of the client's last 3 rows, "
    "0 if there is none",
    "card_use_max_12m": "largest `AMT_BALANCE` / `AMT_CREDIT_LIMIT_ACTUAL`, of the last 12 months "
    "(`MONTHS_BALANCE`)",
}


@pytest.mark.parametrize("name", COMPUTATIONS)
def test_computation_in_words(name: str) -> None:
    """Aggregation, condition, window, last rows and the answer for no rows are all said."""
    assert computation(CATALOGUE[name]) == COMPUTATIONS[name]


@pytest.mark.parametrize("feature", CATALOGUE, ids=lambda feature: feature.name)
def test_every_feature_is_described(feature: Feature) -> None:
    """The page has one line per feature with all that is declared about it."""
    line = next(line for line in describe().splitlines() if line.startswith(f"| `{feature.name}`"))
    for text in (
        feature.meaning,
        feature.reason,
        f"`{feature.group}`",
        feature.riskier or "",
        computation(feature),
    ):
        assert text in line
    for column in feature.columns if len(feature.columns) <= 4 else ():
        counted = feature.agg == "count" and column in feature.value.columns()
        assert f"`{column}`" in line or counted
    if not math.isnan(feature.when_no_rows) and feature.agg != "count":
        assert "if there is none" in line


def test_every_reason_code_is_described() -> None:
    """The reason codes, part of the export's contract, are all on the page with both titles."""
    page = describe()
    assert all(f"| `{code}` | {group.title} |" in page for code, group in GROUPS.items())


def test_every_table_has_a_family() -> None:
    """No table's features are left out of the page."""
    assert {feature.table for feature in CATALOGUE} <= set(FAMILIES)


def test_document_is_current() -> None:
    """docs/features.md is what the catalogue says today."""
    assert DOCUMENT.read_text(encoding="utf-8") == describe(), (
        "docs/features.md is out of date: run python -m features.describe > docs/features.md"
    )


def test_command_prints_the_document_in_any_locale() -> None:
    """`python -m features.describe` prints the page in UTF-8, whatever the terminal's encoding."""
    printed = subprocess.run(
        [sys.executable, "-m", "features.describe"],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        check=True,
        capture_output=True,
    )
    assert printed.stdout.decode("utf-8") == describe()
