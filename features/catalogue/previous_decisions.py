"""Features of what became of earlier applications here: how many, when, for what, approved or refused.

Belongs here: decisions and products of previous_application. Does not: what was agreed (previous_terms).
"""
# One declaration reads as a paragraph, not as a column.
# fmt: off

from features.declaration import Feature, over
from features.expressions import col

_TABLE = "previous_application"
_STATUS = col("NAME_CONTRACT_STATUS")
_APPROVED, _REFUSED = _STATUS.is_in("Approved"), _STATUS.is_in("Refused")
_DECIDED = _STATUS.is_in("Approved", "Refused")  # neither cancelled by the client nor an offer left unused
_CREDIT, _REQUESTED, _AGE = col("AMT_CREDIT"), col("AMT_APPLICATION"), -col("DAYS_DECISION")
_CARD = col("NAME_CONTRACT_TYPE").is_in("Revolving loans")
_X_SELL = col("NAME_PRODUCT_TYPE").is_in("x-sell")
_YEAR = 365.25

_NUMBERS = (
    *over(
        Feature(
            name="prev_count", table=_TABLE, value=_REQUESTED, agg="count", when_no_rows=0, unit="count",
            group="LOAN_HISTORY",
            meaning="Earlier applications with us",
            reason="Number of earlier applications with us",
        ),
        clock="DAYS_DECISION", days=(180,),
    ),
    Feature(
        name="prev_last_age", table=_TABLE, value=_AGE, agg="min", unit="days", riskier="lower",
        group="LOAN_HISTORY",
        meaning="Days since the last earlier application",
        reason="The last application is more recent than usual",
    ),
    Feature(
        name="prev_first_age", table=_TABLE, value=_AGE, agg="max", unit="days", riskier="lower",
        group="LOAN_HISTORY",
        meaning="Days since the first application with us",
        reason="The client has been ours for a shorter time than usual",
    ),
    Feature(
        name="prev_age_mean", table=_TABLE, value=_AGE, agg="mean", unit="days", riskier="lower",
        group="LOAN_HISTORY",
        meaning="Days since earlier applications, on average",
        reason="The earlier applications are, on average, more recent than usual",
    ),
    Feature(
        name="prev_count_per_year", table="client", unit="ratio", riskier="higher", group="LOAN_HISTORY",
        value=col("prev_count") / (col("prev_first_age") / _YEAR).at_least(1),
        meaning="Earlier applications per year since the first one (a first year counts whole)",
        reason="Applications follow each other more quickly than usual",
    ),
    Feature(
        name="prev_ended_count", table=_TABLE, value=_CREDIT, agg="count",
        where=_APPROVED & ~col("DAYS_TERMINATION").is_missing(), when_no_rows=0, unit="count",
        riskier="lower", group="LOAN_HISTORY",
        meaning="Earlier loans and cards with us that have ended",
        reason="Fewer loans or cards with us than usual have been brought to their end",
    ),
)

_DECISIONS = (
    Feature(
        name="prev_approved_share", table=_TABLE, value=_APPROVED, agg="mean", unit="share", riskier="lower",
        group="PREVIOUS_REFUSALS",
        meaning="Share of earlier applications that were approved",
        reason="Fewer of the earlier applications than usual were approved",
    ),
    *over(
        Feature(
            name="prev_refused_share", table=_TABLE, value=_REFUSED, agg="mean", where=_DECIDED, unit="share",
            riskier="higher", group="PREVIOUS_REFUSALS",
            meaning="Share of refusals among approved and refused applications",
            reason="More of the earlier applications than usual were refused",
        ),
        clock="DAYS_DECISION", days=(730,), last=(3,),
    ),
    Feature(
        name="prev_refused_count_365d", table=_TABLE, value=_REQUESTED, agg="count", where=_REFUSED,
        within_days=365, clock="DAYS_DECISION", when_no_rows=0, unit="count", riskier="higher",
        group="PREVIOUS_REFUSALS",
        meaning="Applications refused",
        reason="More applications than usual were refused",
    ),
    Feature(
        name="prev_last_refused", table=_TABLE, value=_REFUSED, agg="last", unit="flag", riskier="higher",
        group="PREVIOUS_REFUSALS",
        meaning="The last application was refused",
        reason="The application before this one was refused",
    ),
    Feature(
        name="prev_last_refused_age", table=_TABLE, value=_AGE, agg="min", where=_REFUSED, unit="days",
        riskier="lower", group="PREVIOUS_REFUSALS",
        meaning="Days since the last refusal",
        reason="The last refusal is more recent than usual",
    ),
    Feature(
        name="prev_card_refused_share", table=_TABLE, value=_REFUSED, agg="mean", where=_CARD, unit="share",
        riskier="higher", group="PREVIOUS_REFUSALS",
        meaning="Share of refusals among applications for a credit card",
        reason="A credit card was refused more often than usual",
    ),
    Feature(
        name="prev_x_sell_refused_share", table=_TABLE, value=_REFUSED, agg="mean", where=_X_SELL,
        unit="share", riskier="higher", group="PREVIOUS_REFUSALS",
        meaning="Share of refusals among credits offered to a known client",
        reason="Credits that we had offered were refused in the end more often than usual",
    ),
    # The owner of the data does not say what its codes mean: they are told as codes, not interpreted.
    Feature(
        name="prev_reason_hc_share", table=_TABLE, value=col("CODE_REJECT_REASON").is_in("HC"), agg="mean",
        unit="share", riskier="higher", group="PREVIOUS_REFUSALS",
        meaning="Share of earlier applications refused under the internal code HC",
        reason="Earlier applications were refused under the internal code HC more often than usual",
    ),
    Feature(
        name="prev_reason_sco_share", table=_TABLE, value=col("CODE_REJECT_REASON").is_in("SCO", "SCOFR"),
        agg="mean", unit="share", riskier="higher", group="PREVIOUS_REFUSALS",
        meaning="Share of earlier applications refused under the internal codes SCO and SCOFR",
        reason="Earlier applications were refused under the internal codes SCO and SCOFR more often than usual",
    ),
    Feature(
        name="prev_refused_credit_max", table=_TABLE, value=_CREDIT, agg="max",
        where=_REFUSED & (_CREDIT > 0), unit="amount", group="PREVIOUS_REFUSALS",
        meaning="Largest credit refused",
        reason="Amount of the largest credit refused",
    ),
)

_PRODUCTS = (
    Feature(
        name="prev_walk_in_share", table=_TABLE, value=col("NAME_PRODUCT_TYPE").is_in("walk-in"), agg="mean",
        unit="share", riskier="higher", group="LOAN_HISTORY",
        meaning="Share of earlier applications made without an offer of ours (walk-in)",
        reason="More of the earlier applications than usual were made without an offer of ours",
    ),
    Feature(
        name="prev_x_sell_share", table=_TABLE, value=_X_SELL, agg="mean", where=_APPROVED, unit="share",
        group="LOAN_HISTORY",
        meaning="Share of approved loans that we had offered to a known client",
        reason="Share of earlier loans that we had offered ourselves",
    ),
    Feature(
        name="prev_returned_share", table=_TABLE, value=col("NAME_CLIENT_TYPE").is_in("Refreshed"),
        agg="mean", unit="share", group="LOAN_HISTORY",
        meaning="Share of earlier applications made on coming back after a pause",
        reason="Share of earlier applications made after a pause",
    ),
    Feature(
        name="prev_store_chain_share", table=_TABLE, value=col("CHANNEL_TYPE").is_in("Country-wide"),
        agg="mean", unit="share", group="LOAN_HISTORY",
        meaning="Share of earlier applications made in shops of national chains",
        reason="How many earlier applications were made in shops of national chains",
    ),
    Feature(
        name="prev_mobile_share", table=_TABLE, value=col("NAME_GOODS_CATEGORY").is_in("Mobile"), agg="mean",
        unit="share", group="LOAN_HISTORY",
        meaning="Share of earlier applications for a mobile phone",
        reason="How many earlier applications were for a mobile phone",
    ),
    Feature(
        name="prev_seller_area_mean", table=_TABLE, value=col("SELLERPLACE_AREA"), agg="mean", unit="area",
        group="LOAN_HISTORY",
        meaning="Mean sales area of the shops in which earlier applications were made",
        reason="Size of the shops in which earlier applications were made",
    ),
)

PREVIOUS_DECISIONS = (*_NUMBERS, *_DECISIONS, *_PRODUCTS)
