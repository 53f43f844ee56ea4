"""What the model says of clients: probability, score, band, decision and the reasons for it.

Belongs here: the one place where features become the published figures, for the night and the service alike.
Does not: reading features, writing results, the arithmetic of each figure (risk, exact, reasons).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.reasons.codes import Reasons, reason_codes
from explain.trees.exact import prepared
from features import CATALOGUE, Catalogue
from model_store.scoring_model import ScoringModel

Decision = Literal["accept", "review", "decline"]


@dataclass(frozen=True, eq=False)
class Answers:
    """Figures per client, in the order of the features given.

    `probability`: float64, calibrated default probability. `score`: int16, higher is safer. `band`,
    `decision`: names. `contributions`: float64 (clients, features + 1), log-odds before calibration, last
    column the expected value. `reasons`: the strongest groups among them.
    """

    probability: NDArray[np.float64]
    score: NDArray[np.int16]
    band: NDArray[np.object_]
    decision: NDArray[np.object_]
    reasons: Reasons
    contributions: NDArray[np.float64]


def answer_clients(
    model: ScoringModel,
    features: pd.DataFrame,
    probability: NDArray[np.float64] | None = None,
    threads: int = 0,
    catalogue: Catalogue = CATALOGUE,
) -> Answers:
    """The model's answers for every row of `features`; a client's are the same alone as among others.

    `features`: the columns of `build_features`. `probability`: published instead of the model's own where it
    is not NaN (the out-of-fold probability of clients whose label was used in training); score, band and
    decision follow it, contributions and reasons are the model's. `threads`: 0 uses all cores.

    Errors: ValueError naming absent columns, or a `probability` of another length.
    """
    matrix = model.matrix(features)
    contributions, raw_score = prepared(model.booster).explain(matrix, threads)
    own = model.calibration.probability(raw_score)
    published = own if probability is None else _overridden(own, probability)
    return Answers(
        probability=published,
        score=model.scale.score(published),
        band=model.bands.band(published),
        decision=model.decide(published),
        reasons=reason_codes(contributions, model.feature_names, catalogue),
        contributions=contributions,
    )


def _overridden(own: NDArray[np.float64], probability: NDArray[np.float64]) -> NDArray[np.float64]:
    if probability.shape != own.shape:
        raise ValueError(
            f"probability has shape {probability.shape}, expected {own.shape}: one value per client, "
            "NaN where the model's own is to be published"
        )
    return np.where(np.isnan(probability), own, probability)
