"""How far the clients whose outcome is unknown differ from those a model was trained on.

Belongs here: PSI per feature and of the score. Does not: what a night does about it (batch checks).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from risk import psi
from training.importance import sample_rows
from training.inputs import Inputs, Numbers

Json = dict[str, Any]
COMPARED = 50_000  # training clients that are enough for ten bins
SHIFT = 0.25
REMARKABLE = 0.10


def drift_figures(
    inputs: Inputs, probability: Numbers, others: pd.DataFrame, other_probability: Numbers, seed: int
) -> Json:
    """PSI of the default probability and of every model input, the strongest first, of the `others` against the
    training clients (50,000 drawn by seed if there are more); how many lie above 0.10 and above 0.25."""
    rows = sample_rows(seed, len(inputs.target), COMPARED)
    found = {
        name: psi(inputs.matrix[rows, column], others[name].to_numpy(dtype=np.float32))
        for column, name in enumerate(inputs.names)
    }
    strongest = sorted(found, key=lambda name: -found[name])
    return {
        "clients": len(others),
        "compared_with": len(rows),
        "score": psi(probability[rows], other_probability),
        "remarkable": sum(value >= REMARKABLE for value in found.values()),
        "shifted": sum(value >= SHIFT for value in found.values()),
        "features": [{"feature": name, "psi": found[name]} for name in strongest],
    }
