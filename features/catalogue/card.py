"""Features of this lender's credit cards.

Belongs here: credit_card_balance. Does not: cards of other lenders (bureau), what joins several tables.
"""
# One declaration reads as a paragraph, not as a column:
# fmt: off

from features.declaration import Feature, over
from features.expressions import col

_TABLE, _CLOCK = "credit_card_balance", "MONTHS_BALANCE"
_MONTHS_AGO = -col("MONTHS_BALANCE")
_BALANCE, _LIMIT = col("AMT_BALANCE"), col("AMT_CREDIT_LIMIT_ACTUAL")
_USE = _BALANCE / _LIMIT
# A limit of 0 is a closed or blocked card: a share of it is missing, any debt on it is above it.
_ABOVE_LIMIT = _BALANCE > _LIMIT
_DRAWN = col("AMT_DRAWINGS_CURRENT")
# Withdrawals and purchases are empty in months before the first drawing of a card: none were made.
_WITHDRAWALS = col("CNT_DRAWINGS_ATM_CURRENT").or_else(0)
_PURCHASES = col("CNT_DRAWINGS_POS_CURRENT").or_else(0)
_PAID, _MINIMUM = col("AMT_PAYMENT_TOTAL_CURRENT"), col("AMT_INST_MIN_REGULARITY")
# Payments often exceed the minimum by a few units, so up to 5 % more is still "the minimum".
_LITTLE_MORE = 1.05

CARD = (
    Feature(
        name="card_months_count", table=_TABLE, value=_BALANCE, agg="count", when_no_rows=0,
        unit="months", group="CARD_USE",
        meaning="Months of a credit card with us",
        reason="History of the credit card",
    ),

    # How much of the limit is in use
    *over(Feature(
        name="card_use_mean", table=_TABLE, value=_USE, agg="mean",
        unit="share", riskier="higher", group="CARD_USE",
        meaning="Mean share of the card limit in use",
        reason="The card limit is used to a larger part than usual",
    ), clock=_CLOCK, months=(24, 12, 3)),
    *over(Feature(
        name="card_use_max", table=_TABLE, value=_USE, agg="max",
        unit="share", riskier="higher", group="CARD_USE",
        meaning="Highest share of the card limit in use",
        reason="The highest use of the card limit is higher than usual",
    ), clock=_CLOCK, months=(12,), all_time=False),
    *over(Feature(
        name="card_use_std", table=_TABLE, value=_USE, agg="std",
        unit="share", group="CARD_USE",
        meaning="Spread of the share of the card limit in use (standard deviation)",
        reason="How much the use of the card limit varies",
    ), clock=_CLOCK, months=(12,), all_time=False),
    *over(Feature(
        name="card_use_trend", table=_TABLE, value=_USE, agg="trend", clock=_CLOCK,
        unit="share", riskier="higher", group="CARD_USE",
        meaning="Share of the card limit in use, change per year",
        reason="The use of the card limit grows more, or falls less, than usual",
    ), clock=_CLOCK, months=(12,)),
    *over(Feature(
        name="card_near_limit_share", table=_TABLE, value=_BALANCE > _LIMIT * 0.9, agg="mean",
        unit="share", riskier="higher", group="CARD_USE",
        meaning="Share of months with more than 90% of the card limit in use",
        reason="The card was close to its limit more often than usual",
    ), clock=_CLOCK, months=(12,)),
    Feature(
        name="card_above_limit_share", table=_TABLE, value=_ABOVE_LIMIT, agg="mean",
        unit="share", riskier="higher", group="CARD_USE",
        meaning="Share of months with a debt above the card limit",
        reason="The card limit was exceeded more often than usual",
    ),
    Feature(
        name="card_above_limit_age", table=_TABLE, value=_MONTHS_AGO, agg="min", where=_ABOVE_LIMIT,
        unit="months", riskier="lower", group="CARD_USE",
        meaning="Months since the card debt last exceeded the limit",
        reason="The card limit was exceeded more recently than usual",
    ),

    # Debt and limit
    Feature(
        name="card_balance_last", table=_TABLE, value=_BALANCE, agg="last",
        unit="amount", riskier="higher", group="CARD_USE",
        meaning="Last balance of the card",
        reason="The debt on the credit card is higher than usual",
    ),
    *over(Feature(
        name="card_balance_mean", table=_TABLE, value=_BALANCE, agg="mean",
        unit="amount", riskier="higher", group="CARD_USE",
        meaning="Mean balance of the card",
        reason="The debt carried on the credit card is larger than usual",
    ), clock=_CLOCK, months=(12,), all_time=False),
    Feature(
        name="card_recent_balance_to_income", table="client",
        value=col("card_balance_mean_12m") / col("AMT_INCOME_TOTAL"),
        unit="ratio", riskier="higher", group="CARD_USE",
        meaning="Mean balance of the card in the last 12 months divided by income",
        reason="The debt on the credit card is higher than usual for the income",
    ),
    Feature(
        name="card_limit_last", table=_TABLE, value=_LIMIT, agg="last",
        unit="amount", group="CARD_USE",
        meaning="Last limit of the card",
        reason="Limit of the credit card",
    ),
    Feature(
        name="card_limit_left_last", table=_TABLE, value=_LIMIT - _BALANCE, agg="last",
        unit="amount", riskier="lower", group="CARD_USE",
        meaning="What could still be drawn on the card in its last month",
        reason="Less than usual could still be drawn on the credit card",
    ),
    Feature(
        name="card_minimum_last", table=_TABLE, value=_MINIMUM, agg="last",
        unit="amount", riskier="higher", group="CARD_USE",
        meaning="Last minimum payment asked for the card",
        reason="The monthly payments asked for the credit card are higher than usual",
    ),

    # Drawings: amount, cash, purchases
    *over(Feature(
        name="card_drawn_to_limit_mean", table=_TABLE, value=_DRAWN / _LIMIT, agg="mean",
        unit="share", riskier="higher", group="CARD_USE",
        meaning="Amount drawn in a month as a share of the card limit, mean",
        reason="Larger amounts than usual are drawn on the card",
    ), clock=_CLOCK, months=(12,)),
    *over(Feature(
        name="card_drawn_to_limit_trend", table=_TABLE, value=_DRAWN / _LIMIT, agg="trend", clock=_CLOCK,
        unit="share", group="CARD_USE",
        meaning="Amount drawn in a month as a share of the card limit, change per year",
        reason="Change in the amounts drawn on the card",
    ), clock=_CLOCK, months=(24,), all_time=False),
    *over(Feature(
        name="card_withdrawals_mean", table=_TABLE, value=_WITHDRAWALS, agg="mean",
        unit="count", riskier="higher", group="CARD_USE",
        meaning="Cash withdrawals a month",
        reason="Cash is taken out with the card more often than usual",
    ), clock=_CLOCK, months=(12, 3)),
    Feature(
        name="card_withdrawal_age", table=_TABLE, value=_MONTHS_AGO, agg="min", where=_WITHDRAWALS > 0,
        unit="months", riskier="lower", group="CARD_USE",
        meaning="Months since the last cash withdrawal with the card",
        reason="Cash was taken out with the card more recently than usual",
    ),
    *over(Feature(
        name="card_purchases_mean", table=_TABLE, value=_PURCHASES, agg="mean",
        unit="count", group="CARD_USE",
        meaning="Purchases with the card a month",
        reason="Use of the card for purchases",
    ), clock=_CLOCK, months=(12,), all_time=False),
    Feature(
        name="card_drawing_share", table=_TABLE, value=_DRAWN > 0, agg="mean",
        unit="share", group="CARD_USE",
        meaning="Share of months in which the card was drawn on",
        reason="How regularly the card is drawn on",
    ),
    Feature(
        name="card_drawing_age", table=_TABLE, value=_MONTHS_AGO, agg="min", where=_DRAWN > 0,
        unit="months", riskier="lower", group="CARD_USE",
        meaning="Months since the card was last drawn on",
        reason="The card was drawn on more recently than usual",
    ),

    # Payments
    *over(Feature(
        name="card_paid_share_mean", table=_TABLE, value=_PAID / (_PAID + _BALANCE.at_least(0)), agg="mean",
        unit="share", riskier="lower", group="CARD_USE",
        meaning="Share of the card debt that is paid back in a month, mean",
        reason="Less of the card debt than usual is paid back each month",
    ), clock=_CLOCK, months=(12, 3)),
    *over(Feature(
        name="card_only_minimum_share", table=_TABLE, agg="mean",
        value=_PAID <= _MINIMUM * _LITTLE_MORE, where=_MINIMUM > 0,
        unit="share", riskier="higher", group="CARD_USE",
        meaning="Share of months in which at most the minimum payment was made",
        reason="No more than the minimum is paid on the card more often than usual",
    ), clock=_CLOCK, months=(6,), all_time=False),
    Feature(
        name="card_below_minimum_share", table=_TABLE, agg="mean", value=_PAID < _MINIMUM, where=_MINIMUM > 0,
        unit="share", group="CARD_LATE",
        meaning="Share of months in which less than the minimum was paid",
        reason="How often less than the minimum was paid on the credit card",
    ),

    # Late payments
    Feature(
        name="card_late_share", table=_TABLE, value=col("SK_DPD_DEF") > 0, agg="mean",
        unit="share", riskier="higher", group="CARD_LATE",
        meaning="Share of months past due on the card",
        reason="Payments of the credit card were late more often than usual",
    ),
    *over(Feature(
        name="card_days_late_max", table=_TABLE, value=col("SK_DPD"), agg="max", when_no_rows=0,
        unit="days", riskier="higher", group="CARD_LATE",
        meaning="Longest delay on the card, small amounts included",
        reason="Payments of the credit card were late",
    ), clock=_CLOCK, months=(12,), all_time=False),
)
