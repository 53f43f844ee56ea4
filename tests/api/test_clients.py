"""GET /v1/clients/{id}: the published night, to the last bit, and plain words where there is no answer."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from api import create_app
from explain import READERS, read_typical, reason_texts
from model_store import read_contributions, read_features, read_run, read_scores


@pytest.fixture(scope="module")
def scores(small_store):
    """The published scores."""
    return read_scores(small_store)


def test_the_answer_is_the_published_row(http, small_store, scores):
    """Every published column of a client comes back unchanged, with the run and its date."""
    run = read_run(small_store)
    for client in scores.index[[0, len(scores) // 2, -1]]:
        answer = http.get(f"/v1/clients/{client}")
        assert answer.status_code == 200
        body = answer.json()
        row = scores.loc[client]
        assert body["SK_ID_CURR"] == client
        for name in ("default_probability", "score", "risk_band", "decision", "cut_off", "seen_in_training"):
            assert body[name] == row[name], name
        assert (body["run_id"], body["as_of"]) == (run.run_id, run.as_of.isoformat())
        assert (body["model_version"], body["catalogue_hash"]) == (run.model_version, run.catalogue_hash)
        reasons = [row[f"reason_{rank}"] for rank in range(1, 5) if isinstance(row[f"reason_{rank}"], str)]
        assert [reason["code"] for reason in body["reasons"]] == reasons
        weights = [row[f"reason_{rank + 1}_contribution"] for rank in range(len(reasons))]
        assert [np.float32(reason["contribution"]) for reason in body["reasons"]] == weights


def test_reasons_are_worded_in_both_languages(http, small_store, scores):
    """Titles and sentences are those of the shared wording, in both languages."""
    client = int(scores.index[scores["reason_2"].notna()][0])
    contributions = read_contributions(small_store, clients=[client]).iloc[0]
    values = read_features(small_store, clients=[client]).iloc[0]
    reasons = http.get(f"/v1/clients/{client}").json()["reasons"]
    typical = read_typical(small_store)
    for language in ("en", "fr"):
        expected = reason_texts(contributions, values, typical, "manager", language)
        found = [(reason["title"][language], reason["sentence"][language]) for reason in reasons]
        assert found == [(text.title, text.sentence) for text in expected]


@pytest.mark.parametrize("reader", READERS)
def test_reasons_are_worded_for_the_reader_asked_for(http, small_store, scores, reader):
    """Reasons and strengths are the shared wording for each reader; nobody else's words."""
    client = int(scores.index[0])
    contributions = read_contributions(small_store, clients=[client]).iloc[0]
    values = read_features(small_store, clients=[client]).iloc[0]
    typical = read_typical(small_store)
    body = http.get(f"/v1/clients/{client}?reader={reader}").json()
    for field, side in (("reasons", "against"), ("strengths", "for")):
        expected = reason_texts(contributions, values, typical, reader, "fr", side)
        assert [reason["sentence"]["fr"] for reason in body[field]] == [text.sentence for text in expected]
        assert [reason["code"] for reason in body[field]] == [text.code for text in expected]
    assert body["strengths"]
    assert all(reason["contribution"] < 0 for reason in body["strengths"])


def test_an_unknown_reader_is_refused_with_those_there_are(http, scores):
    """The message names the parameter and the readers."""
    answer = http.get(f"/v1/clients/{scores.index[0]}?reader=neighbour")
    assert answer.status_code == 422
    problem = answer.json()["problems"][0]
    assert problem["column"] == "reader"
    assert "'analyst', 'manager' or 'client'" in problem["reason"]


def test_answers_about_persons_are_not_to_be_stored(http, scores):
    """Caches between the service and the reader are told to keep no copy."""
    assert http.get(f"/v1/clients/{scores.index[0]}").headers["cache-control"] == "no-store"


def test_an_unknown_client_is_a_plain_404(http, scores):
    """The message names the client and the night that does not hold it."""
    answer = http.get(f"/v1/clients/{scores.index.max() + 1}")
    assert answer.status_code == 404
    assert f"holds no client {scores.index.max() + 1}" in answer.json()["error"]


@pytest.mark.parametrize("client", ["0", "-5", "abc", "1.5", "99999999999"])
def test_an_identifier_that_cannot_be_one_is_a_422(http, client):
    """No identifier outside the tables' own range is looked up."""
    answer = http.get(f"/v1/clients/{client}")
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["column"] == "client_id"


def test_an_empty_store_says_what_to_do(tmp_path):
    """Before the first night every room answers 503 with the command to run."""
    with TestClient(create_app(tmp_path)) as http:
        answer = http.get("/v1/clients/100001")
        assert answer.status_code == 503
        assert "pret night" in answer.json()["error"]
        health = http.get("/v1/health")
        assert health.status_code == 503
        assert health.json()["status"] == "unavailable"
        assert len(health.json()["problems"]) == 2
        assert http.get("/v1/model").status_code == 503
        assert http.post("/v1/score", json={"application": {"SK_ID_CURR": 1}}).status_code == 503


def test_a_new_night_counts_at_once(own_store, scores):
    """When published.json names another run, the next answer is that run's; no restart."""
    client = int(scores.index[0])
    runs = own_store / "runs"
    first = read_run(own_store).run_id
    with TestClient(create_app(own_store)) as http:
        assert http.get(f"/v1/clients/{client}").json()["run_id"] == first
        later = runs / "2999-01-01-later"
        shutil.copytree(runs / first, later)
        for shard in (later / "scores").glob("*.parquet"):
            replace_run_id(shard, later.name)
        (own_store / "published.json").write_text(json.dumps({"run_id": later.name, "as_of": "2999-01-01"}))
        assert http.get(f"/v1/clients/{client}").json()["run_id"] == later.name


def replace_run_id(shard, run_id: str) -> None:
    """Rewrite a shard of scores as if another run had written it."""
    table = pq.read_table(shard)
    place = table.schema.get_field_index("run_id")
    column = pa.array([run_id] * table.num_rows, pa.string())
    pq.write_table(table.set_column(place, "run_id", column), shard)
