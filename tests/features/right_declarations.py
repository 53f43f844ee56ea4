"""Declarations that are right, from which the tests make wrong ones.

Belongs here: one per kind of table, window and value. Does not: what is wrong with the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from features.expressions import col
from features.schemas import categories_of

HOUSING = categories_of("application", "NAME_HOUSING_TYPE")
EDUCATION = categories_of("application", "NAME_EDUCATION_TYPE")
STATUSES = categories_of("POS_CASH_balance", "NAME_CONTRACT_STATUS")
STATUS = col("NAME_CONTRACT_STATUS")

RIGHT: dict[str, Any] = {
    "name": "inst_days_late_max_365d",
    "table": "instalments",
    "value": col("paid_day") - col("due_day"),
    "agg": "max",
    "within_days": 365,
    "clock": "due_day",
    "when_no_rows": 0,
    "unit": "days",
    "group": "LATE_INSTALMENTS",
    "meaning": "Longest delay",
    "reason": "Late instalments",
}
ONE_ROW: dict[str, Any] = {
    "name": "app_age",
    "table": "application",
    "value": -col("DAYS_BIRTH"),
    "unit": "days",
    "group": "AGE",
    "meaning": "Age",
    "reason": "Age",
}
MONTHLY: dict[str, Any] = RIGHT | {
    "name": "pos_x_12m",
    "table": "POS_CASH_balance",
    "value": col("SK_DPD"),
    "clock": "MONTHS_BALANCE",
    "within_days": None,
    "within_months": 12,
}
ENCODED: dict[str, Any] = ONE_ROW | {
    "name": "app_housing",
    "value": col("NAME_HOUSING_TYPE").code_in(HOUSING),
    "unit": "category",
    "categories": HOUSING,
}

LAST_ROW: dict[str, Any] = RIGHT | {
    "name": "inst_x_last1",
    "within_days": None,
    "clock": None,
    "last_rows": 1,
}
LAST_STATUS: dict[str, Any] = MONTHLY | {
    "name": "pos_status_last",
    "value": STATUS.code_in(STATUSES),
    "unit": "category",
    "categories": STATUSES,
    "agg": "last",
    "within_months": None,
    "clock": None,
    "when_no_rows": np.nan,
}
RIGHTS = [RIGHT, ONE_ROW, MONTHLY, ENCODED, LAST_ROW, LAST_STATUS]
