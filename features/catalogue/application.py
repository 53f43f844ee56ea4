"""Features of what is asked for: external scores, the requested credit, its weight on the income.

Belongs here: the request in application_train and application_test. Does not: the person (applicant).
"""
# fmt: off  (one declaration reads as a paragraph, not as a column)

from features.declaration import Feature
from features.expressions import col, mean_of, smallest_of, spread_of

_SOURCES = (col("EXT_SOURCE_1"), col("EXT_SOURCE_2"), col("EXT_SOURCE_3"))
_CREDIT, _ANNUITY, _INCOME = col("AMT_CREDIT"), col("AMT_ANNUITY"), col("AMT_INCOME_TOTAL")

_EXTERNAL = (
    Feature(
        name="app_ext_source_1",
        table="application",
        value=_SOURCES[0],
        unit="score",
        riskier="lower",
        group="EXTERNAL_SCORES",
        meaning="Score of the first external agency (0 to 1)",
        reason="Low score at the first external agency",
    ),
    Feature(
        name="app_ext_source_2",
        table="application",
        value=_SOURCES[1],
        unit="score",
        riskier="lower",
        group="EXTERNAL_SCORES",
        meaning="Score of the second external agency (0 to 1)",
        reason="Low score at the second external agency",
    ),
    Feature(
        name="app_ext_source_3",
        table="application",
        value=_SOURCES[2],
        unit="score",
        riskier="lower",
        group="EXTERNAL_SCORES",
        meaning="Score of the third external agency (0 to 1)",
        reason="Low score at the third external agency",
    ),
    Feature(
        name="app_ext_source_mean",
        table="application",
        value=mean_of(*_SOURCES),
        unit="score",
        riskier="lower",
        group="EXTERNAL_SCORES",
        meaning="Mean of the external scores that are known",
        reason="Low scores at the external agencies on the whole",
    ),
    Feature(
        name="app_ext_source_min",
        table="application",
        value=smallest_of(*_SOURCES),
        unit="score",
        riskier="lower",
        group="EXTERNAL_SCORES",
        meaning="Lowest of the external scores that are known",
        reason="One external agency gives a low score",
    ),
    Feature(
        name="app_ext_source_spread",
        table="application",
        value=spread_of(*_SOURCES),
        unit="score",
        group="EXTERNAL_SCORES",
        meaning="Highest minus lowest known external score",
        reason="The external agencies disagree",
    ),
)

_REQUEST = (
    Feature(
        name="app_credit",
        table="application",
        value=_CREDIT,
        unit="amount",
        group="REQUESTED_CREDIT",
        meaning="Amount of the requested credit",
        reason="Amount of the requested credit",
    ),
    Feature(
        name="app_annuity",
        table="application",
        value=_ANNUITY,
        unit="amount",
        group="REQUESTED_CREDIT",
        meaning="Instalment of the requested credit",
        reason="Size of the requested instalment",
    ),
    Feature(
        name="app_credit_to_annuity",
        table="application",
        value=_CREDIT / _ANNUITY,
        unit="ratio",
        group="REQUESTED_CREDIT",
        meaning="Credit divided by instalment: the length of the credit in payments",
        reason="Length of the requested credit",
    ),
    Feature(
        name="app_credit_to_goods",
        table="application",
        value=_CREDIT / col("AMT_GOODS_PRICE"),
        unit="ratio",
        riskier="higher",
        group="REQUESTED_CREDIT",
        meaning="Credit divided by the price of the goods",
        reason="The credit exceeds the price of the goods",
    ),
    Feature(
        name="app_is_revolving",
        table="application",
        value=col("NAME_CONTRACT_TYPE").is_in("Revolving loans"),
        unit="flag",
        group="REQUESTED_CREDIT",
        meaning="The request is for a revolving credit",
        reason="Kind of the requested credit",
    ),
    Feature(
        name="app_annuity_to_income",
        table="application",
        value=_ANNUITY / _INCOME,
        unit="share",
        riskier="higher",
        group="REPAYMENT_BURDEN",
        meaning="Instalment as a share of income",
        reason="The instalment is high for the income",
    ),
    Feature(
        name="app_credit_to_income",
        table="application",
        value=_CREDIT / _INCOME,
        unit="ratio",
        riskier="higher",
        group="REPAYMENT_BURDEN",
        meaning="Credit divided by yearly income",
        reason="The credit is high for the income",
    ),
    Feature(
        name="app_income",
        table="application",
        value=_INCOME,
        unit="amount",
        riskier="lower",
        group="INCOME",
        meaning="Declared yearly income",
        reason="Declared income",
    ),
    Feature(
        name="app_income_per_member",
        table="application",
        value=_INCOME / col("CNT_FAM_MEMBERS"),
        unit="amount",
        riskier="lower",
        group="INCOME",
        meaning="Income divided by members of the household",
        reason="Income for the size of the household",
    ),
)

APPLICATION = (*_EXTERNAL, *_REQUEST)
