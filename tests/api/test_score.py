"""POST /v1/score: a new application gets the night's bits, or is told which value cannot be used."""

import json
import math

import pytest
from fastapi.testclient import TestClient

from api import create_app
from api.bodies import EXAMPLE_APPLICATION, ScoreRequest
from explain import answer_clients
from features import TABLES, build_features, frame_of_rows
from model_store import champion, load, open_store, promote, save


def changed(table: str, **cells: object) -> dict:
    """The example application with cells of a table's first row changed; None of a list table adds no row."""
    body = json.loads(json.dumps(EXAMPLE_APPLICATION))
    row = body["application"] if table == "application" else body[table][0]
    row.update(cells)
    return body


def problem(http, body: dict) -> dict:
    """The first problem of a refused request, which must be a 422 in valid JSON."""
    answer = http.post("/v1/score", content=json.dumps(body), headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]
    return answer.json()["problems"][0]


def test_the_example_of_the_openapi_page_is_answered(http):
    """What the page offers to try works, and the answer carries the decision and its reasons."""
    example = http.get("/openapi.json").json()["components"]["schemas"]["ScoreRequest"]["examples"][0]
    answer = http.post("/v1/score", json=example)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["SK_ID_CURR"] == example["application"]["SK_ID_CURR"]
    assert 0 < body["default_probability"] < 1
    assert (body["decision"] == "decline") == (body["default_probability"] >= body["cut_off"])
    assert all(reason["contribution"] > 0 for reason in body["reasons"])
    assert body["seen_in_training"] is False


def test_the_answer_is_the_models_own(http, small_store):
    """The figures equal those of the shared functions, called directly, to the last bit."""
    tables = {
        name: frame_of_rows(name, [rows] if name == "application" else rows)
        for name, rows in EXAMPLE_APPLICATION.items()
    }
    model = load(str(small_store))
    expected = answer_clients(model, build_features(tables))
    body = http.post("/v1/score", json=EXAMPLE_APPLICATION).json()
    assert body["default_probability"] == expected.probability[0]
    assert body["score"] == expected.score[0]
    assert [r["code"] for r in body["reasons"]] == [c for c in expected.reasons.codes[0] if c is not None]


def test_reasons_are_worded_for_the_reader_and_before_the_first_night(http, own_store):
    """The client's words differ from the manager's; without a night, the model's own clients say what is usual."""
    manager, client = (
        http.post(f"/v1/score?reader={reader}", json=EXAMPLE_APPLICATION).json()
        for reader in ("manager", "client")
    )
    assert manager["default_probability"] == client["default_probability"]
    assert manager["reasons"] != client["reasons"]
    (own_store / "published.json").unlink()
    with TestClient(create_app(own_store)) as unpublished:
        answer = unpublished.post("/v1/score?reader=analyst", json=EXAMPLE_APPLICATION).json()
        assert answer["default_probability"] == manager["default_probability"]
        said = [reason["sentence"]["en"] for reason in answer["reasons"] + answer["strengths"]]
        assert any("the model’s reference clients" in sentence for sentence in said)


def test_tables_may_be_left_out(http):
    """An application without any history is scored."""
    answer = http.post("/v1/score", json={"application": EXAMPLE_APPLICATION["application"]})
    assert answer.status_code == 200


def test_row_order_does_not_matter(http):
    """Rows of a table in another order give the same answer."""
    body = changed("bureau")
    second = {**body["bureau"][0], "SK_ID_BUREAU": 7000002, "DAYS_CREDIT": -90, "AMT_CREDIT_SUM": 5000.5}
    body["bureau"].append(second)
    forwards = http.post("/v1/score", json=body).json()
    body["bureau"].reverse()
    assert http.post("/v1/score", json=body).json() == forwards


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (changed("bureau", AMT_CREDIT_SUM="many"), ("bureau", 0, "AMT_CREDIT_SUM")),
        (changed("bureau", MOON_PHASE=1), ("bureau", 0, "MOON_PHASE")),
        (changed("bureau", SK_ID_CURR=900002), ("bureau", 0, "SK_ID_CURR")),
        (changed("bureau", DAYS_CREDIT=None), ("bureau", 0, "DAYS_CREDIT")),
        (changed("bureau", DAYS_CREDIT=12), ("bureau", 0, "DAYS_CREDIT")),
        (changed("bureau_balance", SK_ID_BUREAU=7), ("bureau_balance", 0, "SK_ID_BUREAU")),
        (changed("application", TARGET=1), ("application", 0, "TARGET")),
        (changed("application", SK_ID_CURR=None), ("application", 0, "SK_ID_CURR")),
        (changed("application", SK_ID_CURR=1.5), ("application", 0, "SK_ID_CURR")),
        (changed("application", CODE_GENDER=3), ("application", 0, "CODE_GENDER")),
        (changed("application", AMT_CREDIT=[1]), ("application", 0, "AMT_CREDIT")),
        (changed("application", AMT_CREDIT=True), ("application", 0, "AMT_CREDIT")),
        (changed("application", AMT_CREDIT=math.nan), ("application", 0, "AMT_CREDIT")),
        (changed("application", AMT_CREDIT=math.inf), ("application", 0, "AMT_CREDIT")),
        (changed("application", AMT_CREDIT=10**400), ("application", 0, "AMT_CREDIT")),
        ({}, ("application", None, None)),
        ({**changed("application"), "moons": []}, ("moons", None, None)),
        ({**changed("application"), "bureau": {"SK_ID_CURR": 900001}}, ("bureau", None, None)),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else "body",
)
def test_a_value_that_cannot_be_used_is_named(http, body, place):
    """Each refusal names table, row and column, and says why."""
    found = problem(http, body)
    assert (found["table"], found["row"], found["column"]) == place
    assert found["reason"]


def test_repeated_rows_are_named(http):
    """A row sent twice is refused rather than counted twice."""
    body = changed("bureau")
    body["bureau"].append(body["bureau"][0])
    found = problem(http, body)
    assert (found["table"], found["row"], found["column"]) == ("bureau", 1, "SK_ID_BUREAU")


def test_problems_of_all_tables_come_together(http):
    """One answer lists what is wrong in every table, so that one correction suffices."""
    body = changed("bureau", AMT_CREDIT_SUM="many")
    body["bureau_balance"][0]["MONTHS_BALANCE"] = "long ago"
    answer = http.post("/v1/score", json=body)
    assert {found["table"] for found in answer.json()["problems"]} == {"bureau", "bureau_balance"}


def test_what_is_not_json_is_refused(http):
    """A body that cannot be parsed is a 422 with the parser's own finding."""
    answer = http.post("/v1/score", content="{", headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert "JSON decode error" in answer.json()["problems"][0]["reason"]


def test_a_promotion_counts_at_once(own_store):
    """After a promotion the next application is answered by the new champion; no restart."""
    store = open_store(own_store)
    with TestClient(create_app(own_store)) as http:
        before = http.post("/v1/score", json=EXAMPLE_APPLICATION).json()
        assert before["model_version"] == champion(store)
        promoted = save(store, load(str(own_store)))
        promote(store, promoted, "test", "a second version of the same model")
        after = http.post("/v1/score", json=EXAMPLE_APPLICATION).json()
        assert after["model_version"] == promoted != before["model_version"]
        assert after["default_probability"] == before["default_probability"]


def test_a_damaged_model_is_a_plain_503(own_store):
    """A champion whose bytes changed does not answer; the message names the file."""
    version = champion(open_store(own_store))
    with (own_store / "models" / version / "model.txt").open("a") as file:
        file.write("\n")
    with TestClient(create_app(own_store)) as http:
        answer = http.post("/v1/score", json=EXAMPLE_APPLICATION)
        assert answer.status_code == 503
        assert "model.txt" in answer.json()["error"]
        assert http.get("/v1/health").status_code == 503


def test_every_table_of_the_schemas_can_be_sent():
    """The request has one field for each of the tables, by the same name."""
    assert set(ScoreRequest.model_fields) == set(TABLES)
