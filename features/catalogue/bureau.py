"""Features of credits with other lenders: how many, of what kind, how old, how long they run.

Belongs here: bureau without its amounts (bureau_debt). Does not: months (bureau_months), our own loans.
"""
# fmt: off

from features.declaration import Feature, over
from features.expressions import col

_ACTIVE, _CLOSED = col("CREDIT_ACTIVE").is_in("Active"), col("CREDIT_ACTIVE").is_in("Closed")
_CARD, _CONSUMER = col("CREDIT_TYPE").is_in("Credit card"), col("CREDIT_TYPE").is_in("Consumer credit")
_AMOUNT, _OPENED, _AGE = col("AMT_CREDIT_SUM"), col("DAYS_CREDIT"), -col("DAYS_CREDIT")
_END, _ENDED = col("DAYS_CREDIT_ENDDATE"), col("DAYS_ENDDATE_FACT")
_YEAR = 365.25

_COUNTS = (
    Feature(
        name="bureau_credits_count", table="bureau", value=_AMOUNT, agg="count", when_no_rows=0, unit="count",
        group="BUREAU_HISTORY",
        meaning="Credits with other lenders",
        reason="Number of credits with other lenders",
    ),
    Feature(
        name="bureau_active_count", table="bureau", value=_AMOUNT, agg="count", where=_ACTIVE, when_no_rows=0,
        unit="count", riskier="higher", group="BUREAU_DEBT",
        meaning="Running credits with other lenders",
        reason="There are more running credits with other lenders than usual",
    ),
    Feature(
        name="bureau_closed_count", table="bureau", value=_AMOUNT, agg="count", where=_CLOSED, when_no_rows=0,
        unit="count", group="BUREAU_HISTORY",
        meaning="Credits with other lenders that have ended",
        reason="How many credits with other lenders have ended",
    ),
    Feature(
        name="bureau_active_share", table="bureau", value=_ACTIVE, agg="mean", unit="share", riskier="higher",
        group="BUREAU_DEBT",
        meaning="Share of the credits with other lenders that still run",
        reason="A larger share of the credits with other lenders than usual still runs",
    ),
    *over(
        Feature(
            name="bureau_opened_count", table="bureau", value=_AMOUNT, agg="count", when_no_rows=0,
            unit="count", riskier="higher", group="BUREAU_NEW_CREDIT",
            meaning="Credits with other lenders opened",
            reason="More credits than usual were opened with other lenders",
        ),
        clock="DAYS_CREDIT", days=(730, 365, 180, 90), all_time=False,
    ),
    Feature(
        name="bureau_new_share", table="client", unit="share", riskier="higher", group="BUREAU_NEW_CREDIT",
        value=col("bureau_opened_count_365d") / col("bureau_credits_count"),
        meaning="Share of the credits with other lenders opened in the last 12 months",
        reason="A larger share of the credits with other lenders than usual is less than a year old",
    ),
)

_KINDS = (
    Feature(
        name="bureau_consumer_active_share", table="bureau", value=_ACTIVE, agg="mean", where=_CONSUMER,
        unit="share", riskier="higher", group="BUREAU_DEBT",
        meaning="Share of the consumer credits with other lenders that still run",
        reason="A larger share of the consumer credits with other lenders than usual still runs",
    ),
    Feature(
        name="bureau_card_share", table="bureau", value=_CARD, agg="mean", unit="share",
        group="BUREAU_HISTORY",
        meaning="Share of credit cards among the credits with other lenders",
        reason="Kinds of credit held with other lenders",
    ),
    Feature(
        name="bureau_microloan_count", table="bureau", value=_AMOUNT, agg="count", when_no_rows=0,
        where=col("CREDIT_TYPE").is_in("Microloan"), unit="count", riskier="higher", group="BUREAU_HISTORY",
        meaning="Microloans taken elsewhere",
        reason="More microloans than usual were taken elsewhere",
    ),
)

_AGES = (
    Feature(
        name="bureau_oldest_age", table="bureau", value=_AGE, agg="max", unit="days", riskier="lower",
        group="BUREAU_HISTORY",
        meaning="Age of the oldest credit with another lender",
        reason="The credit history with other lenders is shorter than usual",
    ),
    Feature(
        name="bureau_newest_age", table="bureau", value=_AGE, agg="min", unit="days", riskier="lower",
        group="BUREAU_NEW_CREDIT",
        meaning="Age of the newest credit with another lender",
        reason="The newest credit with another lender is more recent than usual",
    ),
    Feature(
        name="bureau_age_mean", table="bureau", value=_AGE, agg="mean", unit="days", riskier="lower",
        group="BUREAU_NEW_CREDIT",
        meaning="Mean age of the credits with other lenders",
        reason="The credits with other lenders are more recent than usual",
    ),
    Feature(
        name="bureau_active_age_mean", table="bureau", value=_AGE, agg="mean", where=_ACTIVE, unit="days",
        riskier="lower", group="BUREAU_NEW_CREDIT",
        meaning="Mean age of the running credits with other lenders",
        reason="The running credits with other lenders are more recent than usual",
    ),
    Feature(
        name="bureau_card_newest_age", table="bureau", value=_AGE, agg="min", where=_CARD, unit="days",
        riskier="lower", group="BUREAU_NEW_CREDIT",
        meaning="Age of the newest credit card with another lender",
        reason="The newest credit card with another lender is more recent than usual",
    ),
    Feature(
        name="bureau_consumer_newest_age", table="bureau", value=_AGE, agg="min", where=_CONSUMER,
        unit="days", riskier="lower", group="BUREAU_NEW_CREDIT",
        meaning="Age of the newest consumer credit with another lender",
        reason="The newest consumer credit with another lender is more recent than usual",
    ),
    Feature(
        name="bureau_ended_newest_age", table="bureau", value=-_ENDED, agg="min", where=_CLOSED, unit="days",
        group="BUREAU_HISTORY",
        meaning="Time since the last credit with another lender ended",
        reason="When the last credit with another lender ended",
    ),
    Feature(
        name="bureau_newest_to_gap", table="client", unit="ratio", riskier="lower", group="BUREAU_NEW_CREDIT",
        value=col("bureau_newest_age") * (col("bureau_credits_count") - 1)
        / (col("bureau_oldest_age") - col("bureau_newest_age")),
        meaning="Time since the newest credit elsewhere, divided by the mean time between two credits",
        reason="The newest credit with another lender is more recent than usual for the client’s pace of borrowing",
    ),
    Feature(
        name="bureau_credits_per_year", table="client", unit="count", riskier="higher",
        group="BUREAU_NEW_CREDIT",
        value=col("bureau_credits_count") / (col("bureau_oldest_age") / _YEAR).at_least(1),
        meaning="Credits with other lenders per year since the oldest (a year at least)",
        reason="Credits with other lenders follow each other more quickly than usual",
    ),
    Feature(
        name="bureau_first_credit_age", table="client", unit="years", group="BUREAU_HISTORY",
        value=(-col("DAYS_BIRTH") - col("bureau_oldest_age")) / _YEAR,
        meaning="Age of the client at the oldest credit with another lender",
        reason="Age at which credit with other lenders began",
    ),
    Feature(
        name="bureau_update_age_mean", table="bureau", value=-col("DAYS_CREDIT_UPDATE"), agg="mean",
        unit="days", group="BUREAU_HISTORY",
        meaning="Mean time since the other lenders last reported on each credit",
        reason="How recent the reports of other lenders are",
    ),
)

_TERMS = (
    Feature(
        name="bureau_planned_days_mean", table="bureau", value=_END - _OPENED, agg="mean", where=~_CARD,
        unit="days", group="BUREAU_HISTORY",
        meaning="Mean planned length of the credits with other lenders, cards left out",
        reason="Length of the credits taken with other lenders",
    ),
    Feature(
        name="bureau_early_share_mean", table="bureau", agg="mean",
        value=((_END - _ENDED) / (_END - _OPENED)).at_least(-1), where=_CLOSED & ~_CARD,
        unit="share", group="BUREAU_HISTORY",
        meaning="Mean share of the planned length saved by ending credits elsewhere early (−100% at least)",
        reason="How ended credits with other lenders kept to their planned length",
    ),
    Feature(
        name="bureau_days_left_max", table="bureau", value=_END, agg="max", where=_ACTIVE, unit="days",
        group="BUREAU_DEBT",
        meaning="Days until the last running credit elsewhere ends",
        reason="Time until the running credits with other lenders end",
    ),
    Feature(
        name="bureau_loan_days_left_max", table="bureau", value=_END, agg="max", where=_ACTIVE & ~_CARD,
        unit="days", group="BUREAU_DEBT",
        meaning="Days until the last running credit elsewhere ends, cards left out",
        reason="Time until the running loans with other lenders end",
    ),
)

BUREAU = (*_COUNTS, *_KINDS, *_AGES, *_TERMS)
