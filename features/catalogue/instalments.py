"""Features of the instalments of earlier loans and cards of this lender: when and how fully they were paid.

Belongs here: the view "instalments". Does not: months of loans (pos) and of cards (card).
"""
# One declaration reads as a paragraph, not as a column:
# fmt: off

from features.declaration import Feature, over
from features.expressions import col

_TABLE, _DAY = "instalments", "due_day"
_CENT = 0.01  # sums of payments differ from what was due by rounding: less than a cent is nothing
# Never paid: late up to the application, day 0. None falls due after it (ingest sets such rows aside).
_LAG = col("paid_day").or_else(0) - col("due_day")
_IS_LATE, _DELAY, _EARLY = _LAG > 0, _LAG.at_least(0), (-_LAG).at_least(0)
_SHORT = col("due") - col("paid")
_PAID_SHARE = col("paid") / col("due")
_OF_LOAN, _OF_CARD = col("version") > 0, col("version") <= 0
_AGE = -col("due_day")
_ANNUITY, _INCOME = col("AMT_ANNUITY"), col("AMT_INCOME_TOTAL")

_LATE = (
    *over(Feature(
        name="inst_late_share", table=_TABLE, value=_IS_LATE, agg="mean",
        unit="share", riskier="higher", group="LATE_INSTALMENTS",
        meaning="Share of instalments paid late or not at all",
        reason="Instalments were paid late or not at all more often than usual",
    ), clock=_DAY, days=(365, 180), last=(10,)),
    *over(Feature(
        name="inst_late_7_days_share", table=_TABLE, value=_LAG > 7, agg="mean",
        unit="share", riskier="higher", group="LATE_INSTALMENTS",
        meaning="Share of instalments more than 7 days late, paid since or not",
        reason="Instalments were more than a week late more often than usual",
    ), clock=_DAY, days=(365,)),
    Feature(
        name="inst_late_30_days_share", table=_TABLE, value=_LAG > 30, agg="mean",
        unit="share", riskier="higher", group="LATE_INSTALMENTS",
        meaning="Share of instalments more than 30 days late, paid since or not",
        reason="Instalments were more than a month late more often than usual",
    ),
    *over(Feature(
        name="inst_days_late_mean", table=_TABLE, value=_DELAY, agg="mean",
        unit="days", riskier="higher", group="LATE_INSTALMENTS",
        meaning="Mean delay of instalments (0 if in time; up to the application if unpaid)",
        reason="Instalments were, on average, later than usual",
    ), clock=_DAY, days=(730,)),
    *over(Feature(
        name="inst_days_late_max", table=_TABLE, value=_DELAY, agg="max", when_no_rows=0,
        unit="days", riskier="higher", group="LATE_INSTALMENTS",
        meaning="Longest delay of an instalment (up to the application if unpaid)",
        reason="The longest delay of an instalment is longer than usual",
    ), clock=_DAY, days=(365,)),
    *over(Feature(
        name="inst_days_to_due_max", table=_TABLE, value=_LAG, agg="max",
        unit="days", riskier="higher", group="LATE_INSTALMENTS",
        meaning="Latest payment of an instalment, days after it was due (below 0: before; unpaid: the application)",
        reason="An instalment was paid closer to its due day, or longer after it, than usual",
    ), clock=_DAY, days=(365, 180, 90), last=(10,), all_time=False),
    Feature(
        name="inst_days_to_due_last", table=_TABLE, value=_LAG, agg="last",
        unit="days", riskier="higher", group="LATE_INSTALMENTS",
        meaning="Payment of the last instalment, days after it was due (below 0: before; unpaid: the application)",
        reason="The last instalment was settled closer to its due day, or longer after it, than usual",
    ),
    Feature(
        name="inst_days_to_due_std", table=_TABLE, value=_LAG, agg="std",
        unit="days", group="LATE_INSTALMENTS",
        meaning="Spread of the days between due day and payment (the application if unpaid)",
        reason="How regularly instalments were paid",
    ),
    *over(Feature(
        name="inst_days_early_mean", table=_TABLE, value=_EARLY, agg="mean",
        unit="days", riskier="lower", group="LATE_INSTALMENTS",
        meaning="Mean days by which instalments are paid early (0 if late or unpaid)",
        reason="Instalments are paid less in advance than usual",
    ), clock=_DAY, days=(365, 90), last=(10,)),
    Feature(
        name="inst_days_late_trend", table=_TABLE, value=_DELAY, agg="trend", clock=_DAY,
        unit="days", group="LATE_INSTALMENTS",
        meaning="Delay of instalments (0 if in time; up to the application if unpaid), change per year",
        reason="Change in the delays of instalments",
    ),
    Feature(
        name="inst_days_to_due_trend", table=_TABLE, value=_LAG, agg="trend", clock=_DAY,
        unit="days", group="LATE_INSTALMENTS",
        meaning="Days between due day and payment of an instalment (the application if unpaid), change per year",
        reason="Change in the time at which instalments are paid",
    ),
    Feature(
        name="inst_days_since_late_min", table=_TABLE, value=_AGE, agg="min", where=_IS_LATE,
        unit="days", riskier="lower", group="LATE_INSTALMENTS",
        meaning="Days since the due day of the last instalment paid late or not at all",
        reason="An instalment was paid late or not at all more recently than usual",
    ),
    Feature(
        name="inst_first_late_share", table=_TABLE, value=_IS_LATE, agg="mean",
        where=_OF_LOAN & (col("number") <= 3),
        unit="share", riskier="higher", group="LATE_INSTALMENTS",
        meaning="Share paid late or not at all of the first three instalments of each loan",
        reason="The first instalments of loans were paid late or not at all more often than usual",
    ),
    Feature(
        name="inst_late_share_recent_minus_all", table="client",
        value=col("inst_late_share_365d") - col("inst_late_share"),
        unit="share", group="LATE_INSTALMENTS",
        meaning="Share of instalments paid late or not at all, the last 12 months minus all time",
        reason="Change in the share of instalments paid late or not at all",
    ),
    Feature(
        name="inst_days_early_recent_minus_all", table="client",
        value=col("inst_days_early_mean_365d") - col("inst_days_early_mean"),
        unit="days", group="LATE_INSTALMENTS",
        meaning="Mean days by which instalments are paid early, the last 12 months minus all time",
        reason="Change in how early instalments are paid",
    ),
)

_UNPAID = (
    Feature(
        name="inst_paid_share_min", table=_TABLE, value=_PAID_SHARE, agg="min",
        unit="share", riskier="lower", group="UNPAID_INSTALMENTS",
        meaning="Smallest share of an instalment that was paid",
        reason="A smaller part than usual was paid of an instalment",
    ),
    Feature(
        name="inst_paid_share_mean_last5", table=_TABLE, value=_PAID_SHARE, agg="mean", last_rows=5,
        unit="share", riskier="lower", group="UNPAID_INSTALMENTS",
        meaning="Mean share paid of the instalments",
        reason="A smaller part of the instalments than usual was paid",
    ),
    Feature(
        name="inst_overpaid_share", table=_TABLE, value=-_SHORT > _CENT, agg="mean",
        unit="share", group="LOAN_HISTORY",
        meaning="Share of instalments with which more than the amount due was paid",
        reason="How often more than the amount due was paid",
    ),
    *over(Feature(
        name="inst_split_share", table=_TABLE, value=col("payments") > 1, agg="mean",
        unit="share", group="UNPAID_INSTALMENTS",
        meaning="Share of instalments paid in several parts",
        reason="How often instalments were paid in several parts",
    ), clock=_DAY, days=(365,)),
)

_COURSE = (
    *over(Feature(
        name="inst_count", table=_TABLE, value=col("due"), agg="count", when_no_rows=0,
        unit="count", group="LOAN_HISTORY",
        meaning="Instalments due on earlier loans and cards",
        reason="Number of instalments due so far",
    ), clock=_DAY, days=(180,)),
    Feature(
        name="inst_days_since_first_max", table=_TABLE, value=_AGE, agg="max",
        unit="days", riskier="lower", group="LOAN_HISTORY",
        meaning="Days since the first instalment was due",
        reason="The first instalments paid to us are more recent than usual",
    ),
    Feature(
        name="inst_days_since_last_min", table=_TABLE, value=_AGE, agg="min",
        unit="days", group="LOAN_HISTORY",
        meaning="Days since the latest instalment was due",
        reason="Time since the latest instalment",
    ),
    Feature(
        name="inst_rescheduled_share", table=_TABLE, value=col("version") > 1, agg="mean", where=_OF_LOAN,
        unit="share", group="LOAN_HISTORY",
        meaning="Share of instalments of loans due under a changed schedule",
        reason="How often instalments were due under a changed schedule",
    ),
    *over(Feature(
        name="inst_card_share", table=_TABLE, value=_OF_CARD, agg="mean",
        unit="share", group="CARD_USE",
        meaning="Share of instalments that belong to a credit card",
        reason="Weight of the credit card among the instalments",
    ), clock=_DAY, days=(365,), all_time=False),
    *over(Feature(
        name="inst_due_mean", table=_TABLE, value=col("due"), agg="mean",
        unit="amount", group="LOAN_HISTORY",
        meaning="Mean instalment of earlier loans and cards",
        reason="Size of earlier instalments",
    ), clock=_DAY, days=(365,)),
    Feature(
        name="inst_due_max", table=_TABLE, value=col("due"), agg="max",
        unit="amount", group="LOAN_HISTORY",
        meaning="Largest instalment of earlier loans and cards",
        reason="Size of the largest earlier instalment",
    ),
    Feature(
        name="inst_due_trend", table=_TABLE, value=col("due"), agg="trend", clock=_DAY,
        unit="amount", group="LOAN_HISTORY",
        meaning="Instalment of earlier loans and cards, change per year",
        reason="Change in the size of instalments",
    ),
    *over(Feature(
        name="inst_loan_due_sum", table=_TABLE, value=col("due"), agg="sum", where=_OF_LOAN, when_no_rows=0,
        unit="amount", group="LOAN_HISTORY",
        meaning="Amount of the instalments of loans that fell due",
        reason="Amount of the instalments of loans that fell due",
    ), clock=_DAY, days=(365, 90), all_time=False),
    Feature(
        name="inst_annuity_to_due_mean", table="client", value=_ANNUITY / col("inst_due_mean"),
        unit="ratio", group="REPAYMENT_BURDEN",
        meaning="Requested instalment compared with the mean instalment of earlier loans and cards",
        reason="The requested instalment compared with earlier ones",
    ),
    Feature(
        name="inst_annuity_to_due_max", table="client", value=_ANNUITY / col("inst_due_max"),
        unit="ratio", group="REPAYMENT_BURDEN",
        meaning="Requested instalment compared with the largest instalment of earlier loans and cards",
        reason="The requested instalment compared with the largest one so far",
    ),
    Feature(
        name="inst_recent_due_to_income", table="client", value=col("inst_loan_due_sum_90d") / _INCOME,
        unit="ratio", group="REPAYMENT_BURDEN",
        meaning="Instalments of loans that fell due in the last 3 months, compared with the income",
        reason="Weight of current instalments in the income",
    ),
)

INSTALMENTS = (*_LATE, *_UNPAID, *_COURSE)
