"""Features of what is asked for: external scores, the requested credit, its weight on the income.

Belongs here: the request in application_train and application_test. Does not: the person (applicant).
"""
# One declaration reads as a paragraph, not as a column:
# fmt: off

from features.change import free_between, only_down
from features.declaration import Feature
from features.expressions import col, largest_of, mean_of, smallest_of, spread_of, sum_of

_FIRST, _SECOND, _THIRD = _SOURCES = (col("EXT_SOURCE_1"), col("EXT_SOURCE_2"), col("EXT_SOURCE_3"))
_CREDIT, _ANNUITY, _GOODS = col("AMT_CREDIT"), col("AMT_ANNUITY"), col("AMT_GOODS_PRICE")
_INCOME, _MEMBERS = col("AMT_INCOME_TOTAL"), col("CNT_FAM_MEMBERS")
_AGE, _EMPLOYED = -col("DAYS_BIRTH") / 365.25, -col("DAYS_EMPLOYED") / 365.25

# A direction stands where it holds with all else equal: for the scores, their means and the product of two. A
# lowest or highest score, or a score against age, says something else once the mean is known.
_EXTERNAL = (
    Feature(
        name="app_ext_source_1", table="application", value=_FIRST,
        unit="score", riskier="lower", group="EXTERNAL_SCORES",
        meaning="Score of the first external agency (0 to 1)",
        reason="The score at the first external agency is lower than usual",
    ),
    Feature(
        name="app_ext_source_2", table="application", value=_SECOND,
        unit="score", riskier="lower", group="EXTERNAL_SCORES",
        meaning="Score of the second external agency (0 to 1)",
        reason="The score at the second external agency is lower than usual",
    ),
    Feature(
        name="app_ext_source_3", table="application", value=_THIRD,
        unit="score", riskier="lower", group="EXTERNAL_SCORES",
        meaning="Score of the third external agency (0 to 1)",
        reason="The score at the third external agency is lower than usual",
    ),
    Feature(
        name="app_ext_source_mean", table="application", value=mean_of(*_SOURCES),
        unit="score", riskier="lower", group="EXTERNAL_SCORES",
        meaning="Mean of the external scores that are known",
        reason="The scores of the external agencies are lower than usual on the whole",
    ),
    Feature(
        name="app_ext_source_mean_cautious", table="application",
        value=mean_of(*(source.or_else(0.5) for source in _SOURCES)),
        unit="score", riskier="lower", group="EXTERNAL_SCORES",
        meaning="Mean of the three external scores, an unknown one counted as one half",
        reason="The external scores are lower than usual, or too few to reassure",
    ),
    Feature(
        name="app_ext_source_min", table="application", value=smallest_of(*_SOURCES),
        unit="score", group="EXTERNAL_SCORES",
        meaning="Lowest of the external scores that are known",
        reason="Lowest of the scores given by external agencies",
    ),
    Feature(
        name="app_ext_source_max", table="application", value=largest_of(*_SOURCES),
        unit="score", group="EXTERNAL_SCORES",
        meaning="Highest of the external scores that are known",
        reason="Highest of the scores given by external agencies",
    ),
    Feature(
        name="app_ext_source_spread", table="application", value=spread_of(*_SOURCES),
        unit="score", group="EXTERNAL_SCORES",
        meaning="Highest minus lowest known external score",
        reason="How far the scores of the external agencies differ",
    ),
    Feature(
        name="app_ext_source_known_count", table="application",
        value=sum_of(*(~source.is_missing() for source in _SOURCES)),
        unit="count", group="EXTERNAL_SCORES",
        meaning="Number of external scores that are known",
        reason="Number of external agencies that give a score",
    ),
    Feature(
        name="app_ext_source_2_times_3", table="application", value=_SECOND * _THIRD,
        unit="score", riskier="lower", group="EXTERNAL_SCORES",
        meaning="Second external score times the third (missing if either is unknown)",
        reason="The scores of the second and the third external agency, taken together, are lower than usual",
    ),
    Feature(
        name="app_ext_source_1_to_age", table="application", value=_FIRST / _AGE,
        unit="ratio", group="EXTERNAL_SCORES",
        meaning="First external score, which rises with age, divided by age",
        reason="Score at the first external agency compared with the age",
    ),
    Feature(
        name="app_ext_source_3_times_age", table="application", value=_THIRD * _AGE,
        unit="ratio", group="EXTERNAL_SCORES",
        meaning="Third external score times age",
        reason="Score at the third external agency together with the age",
    ),
    Feature(
        name="app_ext_source_mean_times_age", table="client", value=col("app_ext_source_mean") * _AGE,
        unit="ratio", group="EXTERNAL_SCORES",
        meaning="Mean external score times age",
        reason="External scores together with the age",
    ),
    Feature(
        name="app_ext_source_mean_times_employed", table="client",
        value=col("app_ext_source_mean") * _EMPLOYED,
        unit="ratio", group="EXTERNAL_SCORES",
        meaning="Mean external score times years in the current employment",
        reason="External scores together with time in the current employment",
    ),
)

# What a client can change is the request; the terms of a credit card are not chosen. Who buys something cheaper
# borrows less and pays less; so does who leaves out what is lent above the price (insurance, fees); the instalment
# says over how many payments. Income, employment and histories change with life and time, not by wish.
_A_LOAN = ~col("NAME_CONTRACT_TYPE").is_in("Revolving loans")

_REQUEST = (
    Feature(
        name="app_credit", table="application", value=_CREDIT, unit="amount", group="REQUESTED_CREDIT",
        meaning="Amount of the requested credit",
        reason="Amount of the credit that was asked for",
        change=only_down(
            lowest=0.6, step=0.05, carries=("AMT_ANNUITY",), not_below="AMT_GOODS_PRICE", when=_A_LOAN
        ),
    ),
    Feature(
        name="app_goods_price", table="application", value=_GOODS, unit="amount", group="REQUESTED_CREDIT",
        meaning="Price of the goods to be bought",
        reason="Price of what the credit is to pay for",
        change=only_down(lowest=0.5, step=0.05, carries=("AMT_CREDIT", "AMT_ANNUITY")),
    ),
    Feature(
        name="app_annuity", table="application", value=_ANNUITY, unit="amount", group="REQUESTED_CREDIT",
        meaning="Instalment of the requested credit",
        reason="Size of the requested instalment",
        change=free_between(lowest=0.6, highest=1.6, step=0.05, when=_A_LOAN),
    ),
    Feature(
        name="app_credit_to_annuity", table="application", value=_CREDIT / _ANNUITY,
        unit="ratio", group="REQUESTED_CREDIT",
        meaning="Credit divided by instalment (the length of the credit in payments)",
        reason="Length of the requested credit",
    ),
    Feature(
        name="app_goods_to_annuity", table="application", value=_GOODS / _ANNUITY,
        unit="ratio", group="REQUESTED_CREDIT",
        meaning="Price of the goods divided by instalment (payments without what the credit costs more)",
        reason="Instalment compared with the price of the goods",
    ),
    Feature(
        name="app_credit_to_goods", table="application", value=_CREDIT / _GOODS,
        unit="ratio", group="REQUESTED_CREDIT",
        meaning="Credit divided by the price of the goods",
        reason="Credit compared with the price of the goods",
    ),
    Feature(
        name="app_credit_above_goods", table="application", value=_CREDIT - _GOODS,
        unit="amount", group="REQUESTED_CREDIT",
        meaning="Credit minus price of the goods (insurance and fees lent as well)",
        reason="Difference between the credit and the price of the goods",
    ),
    Feature(
        name="app_is_revolving", table="application",
        value=col("NAME_CONTRACT_TYPE").is_in("Revolving loans"), unit="flag", group="REQUESTED_CREDIT",
        meaning="The request is for a revolving credit",
        reason="Kind of the requested credit",
    ),
)

_BURDEN = (
    Feature(
        name="app_annuity_to_income", table="application", value=_ANNUITY / _INCOME,
        unit="share", riskier="higher", group="REPAYMENT_BURDEN",
        meaning="Instalment as a share of income",
        reason="The instalment takes a larger share of the income than usual",
    ),
    Feature(
        name="app_credit_to_income", table="application", value=_CREDIT / _INCOME,
        unit="ratio", group="REPAYMENT_BURDEN",
        meaning="Credit divided by income",
        reason="Credit compared with the income",
    ),
    Feature(
        name="app_income", table="application", value=_INCOME, unit="amount", group="INCOME",
        meaning="Declared income",
        reason="Amount of the declared income",
    ),
    Feature(
        name="app_income_per_member", table="application", value=_INCOME / _MEMBERS,
        unit="amount", group="INCOME",
        meaning="Income divided by members of the household",
        reason="Income for the size of the household",
    ),
    Feature(
        name="app_income_per_adult", table="application", value=_INCOME / (_MEMBERS - col("CNT_CHILDREN")),
        unit="amount", group="INCOME",
        meaning="Income divided by adults of the household",
        reason="Income for the number of adults in the household",
    ),
)

APPLICATION = (*_EXTERNAL, *_REQUEST, *_BURDEN)
