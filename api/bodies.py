"""What the service receives and answers, as the OpenAPI page shows it.

Belongs here: the shape of bodies with made-up examples. Does not: what a table's columns may hold
(features.schemas), where the figures come from.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
Cell = Whole | Number | StrictStr | None
Row = dict[str, Cell]
Rows = Annotated[list[Row], Field(max_length=20_000)]

EXAMPLE_APPLICATION: dict[str, Any] = {
    "application": {
        "SK_ID_CURR": 900001,
        "NAME_CONTRACT_TYPE": "Cash loans",
        "CODE_GENDER": "F",
        "AMT_INCOME_TOTAL": 148500.0,
        "AMT_CREDIT": 410000.0,
        "AMT_ANNUITY": 21850.5,
        "AMT_GOODS_PRICE": 360000.0,
        "NAME_INCOME_TYPE": "Working",
        "NAME_EDUCATION_TYPE": "Higher education",
        "NAME_FAMILY_STATUS": "Married",
        "DAYS_BIRTH": -13870,
        "DAYS_EMPLOYED": -2210,
        "EXT_SOURCE_2": 0.61,
        "EXT_SOURCE_3": None,
    },
    "bureau": [
        {
            "SK_ID_CURR": 900001,
            "SK_ID_BUREAU": 7000001,
            "CREDIT_ACTIVE": "Active",
            "DAYS_CREDIT": -420,
            "AMT_CREDIT_SUM": 96000.0,
            "AMT_CREDIT_SUM_DEBT": 31500.0,
            "CREDIT_TYPE": "Consumer credit",
        }
    ],
    "bureau_balance": [{"SK_ID_BUREAU": 7000001, "MONTHS_BALANCE": -1, "STATUS": "0"}],
}


class ScoreRequest(BaseModel):
    """One new application and what is known of the applicant's credits: raw rows of the eight tables.

    Columns left out are missing. Numbers are JSON numbers, categories strings, missing is null.
    """

    model_config = ConfigDict(
        extra="forbid", protected_namespaces=(), json_schema_extra={"examples": [EXAMPLE_APPLICATION]}
    )

    application: Row = Field(description="One row of application_test.csv: no TARGET.")
    bureau: Rows = []
    bureau_balance: Rows = []
    previous_application: Rows = []
    POS_CASH_balance: Rows = []
    installments_payments: Rows = []
    credit_card_balance: Rows = []


class Texts(BaseModel):
    """The same text in both languages."""

    en: str
    fr: str


EXAMPLE_REASON: dict[str, Any] = {
    "code": "LATE_INSTALMENTS",
    "title": {
        "en": "Late instalments on earlier loans with us",
        "fr": "Mensualités payées en retard sur les prêts précédents",
    },
    "sentence": {
        "en": "One or more instalments of your earlier credits were not paid by their due date.",
        "fr": "Une ou plusieurs mensualités de vos crédits précédents n’ont pas été payées à leur échéance.",
    },
    "contribution": 0.31,
}


class Reason(BaseModel):
    """One group of facts that raises the client's risk, or lowers it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_REASON]})

    code: str = Field(
        description="Stable identifier of the group (docs/reasons.md). PERSONAL_SITUATION for the reader "
        "client, in place of a group that names a protected characteristic."
    )
    title: Texts
    sentence: Texts = Field(
        description="What is known of the client that weighs most, for the reader asked for."
    )
    contribution: float = Field(
        description="Log-odds by which the group raises the risk; negative: lowers it."
    )


class Decision(BaseModel):
    """The figures of one client."""

    model_config = ConfigDict(protected_namespaces=())

    SK_ID_CURR: int = Field(examples=[900001])
    default_probability: float = Field(examples=[0.0613])
    score: int = Field(examples=[571], description="Points; higher is safer.")
    risk_band: str = Field(examples=["C"])
    decision: Literal["accept", "review", "decline"]
    cut_off: float = Field(examples=[0.0942], description="Declined from this default probability on.")
    reasons: list[Reason] = Field(description="What raises the risk, strongest first, at most four.")
    strengths: list[Reason] = Field(description="What lowers the risk, strongest first, at most four.")
    seen_in_training: bool = Field(description="The client's outcome was used to train this model.")
    model_version: str = Field(examples=["v001"])
    catalogue_hash: str = Field(examples=["5f0c2a9be1d47730"])


class PublishedDecision(Decision):
    """The figures of one client as published by a night."""

    run_id: str
    as_of: date


class ModelDescription(BaseModel):
    """The model that answers new applications."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str = Field(examples=["v001"])
    catalogue_hash: str
    features: list[str]
    cut_off: float
    review_from: float | None
    fn_cost: float
    fp_cost: float
    calibration: dict[str, str | float | list[float]]
    risk_bands: dict[str, float] = Field(description="Band to its upper default probability.")
    metadata: dict[str, Any]


class Health(BaseModel):
    """Whether the service can answer, and with what."""

    status: Literal["ok", "unavailable"]
    run_id: str | None = Field(description="The published night, null before the first one.")
    as_of: date | None
    model_version: str | None = Field(description="The champion, null before the first promotion.")
    problems: list[str]


class CellProblem(BaseModel):
    """One value of a request that cannot be used; `row` counts from 0, null where it is not about a row."""

    table: str = Field(examples=["bureau"])
    row: int | None = Field(examples=[0])
    column: str | None = Field(examples=["AMT_CREDIT_SUM"])
    reason: str = Field(examples=["unparsable, expected a number (amount): 'many'"])


class Refusal(BaseModel):
    """Why there is no answer: what was found, what was expected, what to do."""

    error: str
    problems: list[CellProblem] = []
