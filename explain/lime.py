"""LIME of one client against a reference cohort, with the proof of how far it can be trusted.

Belongs here: the explanation, its fit by the lime package, its limits. Does not: the neighbourhood it learns
from (neighbourhood), exact contributions (exact), the words for a limit that is not met (texts).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lime.lime_base import LimeBase
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from explain.exact import tree_shap
from explain.neighbourhood import build_masks, mean_log_odds, representative_rows
from explain.texts import doubt_text
from features import Language
from model_store.scoring_model import ScoringModel

Vector = NDArray[np.float64]

RELIABLE_R2 = 0.85
RELIABLE_RANK_CORRELATION = 0.70
RELIABLE_REFERENCE = 30  # clients; below, the mean over the sample depends on who happens to be in it
REFERENCE_SIZE = 100
KERNEL_WIDTH = 0.75  # times the root of the number of features: the lime package's own default
RIDGE = 0.01


@dataclass(frozen=True, eq=False)
class LimeExplanation:
    """LIME weights of one client, strongest first, and how well they fit.

    `weights`: log-odds that the client's value adds against the reference cohort's values; `shap`: the exact
    contributions of the same features; `values`: the client's values, NaN missing. `intercept` plus all
    weights is `local_prediction`, the linear model's answer for the client; `prediction` is the model's
    (log-odds). `r2`: share of the variance over the masks that the linear model explains, weighted by the
    kernel. `shap_rank_correlation`: Spearman, over the perturbed features. `shared_top5`: share of the five
    strongest features that LIME and SHAP have in common. `why`: codes of the limits not met.
    """

    features: tuple[str, ...]
    weights: Vector
    shap: Vector
    values: Vector
    intercept: float
    r2: float
    prediction: float
    local_prediction: float
    reference_size: int
    masks: int
    seed: int
    shap_rank_correlation: float
    shared_top5: float
    seconds: float
    why: tuple[str, ...]

    @property
    def reliable(self) -> bool:
        """False where a named limit is not met; `why` and `doubts` say which."""
        return not self.why

    def doubts(self, language: Language = "en") -> list[str]:
        """One sentence per limit that is not met; empty for a reliable explanation."""
        figures = {
            "r2": self.r2,
            "rank_correlation": self.shap_rank_correlation,
            "reference_size": self.reference_size,
        }
        return [doubt_text(code, language, figures) for code in self.why]


def explain_with_lime(
    model: ScoringModel,
    client_features: pd.DataFrame | pd.Series,
    reference: pd.DataFrame | None = None,
    features: int = 30,
    masks: int = 193,
    seed: int = 0,
    reference_size: int = REFERENCE_SIZE,
) -> LimeExplanation:
    """How the client's values move the log-odds against a reference cohort, as a linear model fitted by lime.

    `client_features`: one client, a Series by feature name or a frame of one row. `reference`: clients of the
    cohort to compare with, the columns of the model or more; the model's own background when None. Of it
    `reference_size` clients stand for the cohort, chosen without chance. The `features` with the largest
    exact contribution are perturbed: per mask, those not kept are taken jointly from every reference client
    and the log-odds averaged. Missing is a value like any other. The same (client, model, reference, seed)
    give the same numbers in every thread and process; `seconds` alone differs.

    Raises ValueError for no or several clients, an empty reference, absent columns, counts below 2.
    """
    begun = time.perf_counter()
    if features < 1 or masks < 2 or reference_size < 1:
        raise ValueError(
            f"LIME needs features >= 1, masks >= 2 and reference_size >= 1; "
            f"found {features}, {masks} and {reference_size}."
        )
    client = _client_row(model, client_features)
    sample = _reference_sample(model, reference, reference_size)
    exact = tree_shap(model.booster, client)[0, :-1]
    perturbed = np.argsort(-np.abs(exact), kind="stable")[:features]
    mask_rows = build_masks(masks, len(perturbed), seed)
    answers = mean_log_odds(client[0], sample, perturbed, mask_rows, lambda rows: _score(model, rows))
    weights, intercept, r2, local_prediction = _fit(mask_rows, answers, seed)
    order = np.argsort(-np.abs(weights), kind="stable")
    chosen, weights, shap = perturbed[order], weights[order], exact[perturbed[order]]
    rank_correlation = _rank_correlation(weights, shap)
    return LimeExplanation(
        features=tuple(model.feature_names[column] for column in chosen),
        weights=weights,
        shap=shap,
        values=client[0, chosen],
        intercept=intercept,
        r2=r2,
        prediction=float(answers[0]),
        local_prediction=local_prediction,
        reference_size=len(sample),
        masks=masks,
        seed=seed,
        shap_rank_correlation=rank_correlation,
        shared_top5=_shared_top(weights, shap, 5),
        seconds=time.perf_counter() - begun,
        why=_limits_not_met(r2, rank_correlation, len(sample)),
    )


def _client_row(model: ScoringModel, client_features: pd.DataFrame | pd.Series) -> Vector:
    frame = client_features.to_frame().T if isinstance(client_features, pd.Series) else client_features
    if len(frame) != 1:
        raise ValueError(f"LIME explains one client at a time; found {len(frame)} rows. Select one row.")
    return model.matrix(frame)


def _reference_sample(model: ScoringModel, reference: pd.DataFrame | None, size: int) -> Vector:
    cohort = model.background if reference is None else reference
    if not len(cohort):
        raise ValueError(
            "The reference cohort is empty, so there is nothing to compare the client with. "
            "Choose a cohort with clients in it, or None for the model's own reference."
        )
    if not cohort.index.is_monotonic_increasing:
        cohort = cohort.sort_index(kind="stable")
    return representative_rows(model.matrix(cohort), lambda rows: _score(model, rows), size)


def _score(model: ScoringModel, rows: Vector) -> Vector:
    return model.raw_score_of_matrix(rows, threads=0)


def _fit(masks: NDArray[np.bool_], answers: Vector, seed: int) -> tuple[Vector, float, float, float]:
    """Weights in mask order, intercept, weighted R² and the linear model's answer for mask 0."""
    kept = masks.astype(np.float64)
    width = KERNEL_WIDTH * np.sqrt(masks.shape[1])
    base = LimeBase(
        lambda distances: np.sqrt(np.exp(-((distances / width) ** 2))), random_state=_random(seed)
    )
    intercept, pairs, r2, local = base.explain_instance_with_data(
        neighborhood_data=kept,
        neighborhood_labels=answers.reshape(-1, 1),
        distances=np.sqrt((1.0 - kept).sum(axis=1)),
        label=0,
        num_features=masks.shape[1],
        feature_selection="none",
        model_regressor=Ridge(alpha=RIDGE, random_state=_random(seed)),
    )
    weights = np.zeros(masks.shape[1])
    for column, weight in pairs:
        weights[column] = weight
    return weights, float(intercept), float(r2), float(local[0])


def _random(seed: int) -> np.random.RandomState:
    return np.random.RandomState(seed)  # one per call: lime advances the state it is given


def _rank_correlation(left: Vector, right: Vector) -> float:
    """Spearman's rank correlation, ties at their mean rank; NaN where one side is constant."""
    ranks = [pd.Series(side).rank().to_numpy(dtype=np.float64) for side in (left, right)]
    if min(np.ptp(side) for side in ranks) == 0:
        return float("nan")
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _shared_top(left: Vector, right: Vector, count: int) -> float:
    top = [set(np.argsort(-np.abs(side), kind="stable")[:count].tolist()) for side in (left, right)]
    return len(top[0] & top[1]) / len(top[0])


def _limits_not_met(r2: float, rank_correlation: float, reference_size: int) -> tuple[str, ...]:
    found: Sequence[tuple[str, bool]] = (
        ("LOW_FIT", not r2 >= RELIABLE_R2),
        ("DISAGREES_WITH_EXACT", not rank_correlation >= RELIABLE_RANK_CORRELATION),
        ("SMALL_REFERENCE", reference_size < RELIABLE_REFERENCE),
    )
    return tuple(code for code, failed in found if failed)
