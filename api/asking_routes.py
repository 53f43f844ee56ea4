"""The routes of the questions about one client.

Belongs here: paths, status codes. Does not: how an answer is found (asking), errors (app).
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Path, Query

from api.asking import Questions
from api.asking_bodies import ApplicationWays, SimilarAnswer, WaysAnswer, WhatIfAnswer, WhatIfRequest
from api.bodies import Refusal, ScoreRequest
from api.explaining import Against, ExplanationAnswer
from api.reasons import WordedFor

ClientId = Annotated[int, Path(ge=1, le=2**31 - 1, description="SK_ID_CURR", examples=[100001])]
Count = Annotated[int, Query(ge=1, le=100, description="How many of the nearest clients are listed.")]
AgainstWhom = Annotated[Against, Query(description="Whom to compare with: the sample stored with the model.")]
Seed = Annotated[
    int, Query(ge=0, le=2**31, description="Of the combinations tried; the same gives the same.")
]


def add_question_routes(
    app: FastAPI, questions: Questions, unavailable: dict[int | str, dict[str, Any]]
) -> None:
    """What-if, ways, explanation and similar clients of the published night."""
    responses = {404: {"model": Refusal, "description": "No such client"}, **unavailable}

    @app.post("/v1/clients/{client_id}/what-if", tags=["questions"], responses=responses)
    def ask_what_if(
        client_id: ClientId, request: WhatIfRequest, reader: WordedFor = "manager"
    ) -> WhatIfAnswer:
        """What the model would answer with other values in the client's application, and how far to trust it."""
        return questions.what_if(client_id, request.changes, reader)

    @app.get("/v1/clients/{client_id}/ways", tags=["questions"], responses=responses)
    def read_ways(client_id: ClientId) -> WaysAnswer:
        """What would change the decision: only what a client can change, or that nothing realistic does."""
        return questions.ways(client_id)

    nobody: dict[int | str, dict[str, Any]] = {
        **responses,
        409: {"model": Refusal, "description": "Nobody to compare with: the model accepts no one"},
    }

    @app.get("/v1/clients/{client_id}/explanation", tags=["questions"], responses=nobody)
    def read_explanation(
        client_id: ClientId, against: AgainstWhom = "base", seed: Seed = 0
    ) -> ExplanationAnswer:
        """What moves this client's log-odds compared with other clients, and how far that can be trusted."""
        return questions.explanation(client_id, against, seed)

    @app.post("/v1/ways", tags=["questions"], responses=unavailable)
    def find_ways_of_application(request: ScoreRequest) -> ApplicationWays:
        """What would change the champion's decision on a new application, or that nothing realistic does."""
        return questions.ways_of_application(request)

    @app.get("/v1/clients/{client_id}/similar", tags=["questions"], responses=responses)
    def read_similar(client_id: ClientId, count: Count = 10) -> SimilarAnswer:
        """The clients most like this one, their decisions and, where known, their outcomes."""
        return questions.similar(client_id, count)
