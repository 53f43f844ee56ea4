"""Features of the person who applies: age, work, education, family.

Belongs here: the applicant in application_train and application_test. Does not: home and region (home), papers,
telephones, acquaintances and enquiries (contact), the request (application).
"""
# One declaration reads as a paragraph, not as a column:
# fmt: off

from features.declaration import Feature
from features.expressions import col
from features.schemas import categories_of

_YEAR = 365.25
_INCOME_TYPES = categories_of("application", "NAME_INCOME_TYPE")
_OCCUPATIONS = categories_of("application", "OCCUPATION_TYPE")
_ORGANISATIONS = categories_of("application", "ORGANIZATION_TYPE")
_EDUCATION = categories_of("application", "NAME_EDUCATION_TYPE")
_FAMILY_STATUS = categories_of("application", "NAME_FAMILY_STATUS")
_GENDER = categories_of("application", "CODE_GENDER")

_WORK = (
    Feature(
        name="app_age", table="application", value=-col("DAYS_BIRTH") / _YEAR,
        unit="years", riskier="lower", group="AGE",
        meaning="Age at the application",
        reason="The client is younger than usual",
    ),
    Feature(
        name="app_employed", table="application", value=-col("DAYS_EMPLOYED") / _YEAR,
        unit="years", riskier="lower", group="EMPLOYMENT",
        meaning="Time in the current employment",
        reason="The current employment is more recent than usual",
    ),
    Feature(
        name="app_employed_share_of_life", table="application",
        value=col("DAYS_EMPLOYED") / col("DAYS_BIRTH"),
        unit="share", riskier="lower", group="EMPLOYMENT",
        meaning="Time in the current employment as a share of age",
        reason="The current employment is more recent than usual for the age",
    ),
    Feature(
        name="app_age_at_hiring", table="application",
        value=(col("DAYS_EMPLOYED") - col("DAYS_BIRTH")) / _YEAR, unit="years", group="EMPLOYMENT",
        meaning="Age at the start of the current employment",
        reason="Age at which the current employment began",
    ),
    Feature(
        name="app_no_employment", table="application", value=col("DAYS_EMPLOYED").is_missing(),
        unit="flag", group="EMPLOYMENT",
        meaning="No employment stated (retired or unemployed)",
        reason="Whether a current employment was stated",
    ),
    Feature(
        name="app_income_type", table="application", value=col("NAME_INCOME_TYPE").code_in(_INCOME_TYPES),
        unit="category", categories=_INCOME_TYPES, group="EMPLOYMENT",
        meaning="Kind of income",
        reason="Origin of the income",
    ),
    Feature(
        name="app_occupation", table="application", value=col("OCCUPATION_TYPE").code_in(_OCCUPATIONS),
        unit="category", categories=_OCCUPATIONS, group="EMPLOYMENT",
        meaning="Occupation",
        reason="Occupation of the applicant",
    ),
    Feature(
        name="app_organisation", table="application",
        value=col("ORGANIZATION_TYPE").code_in(_ORGANISATIONS),
        unit="category", categories=_ORGANISATIONS, group="EMPLOYMENT",
        meaning="Kind of employer",
        reason="Kind of company or authority worked for",
    ),
    Feature(
        name="app_education", table="application", value=col("NAME_EDUCATION_TYPE").code_in(_EDUCATION),
        unit="category", categories=_EDUCATION, group="EDUCATION",
        meaning="Highest education",
        reason="Level of education",
    ),
)

_FAMILY = (
    Feature(
        name="app_family_status", table="application",
        value=col("NAME_FAMILY_STATUS").code_in(_FAMILY_STATUS),
        unit="category", categories=_FAMILY_STATUS, group="HOUSEHOLD",
        meaning="Family status",
        reason="Family situation",
    ),
    Feature(
        name="app_children", table="application", value=col("CNT_CHILDREN"), unit="count", group="HOUSEHOLD",
        meaning="Number of children",
        reason="How many children there are to provide for",
    ),
    Feature(
        name="app_household_members", table="application", value=col("CNT_FAM_MEMBERS"),
        unit="count", group="HOUSEHOLD",
        meaning="Number of members of the household",
        reason="Size of the household",
    ),
    Feature(
        name="app_gender", table="application", value=col("CODE_GENDER").code_in(_GENDER),
        unit="category", categories=_GENDER, group="GENDER", protected=True,
        meaning="Gender",
        reason="Gender",
    ),
)

APPLICANT = (*_WORK, *_FAMILY)
