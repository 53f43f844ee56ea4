"""The published figures: one function for the night and the service, the same for one client as for many."""

import numpy as np
import pytest

from explain import answer_clients


@pytest.fixture(scope="module")
def many(tiny_model, tiny_catalogue):
    """Answers for 200 clients at once."""
    return answer_clients(tiny_model, tiny_model.background, catalogue=tiny_catalogue)


def test_one_client_alone_gets_the_same_bits(tiny_model, tiny_catalogue, many):
    """Every figure of a client is bit-identical alone and among 200, whatever the number of threads."""
    for row in (0, 57, 199):
        one = tiny_model.background.iloc[[row]]
        alone = answer_clients(tiny_model, one, threads=1, catalogue=tiny_catalogue)
        assert alone.probability[0] == many.probability[row]
        assert np.array_equal(alone.contributions[0], many.contributions[row])
        assert alone.reasons.codes[0].tolist() == many.reasons.codes[row].tolist()
        assert (alone.score[0], alone.band[0], alone.decision[0]) == (
            many.score[row],
            many.band[row],
            many.decision[row],
        )


def test_figures_belong_together(tiny_model, many):
    """Contributions sum to the raw score behind the probability; the decision follows the cut-off."""
    raw = many.contributions.sum(axis=1)
    np.testing.assert_allclose(tiny_model.calibration.probability(raw), many.probability, atol=1e-12)
    assert np.array_equal(many.decision == "decline", many.probability >= tiny_model.cut_off)
    assert np.array_equal(many.score, tiny_model.scale.score(many.probability))


def test_an_out_of_fold_probability_is_published_where_there_is_one(tiny_model, tiny_catalogue, many):
    """Score, band and decision follow the given probability; reasons stay the model's; NaN keeps its own."""
    given = np.full(200, np.nan)
    given[3] = 0.9
    found = answer_clients(tiny_model, tiny_model.background, given, catalogue=tiny_catalogue)
    assert (found.probability[3], found.decision[3]) == (0.9, "decline")
    assert found.score[3] == tiny_model.scale.score(np.array([0.9]))[0]
    assert np.array_equal(np.delete(found.probability, 3), np.delete(many.probability, 3))
    assert found.reasons.codes.tolist() == many.reasons.codes.tolist()


def test_a_probability_of_another_length_is_refused(tiny_model):
    """The error names both shapes."""
    with pytest.raises(ValueError, match=r"shape \(2,\), expected \(200,\)"):
        answer_clients(tiny_model, tiny_model.background, np.zeros(2))
