"""GET /v1/clients/{id}/explanation: LIME with its proof, the numbers that the library and the dashboard give."""

import numpy as np
import pytest

from explain import explain_with_lime, own_reference
from model_store import load, read_features, read_scores


@pytest.fixture(scope="module")
def client(small_store):
    """One published client."""
    return int(read_scores(small_store, columns=["score"]).index[11])


@pytest.mark.parametrize("against", ["base", "accepted"])
def test_the_answer_is_the_librarys(http, small_store, client, against):
    """Weights, exact contributions, figures and verdict are those of explain_with_lime on the night's features."""
    model = load(str(small_store))
    reference = own_reference(model, against)
    found = explain_with_lime(model, read_features(small_store, clients=[client]), reference, seed=5)
    answer = http.get(f"/v1/clients/{client}/explanation", params={"against": against, "seed": 5})
    assert answer.status_code == 200
    body = answer.json()
    assert [one["feature"] for one in body["weights"]] == list(found.features)
    assert [one["weight"] for one in body["weights"]] == found.weights.tolist()
    assert [one["shap"] for one in body["weights"]] == found.shap.tolist()
    assert [one["value"] is None for one in body["weights"]] == np.isnan(found.values).tolist()
    assert (body["reliable"], body["reference_size"], body["seed"]) == (
        found.reliable,
        found.reference_size,
        5,
    )
    assert [one["code"] for one in body["limits_not_met"]] == list(found.why)
    for language in ("en", "fr"):
        assert body["verdict"][language] == found.verdict(language)
        assert [one["label"][language] for one in body["quality"]] == [
            q.label for q in found.quality(language)
        ]
    assert {one["code"]: one["value"] for one in body["quality"]}["r2"] == found.r2


def test_similar_clients_are_another_cohort(http, client):
    """The 256 nearest clients stand for themselves, and the answer names them."""
    body = http.get(f"/v1/clients/{client}/explanation", params={"against": "similar"}).json()
    assert (body["against"], body["members"], body["reference_size"]) == ("similar", 256, 256)
    assert body["against_named"]["en"] == "similar clients"


def test_what_cannot_be_answered_is_told(http):
    """An unknown client is a 404, an unknown cohort a 422 that names the known ones."""
    assert http.get("/v1/clients/7/explanation").status_code == 404
    refused = http.get("/v1/clients/7/explanation", params={"against": "friends"})
    assert refused.status_code == 422
    assert "'base', 'accepted' or 'similar'" in refused.text
