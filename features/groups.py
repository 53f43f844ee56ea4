"""Reason groups: the things a person can understand into which features are gathered.

Belongs here: the stable codes that the export and the letters carry. Does not: their French (texts_fr.toml).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """One reason code with its English title; the code is part of the BI contract and never changes."""

    code: str
    title: str


GROUPS: dict[str, Group] = {
    code: Group(code, title)
    for code, title in (
        ("EXTERNAL_SCORES", "Scores from external credit agencies"),
        ("REQUESTED_CREDIT", "Amount and terms of the requested credit"),
        ("REPAYMENT_BURDEN", "Instalment compared with income"),
        ("INCOME", "Income"),
        ("EMPLOYMENT", "Employment and occupation"),
        ("AGE", "Age"),
        ("EDUCATION", "Education"),
        ("HOUSEHOLD", "Family and household"),
        ("HOUSING", "Housing and property"),
        ("REGION", "Place of residence and work"),
        ("CONTACT_DOCUMENTS", "Documents and contact details"),
        ("SOCIAL_CIRCLE", "Payment difficulties among acquaintances"),
        ("CREDIT_ENQUIRIES", "Recent enquiries at the credit bureau"),
        ("BUREAU_DEBT", "Debt with other lenders"),
        ("BUREAU_HISTORY", "Credit history with other lenders"),
        ("BUREAU_NEW_CREDIT", "Recently opened credits with other lenders"),
        ("BUREAU_LATE", "Late payments with other lenders"),
        ("PREVIOUS_REFUSALS", "Earlier applications refused"),
        ("PREVIOUS_TERMS", "Terms of earlier loans with us"),
        ("LOAN_HISTORY", "Course of earlier loans with us"),
        ("LATE_INSTALMENTS", "Late instalments on earlier loans with us"),
        ("UNPAID_INSTALMENTS", "Instalments not paid in full"),
        ("CARD_USE", "Use of the credit card"),
        ("CARD_LATE", "Late payments on the credit card"),
        ("GENDER", "Gender"),
    )
}
