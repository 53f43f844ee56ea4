"""One client explained, for the note: exact contributions, and LIME beside them.

Belongs here: the figures as JSON values. Does not: explaining (explain), which words are said of it (note).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from explain import explain_with_lime, tree_shap
from model_store.scoring_model import ScoringModel

Json = dict[str, object]


def nearest_to_cut_off(model: ScoringModel, clients: pd.DataFrame) -> pd.DataFrame:
    """The one of the clients (a row of model inputs each) whose probability lies nearest to the cut-off."""
    place = int(np.argmin(np.abs(model.probability(clients) - model.cut_off)))
    return clients.iloc[[place]]


def explained_client(model: ScoringModel, client: pd.DataFrame) -> Json:
    """Expected value, raw score and probability of a client without identifier; of every input that moves its raw
    score, the strongest first, the value, the exact contribution (log-odds; with the expected value they add up to
    the raw score) and LIME's weight (None where LIME selected others); and how well LIME fits."""
    exact = tree_shap(model.booster, model.matrix(client))[0]
    contributions, expected = exact[:-1], float(exact[-1])
    lime = explain_with_lime(model, client, fits=1)
    weights = {name: float(weight) for name, weight in zip(lime.features, lime.weights, strict=True)}
    values = client.iloc[0].to_numpy(dtype=np.float64)
    order = [column for column in np.argsort(-np.abs(contributions), kind="stable") if contributions[column]]
    return {
        "expected_value": expected,
        "raw_score": float(exact.sum()),
        "probability": float(model.probability(client)[0]),
        "contributions": [
            {
                "feature": model.feature_names[column],
                "value": None if np.isnan(values[column]) else float(values[column]),
                "contribution": float(contributions[column]),
                "lime": weights.get(model.feature_names[column]),
            }
            for column in order
        ],
        "lime": {
            "r2": lime.r2,
            "rank_correlation": _known(lime.shap_rank_correlation),
            "reference": lime.reference_size,
        },
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
