"""Features of the months of earlier point-of-sale and cash loans of this lender.

Belongs here: POS_CASH_balance. Does not: the single instalments (instalments), cards (card).
"""
# One declaration reads as a paragraph, not as a column:
# fmt: off

from features.declaration import Feature, over
from features.expressions import col

_TABLE, _MONTH = "POS_CASH_balance", "MONTHS_BALANCE"
_AGE = -col(_MONTH)
_LATE = col("SK_DPD_DEF") > 0  # leaves out small amounts that the lender tolerates
_ANY_LATE = col("SK_DPD") > 0
_LEFT, _TERM, _STATUS = col("CNT_INSTALMENT_FUTURE"), col("CNT_INSTALMENT"), col("NAME_CONTRACT_STATUS")
_COMPLETED, _ACTIVE = _STATUS.is_in("Completed"), _STATUS.is_in("Active")
_STARTED = _ACTIVE & (_LEFT >= _TERM)  # the first month of a loan: its whole plan is still to be paid

_HISTORY = (
    Feature(
        name="pos_months_count", table=_TABLE, value=col("SK_DPD"), agg="count", when_no_rows=0,
        unit="months", riskier="lower", group="LOAN_HISTORY",
        meaning="Months of earlier loans observed",
        reason="The history of loans with us is shorter than usual",
    ),
    Feature(
        name="pos_months_since_first_max", table=_TABLE, value=_AGE, agg="max",
        unit="months", riskier="lower", group="LOAN_HISTORY",
        meaning="Months since the first record of a loan with us",
        reason="The first loan with us is more recent than usual",
    ),
    Feature(
        name="pos_months_since_last_min", table=_TABLE, value=_AGE, agg="min",
        unit="months", group="LOAN_HISTORY",
        meaning="Months since the latest record of a loan with us",
        reason="Time since the latest loan with us",
    ),
    Feature(
        name="pos_loans_started_count", table=_TABLE, value=_TERM, agg="count", where=_STARTED,
        when_no_rows=0, unit="count", group="LOAN_HISTORY",
        meaning="Monthly records in which a loan with us starts (nearly always one a loan)",
        reason="Number of loans started with us",
    ),
    Feature(
        name="pos_loans_completed_count", table=_TABLE, value=_TERM, agg="count", where=_COMPLETED,
        when_no_rows=0, unit="count", riskier="lower", group="LOAN_HISTORY",
        meaning="Monthly records in which a loan with us was completed (nearly always one a loan)",
        reason="Fewer loans with us than usual have been paid off",
    ),
    Feature(
        name="pos_completed_share", table=_TABLE, value=_COMPLETED, agg="mean",
        unit="share", group="LOAN_HISTORY",
        meaning="Share of monthly records in which a loan was completed",
        reason="Share of completed loans in the monthly records",
    ),
)

_PLAN = (
    *over(Feature(
        name="pos_payments_left_sum", table=_TABLE, value=_LEFT, agg="sum", when_no_rows=0,
        unit="count", group="LOAN_HISTORY",
        meaning="Instalments left, added up over the monthly records of earlier loans",
        reason="Number of instalments left on earlier loans",
    ), clock=_MONTH, months=(1,), last=(3,), all_time=False),
    Feature(
        name="pos_payments_left_trend", table=_TABLE, value=_LEFT, agg="trend", clock=_MONTH,
        unit="count", group="LOAN_HISTORY",
        meaning="Instalments left on earlier loans, change per year",
        reason="How fast earlier loans are paid down",
    ),
    *over(Feature(
        name="pos_plan_left_mean", table=_TABLE, value=_LEFT / _TERM, agg="mean",
        unit="share", group="LOAN_HISTORY",
        meaning="Mean share of the instalments that is left on earlier loans",
        reason="Part of earlier loans still to be repaid",
    ), clock=_MONTH, months=(24, 6), all_time=False),
    Feature(
        name="pos_term_last", table=_TABLE, value=_TERM, agg="last",
        unit="count", group="PREVIOUS_TERMS",
        meaning="Instalments agreed for the last observed loan",
        reason="Length of the last loan with us",
    ),
    Feature(
        name="pos_term_std", table=_TABLE, value=_TERM, agg="std",
        unit="count", group="PREVIOUS_TERMS",
        meaning="Spread of the number of instalments agreed, over the months of earlier loans",
        reason="How much the lengths of loans with us differ",
    ),
    Feature(
        name="pos_term_trend", table=_TABLE, value=_TERM, agg="trend", clock=_MONTH,
        unit="count", group="PREVIOUS_TERMS",
        meaning="Instalments agreed for a loan, change per year",
        reason="Change in the length of loans with us",
    ),
    Feature(
        name="pos_term_started_mean", table=_TABLE, value=_TERM, agg="mean", where=_STARTED,
        unit="count", group="PREVIOUS_TERMS",
        meaning="Mean number of instalments agreed when a loan started",
        reason="Length of earlier loans as first agreed",
    ),
    Feature(
        name="pos_term_completed_mean", table=_TABLE, value=_TERM, agg="mean", where=_COMPLETED,
        unit="count", group="PREVIOUS_TERMS",
        meaning="Mean number of instalments of the loans paid off",
        reason="Length of the loans paid off",
    ),
    Feature(
        name="pos_term_completed_to_started", table="client",
        value=col("pos_term_completed_mean") / col("pos_term_started_mean"),
        unit="ratio", group="LOAN_HISTORY",
        meaning="Length of the loans paid off, compared with the length first agreed (below 1: paid off early)",
        reason="Length of the loans paid off compared with the length first agreed",
    ),
)

_DELAYS = (
    *over(Feature(
        name="pos_late_share", table=_TABLE, value=_LATE, agg="mean",
        unit="share", riskier="higher", group="LATE_INSTALMENTS",
        meaning="Share of months past due on earlier loans",
        reason="More months than usual were past due on earlier loans",
    ), clock=_MONTH, months=(24,), last=(12,)),
    *over(Feature(
        name="pos_any_late_share", table=_TABLE, value=_ANY_LATE, agg="mean",
        unit="share", riskier="higher", group="LATE_INSTALMENTS",
        meaning="Share of months past due on earlier loans, small amounts included",
        reason="More months than usual were past due on earlier loans, small amounts included",
    ), clock=_MONTH, months=(24, 12), all_time=False),
    *over(Feature(
        name="pos_days_late_max", table=_TABLE, value=col("SK_DPD_DEF"), agg="max", when_no_rows=0,
        unit="days", riskier="higher", group="LATE_INSTALMENTS",
        meaning="Longest delay on earlier loans",
        reason="The delays on earlier loans were longer than usual",
    ), clock=_MONTH, months=(12,)),
    Feature(
        name="pos_days_any_late_mean", table=_TABLE, value=col("SK_DPD"), agg="mean",
        unit="days", riskier="higher", group="LATE_INSTALMENTS",
        meaning="Mean delay on earlier loans, small amounts included (0 if in time)",
        reason="The delays on earlier loans, small amounts included, were longer than usual",
    ),
    Feature(
        name="pos_months_since_late_min", table=_TABLE, value=_AGE, agg="min", where=_LATE,
        unit="months", riskier="lower", group="LATE_INSTALMENTS",
        meaning="Months since the last month past due",
        reason="An earlier loan was past due more recently than usual",
    ),
)

POS = (*_HISTORY, *_PLAN, *_DELAYS)
