"""What the questions about one client receive and answer: other values, ways to another decision, similar clients.

Belongs here: the shape of these bodies with made-up examples. Does not: the bodies of decisions (bodies).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.bodies import Cell, Reason, Texts

DecisionName = Literal["accept", "review", "decline"]
EXAMPLE_CHANGES: dict[str, Any] = {"changes": {"AMT_CREDIT": 350000.0, "AMT_ANNUITY": 18650.0}}


class WhatIfRequest(BaseModel):
    """Other values for columns of the client's application; whatever is computed of them follows."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE_CHANGES]})

    changes: Annotated[dict[str, Cell], Field(max_length=120)] = Field(
        description="Column of application_train to its new value; null is missing. Empty asks about no change."
    )


class AnswerOf(BaseModel):
    """Which night and model an answer is of."""

    model_config = ConfigDict(protected_namespaces=())

    SK_ID_CURR: int = Field(examples=[900001])
    run_id: str = Field(examples=["2026-11-23-001"])
    as_of: date
    model_version: str = Field(examples=["v001"])
    seen_in_training: bool = Field(
        description="The client's outcome trained the model: what changes is added, in log-odds, to its published "
        "(out-of-fold) probability."
    )


class Figures(BaseModel):
    """Probability, score and decision."""

    default_probability: float = Field(examples=[0.0613])
    score: int = Field(examples=[571])
    risk_band: str = Field(examples=["C"])
    decision: DecisionName


class Doubt(BaseModel):
    """Why the answer is doubtful: `far` combinations, values that are `outside` of what was seen, or `rare`."""

    kind: Literal["far", "outside", "rare"]
    feature: str | None = Field(examples=["app_credit_to_annuity"], description="Null for a combination.")
    text: Texts


class WhatIfAnswer(AnswerOf):
    """The figures with the client's own values and with the other ones."""

    before: Figures
    after: Figures
    reasons: list[Reason] = Field(description="What raises the risk with the other values, at most four.")
    moved: list[str] = Field(description="Features that are others now.")
    doubts: list[Doubt] = Field(description="Empty where the model has seen clients like this.")


class Change(BaseModel):
    """One column of the application before and after."""

    column: str = Field(examples=["AMT_CREDIT"])
    feature: str = Field(examples=["app_credit"])
    before: float = Field(examples=[410000.0])
    after: float = Field(examples=[348500.0])
    chosen: bool = Field(description="False where it moves in proportion with a chosen change.")


class WayOut(Figures):
    """A set of changes, checked by scoring the changed application anew, and the figures with it."""

    changes: list[Change]
    sentences: dict[Literal["en", "fr"], list[str]]


class WaysBody(BaseModel):
    """What would change the decision, the fewest and smallest changes first."""

    status: Literal["found", "nothing_to_change", "no_realistic_change"]
    text: Texts
    default_probability: float
    score: int
    decision: DecisionName
    cut_off: float
    ways: list[WayOut]
    tried: int = Field(description="Combinations of changes that were built and scored.", examples=[2193])


class WaysAnswer(WaysBody, AnswerOf):
    """What would change the published decision on a client."""


class ApplicationWays(WaysBody):
    """What would change the decision on a new application."""

    model_config = ConfigDict(protected_namespaces=())

    SK_ID_CURR: int = Field(examples=[900001])
    model_version: str = Field(examples=["v001"])


class SimilarClientBody(BaseModel):
    """One similar client."""

    SK_ID_CURR: int = Field(examples=[900002])
    distance: float = Field(examples=[0.575])
    default_probability: float = Field(examples=[0.0637])
    score: int = Field(examples=[628])
    decision: DecisionName
    outcome: Literal["default", "repaid"] | None = Field(description="Null where it is not known.")


class Observed(BaseModel):
    """Observed default rate among the known outcomes, with its 95 % interval (Wilson)."""

    rate: float = Field(examples=[0.048])
    low: float = Field(examples=[0.013])
    high: float = Field(examples=[0.158])


class SimilarAnswer(AnswerOf):
    """The nearest clients of the night, and what became of the hundred nearest."""

    nearest: list[SimilarClientBody]
    circle: int = Field(examples=[100], description="Clients whose decisions and outcomes are counted.")
    decisions: dict[str, int] = Field(examples=[{"accept": 81, "decline": 19}])
    known: int = Field(examples=[42])
    defaults: int = Field(examples=[2])
    observed: Observed | None = Field(description="Null where no outcome is known.")
    text: Texts
