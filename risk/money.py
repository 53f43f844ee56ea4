"""What a wrong decision costs in money: the loss on a default, the margin lost on a good client refused.

Belongs here: amounts per client from the credit, its annuity and stated assumptions. Does not: decisions (cost).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from risk.arrays import Numbers


@dataclass(frozen=True)
class MoneyAssumptions:
    """What the tables do not say. `loss_given_default`: share of the credit lost when a client defaults.
    `margin`: what the lender earns a year, after funding and running costs, as a share of what is still owed."""

    loss_given_default: float = 0.45
    margin: float = 0.10

    def __post_init__(self) -> None:
        if not 0 < self.loss_given_default <= 1 or not 0 < self.margin <= 1:
            raise ValueError(
                f"loss given default is {self.loss_given_default} and margin {self.margin}, "
                "expected two shares above 0 and at most 1"
            )


def money_costs(
    credit: ArrayLike, annuity: ArrayLike, assumptions: MoneyAssumptions
) -> tuple[Numbers, Numbers]:
    """Per client (loss if accepted and in default, margin lost if refused though good), in the credit's currency.

    Loss = credit x loss given default (the exposure is the whole credit: a default is early). Margin = margin x
    average debt x years, where the credit is paid back evenly over credit / annuity months: half the credit is
    owed on average. Credit 600,000, annuity 30,000 (20 months), loss given default 0.45, margin 0.10: a loss of
    270,000 against 0.10 x 300,000 x 20/12 = 50,000, which is 5.4 to 1. An unknown annuity is taken from the
    median term of the others. Errors: ValueError for a credit that is missing or not positive, or no known annuity.
    """
    amount, rate = np.asarray(credit, dtype=np.float64), np.asarray(annuity, dtype=np.float64)
    wrong = ~(amount > 0)
    if wrong.any():
        raise ValueError(
            f"the credit of {int(wrong.sum())} clients is missing or not positive, the first {amount[wrong][0]}; "
            "costs in money need AMT_CREDIT of every client"
        )
    months = amount / np.where(rate > 0, rate, np.nan)
    if np.isnan(months).all():
        raise ValueError("no client has a known annuity; costs in money need AMT_ANNUITY")
    months = np.where(np.isnan(months), np.nanmedian(months), months)
    loss: Numbers = amount * assumptions.loss_given_default
    lost_margin: Numbers = assumptions.margin * amount / 2 * months / 12
    return loss, lost_margin
