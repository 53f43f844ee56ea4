"""LIME of one client as the service answers it: weights beside exact contributions, and how far to trust them.

Belongs here: the shape of the answer and its layout. Does not: the explanation (explain), looking up (asking).
"""

from __future__ import annotations

from math import isnan
from typing import Literal

from pydantic import BaseModel, Field

from api.asking_bodies import AnswerOf
from api.bodies import Texts
from explain import LimeExplanation
from model_store import Run

Against = Literal["base", "accepted", "similar"]


class Weight(BaseModel):
    """One feature of the linear model; log-odds, higher is riskier."""

    feature: str = Field(examples=["app_ext_source_mean"])
    value: float | None = Field(description="The client's value, null where it is missing.")
    weight: float = Field(description="What the value adds compared with the reference clients' values.")
    standard_error: float
    shap: float = Field(description="The exact contribution, against all training clients.")
    shap_against_reference: float = Field(description="The same less the reference clients' mean.")


class Quality(BaseModel):
    """One figure of fidelity or stability, and the least with which an explanation counts as reliable."""

    code: str = Field(examples=["r2"])
    label: Texts
    value: float | None
    least: float | None
    met: bool
    meaning: Texts


class LimitNotMet(BaseModel):
    """Why the explanation is not reliable here."""

    code: str = Field(examples=["LOW_FIT"])
    text: Texts


class ExplanationAnswer(AnswerOf):
    """A client beside a reference cohort, explained by a local linear model (LIME), with its proof."""

    against: Against
    against_named: Texts
    members: int = Field(description="Clients of the reference cohort.")
    reference_size: int = Field(description="Those of them who stand for it.")
    reference_log_odds: float = Field(description="The model's mean raw log-odds over them.")
    log_odds: float = Field(description="The model's raw log-odds of the client, before calibration.")
    intercept: float
    weights: list[Weight] = Field(description="Strongest first.")
    reliable: bool
    verdict: Texts
    limits_not_met: list[LimitNotMet]
    quality: list[Quality]
    perturbed: int = Field(description="Features replaced by turns.")
    masks: int = Field(description="In so many combinations.")
    fits: int = Field(description="All repeated so often, with other combinations.")
    seed: int
    seconds: float


def lay_out(found: LimeExplanation, client: int, run: Run, seen: bool, against: Against) -> ExplanationAnswer:
    """The explanation as a body. `seen`: the client's outcome trained the model."""
    columns = zip(
        found.features,
        found.values,
        found.weights,
        found.errors,
        found.shap,
        found.contrast,
        strict=True,
    )
    doubts = zip(found.why, found.doubts("en"), found.doubts("fr"), strict=True)
    figures = zip(found.quality("en"), found.quality("fr"), strict=True)
    return ExplanationAnswer(
        SK_ID_CURR=client,
        run_id=run.run_id,
        as_of=run.as_of,
        model_version=run.model_version,
        seen_in_training=seen,
        against=against,
        against_named=Texts(en=found.cohort_words("en"), fr=found.cohort_words("fr")),
        members=found.members,
        reference_size=found.reference_size,
        reference_log_odds=found.cohort_log_odds,
        log_odds=found.prediction,
        intercept=found.intercept,
        weights=[
            Weight(
                feature=feature,
                value=_or_null(value),
                weight=weight,
                standard_error=error,
                shap=shap,
                shap_against_reference=contrast,
            )
            for feature, value, weight, error, shap, contrast in columns
        ],
        reliable=found.reliable,
        verdict=Texts(en=found.verdict("en"), fr=found.verdict("fr")),
        limits_not_met=[LimitNotMet(code=code, text=Texts(en=en, fr=fr)) for code, en, fr in doubts],
        quality=[
            Quality(
                code=en.code,
                label=Texts(en=en.label, fr=fr.label),
                value=_or_null(en.value),
                least=en.least,
                met=en.met,
                meaning=Texts(en=en.meaning, fr=fr.meaning),
            )
            for en, fr in figures
        ],
        perturbed=found.perturbed,
        masks=found.masks,
        fits=1 if found.stability is None else found.stability.fits,
        seed=found.seed,
        seconds=found.seconds,
    )


def _or_null(value: float) -> float | None:
    return None if isnan(value) else float(value)
