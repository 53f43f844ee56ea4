"""Features of the terms of earlier loans here: rates, amounts, lengths.

Belongs here: what was agreed in previous_application. Does not: decisions (previous_decisions), what is set
against the application (previous_compared), how instalments were paid (pos, instalments, card).
"""
# One declaration reads as a paragraph, not as a column.
# fmt: off

from features.declaration import Feature, over
from features.expressions import col

_TABLE = "previous_application"
_APPROVED = col("NAME_CONTRACT_STATUS").is_in("Approved")
_CREDIT, _REQUESTED = col("AMT_CREDIT"), col("AMT_APPLICATION")
_ANNUITY, _TERM = col("AMT_ANNUITY"), col("CNT_PAYMENT")
_HAS_TERM = _TERM > 0  # a card has 0 instalments
_LOAN = _APPROVED & _HAS_TERM
_CASH = col("NAME_CONTRACT_TYPE").is_in("Cash loans")
# Interest as a yearly rate by the constant-ratio formula, 2 * 12 * interest / (credit * (n + 1)), for n equal
# instalments a month apart: what is owed is taken to fall evenly to 0, so that on average (n + 1) / 2n of the
# credit is lent. 1200 repaid in 12 instalments of 110: 24 * 120 / (1200 * 13) = 18.5 % (exactly: 18.0 %).
# RATE_INTEREST_PRIMARY would say it, but is empty in 99.6 % of rows.
_RATE = (_ANNUITY * _TERM - _CREDIT) * 24 / (_CREDIT * (_TERM + 1))
_YIELD = col("NAME_YIELD_GROUP")
_DOWN_PAYMENT = col("RATE_DOWN_PAYMENT")
_REMAINDER = 0.01  # 1.3 % of the rates come of a remainder below 5 in the amount: nobody pays that down
_LAST_DUE, _LAST_PLANNED = col("DAYS_LAST_DUE"), col("DAYS_LAST_DUE_1ST_VERSION")
_MONTH = 365.25 / 12

_RATES = (
    *over(
        Feature(
            name="prev_rate_mean", table=_TABLE, value=_RATE, agg="mean", where=_LOAN, unit="share",
            riskier="higher", group="PREVIOUS_TERMS",
            meaning="Mean yearly rate of approved loans",
            reason="Earlier loans were granted at a higher rate than usual",
        ),
        last=(3,),
    ),
    Feature(
        name="prev_rate_min", table=_TABLE, value=_RATE, agg="min", where=_LOAN, unit="share",
        riskier="higher", group="PREVIOUS_TERMS",
        meaning="Lowest yearly rate of an approved loan",
        reason="Even the cheapest of the earlier loans had a higher rate than usual",
    ),
    Feature(
        name="prev_rate_max", table=_TABLE, value=_RATE, agg="max", where=_LOAN, unit="share",
        riskier="higher", group="PREVIOUS_TERMS",
        meaning="Highest yearly rate of an approved loan",
        reason="The dearest of the earlier loans had a higher rate than usual",
    ),
    Feature(
        name="prev_rate_last", table=_TABLE, value=_RATE, agg="last", where=_LOAN, unit="share",
        riskier="higher", group="PREVIOUS_TERMS",
        meaning="Yearly rate of the last approved loan",
        reason="The last loan had a higher rate than usual",
    ),
    Feature(
        name="prev_rate_trend", table=_TABLE, value=_RATE, agg="trend", where=_LOAN, clock="DAYS_DECISION",
        unit="share", group="PREVIOUS_TERMS",
        meaning="Change per year of the rate of approved loans",
        reason="How the rate of earlier loans has changed",
    ),
    Feature(
        name="prev_cash_rate_last", table=_TABLE, value=_RATE, agg="last", where=_LOAN & _CASH, unit="share",
        riskier="higher", group="PREVIOUS_TERMS",
        meaning="Yearly rate of the last approved cash loan",
        reason="The last cash loan had a higher rate than usual",
    ),
    *over(
        Feature(
            name="prev_offered_rate_mean", table=_TABLE, value=_RATE, agg="mean", where=_HAS_TERM,
            unit="share", riskier="higher", group="PREVIOUS_TERMS",
            meaning="Mean yearly rate of loans applied for, whatever became of them",
            reason="The loans applied for had a higher rate than usual",
        ),
        clock="DAYS_DECISION", days=(730, 365), all_time=False,
    ),
    Feature(
        name="prev_loan_credit_sum", table=_TABLE, value=_CREDIT, agg="sum", where=_LOAN, when_no_rows=0,
        unit="amount", group="PREVIOUS_TERMS",
        meaning="Total of approved loans",
        reason="Total amount of earlier loans",
    ),
    Feature(
        name="prev_yearly_interest_sum", table=_TABLE, value=_RATE * _CREDIT, agg="sum", where=_LOAN,
        when_no_rows=0, unit="amount", group="PREVIOUS_TERMS",
        meaning="Yearly interest of approved loans, in all",
        reason="Interest charged on earlier loans",
    ),
    Feature(
        name="prev_rate_by_amount", table="client", unit="share", riskier="higher", group="PREVIOUS_TERMS",
        value=col("prev_yearly_interest_sum") / col("prev_loan_credit_sum"),
        meaning="Yearly rate of approved loans, larger loans counting more",
        reason="The money lent before was, on the whole, lent at a higher rate than usual",
    ),
    Feature(
        name="prev_cost_of_credit_mean", table=_TABLE, value=_ANNUITY * _TERM / _CREDIT, agg="mean",
        where=_LOAN, unit="ratio", riskier="higher", group="PREVIOUS_TERMS",
        meaning="All instalments divided by the credit (what earlier loans cost)",
        reason="Earlier loans were granted at a higher price than usual",
    ),
    *over(
        Feature(
            name="prev_high_yield_share", table=_TABLE, value=_YIELD.is_in("high"), agg="mean",
            where=~_YIELD.has_no_category(), unit="share", riskier="higher", group="PREVIOUS_TERMS",
            meaning="Share of applications in the high-rate group, where the group is known",
            reason="More of the earlier applications than usual were in the high-rate group",
        ),
        clock="DAYS_DECISION", days=(730,),
    ),
    Feature(
        name="prev_promotional_share", table=_TABLE, value=_YIELD.is_in("low_action"), agg="mean",
        where=~_YIELD.has_no_category(), unit="share", riskier="lower", group="PREVIOUS_TERMS",
        meaning="Share of applications at a low promotional rate, where the rate group is known",
        reason="Fewer of the earlier applications than usual were at a promotional rate",
    ),
)

_AMOUNTS = (
    *over(
        Feature(
            name="prev_granted_to_requested_mean", table=_TABLE, value=_CREDIT / _REQUESTED, agg="mean",
            unit="ratio", group="PREVIOUS_TERMS",
            meaning="Final amount divided by amount requested, mean, whatever became of the application",
            reason="Final amounts of earlier applications compared with amounts requested",
        ),
        last=(3,),
    ),
    Feature(
        name="prev_approved_to_requested_min", table=_TABLE, value=_CREDIT / _REQUESTED, agg="min",
        where=_APPROVED, unit="ratio", group="PREVIOUS_TERMS",
        meaning="Lowest amount granted divided by amount requested, approved applications only",
        reason="The lowest amount granted compared with the amount requested",
    ),
    Feature(
        name="prev_credit_max", table=_TABLE, value=_CREDIT, agg="max", where=_APPROVED & (_CREDIT > 0),
        unit="amount", group="PREVIOUS_TERMS",
        meaning="Largest credit approved",
        reason="Amount of the largest credit approved before",
    ),
    Feature(
        name="prev_credit_last", table=_TABLE, value=_CREDIT, agg="last", where=_APPROVED & (_CREDIT > 0),
        unit="amount", group="PREVIOUS_TERMS",
        meaning="Last credit approved",
        reason="Amount of the last credit approved",
    ),
    Feature(
        name="prev_annuity_max", table=_TABLE, value=_ANNUITY, agg="max", where=_APPROVED & (_ANNUITY > 0),
        unit="amount", group="PREVIOUS_TERMS",
        meaning="Largest instalment of an approved loan or card",
        reason="The largest instalment of earlier loans and cards",
    ),
    Feature(
        name="prev_annuity_last", table=_TABLE, value=_ANNUITY, agg="last", where=_APPROVED & (_ANNUITY > 0),
        unit="amount", group="PREVIOUS_TERMS",
        meaning="Instalment of the last approved loan or card",
        reason="The instalment of the last loan or card",
    ),
    Feature(
        name="prev_down_payment_amount_mean", table=_TABLE, value=col("AMT_DOWN_PAYMENT"), agg="mean",
        unit="amount", riskier="lower", group="PREVIOUS_TERMS",
        meaning="Mean down payment of earlier applications, approved or not",
        reason="The down payments of earlier applications were smaller amounts than usual",
    ),
    Feature(
        name="prev_down_payment_max", table=_TABLE, value=_DOWN_PAYMENT, agg="max", unit="share",
        riskier="lower", group="PREVIOUS_TERMS",
        meaning="Largest down payment of an earlier application, as a share of the price",
        reason="The down payments of earlier applications were smaller than usual for the price",
    ),
    Feature(
        name="prev_down_payment_last", table=_TABLE, value=_DOWN_PAYMENT, agg="last", unit="share",
        riskier="lower", group="PREVIOUS_TERMS",
        meaning="Last down payment of an earlier application, as a share of the price",
        reason="The last down payment was smaller than usual for the price",
    ),
    Feature(
        name="prev_down_payment_share", table=_TABLE, value=_DOWN_PAYMENT > _REMAINDER, agg="mean",
        where=~_DOWN_PAYMENT.is_missing(), unit="share", riskier="lower", group="PREVIOUS_TERMS",
        meaning="Share of applications with a down payment of more than 1% of the price, where it is told",
        reason="More of the earlier applications than usual were made without a down payment",
    ),
    Feature(
        name="prev_insured_share", table=_TABLE, value=col("NFLAG_INSURED_ON_APPROVAL"), agg="mean",
        unit="share", group="PREVIOUS_TERMS",
        meaning="Share of earlier loans and cards with an insurance",
        reason="Share of earlier loans and cards that were insured",
    ),
)

_LENGTHS = (
    Feature(
        name="prev_term_mean", table=_TABLE, value=_TERM, agg="mean", where=_LOAN, unit="months",
        group="PREVIOUS_TERMS",
        meaning="Mean length of approved loans",
        reason="Length of earlier loans",
    ),
    Feature(
        name="prev_term_trend", table=_TABLE, value=_TERM, agg="trend", where=_LOAN, clock="DAYS_DECISION",
        unit="months", group="PREVIOUS_TERMS",
        meaning="Change per year of the length of approved loans",
        reason="How the length of earlier loans has changed",
    ),
    Feature(
        name="prev_offered_term_mean", table=_TABLE, value=_TERM, agg="mean", where=_HAS_TERM, unit="months",
        riskier="higher", group="PREVIOUS_TERMS",
        meaning="Mean length of loans applied for, whatever became of them",
        reason="The loans applied for were longer than usual",
    ),
    Feature(
        name="prev_early_end_mean", table=_TABLE, value=(_LAST_PLANNED - _LAST_DUE) / _MONTH, agg="mean",
        unit="months", group="LOAN_HISTORY",
        meaning="Months by which loans ended before their planned end, mean",
        reason="Earlier loans compared with their planned end",
    ),
    Feature(
        name="prev_card_first_use_age", table=_TABLE, value=-col("DAYS_FIRST_DRAWING"), agg="min",
        unit="days", riskier="lower", group="LOAN_HISTORY",
        meaning="Days since the first use of the newest credit card with us",
        reason="The credit card was first used more recently than usual",
    ),
)

PREVIOUS_TERMS = (*_RATES, *_AMOUNTS, *_LENGTHS)
