"""The service itself: health, the model's description, an OpenAPI page that a bank can open."""

import json
import re
import socket
import subprocess
import sys

import httpx2

from explain import READERS
from model_store import champion, load, open_store, read_run


def test_health_names_what_is_served(http, small_store):
    """A healthy service says which night and which model it answers with."""
    answer = http.get("/v1/health")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "ok"
    assert body["run_id"] == read_run(small_store).run_id
    assert body["model_version"] == champion(open_store(small_store))
    assert body["problems"] == []


def test_the_model_is_described_as_saved(http, small_store):
    """The description holds the champion's own figures, in JSON without NaN."""
    model = load(str(small_store))
    answer = http.get("/v1/model")
    body = json.loads(answer.text, parse_constant=lambda name: f"not JSON: {name}")
    assert body["features"] == list(model.feature_names)
    assert (body["cut_off"], body["fn_cost"], body["fp_cost"]) == (
        model.cut_off,
        model.fn_cost,
        model.fp_cost,
    )
    assert body["risk_bands"] == dict(zip(model.bands.names, model.bands.upper_bounds, strict=True))
    assert "not JSON" not in json.dumps(body)


def test_the_openapi_page_loads_nothing_from_outside(http):
    """The page and everything it links to come from the service."""
    page = http.get("/docs")
    assert page.status_code == 200
    links = re.findall(r"(?:src|href)=\"([^\"]+)\"", page.text)
    assert links
    assert not [link for link in links if "//" in link]
    for link in links:
        assert http.get(link).status_code == 200
    assert "https://" not in page.text
    assert '"validatorUrl": null' in page.text


def test_every_path_and_field_is_documented(http):
    """Each path of the OpenAPI document has a description and states its refusals."""
    paths = http.get("/openapi.json").json()["paths"]
    questions = ("", "/what-if", "/ways", "/similar", "/explanation")
    asked = {f"/v1/clients/{{client_id}}{question}" for question in questions}
    assert set(paths) == asked | {"/v1/score", "/v1/ways", "/v1/health", "/v1/model"}
    for path, methods in paths.items():
        for operation in methods.values():
            assert operation["description"], path
            assert "503" in operation["responses"], path


def test_the_reader_of_the_sentences_has_an_example(http):
    """Both decisions take a reader, documented with its three values and an example."""
    paths = http.get("/openapi.json").json()["paths"]
    for operation in (paths["/v1/clients/{client_id}"]["get"], paths["/v1/score"]["post"]):
        reader = next(field for field in operation["parameters"] if field["name"] == "reader")
        assert reader["schema"]["enum"] == list(READERS)
        assert reader["schema"]["examples"] == ["client"]
        assert all(name in reader["schema"]["description"] for name in READERS)


def test_the_service_runs_as_a_process_of_its_own(small_store):
    """`python -m api` listens on the given port and answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "api", "--store", str(small_store), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            assert any("Uvicorn running" in line for line in server.stderr)
            assert httpx2.get(f"http://127.0.0.1:{port}/v1/health", timeout=20).status_code == 200
        finally:
            server.terminate()
