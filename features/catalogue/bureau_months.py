"""Features of the monthly reports on credits with other lenders: months with a delay.

Belongs here: bureau_balance. Does not: the credits themselves (bureau, bureau_debt).

Months exist for 36 % of the credits of train clients, for 99.9 % of test clients'. So every feature answers 0
when there is no row, and what mostly tells how many months exist is left out: delays of any length in the
last 6, 12 or 24 months or ever, counted, averaged or the worst of them, shift too much from train to test
(stability index 0.13 to 0.42 on real clients; it is below 0.1 for those kept).

Month 0 is the month of the application: a window of m months holds the months -1 to -m, as in our own monthly
tables, which have no month 0.
"""
# fmt: off

from features.declaration import Feature
from features.expressions import col

_MONTH, _STATUS = col("MONTHS_BALANCE"), col("STATUS")
_LATE, _VERY_LATE = _STATUS.is_in("1", "2", "3", "4", "5"), _STATUS.is_in("2", "3", "4", "5")

BUREAU_MONTHS = (
    Feature(
        name="bureau_very_late_months", table="bureau_balance", value=_MONTH, agg="count", where=_VERY_LATE,
        when_no_rows=0, unit="months", riskier="higher", group="BUREAU_LATE",
        meaning="Months with more than 30 days of delay at another lender, each credit counted",
        reason="Payments were more than a month late with other lenders",
    ),
    Feature(
        name="bureau_late_months_3m", table="bureau_balance", value=_MONTH, agg="count",
        where=_LATE & (_MONTH < 0), within_months=3, clock="MONTHS_BALANCE", when_no_rows=0,
        unit="months", riskier="higher", group="BUREAU_LATE",
        meaning="Months with a delay at another lender, each credit counted, before the month of the application",
        reason="Payments were late with other lenders",
    ),
)
