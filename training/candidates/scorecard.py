"""The reference: logistic regression of features in bins, as lenders have built scorecards for decades.

Belongs here: choice of features, the regression. Does not: bins and their weights (risk.woe).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from risk import WeightOfEvidence, fit_category_weights, fit_weight_of_evidence
from training.inputs import Inputs, Numbers, Rows, balanced_weights
from training.settings import TrainingSettings

LEAST_INFORMATION = 0.02  # information value below which a feature is useless, by custom
MOST_ALIKE = 0.75  # correlation with a stronger feature from which a feature is left out
MOST_FEATURES = 40
PENALTY = 1.0  # inverse strength of the L2 penalty


@dataclass(frozen=True, eq=False)
class Scorecard:
    """Columns of the inputs, their bins, and what a unit of weight of evidence adds to the log-odds."""

    columns: tuple[int, ...]
    bins: tuple[WeightOfEvidence, ...]
    factors: Numbers
    intercept: float

    def raw_score(self, matrix: NDArray[np.float32]) -> Numbers:
        """Log-odds per client of `matrix`, which has all columns of the inputs."""
        found = np.full(len(matrix), self.intercept)
        for column, bins, factor in zip(self.columns, self.bins, self.factors, strict=True):
            found += factor * bins.transform(matrix[:, column])
        return found


def fit_scorecard(inputs: Inputs, rows: Rows, settings: TrainingSettings) -> Scorecard:
    """The scorecard of these clients: the features of most information that are not alike, at most 40.

    Weights of evidence are log-odds already, so that each factor should be above 0; features that would count
    against their own evidence are taken out once and the rest is fitted again.
    """
    matrix, target = inputs.matrix[rows], inputs.outcome[rows]
    bins = [_bins_of(inputs, column, matrix[:, column], target) for column in range(matrix.shape[1])]
    columns = _chosen(bins, matrix)
    evidence = np.column_stack([bins[column].transform(matrix[:, column]) for column in columns])
    weight = balanced_weights(inputs.target[rows]) if settings.imbalance == "weighted" else None
    model = _regression(evidence, target, weight)
    for_it = model.coef_[0] > 0
    if for_it.any() and not for_it.all():
        columns = [column for column, stays in zip(columns, for_it, strict=True) if stays]
        model = _regression(evidence[:, for_it], target, weight)
    return Scorecard(
        columns=tuple(columns),
        bins=tuple(bins[column] for column in columns),
        factors=model.coef_[0],
        intercept=float(model.intercept_[0]),
    )


def _regression(evidence: Numbers, target: Numbers, weight: Numbers | None) -> LogisticRegression:
    return LogisticRegression(C=PENALTY, max_iter=500).fit(evidence, target, sample_weight=weight)


def _bins_of(inputs: Inputs, column: int, values: NDArray[np.float32], target: Numbers) -> WeightOfEvidence:
    if column in inputs.categorical:
        return fit_category_weights(values, target)
    return fit_weight_of_evidence(values, target, inputs.directions[column])


def _chosen(bins: list[WeightOfEvidence], matrix: NDArray[np.float32]) -> list[int]:
    """Columns by information, each unlike those before it; the strongest alone where none has enough."""
    order = sorted(range(len(bins)), key=lambda column: -bins[column].information)
    useful = [column for column in order if bins[column].information >= LEAST_INFORMATION] or order[:1]
    chosen: list[int] = []
    evidence: list[Numbers] = []
    for column in useful:
        own = bins[column].transform(matrix[:, column])
        own = (own - own.mean()) / max(float(own.std()), 1e-12)
        if all(abs(float(own @ other)) / len(own) < MOST_ALIKE for other in evidence):
            chosen.append(column)
            evidence.append(own)
        if len(chosen) == MOST_FEATURES:
            break
    return chosen
