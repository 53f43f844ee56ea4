"""Features of this lender's credit cards.

Belongs here: credit_card_balance. Does not: cards of other lenders (bureau).
"""
# fmt: off  (one declaration reads as a paragraph, not as a column)

from features.declaration import Feature
from features.expressions import col

_TABLE = "credit_card_balance"
_USE = col("AMT_BALANCE") / col("AMT_CREDIT_LIMIT_ACTUAL")

CARD = (
    Feature(
        name="card_months_count",
        table=_TABLE,
        value=col("SK_DPD"),
        agg="count",
        when_no_rows=0,
        unit="months",
        group="CARD_USE",
        meaning="Months of a credit card with us",
        reason="History of the credit card",
    ),
    Feature(
        name="card_use_mean",
        table=_TABLE,
        value=_USE,
        agg="mean",
        unit="share",
        riskier="higher",
        group="CARD_USE",
        meaning="Mean share of the card limit in use",
        reason="The card limit is used to a large part",
    ),
    Feature(
        name="card_use_max_12m",
        table=_TABLE,
        value=_USE,
        agg="max",
        within_months=12,
        clock="MONTHS_BALANCE",
        unit="share",
        riskier="higher",
        group="CARD_USE",
        meaning="Highest share of the card limit in use",
        reason="The card limit was almost reached",
    ),
    Feature(
        name="card_balance_last",
        table=_TABLE,
        value=col("AMT_BALANCE"),
        agg="last",
        unit="amount",
        riskier="higher",
        group="CARD_USE",
        meaning="Last balance of the card",
        reason="Debt on the credit card",
    ),
    Feature(
        name="card_withdrawals_mean_12m",
        table=_TABLE,
        value=col("CNT_DRAWINGS_ATM_CURRENT"),
        agg="mean",
        within_months=12,
        clock="MONTHS_BALANCE",
        unit="count",
        riskier="higher",
        group="CARD_USE",
        meaning="Cash withdrawals a month",
        reason="Frequent cash withdrawals with the card",
    ),
    Feature(
        name="card_paid_to_minimum_mean",
        table=_TABLE,
        value=col("AMT_PAYMENT_TOTAL_CURRENT") / col("AMT_INST_MIN_REGULARITY"),
        agg="mean",
        unit="ratio",
        riskier="lower",
        group="CARD_USE",
        meaning="Monthly payment divided by the minimum payment, mean",
        reason="Little more than the minimum is paid on the card",
    ),
    Feature(
        name="card_late_share",
        table=_TABLE,
        value=col("SK_DPD_DEF") > 0,
        agg="mean",
        unit="share",
        riskier="higher",
        group="CARD_LATE",
        meaning="Share of months past due on the card",
        reason="Late payments on the credit card",
    ),
)
