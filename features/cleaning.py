"""What in the eight tables does not mean what it says, and the evidence for it.

Belongs here: one rule per oddity, applied wherever a column is read. Does not: rows that cannot be used at
all (ingest sets those aside), imputation (missing stays missing: it carries information here).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from features.expressions import Mask, Numbers

NO_CATEGORY = {
    "XNA": "not available: CODE_GENDER (4 rows), ORGANIZATION_TYPE (exactly the pensioners and unemployed, 18 %) "
    "and eleven columns of previous_application",
    "XAP": "not applicable: CODE_REJECT_REASON of what was not refused, NAME_CASH_LOAN_PURPOSE of what is no cash "
    "loan",
    "Unknown": "NAME_FAMILY_STATUS of 2 rows of application_train, in none of application_test",
    "": "an empty cell",
    "nan": "an empty cell written by pandas",
    "None": "an empty cell written by pandas",
}
"""Names that stand for "missing" or "not applicable" in category columns, each with its evidence."""


def is_no_category(name: str) -> bool:
    """True for a name that stands for "missing" or "not applicable"."""
    return name in NO_CATEGORY


@dataclass(frozen=True)
class Rule:
    """Values outside [minimum, maximum], or equal to `sentinel`, are read as missing in these columns."""

    table: str
    columns: tuple[str, ...]
    evidence: str
    sentinel: float | None = None
    minimum: float = -np.inf
    maximum: float = np.inf

    def means_missing(self, values: Numbers) -> Mask:
        if self.sentinel is not None:
            return np.equal(values, self.sentinel)
        return np.less(values, self.minimum) | np.greater(values, self.maximum)


RULES: tuple[Rule, ...] = (
    Rule(
        "application",
        ("DAYS_EMPLOYED",),
        sentinel=365243,
        evidence="1,000 years after the application, in 18 % of rows: pensioners and unemployed, who have no "
        "employer (ORGANIZATION_TYPE is XNA in the same rows)",
    ),
    Rule(
        "application",
        ("REGION_RATING_CLIENT_W_CITY",),
        sentinel=-1,
        evidence="ratings are 1, 2 or 3; -1 occurs once, in application_test",
    ),
    Rule(
        "application",
        ("DAYS_LAST_PHONE_CHANGE",),
        sentinel=0,
        evidence="12 % of rows say the phone was changed on the day itself, 0.9 % the day before: the day "
        "the number was first entered, not a change",
    ),
    Rule(
        "application",
        ("AMT_INCOME_TOTAL",),
        maximum=50_000_000,
        evidence="one income of 117,000,000; the next largest is below 20,000,000",
    ),
    Rule(
        "application",
        ("OWN_CAR_AGE",),
        maximum=63,
        evidence="3 % of the cars are 64 or 65 years old, 0.1 % between 45 and 63 and two in 18,000 above: these "
        "two ages stand for something else, and their clients would be told that the car is old",
    ),
    Rule(
        "previous_application",
        (
            "DAYS_FIRST_DRAWING",
            "DAYS_FIRST_DUE",
            "DAYS_LAST_DUE_1ST_VERSION",
            "DAYS_LAST_DUE",
            "DAYS_TERMINATION",
        ),
        sentinel=365243,
        evidence="the same sentinel: not drawn, not due, not ended yet",
    ),
    Rule(
        "previous_application",
        ("SELLERPLACE_AREA",),
        sentinel=-1,
        evidence="an area of -1 in 48 % of rows: sold at a credit office or by telephone, without a shop",
    ),
    Rule(
        "bureau",
        ("DAYS_CREDIT_ENDDATE", "DAYS_ENDDATE_FACT", "DAYS_CREDIT_UPDATE"),
        minimum=-20_000,
        evidence="down to -42,060 days (115 years) while no credit was opened before day -2,922",
    ),
)

_RULE_OF = {(rule.table, column): rule for rule in RULES for column in rule.columns}


def limits_of(table: str, columns: Iterable[str]) -> tuple[tuple[str, float | None, float, float], ...]:
    """What the rules read as missing in these columns: column, sentinel, minimum, maximum; evidence left out."""
    ruled = ((column, _RULE_OF.get((table, column))) for column in sorted(columns))
    return tuple((column, rule.sentinel, rule.minimum, rule.maximum) for column, rule in ruled if rule)


def clean_numbers(table: str, column: str, values: Numbers) -> Numbers:
    """`values` with NaN where a rule says the value means missing; the argument itself is never changed."""
    rule = _RULE_OF.get((table, column))
    if rule is None:
        return values
    missing = rule.means_missing(values)
    return np.where(missing, np.nan, values) if missing.any() else values
