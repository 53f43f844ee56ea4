"""LIME of one client against a reference cohort, with the proof of how far it can be trusted.

Belongs here: the explanation and its fits by the lime package. Does not: the neighbourhood it learns from
(neighbourhood), the cohort (reference), stability (stability), limits and their words (trust).
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.lime.neighbourhood import Masks, build_masks, mean_log_odds
from explain.lime.reference import REFERENCE_SIZE, ReferenceCohort, own_reference
from explain.lime.stability import (
    Fit,
    LimeStability,
    coefficients_stability,
    mean_jaccard,
    variables_stability,
    weight_errors,
)
from explain.lime.trust import (
    QualityFigure,
    cohort_text,
    doubt_text,
    limits_not_met,
    quality_figures,
    verdict_text,
)
from explain.trees.exact import prepared
from features import Language
from model_store.scoring_model import ScoringModel

Vector = NDArray[np.float64]

KERNEL_WIDTH = 0.75  # times the root of the number of features: the lime package's own default
RIDGE = 0.01


@dataclass(frozen=True, eq=False)
class LimeExplanation:
    """LIME weights of one client, strongest first, and how far they can be trusted.

    `features`: those of the sparse linear model. `weights`: log-odds that the client's value adds against the
    reference cohort's values, `errors` their standard errors; `shap`: the exact contributions of the same
    features, `contrast` these less the cohort's mean; `values`: the client's values, NaN missing. `intercept`
    plus all weights is `local_prediction`, the linear model's answer for the client; `prediction` is the
    model's (raw log-odds), `cohort_log_odds` its mean over the cohort, `spread` how far its answers to the
    masks lie apart.

    `r2`: share of the variance over the masks that the linear model explains, weighted by the kernel.
    `shap_rank_correlation`: Spearman, weights with `contrast`, over all perturbed features. `shared_top5`:
    share of the five strongest features that both have. `stability`: over repeated fits, None if there were
    none.

    `cohort`: code of the reference cohort, which has `members`, of whom `reference_size` stand for it.
    `perturbed`: features replaced by turns, `masks` times. `seconds`: what it took, the cohort's preparation
    left out. `why`: codes of the limits not met.
    """

    features: tuple[str, ...]
    weights: Vector
    errors: Vector
    shap: Vector
    contrast: Vector
    values: Vector
    intercept: float
    r2: float
    prediction: float
    local_prediction: float
    cohort_log_odds: float
    spread: float
    shap_rank_correlation: float
    shared_top5: float
    stability: LimeStability | None
    cohort: str
    members: int
    reference_size: int
    perturbed: int
    masks: int
    seed: int
    seconds: float
    why: tuple[str, ...]

    @property
    def reliable(self) -> bool:
        """False where a named limit is not met; `why` and `doubts` say which."""
        return not self.why

    @property
    def figures(self) -> dict[str, float]:
        """What was measured of its fidelity and stability, by name."""
        return measured(
            self.spread,
            self.r2,
            self.shap_rank_correlation,
            self.shared_top5,
            self.stability,
            self.reference_size,
        )

    def verdict(self, language: Language = "en") -> str:
        """One sentence: reliable or not."""
        return verdict_text(self.why, self.figures, language)

    def doubts(self, language: Language = "en") -> list[str]:
        """One sentence per limit that is not met; empty for a reliable explanation."""
        return [doubt_text(code, self.figures, language) for code in self.why]

    def quality(self, language: Language = "en") -> tuple[QualityFigure, ...]:
        """Its figures with names, limits and meanings in words."""
        return quality_figures(self.figures, language)

    def cohort_words(self, language: Language = "en") -> str:
        """What the reference cohort is called."""
        return cohort_text(self.cohort, language)


def measured(
    spread: float,
    r2: float,
    shap_rank_correlation: float,
    shared_top5: float,
    stability: LimeStability | None,
    reference_size: int,
) -> dict[str, float]:
    """The figures that limits are set for, by name; without those of stability where it was not measured."""
    figures = {
        "spread": spread,
        "r2": r2,
        "shap_rank_correlation": shap_rank_correlation,
        "shared_top5": shared_top5,
        "reference_size": float(reference_size),
    }
    return figures if stability is None else {**figures, **asdict(stability)}


def explain_with_lime(
    model: ScoringModel,
    client_features: pd.DataFrame | pd.Series,
    reference: pd.DataFrame | ReferenceCohort | None = None,
    features: int = 62,
    selected: int = 50,
    masks: int = 257,
    seed: int = 0,
    reference_size: int = REFERENCE_SIZE,
    fits: int = 10,
) -> LimeExplanation:
    """How the client's values move the log-odds against a reference cohort, as a linear model fitted by lime.

    `client_features`: one client, a Series by feature name or a frame of one row. `reference`: the cohort to
    compare with: None for the sample stored with the model version, a ReferenceCohort (`own_reference`,
    `ReferenceCohort.of`) prepared once for many clients, or a frame of clients, of whom `reference_size`
    stand for the cohort. The `features` whose exact contributions differ most from the cohort's mean are
    perturbed (at most 64): per mask, those not kept are taken jointly from every reference client and the
    log-odds averaged; missing is a value like any other. Of them lime selects the `selected` with the highest
    weights and fits them.

    `fits`: how often all this is repeated with other masks (seeds `seed`, `seed` + 1, …) to see what is
    stable; below 2, `stability` is None and is not judged. The same (client, model, reference, seed) give the
    same numbers in every thread and process; `seconds` alone differs.

    Raises ValueError for no or several clients, an empty reference, absent columns, counts that make no
    sense.
    """
    if features < 1 or selected < 1 or masks < 2 or reference_size < 1:
        raise ValueError(
            f"LIME needs features >= 1, selected >= 1, masks >= 2 and reference_size >= 1; "
            f"found {features}, {selected}, {masks} and {reference_size}."
        )
    client = _client_row(model, client_features)
    cohort = _cohort(model, reference, reference_size)
    begun = time.perf_counter()
    contributions, raw = prepared(model.booster).explain(client, threads=1)
    shap = contributions[0, :-1]
    contrast = shap - cohort.mean_contributions
    perturbed = strongest(contrast, features)
    rounds = [build_masks(masks, len(perturbed), seed + repeat) for repeat in range(max(fits, 1))]
    answers = mean_log_odds(model.booster, client[0], cohort, perturbed, np.concatenate(rounds))
    kept = selected if selected < len(perturbed) else len(perturbed)
    fitted = [
        fit_with_lime(one, answers[place * masks : (place + 1) * masks, 0], kept, seed + place)
        for place, one in enumerate(rounds)
    ]
    halves = [fit_with_lime(rounds[0], answers[:masks, 1 + half], kept, seed) for half in _halves(cohort)]
    fit = fitted[0]
    used = np.array(fit.strongest(len(perturbed)), dtype=np.intp)
    columns = perturbed[used]
    correlation = rank_correlation(fit.weights, contrast[perturbed])
    shared = shared_top(fit.weights, contrast[perturbed], 5)
    stability = _stability(fitted, halves) if fits > 1 else None
    spread = float(np.ptp(answers[:masks, 0]))
    return LimeExplanation(
        features=tuple(model.feature_names[column] for column in columns),
        weights=fit.weights[used],
        errors=fit.errors[used],
        shap=shap[columns],
        contrast=contrast[columns],
        values=client[0, columns],
        intercept=fit.intercept,
        r2=fit.r2,
        prediction=float(raw[0]),
        local_prediction=fit.intercept + float(fit.weights.sum()),
        cohort_log_odds=cohort.mean_log_odds,
        spread=spread,
        shap_rank_correlation=correlation,
        shared_top5=shared,
        stability=stability,
        cohort=cohort.code,
        members=cohort.members,
        reference_size=cohort.size,
        perturbed=len(perturbed),
        masks=masks,
        seed=seed,
        seconds=time.perf_counter() - begun,
        why=limits_not_met(measured(spread, fit.r2, correlation, shared, stability, cohort.size)),
    )


def _client_row(model: ScoringModel, client_features: pd.DataFrame | pd.Series) -> Vector:
    frame = client_features.to_frame().T if isinstance(client_features, pd.Series) else client_features
    if len(frame) != 1:
        raise ValueError(f"LIME explains one client at a time; found {len(frame)} rows. Select one row.")
    return model.matrix(frame)


def _cohort(
    model: ScoringModel, reference: pd.DataFrame | ReferenceCohort | None, size: int
) -> ReferenceCohort:
    if isinstance(reference, ReferenceCohort):
        return reference
    if reference is not None:
        return ReferenceCohort.of(model, reference, size=size)
    if size == REFERENCE_SIZE:
        return own_reference(model)
    return ReferenceCohort.of(model, model.background, "base", size)


def strongest(contrast: Vector, count: int) -> NDArray[np.intp]:
    """Columns of the `count` largest, without those that are 0 (the model does not read them), but for one."""
    order = np.argsort(-np.abs(contrast), kind="stable")
    return order[: max(1, min(count, int(np.count_nonzero(contrast))))]


def _halves(cohort: ReferenceCohort) -> range:
    return range(2) if cohort.size > 1 else range(0)


def fit_with_lime(masks: Masks, answers: Vector, selected: int, seed: int) -> Fit:
    """The sparse linear model of `answers` that the lime package selects and fits: kernel, selection, ridge."""
    from lime.lime_base import LimeBase  # they take a second to load, which a night need not wait for
    from sklearn.linear_model import Ridge

    kept = masks.astype(np.float64)
    distances = np.sqrt((1.0 - kept).sum(axis=1))
    width = KERNEL_WIDTH * np.sqrt(masks.shape[1])

    def kernel(distance: Vector) -> Vector:
        weights: Vector = np.sqrt(np.exp(-((distance / width) ** 2)))
        return weights

    intercept, pairs, r2, _ = LimeBase(kernel, random_state=_random(seed)).explain_instance_with_data(
        neighborhood_data=kept,
        neighborhood_labels=answers.reshape(-1, 1),
        distances=distances,
        label=0,
        num_features=selected,
        feature_selection="highest_weights",
        model_regressor=Ridge(alpha=RIDGE, random_state=_random(seed)),
    )
    places = np.array([place for place, _ in pairs], dtype=np.intp)
    weights, errors = np.zeros(masks.shape[1]), np.zeros(masks.shape[1])
    weights[places] = [weight for _, weight in pairs]
    residuals = answers - intercept - kept @ weights
    errors[places] = weight_errors(kept[:, places], residuals, kernel(distances), RIDGE)
    return Fit(weights, errors, float(intercept), float(r2))


def _random(seed: int) -> np.random.RandomState:
    return np.random.RandomState(seed)  # one per call: lime advances the state it is given


def _stability(fits: list[Fit], halves: list[Fit]) -> LimeStability:
    return LimeStability(
        fits=len(fits),
        jaccard=mean_jaccard(fits),
        vsi=variables_stability(fits),
        csi=coefficients_stability(fits),
        reference_jaccard=mean_jaccard(halves) if halves else float("nan"),
    )


def rank_correlation(left: Vector, right: Vector) -> float:
    """Spearman's rank correlation, ties at their mean rank; NaN where one side is constant."""
    ranks = [pd.Series(side).rank().to_numpy(dtype=np.float64) for side in (left, right)]
    if min(np.ptp(side) for side in ranks) == 0:
        return float("nan")
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def shared_top(left: Vector, right: Vector, count: int) -> float:
    """The share of the `count` largest, in size, that both sides have."""
    top = [set(np.argsort(-np.abs(side), kind="stable")[:count].tolist()) for side in (left, right)]
    return len(top[0] & top[1]) / len(top[0])
