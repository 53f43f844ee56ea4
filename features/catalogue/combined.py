"""Features that join several tables: credit here and elsewhere, the request against both, late payments.

Belongs here: combinations of features of different families, under the prefix of the leading one. Does not:
what one family and the application can say (the family's own module), rows of tables.
"""
# One declaration reads as a paragraph, not as a column:
# fmt: off

from features.declaration import Feature
from features.expressions import col, sum_of

_REQUESTED = col("AMT_CREDIT")
_MONTHLY = sum_of(col("bureau_monthly_sum"), col("prev_running_annuity_sum")) + col("AMT_ANNUITY")
_SPANS = ("HOUR", "DAY", "WEEK", "MON", "QRT", "YEAR")  # none counts what a shorter one counts
_ENQUIRIES = sum_of(*(col(f"AMT_REQ_CREDIT_BUREAU_{span}") for span in _SPANS))

COMBINED = (
    # History here and elsewhere
    Feature(
        name="bureau_recent_anywhere_count", table="client",
        value=col("bureau_opened_count_180d") + col("prev_count_180d"),
        unit="count", riskier="higher", group="BUREAU_NEW_CREDIT",
        meaning="Credits opened elsewhere and applications made with us in the last 6 months",
        reason="Credit was sought more often than usual in the last months",
    ),
    Feature(
        name="bureau_enquiries_to_opened", table="client",
        value=_ENQUIRIES / (col("bureau_opened_count_365d") + 1),
        unit="ratio", group="CREDIT_ENQUIRIES",
        meaning="Enquiries in the last 12 months divided by the credits opened elsewhere meanwhile, plus one",
        reason="Enquiries at the credit bureau compared with the credits that were opened",
    ),
    Feature(
        name="prev_first_to_bureau_oldest", table="client",
        value=col("prev_first_age") / col("bureau_oldest_age"),
        unit="ratio", group="LOAN_HISTORY",
        meaning="Time since the first application with us divided by the age of the oldest credit elsewhere",
        reason="Time as our client compared with the credit history elsewhere",
    ),

    # The requested credit against everything else
    Feature(
        name="bureau_requested_to_ever_lent", table="client",
        value=_REQUESTED / (col("bureau_credit_sum_closed") + col("prev_loan_credit_sum")),
        unit="ratio", riskier="higher", group="REQUESTED_CREDIT",
        meaning="Requested credit divided by all credits ended elsewhere and all loans approved here",
        reason="The requested credit is larger than usual, compared with all credits so far",
    ),
    Feature(
        name="bureau_all_payments_to_income", table="client", value=_MONTHLY / col("AMT_INCOME_TOTAL"),
        unit="share", group="REPAYMENT_BURDEN",
        meaning="Payments on running loans, here and elsewhere, and on the requested one, divided by income",
        reason="All payments together, here and elsewhere, compared with the income",
    ),

    # External scores and delays against what happened with us
    Feature(
        name="app_ext_source_after_refusals", table="client",
        value=col("app_ext_source_mean") * (-col("prev_refused_share") + 1),
        unit="score", riskier="lower", group="EXTERNAL_SCORES",
        meaning="Mean external score, lowered by the share of refusals among earlier applications",
        reason="The external scores, set beside earlier refusals, are lower than usual",
    ),
    Feature(
        name="inst_late_kinds_count", table="client",
        value=(col("inst_late_share_365d") > 0) + (col("pos_any_late_share_12m") > 0)
        + (col("card_days_late_max_12m") > 0) + (col("bureau_overdue_days_max") > 0),
        unit="count", riskier="higher", group="LATE_INSTALMENTS",
        meaning="Kinds of delay (instalments, loans and card in the last 12 months, other lenders now)",
        reason="More kinds of credit than usual had a delay recently",
    ),
)
