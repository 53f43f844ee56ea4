"""Features of how the applicant can be reached and checked: papers, telephones, acquaintances, enquiries.

Belongs here: contact details and checks in application_train and application_test. Does not: the addresses
themselves and the region (home).
"""
# One declaration reads as a paragraph, not as a column:
# fmt: off

from features.change import can_be_given
from features.declaration import Feature
from features.expressions import col, mean_of, smallest_of, sum_of

_YEAR = 365.25
_ID, _REGISTRATION, _PHONE = _CHANGES = (
    -col("DAYS_ID_PUBLISH") / _YEAR, -col("DAYS_REGISTRATION") / _YEAR, -col("DAYS_LAST_PHONE_CHANGE") / _YEAR
)
_AGE = -col("DAYS_BIRTH") / _YEAR
_COMMON = (3, 5, 6, 8)  # the four that are given most
_DOCUMENTS = {number: col(f"FLAG_DOCUMENT_{number}") for number in range(2, 22)}
_SHORT = [col(f"AMT_REQ_CREDIT_BUREAU_{span}") for span in ("HOUR", "DAY", "WEEK")]
_MONTH, _QUARTER, _REST = (col(f"AMT_REQ_CREDIT_BUREAU_{span}") for span in ("MON", "QRT", "YEAR"))

_DATES = (
    Feature(
        name="app_id_age", table="application", value=_ID,
        unit="years", riskier="lower", group="CONTACT_DOCUMENTS",
        meaning="Time since the identity document was changed",
        reason="The identity document was changed more recently than usual",
    ),
    Feature(
        name="app_registration_age", table="application", value=_REGISTRATION,
        unit="years", riskier="lower", group="CONTACT_DOCUMENTS",
        meaning="Time since the registration was changed",
        reason="The registration was changed more recently than usual",
    ),
    Feature(
        name="app_phone_age", table="application", value=_PHONE,
        unit="years", riskier="lower", group="CONTACT_DOCUMENTS",
        meaning="Time since the phone number was changed",
        reason="The phone number was changed more recently than usual",
    ),
    Feature(
        name="app_changes_age_mean", table="application", value=mean_of(*_CHANGES),
        unit="years", riskier="lower", group="CONTACT_DOCUMENTS",
        meaning="Mean time since identity document, registration and phone number were changed",
        reason="Identity document, registration and phone number changed, on average, more recently than usual",
    ),
    Feature(
        name="app_changes_age_min", table="application", value=smallest_of(*_CHANGES),
        unit="years", riskier="lower", group="CONTACT_DOCUMENTS",
        meaning="Time since the last change of identity document, registration or phone number",
        reason="The last change of contact details or identity document is more recent than usual",
    ),
    Feature(
        name="app_age_at_id", table="application", value=_AGE - _ID,
        unit="years", group="CONTACT_DOCUMENTS",
        meaning="Age when the identity document was last changed",
        reason="Age at which the identity document was issued",
    ),
    Feature(
        name="app_phone_age_to_employed", table="application",
        value=col("DAYS_LAST_PHONE_CHANGE") / col("DAYS_EMPLOYED"), unit="ratio", group="CONTACT_DOCUMENTS",
        meaning="Time with the phone number divided by time in the current employment",
        reason="Time with the phone number compared with time in the current employment",
    ),
)

_REACHED = (
    Feature(
        name="app_documents", table="application", value=sum_of(*_DOCUMENTS.values()),
        unit="count", group="CONTACT_DOCUMENTS",
        meaning="Number of documents provided",
        reason="How many documents were provided",
    ),
    Feature(
        name="app_document_3", table="application", value=_DOCUMENTS[3], unit="flag", group="CONTACT_DOCUMENTS",
        meaning="Document 3 provided",
        reason="Whether document 3 was provided",
        change=can_be_given(when=~col("NAME_CONTRACT_TYPE").is_in("Revolving loans")),  # hardly asked for there
    ),
    Feature(
        name="app_documents_rare", table="application",
        value=sum_of(*(flag for number, flag in _DOCUMENTS.items() if number not in _COMMON)),
        unit="count", riskier="lower", group="CONTACT_DOCUMENTS",
        meaning="Documents provided that few applicants have (all but 3, 5, 6 and 8)",
        reason="Fewer further documents than usual were provided",
    ),
    Feature(
        name="app_work_phone", table="application", value=col("FLAG_WORK_PHONE"),
        unit="flag", group="CONTACT_DOCUMENTS",
        meaning="A telephone at work was given",
        reason="Whether a telephone at work was given",
        change=can_be_given(),
    ),
    Feature(
        name="app_home_phone", table="application", value=col("FLAG_PHONE"),
        unit="flag", riskier="lower", group="CONTACT_DOCUMENTS",
        meaning="A telephone at home was given",
        reason="No telephone at home was given",
        change=can_be_given(),
    ),
)

_CHECKS = (
    Feature(
        name="app_circle_defaults_30d", table="application", value=col("DEF_30_CNT_SOCIAL_CIRCLE"),
        unit="count", riskier="higher", group="SOCIAL_CIRCLE",
        meaning="Acquaintances with a payment 30 days late",
        reason="More acquaintances than usual had payment difficulties",
    ),
    Feature(
        name="app_circle_observed", table="application", value=col("OBS_30_CNT_SOCIAL_CIRCLE"),
        unit="count", group="SOCIAL_CIRCLE",
        meaning="Acquaintances whose payments are known",
        reason="Number of acquaintances with a credit",
    ),
    Feature(
        name="app_enquiries_year", table="application", value=_REST,
        unit="count", riskier="higher", group="CREDIT_ENQUIRIES",
        meaning="Enquiries at the bureau in the year before, without the last quarter",
        reason="There were more enquiries at the credit bureau than usual",
    ),
    Feature(
        name="app_enquiries_quarter", table="application", value=_QUARTER,
        unit="count", group="CREDIT_ENQUIRIES",
        meaning="Enquiries at the bureau in the quarter before, without the last month",
        reason="Number of enquiries at the credit bureau in the last quarter, without the last month",
    ),
    Feature(
        name="app_enquiries_month", table="application", value=_MONTH,
        unit="count", group="CREDIT_ENQUIRIES",
        meaning="Enquiries at the bureau in the month before, without the last week",
        reason="Number of enquiries at the credit bureau in the last month, without the last week",
    ),
    Feature(
        name="app_enquiries_week", table="application", value=sum_of(*_SHORT),
        unit="count", riskier="higher", group="CREDIT_ENQUIRIES",
        meaning="Enquiries at the bureau in the week before",
        reason="There were more enquiries at the credit bureau in the last days than usual",
    ),
)

CONTACT = (*_DATES, *_REACHED, *_CHECKS)
