"""The routes of the service and what each error means to the caller.

Belongs here: paths, status codes, the OpenAPI page. Does not: how an answer is found (answering).
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline

from api.answering import Service
from api.asking import Questions
from api.asking_routes import add_question_routes
from api.bodies import (
    CellProblem,
    Decision,
    Health,
    ModelDescription,
    PublishedDecision,
    Refusal,
    ScoreRequest,
)
from api.reasons import WordedFor
from api.request_tables import UnusableRequest
from explain import EmptyCohort, UnusableChanges
from features import TABLES
from model_store import ModelStoreError, NothingPublished, RowsNotKept, UnknownClient, UnknownRun
from model_store.storage import Location

DESCRIPTION = """
One client's published decision, and the decision on one new application, from the same model, features and
reasons as the nightly run. Probabilities are of default as the lender defines it; contributions are log-odds.
"""
UNAVAILABLE: dict[int | str, dict[str, Any]] = {
    503: {"model": Refusal, "description": "Nothing published, or no champion"}
}


def create_app(store: Location) -> FastAPI:
    """The service over one store, a path or an fsspec URL; an ASGI application.

    Its OpenAPI page at /docs loads nothing from outside. Nothing is read before the first question.
    """
    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="Prêt à dépenser: scoring service",
        version=version("pret-scoring"),
        description=DESCRIPTION,
        swagger_ui_parameters={"validatorUrl": None},
        dependencies=[Depends(_forbid_storing)],
        responses={422: {"model": Refusal, "description": "The request cannot be used"}},
    )
    _add_routes(app, Service(store))
    add_question_routes(app, Questions(store), UNAVAILABLE)
    _add_errors(app)
    return app


def _forbid_storing(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"  # personal data: no copy in a proxy or on a disk


def _add_routes(app: FastAPI, service: Service) -> None:
    @app.get(
        "/v1/clients/{client_id}",
        tags=["decisions"],
        responses={404: {"model": Refusal, "description": "No such client"}, **UNAVAILABLE},
    )
    def read_client(
        client_id: Annotated[int, Path(ge=1, le=2**31 - 1, description="SK_ID_CURR", examples=[100001])],
        reader: WordedFor = "manager",
    ) -> PublishedDecision:
        """The decision on a client as the published night states it."""
        return service.published(client_id, reader)

    @app.post("/v1/score", tags=["decisions"], responses=UNAVAILABLE)
    def score_application(request: ScoreRequest, reader: WordedFor = "manager") -> Decision:
        """The decision on a new application: the champion's, to the last bit what a night would publish."""
        return service.score(request, reader)

    @app.get("/v1/health", tags=["service"], responses={503: {"model": Health}})
    def read_health(response: Response) -> Health:
        """Whether a night is published and a champion can be loaded."""
        health = service.health()
        response.status_code = 200 if health.status == "ok" else 503
        return health

    @app.get("/v1/model", tags=["service"], responses=UNAVAILABLE)
    def read_model() -> ModelDescription:
        """The model that answers new applications."""
        return service.describe_model()


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(UnknownClient)
    def unknown_client(_: Request, error: Exception) -> JSONResponse:
        return _refused(404, str(error))

    @app.exception_handler(NothingPublished)
    @app.exception_handler(RowsNotKept)
    @app.exception_handler(UnknownRun)
    @app.exception_handler(ModelStoreError)
    def unavailable(_: Request, error: Exception) -> JSONResponse:
        return _refused(503, str(error))

    @app.exception_handler(EmptyCohort)
    def nobody_to_compare_with(_: Request, error: Exception) -> JSONResponse:
        return _refused(409, str(error))

    @app.exception_handler(UnusableRequest)
    def unusable(_: Request, error: UnusableRequest) -> JSONResponse:
        return _refused(422, f"{error}. Correct them and send the application again.", error.problems)

    @app.exception_handler(UnusableChanges)
    def unusable_changes(_: Request, error: UnusableChanges) -> JSONResponse:
        problems = [
            CellProblem(table="application", row=None, column=column, reason=reason)
            for column, reason in error.problems
        ]
        return _refused(422, "These values cannot be asked about. Correct or leave them out.", problems)

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        problems = _problems_of(error)
        return _refused(422, "The request has another shape than the one expected (see /docs).", problems)


def _refused(status: int, error: str, problems: Sequence[CellProblem] = ()) -> JSONResponse:
    return JSONResponse(Refusal(error=error, problems=list(problems)).model_dump(mode="json"), status)


def _problems_of(error: RequestValidationError) -> list[CellProblem]:
    """Pydantic's findings by table, row and column; the alternatives tried for one cell count once."""
    found: dict[tuple[str, int | None, str | None], str] = {}
    for finding in error.errors():
        source, *place = finding["loc"]
        if source in ("path", "query"):
            place = [source, *place]
        table = str(place[0]) if place and isinstance(place[0], str) else "request"
        row = next((part for part in place if isinstance(part, int)), 0 if table == "application" else None)
        names = [part for part in place[1:] if isinstance(part, str)]
        cell = bool(names) and table in TABLES
        reason = "expected a finite number, a string or null" if cell else str(finding["msg"])
        found.setdefault((table, row if cell else None, names[0] if names else None), reason)
    return [
        CellProblem(table=table, row=row, column=column, reason=reason)
        for (table, row, column), reason in found.items()
    ]
