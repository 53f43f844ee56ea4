"""The rule that picks the production model, and differences between candidates fold by fold.

Belongs here: the choice. Does not: measuring (compare).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.settings import IMBALANCES

Json = dict[str, Any]
METRIC = "cost_per_client"


@dataclass(frozen=True)
class Choice:
    """The chosen candidate, the cheapest, and every production candidate within one standard error of it."""

    chosen: str
    cheapest: str
    limit: float
    within: tuple[str, ...]


def choose_production(candidates: Sequence[Mapping[str, Any]]) -> Choice:
    """The simplest LightGBM variant whose mean business cost is at most the lowest plus its standard error.

    Simplest: with constraints before without; then untreated, weighted, resampled. Other families are
    references and are never chosen. Errors: ValueError without a LightGBM variant.
    """
    variants = [row for row in candidates if row["family"] == "lightgbm"]
    if not variants:
        raise ValueError("no LightGBM variant was compared, expected at least one to choose")
    cheapest = min(variants, key=lambda row: float(row["metrics"][METRIC]["mean"]))
    limit = cheapest["metrics"][METRIC]["mean"] + cheapest["metrics"][METRIC]["standard_error"]
    within = sorted(
        (row for row in variants if row["metrics"][METRIC]["mean"] <= limit),
        key=lambda row: (not row["constraints"], IMBALANCES.index(row["imbalance"])),
    )
    return Choice(within[0]["name"], cheapest["name"], float(limit), tuple(row["name"] for row in within))


def difference_over_folds(
    first: Mapping[str, Any], second: Mapping[str, Any], metric: str = METRIC
) -> dict[str, float]:
    """Second minus first on the same folds: mean and standard error (deviation / sqrt(folds)) of the difference."""
    apart = np.array(second[metric]["per_fold"], dtype=float) - np.array(
        first[metric]["per_fold"], dtype=float
    )
    return {"mean": float(apart.mean()), "standard_error": float(apart.std(ddof=1) / np.sqrt(len(apart)))}
