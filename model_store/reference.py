"""What the clients of a training looked like: the distribution of every feature and of the probabilities.

Belongs here: the bins, the clients in each, and how a version carries them. Does not: comparing nights (batch).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from model_store.scoring_model import ScoringModel
from risk.arrays import Numbers
from risk.stability import Counts, bin_counts, quantile_edges

SCORE = "default_probability"
"""The name under which the published probabilities stand among the features."""
_KEY = "reference"


@dataclass(frozen=True, eq=False)
class Distribution:
    """Clients per bin: up to and including each inner edge, above the last, missing."""

    edges: Numbers
    clients: Counts

    @property
    def missing_share(self) -> float:
        """Share of the clients without a value."""
        return float(self.clients[-1] / self.clients.sum())


Reference = Mapping[str, Distribution]
"""Distributions by feature name, and that of SCORE."""


def distribution_of(values: Any, bins: int = 10) -> Distribution:
    """The distribution of values over bins of about equally many of them, missing apart."""
    edges = quantile_edges(values, bins)
    return Distribution(edges, bin_counts(values, edges))


def reference_document(features: pd.DataFrame, probability: pd.Series[float]) -> dict[str, Any]:
    """The metadata entry that `reference_of` reads: bins of every column and of the out-of-fold probabilities."""
    columns = {name: features[name].to_numpy() for name in features.columns}
    found = {
        name: distribution_of(values) for name, values in {**columns, SCORE: probability.to_numpy()}.items()
    }
    return {
        _KEY: {
            name: {"edges": entry.edges.tolist(), "clients": entry.clients.tolist()}
            for name, entry in found.items()
        }
    }


def reference_of(model: ScoringModel) -> Reference:
    """What the version's training clients looked like; empty for a version that does not carry it."""
    stated = model.metadata.get(_KEY)
    if not isinstance(stated, Mapping):
        return {}
    return {
        name: Distribution(np.asarray(entry["edges"], np.float64), np.asarray(entry["clients"], np.int64))
        for name, entry in stated.items()
    }
