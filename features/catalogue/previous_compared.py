"""Features of earlier loans here beside today: what still runs, and income and the requested credit compared.

Belongs here: earlier loans set against the application. Does not: their terms alone (previous_terms).
"""
# One declaration reads as a paragraph, not as a column.
# fmt: off

from features.declaration import Feature
from features.expressions import col

_TABLE = "previous_application"
_APPROVED = col("NAME_CONTRACT_STATUS").is_in("Approved")
# Approved but never taken up: every DAYS_ column of the loan and this flag are empty (4 % of approvals), and
# 97 % of these have no row in the monthly tables.
_TAKEN_UP = ~col("NFLAG_INSURED_ON_APPROVAL").is_missing()
_RUNNING = _APPROVED & _TAKEN_UP & col("DAYS_TERMINATION").is_missing()
_CREDIT, _ANNUITY, _INCOME = col("AMT_CREDIT"), col("AMT_ANNUITY"), col("AMT_INCOME_TOTAL")

PREVIOUS_COMPARED = (
    Feature(
        name="prev_running_annuity_sum", table=_TABLE, value=_ANNUITY, agg="sum", where=_RUNNING,
        when_no_rows=0, unit="amount", group="REPAYMENT_BURDEN",
        meaning="Monthly instalments of loans and cards still running with us",
        reason="Amount of the instalments of loans and cards still running with us",
    ),
    Feature(
        name="prev_running_days_left_max", table=_TABLE, value=col("DAYS_LAST_DUE_1ST_VERSION"), agg="max",
        where=_RUNNING, unit="days", group="LOAN_HISTORY",
        meaning="Days until the last instalment of the running loan that ends last",
        reason="Time until the loans still running are repaid",
    ),
    Feature(
        name="prev_request_annuity_to_max", table="client", unit="ratio", riskier="higher",
        group="REQUESTED_CREDIT",
        value=_ANNUITY / col("prev_annuity_max"),
        meaning="Requested instalment divided by the largest instalment of earlier loans and cards",
        reason="The instalment is higher than usual, compared with those of earlier loans and cards",
    ),
    Feature(
        name="prev_request_annuity_to_last", table="client", unit="ratio", group="REQUESTED_CREDIT",
        value=_ANNUITY / col("prev_annuity_last"),
        meaning="Requested instalment divided by the instalment of the last loan or card",
        reason="The instalment compared with that of the last loan or card",
    ),
    Feature(
        name="prev_request_credit_to_max", table="client", unit="ratio", group="REQUESTED_CREDIT",
        value=_CREDIT / col("prev_credit_max"),
        meaning="Requested credit divided by the largest credit approved before",
        reason="The credit compared with the largest one approved before",
    ),
    Feature(
        name="prev_request_credit_to_last", table="client", unit="ratio", group="REQUESTED_CREDIT",
        value=_CREDIT / col("prev_credit_last"),
        meaning="Requested credit divided by the last credit approved",
        reason="The credit compared with the last one approved",
    ),
    Feature(
        name="prev_request_term_to_mean", table="client", unit="ratio", group="REQUESTED_CREDIT",
        value=_CREDIT / _ANNUITY / col("prev_term_mean"),
        meaning="Months of instalments in the requested credit divided by the mean length of earlier loans",
        reason="The length of the credit compared with that of earlier loans",
    ),
    Feature(
        name="prev_loan_credit_to_income", table="client", unit="ratio", group="PREVIOUS_TERMS",
        value=col("prev_loan_credit_sum") / _INCOME,
        meaning="Total of approved loans divided by income",
        reason="Total of earlier loans compared with income",
    ),
    Feature(
        name="prev_refused_to_granted_max", table="client", unit="ratio", group="PREVIOUS_REFUSALS",
        value=col("prev_refused_credit_max") / col("prev_credit_max"),
        meaning="Largest credit refused divided by the largest credit approved",
        reason="The credits refused compared with those approved",
    ),
    Feature(
        name="prev_request_to_refused", table="client", unit="ratio", group="PREVIOUS_REFUSALS",
        value=_CREDIT / col("prev_refused_credit_max"),
        meaning="Credit requested now divided by the largest credit refused before",
        reason="The requested credit compared with the one refused before",
    ),
)
