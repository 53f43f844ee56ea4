"""The declared features, in order: the one list from which everything else in this system is made.

Belongs here: the order of the families. Does not: how features are computed (builder).
"""

from features.catalogue.applicant import APPLICANT
from features.catalogue.application import APPLICATION
from features.catalogue.bureau import BUREAU
from features.catalogue.bureau_debt import BUREAU_DEBT
from features.catalogue.bureau_months import BUREAU_MONTHS
from features.catalogue.card import CARD
from features.catalogue.instalments import INSTALMENTS
from features.catalogue.pos import POS
from features.catalogue.previous import PREVIOUS
from features.declaration import Catalogue

CATALOGUE = Catalogue(
    (
        *APPLICATION,
        *APPLICANT,
        *BUREAU,
        *BUREAU_DEBT,
        *BUREAU_MONTHS,
        *PREVIOUS,
        *POS,
        *INSTALMENTS,
        *CARD,
    )
)
