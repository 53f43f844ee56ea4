"""Features of amounts with other lenders: what is owed, what was borrowed, what is or was overdue.

Belongs here: amounts and delays of the table bureau. Does not: how many credits and when (bureau).

AMT_ANNUITY is not read: 26 % of train clients and 78 % of test clients have a credit that tells it. What
running loans cost a month is estimated from amount and planned length instead.
"""
# fmt: off

from features.declaration import Feature, over
from features.expressions import col

_ACTIVE, _CLOSED = col("CREDIT_ACTIVE").is_in("Active"), col("CREDIT_ACTIVE").is_in("Closed")
_CARD = col("CREDIT_TYPE").is_in("Credit card")
_AMOUNT, _DEBT = col("AMT_CREDIT_SUM"), col("AMT_CREDIT_SUM_DEBT").at_least(0)
# A few debts are thousands of times the credit (a limit of 1, say): they count as twice the credit.
_OWED = (_DEBT / _AMOUNT).at_most(2)
_END, _LENGTH = col("DAYS_CREDIT_ENDDATE"), col("DAYS_CREDIT_ENDDATE") - col("DAYS_CREDIT")
_MAX_OVERDUE = col("AMT_CREDIT_MAX_OVERDUE")
_MONTH = 365.25 / 12
_REQUESTED, _INCOME = col("AMT_CREDIT"), col("AMT_INCOME_TOTAL")

_DEBTS = (
    Feature(
        name="bureau_debt_sum", table="bureau", value=_DEBT, agg="sum", where=_ACTIVE, when_no_rows=0,
        unit="amount", riskier="higher", group="BUREAU_DEBT",
        meaning="Debt on running credits with other lenders",
        reason="The debt with other lenders is higher than usual",
    ),
    Feature(
        name="bureau_credit_sum_active", table="bureau", value=_AMOUNT, agg="sum", where=_ACTIVE,
        when_no_rows=0, unit="amount", group="BUREAU_DEBT",
        meaning="Amount of running credits with other lenders",
        reason="Size of the running credits with other lenders",
    ),
    Feature(
        name="bureau_debt_to_credit", table="client", unit="share", riskier="higher", group="BUREAU_DEBT",
        value=col("bureau_debt_sum") / col("bureau_credit_sum_active"),
        meaning="Share of running credits with other lenders still owed",
        reason="A larger share of the running credits with other lenders than usual is still owed",
    ),
    Feature(
        name="bureau_debt_to_income", table="client", unit="ratio", riskier="higher", group="BUREAU_DEBT",
        value=col("bureau_debt_sum") / _INCOME,
        meaning="Debt with other lenders divided by income",
        reason="The debt with other lenders is higher than usual for the income",
    ),
    Feature(
        name="bureau_total_to_income", table="client", unit="ratio", group="BUREAU_DEBT",
        value=(col("bureau_debt_sum") + _REQUESTED) / _INCOME,
        meaning="Debt with other lenders and the requested credit together, divided by income",
        reason="Debt with the requested credit added, compared with the income",
    ),
    *over(
        Feature(
            name="bureau_owed_share_mean", table="bureau", value=_OWED, agg="mean", unit="share",
            riskier="higher", group="BUREAU_DEBT",
            meaning="Mean share still owed of each credit with other lenders (200% at most)",
            reason="A larger share of the credits with other lenders than usual is still owed",
        ),
        last=(3, 1),
    ),
    Feature(
        name="bureau_owed_share_max", table="bureau", value=_OWED, agg="max", where=_ACTIVE,
        unit="share", riskier="higher", group="BUREAU_DEBT",
        meaning="Largest share still owed of a running credit with another lender (200% at most)",
        reason="A running credit with another lender is paid back to a smaller part than usual",
    ),
    Feature(
        name="bureau_card_use_mean", table="bureau", value=_OWED, agg="mean", where=_ACTIVE & _CARD,
        unit="share", riskier="higher", group="BUREAU_DEBT",
        meaning="Mean share drawn of the credit cards with other lenders (200% at most)",
        reason="The credit cards with other lenders are drawn to a larger part than usual",
    ),
    Feature(
        name="bureau_behind_max", table="bureau", value=_OWED - _END / _LENGTH, agg="max",
        where=_ACTIVE & ~_CARD & (_END > 0), unit="share", riskier="higher", group="BUREAU_DEBT",
        meaning="Share still owed minus share of the time left, of the running loan elsewhere most behind",
        reason="A running loan with another lender is paid back more slowly than usual for its age",
    ),
    Feature(
        name="bureau_new_debt_sum_365d", table="bureau", value=_DEBT, agg="sum", where=_ACTIVE,
        within_days=365, clock="DAYS_CREDIT", when_no_rows=0, unit="amount", riskier="higher",
        group="BUREAU_NEW_CREDIT",
        meaning="Debt on credits opened with other lenders",
        reason="More new debt than usual was taken on with other lenders",
    ),
    Feature(
        name="bureau_new_debt_share", table="client", unit="share", riskier="higher",
        group="BUREAU_NEW_CREDIT",
        value=col("bureau_new_debt_sum_365d") / col("bureau_debt_sum"),
        meaning="Share of the debt with other lenders that comes from credits less than a year old",
        reason="A larger share of the debt with other lenders than usual is new",
    ),
)

_AMOUNTS = (
    *over(
        Feature(
            name="bureau_credit_mean", table="bureau", value=_AMOUNT, agg="mean", unit="amount",
            group="BUREAU_HISTORY",
            meaning="Mean amount of the credits with other lenders",
            reason="Usual amount of the credits with other lenders",
        ),
        last=(3,),
    ),
    Feature(
        name="bureau_credit_recent_to_mean", table="client", unit="ratio", group="BUREAU_NEW_CREDIT",
        value=col("bureau_credit_mean_last3") / col("bureau_credit_mean"),
        meaning="Mean amount of the last 3 credits with other lenders divided by that of all of them",
        reason="Amount of the latest credits with other lenders compared with all",
    ),
    Feature(
        name="bureau_credit_trend", table="bureau", value=_AMOUNT, agg="trend", clock="DAYS_CREDIT",
        unit="amount", group="BUREAU_NEW_CREDIT",
        meaning="Change per year in the amount of the credits taken with other lenders",
        reason="How the amounts borrowed from other lenders change over time",
    ),
    Feature(
        name="bureau_credit_max_closed", table="bureau", value=_AMOUNT, agg="max", where=_CLOSED,
        unit="amount", group="BUREAU_HISTORY",
        meaning="Amount of the largest credit with another lender that has ended",
        reason="Size of the largest credit that has ended with another lender",
    ),
    Feature(
        name="bureau_credit_sum_closed", table="bureau", value=_AMOUNT, agg="sum", where=_CLOSED,
        when_no_rows=0, unit="amount", group="BUREAU_HISTORY",
        meaning="Amount of all credits with other lenders that have ended",
        reason="Total of the credits that have ended with other lenders",
    ),
    Feature(
        name="bureau_requested_to_mean", table="client", unit="ratio", group="REQUESTED_CREDIT",
        value=_REQUESTED / col("bureau_credit_mean"),
        meaning="Requested credit divided by the mean amount of the credits with other lenders",
        reason="The requested credit compared with the credits with other lenders",
    ),
    Feature(
        name="bureau_requested_to_closed", table="client", unit="ratio", riskier="higher",
        group="REQUESTED_CREDIT", value=_REQUESTED / col("bureau_credit_max_closed"),
        meaning="Requested credit divided by the largest credit with another lender that has ended",
        reason="The requested credit is larger than usual, compared with the credits paid off elsewhere",
    ),
    Feature(
        name="bureau_monthly_sum", table="bureau", value=_AMOUNT / _LENGTH.at_least(_MONTH) * _MONTH, agg="sum",
        where=_ACTIVE & ~_CARD & (_END >= 0), when_no_rows=0, unit="amount", riskier="higher",
        group="REPAYMENT_BURDEN",
        meaning="Estimated monthly payments on running loans elsewhere (amount by planned months, 1 at least)",
        reason="The monthly payments to other lenders are higher than usual",
    ),
    Feature(
        name="bureau_burden_to_income", table="client", unit="share", riskier="higher",
        group="REPAYMENT_BURDEN", value=(col("bureau_monthly_sum") + col("AMT_ANNUITY")) / _INCOME,
        meaning="Estimated payments on running loans elsewhere and the requested annuity, divided by income",
        reason="All payments together, the new ones included, take a larger share of the income than usual",
    ),
)

_OVERDUE = (
    Feature(
        name="bureau_overdue_days_max", table="bureau", value=col("CREDIT_DAY_OVERDUE"), agg="max",
        when_no_rows=0, unit="days", riskier="higher", group="BUREAU_LATE",
        meaning="Longest delay now with another lender",
        reason="A payment to another lender is late",
    ),
    *over(
        Feature(
            name="bureau_max_overdue_max", table="bureau", value=_MAX_OVERDUE, agg="max", when_no_rows=0,
            unit="amount", riskier="higher", group="BUREAU_LATE",
            meaning="Largest amount ever overdue on credits opened with other lenders",
            reason="Larger amounts than usual were overdue on credits with other lenders",
        ),
        clock="DAYS_CREDIT", days=(730,),
    ),
    Feature(
        name="bureau_late_known_share", table="bureau", value=_MAX_OVERDUE > 0, agg="mean",
        where=_MAX_OVERDUE >= 0, unit="share", riskier="higher", group="BUREAU_LATE",
        meaning="Share of the credits elsewhere that were ever overdue, of those that tell",
        reason="A larger share of the credits with other lenders than usual was overdue at some time",
    ),
    Feature(
        name="bureau_late_newest_age", table="bureau", value=-col("DAYS_CREDIT"), agg="min",
        where=_MAX_OVERDUE > 0, unit="days", riskier="lower", group="BUREAU_LATE",
        meaning="Age of the newest credit with another lender that was ever overdue",
        reason="A more recent credit with another lender than usual was overdue",
    ),
)

BUREAU_DEBT = (*_DEBTS, *_AMOUNTS, *_OVERDUE)
