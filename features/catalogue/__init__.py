"""The declared features, in order: the one list from which everything else in this system is made.

Belongs here: the order of the families. Does not: how features are computed (builder).
"""

from features.catalogue.applicant import APPLICANT
from features.catalogue.application import APPLICATION
from features.catalogue.bureau import BUREAU
from features.catalogue.bureau_debt import BUREAU_DEBT
from features.catalogue.bureau_months import BUREAU_MONTHS
from features.catalogue.card import CARD
from features.catalogue.combined import COMBINED
from features.catalogue.contact import CONTACT
from features.catalogue.home import HOME
from features.catalogue.instalments import INSTALMENTS
from features.catalogue.pos import POS
from features.catalogue.previous_compared import PREVIOUS_COMPARED
from features.catalogue.previous_decisions import PREVIOUS_DECISIONS
from features.catalogue.previous_terms import PREVIOUS_TERMS
from features.declaration import Catalogue

CATALOGUE = Catalogue(
    (
        *APPLICATION,
        *APPLICANT,
        *HOME,
        *CONTACT,
        *BUREAU,
        *BUREAU_DEBT,
        *BUREAU_MONTHS,
        *PREVIOUS_DECISIONS,
        *PREVIOUS_TERMS,
        *PREVIOUS_COMPARED,
        *POS,
        *INSTALMENTS,
        *CARD,
        *COMBINED,
    )
)
