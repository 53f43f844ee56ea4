"""Questions about one client through HTTP: other values, ways to another decision, similar clients."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from api import create_app
from api.asking_bodies import EXAMPLE_CHANGES
from api.bodies import EXAMPLE_APPLICATION
from model_store import read_client_rows, read_run, read_scores


@pytest.fixture(scope="module")
def published(small_store: Path) -> pd.DataFrame:
    """The scores of the night."""
    return read_scores(small_store)


def of(published: pd.DataFrame, decision: str) -> int:
    """A client with that decision."""
    return int(published.index[published["decision"] == decision][0])


def test_no_changes_are_answered_as_published(http: TestClient, published: pd.DataFrame) -> None:
    """Without another value both sides are the published figures, with the published reasons and no doubt."""
    client = of(published, "decline")
    answer = http.post(f"/v1/clients/{client}/what-if", json={"changes": {}}).json()
    told = http.get(f"/v1/clients/{client}").json()
    assert answer["before"] == answer["after"]
    assert answer["after"]["score"] == told["score"]
    assert answer["after"]["default_probability"] == pytest.approx(told["default_probability"], abs=1e-12)
    assert [reason["code"] for reason in answer["reasons"]] == [reason["code"] for reason in told["reasons"]]
    assert (answer["moved"], answer["doubts"], answer["run_id"]) == ([], [], told["run_id"])


def test_other_values_move_figures_and_raise_doubts(http: TestClient, published: pd.DataFrame) -> None:
    """Unheard-of values are answered, with doubts in both languages that name the features."""
    client = of(published, "accept")
    changes = {"DAYS_EMPLOYED": -40_000, "EXT_SOURCE_2": 0.001, "EXT_SOURCE_3": 0.001}
    answer = http.post(f"/v1/clients/{client}/what-if", json={"changes": changes}).json()
    assert answer["after"]["default_probability"] != answer["before"]["default_probability"]
    assert {"app_employed", "app_ext_source_2"} <= set(answer["moved"])
    assert answer["doubts"][0]["kind"] == "far"
    assert answer["doubts"][0]["feature"] is None
    told = {doubt["feature"]: doubt for doubt in answer["doubts"]}
    assert told["app_employed"]["kind"] == "outside"
    assert told["app_employed"]["text"]["fr"] != told["app_employed"]["text"]["en"]


def test_unusable_values_are_refused_by_column(http: TestClient, published: pd.DataFrame) -> None:
    """Each column that cannot be asked about is named, and nothing is answered."""
    changes = {"AMT_CREDITS": 1, "CODE_GENDER": "F"}
    answer = http.post(f"/v1/clients/{of(published, 'accept')}/what-if", json={"changes": changes})
    assert answer.status_code == 422
    body = answer.json()
    assert body["error"] == "These values cannot be asked about. Correct or leave them out."
    assert [problem["column"] for problem in body["problems"]] == ["AMT_CREDITS", "CODE_GENDER"]


@pytest.mark.parametrize("body", [{}, {"changes": {"AMT_CREDIT": [1]}}, {"changes": {}, "more": 1}])
def test_bodies_of_another_shape_are_refused(
    http: TestClient, published: pd.DataFrame, body: dict[str, object]
) -> None:
    """A body without changes, with more than them, or with values that are none, is refused."""
    assert http.post(f"/v1/clients/{of(published, 'accept')}/what-if", json=body).status_code == 422


def test_ways_of_an_accepted_and_of_refused_clients(http: TestClient, published: pd.DataFrame) -> None:
    """Nothing to change; a way that can be asked about again and gives its figures; or none, with its own text."""
    answer = http.get(f"/v1/clients/{of(published, 'accept')}/ways").json()
    assert (answer["status"], answer["ways"]) == ("nothing_to_change", [])
    found = {}
    for client in published.index[published["decision"] == "decline"][:40].tolist():
        answer = http.get(f"/v1/clients/{client}/ways").json()
        found.setdefault(answer["status"], answer)
        if len(found) == 2:
            break
    assert found.keys() == {"found", "no_realistic_change"}
    assert found["no_realistic_change"]["text"]["fr"].startswith("Aucun changement réaliste")
    told = found["found"]
    way = told["ways"][0]
    changes = {change["column"]: change["after"] for change in way["changes"]}
    again = http.post(f"/v1/clients/{told['SK_ID_CURR']}/what-if", json={"changes": changes}).json()
    assert again["after"] == {name: way[name] for name in again["after"]}
    assert again["after"]["decision"] == "accept"
    assert way["sentences"]["fr"] != way["sentences"]["en"]


def application_of(store: Path, client: int) -> dict[str, object]:
    """A client's rows as a new application."""
    tables = {
        name: [
            {column: None if pd.isna(value) else value for column, value in row.items()}
            for row in frame.astype(object).to_dict("records")
        ]
        for name, frame in read_client_rows(store, read_run(store), client).items()
    }
    months = [
        {name: value for name, value in row.items() if name != "SK_ID_CURR"}
        for row in tables["bureau_balance"]
    ]
    return tables | {"application": tables["application"][0], "bureau_balance": months}


def test_ways_of_a_new_application(http: TestClient, small_store: Path, published: pd.DataFrame) -> None:
    """A refused application gets its ways: each leads to acceptance when the changed one is sent instead."""
    refused = published.index[(published["decision"] == "decline") & ~published["seen_in_training"]]
    for client in refused[:25].tolist():
        request = application_of(small_store, client)
        answer = http.post("/v1/ways", json=request).json()
        assert answer["default_probability"] == published.loc[client, "default_probability"]
        if answer["status"] == "found":
            break
    assert answer["status"] == "found"
    for way in answer["ways"]:
        changes = {change["column"]: change["after"] for change in way["changes"]}
        changed = request | {"application": {**request["application"], **changes}}  # type: ignore[dict-item] # JSON
        scored = http.post("/v1/score", json=changed).json()
        assert scored["decision"] == way["decision"] == "accept"
        assert scored["default_probability"] == way["default_probability"]


def test_new_applications_that_cannot_be_used_are_refused(http: TestClient) -> None:
    """A row with a column that no table has is refused as it is when scored."""
    answer = http.post("/v1/ways", json={"application": {"SK_ID_CURR": 5, "X": 1}})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["column"] == "X"


def test_similar_clients_with_outcomes(http: TestClient, published: pd.DataFrame) -> None:
    """As many as asked for, nearest first, with published figures; the circle's rate lies in its interval."""
    client = of(published, "accept")
    answer = http.get(f"/v1/clients/{client}/similar?count=3").json()
    distances = [one["distance"] for one in answer["nearest"]]
    assert (len(distances), distances) == (3, sorted(distances))
    for one in answer["nearest"]:
        assert one["score"] == published.loc[one["SK_ID_CURR"], "score"]
        assert one["outcome"] in (None, "default", "repaid")
    assert sum(answer["decisions"].values()) == answer["circle"] == 100
    assert answer["observed"]["low"] <= answer["observed"]["rate"] <= answer["observed"]["high"]
    assert http.get(f"/v1/clients/{client}/similar?count=0").status_code == 422


@pytest.mark.parametrize("path", ["ways", "similar"])
def test_unknown_clients_are_not_found(http: TestClient, path: str) -> None:
    """A client whom the night does not hold is told as such, whatever is asked."""
    assert http.get(f"/v1/clients/7/{path}").status_code == 404
    answer = http.post("/v1/clients/7/what-if", json=EXAMPLE_CHANGES)
    assert answer.status_code == 404
    assert "holds no client 7" in answer.json()["error"]


def test_rows_that_are_gone_are_told(own_store: Path, published: pd.DataFrame) -> None:
    """Without the rows a night was made from, other values cannot be asked about; similar clients still can."""
    shutil.rmtree(own_store / "ingests")
    client = of(published, "decline")
    with TestClient(create_app(own_store)) as http:
        answer = http.get(f"/v1/clients/{client}/ways")
        assert answer.status_code == 503
        assert "are no longer in the store" in answer.json()["error"]
        assert http.get(f"/v1/clients/{client}/similar").status_code == 200


def test_an_empty_store_is_unavailable(tmp_path: Path) -> None:
    """Before the first night nothing can be asked."""
    with TestClient(create_app(tmp_path)) as http:
        assert http.post("/v1/ways", json=EXAMPLE_APPLICATION).status_code == 503
        for path in ("ways", "similar"):
            assert http.get(f"/v1/clients/100001/{path}").status_code == 503


def test_the_openapi_page_shows_an_example(http: TestClient) -> None:
    """The description carries an example of what-if that has the declared shape."""
    document = http.get("/openapi.json").json()
    assert {"/v1/clients/{client_id}/what-if", "/v1/clients/{client_id}/ways"} <= set(document["paths"])
    assert document["components"]["schemas"]["WhatIfRequest"]["examples"] == [EXAMPLE_CHANGES]
