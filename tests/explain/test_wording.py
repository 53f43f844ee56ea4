"""What is told of a client's reasons: chosen for truth, worded for three readers in two languages."""

import numpy as np
import pandas as pd
import pytest

from explain import READERS, Typical, reason_texts, typical_of, typical_of_model, word_reasons
from explain.reasons.phrases import PERSONAL, client_words
from explain.reasons.spoken import choose, on_risky_side, on_safe_side
from explain.reasons.typical import FEWEST, CohortTooSmall, require_members
from features import CATALOGUE, Formats, group_title

LATE, SPREAD, EARLY = "inst_late_share", "inst_days_to_due_std", "inst_days_early_mean"
USUAL = Typical("accepted", 5000, {LATE: 0.02, SPREAD: 8.0, EARLY: 9.0, "app_age": 43.0, "app_income": 1.5e5})


def told(contributions: dict[str, float], values: dict[str, float], **options) -> list[str]:
    """The sentences of one client."""
    own = pd.Series({**contributions, "expected_value": -2.0})
    return [text.sentence for text in reason_texts(own, pd.Series(values, dtype=float), USUAL, **options)]


def test_a_value_on_the_risky_side_is_stated_as_a_fact():
    """Where the client's value is beyond the usual one, each reader is told so in their own words."""
    own, values = {LATE: 0.30, SPREAD: 0.10}, {LATE: 0.34, SPREAD: 12.0}
    assert told(own, values, reader="analyst") == [
        "Share of instalments paid late or not at all: 34% (median of accepted clients: 2%); "
        "+0.30 in log-odds, +0.40 for the whole group."
    ]
    assert told(own, values, reader="manager", language="fr") == [
        "Des mensualités ont été payées en retard ou sont restées impayées plus souvent que d’ordinaire. Part des "
        "mensualités payées en retard ou restées impayées\u00a0: 34\u00a0%, contre 2\u00a0% d’ordinaire."
    ]
    assert told(own, values, reader="client", language="fr") == [
        "Une ou plusieurs mensualités de vos crédits précédents n’ont pas été payées à leur échéance."
    ]


def test_nothing_wrong_is_said_of_a_client_whose_value_is_better_than_usual():
    """Raised risk with 1 % of late instalments (an interaction): the group is told, late payments are not."""
    own, values = {LATE: 0.30, SPREAD: 0.10}, {LATE: 0.01, SPREAD: 12.0}
    assert told(own, values, reader="manager") == [
        "Share of instalments paid late or not at all: 1%, against 2% usually; "
        "this weighed together with other points."
    ]
    assert told(own, values, reader="client") == [
        client_words("LATE_INSTALMENTS").outcomes["against"]["en"],
    ]


def test_what_cannot_be_told_apart_is_not_called_more():
    """2.01 % and 2.0 % read the same, so nobody is told that one is more than the other."""
    assert not on_risky_side(CATALOGUE[LATE], 0.0201, 0.02)
    assert on_risky_side(CATALOGUE[LATE], 0.0212, 0.02)
    assert not on_safe_side(CATALOGUE[LATE], 0.0199, 0.02)


def test_direction_decides_which_side_is_risky():
    """Lower is riskier for days paid in advance; a flag is its risky answer; without a direction nothing is."""
    assert on_risky_side(CATALOGUE[EARLY], 2.0, 9.0)
    assert on_safe_side(CATALOGUE[EARLY], 20.0, 9.0)
    assert on_risky_side(CATALOGUE["app_owns_car"], 0.0, 0.0)
    assert on_safe_side(CATALOGUE["app_owns_car"], 1.0, 0.0)
    assert not on_risky_side(CATALOGUE[SPREAD], 20.0, 8.0)
    assert not on_risky_side(CATALOGUE[LATE], np.nan, 0.02)
    assert not on_risky_side(CATALOGUE[LATE], 0.5, np.nan)


def test_a_fact_that_carries_little_is_not_named():
    """A tenth of what raised the risk is not its reason, true as it may be."""
    own, values = {LATE: 0.03, SPREAD: 0.30}, {LATE: 0.34, SPREAD: 12.0}
    sentence = told(own, values, reader="client")[0]
    assert sentence == client_words("LATE_INSTALMENTS").outcomes["against"]["en"]
    topic = told(own, values, reader="manager")[0]
    assert topic.startswith("A point that weighed: how regularly instalments were paid. Spread of the days")


def test_features_that_tell_the_same_fact_count_together():
    """Two windows of late instalments carry the fact that neither carries alone; the stronger one is shown."""
    usual = Typical("accepted", 100, dict.fromkeys((LATE, f"{LATE}_365d", SPREAD), 0.0))
    own = pd.Series({LATE: 0.10, f"{LATE}_365d": 0.12, SPREAD: 0.50})
    values = pd.Series({LATE: 0.3, f"{LATE}_365d": 0.3, SPREAD: 1.0})
    spoken = choose("LATE_INSTALMENTS", 0.72, own, values, usual, CATALOGUE)
    assert (spoken.kind, spoken.feature.name, spoken.fact.code) == ("fact", f"{LATE}_365d", "late")
    alone = choose("LATE_INSTALMENTS", 0.62, own.drop(LATE), values, usual, CATALOGUE)
    assert (alone.kind, alone.feature.name, alone.fact) == ("together", SPREAD, None)


def test_missing_information_is_said_to_be_missing():
    """A reason that comes of a missing value says so to every reader, with no value of anybody else."""
    own = {LATE: 0.30}
    assert told(own, {}, reader="manager") == [
        "Share of instalments paid late or not at all: not known for this client; "
        "the lack of this information weighed."
    ]
    assert told(own, {}, reader="client") == [client_words("LATE_INSTALMENTS").outcomes["unknown"]["en"]]
    assert "not known (median of accepted clients: 2%)" in told(own, {}, reader="analyst")[0]


def test_what_speaks_for_a_client_is_told_as_well():
    """Groups that lower the risk are told too; of missing information alone the client hears nothing."""
    own = {LATE: -0.30, "app_income": -0.10}
    values = {LATE: 0.0, "app_income": 1.2e5}
    assert told(own, values, side="for") == [
        "Share of instalments paid late or not at all: 0%, against 2% usually; this speaks for the client.",
        "Declared income: 120,000, against 150,000 usually; "
        "together with other points, this speaks for the client.",
    ]
    assert len(told(own, values, side="for", reader="client")) == 2
    assert told(own, {"app_income": 1.2e5}, side="for", reader="client", language="fr") == [
        "Ce que nous savons de vos revenus a joué en votre faveur."
    ]
    unknown = told(own, {}, side="for", language="fr")[0]
    assert unknown.endswith("information absente pour ce client\u00a0; ici, cette absence lui est favorable.")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_protected_characteristic_is_never_named_to_the_client(language):
    """Age as the top reason keeps its rank, and two personal groups are told once, without a name."""
    own = pd.Series({"app_age": 0.9, "app_children": 0.5, LATE: 0.2})
    values = pd.Series({"app_age": 21.0, "app_children": 2.0, LATE: 0.3})
    client = reason_texts(own, values, USUAL, "client", language)
    assert [text.code for text in client] == [PERSONAL, "LATE_INSTALMENTS"]
    assert client[0].sentence == Formats(language).sentence(client_words("AGE").outcomes["against"][language])
    assert client[0].title == {"en": "Your personal situation", "fr": "Votre situation personnelle"}[language]
    manager = reason_texts(own, values, USUAL, "manager", language)
    assert [text.code for text in manager] == ["AGE", "HOUSEHOLD", "LATE_INSTALMENTS"]
    warning = {"en": "Do not name this point to the client", "fr": "Ne citez pas ce point au client"}[
        language
    ]
    assert [warning in text.sentence for text in manager] == [True, True, False]


def test_other_persons_are_not_spoken_of():
    """Payments of acquaintances are theirs: no fact for the client, a word of warning for the manager."""
    own, values = {"app_circle_defaults_30d": 0.3}, {"app_circle_defaults_30d": 2.0}
    usual = Typical("accepted", 100, {"app_circle_defaults_30d": 0.0})
    arguments = pd.Series(own), pd.Series(values), usual
    assert reason_texts(*arguments, "client")[0].fact == ""
    assert reason_texts(*arguments, "manager")[0].sentence.endswith("it is about other persons.")


def test_codes_of_a_night_are_worded_as_they_are():
    """Published codes keep their order and contributions, whatever the stored contributions would give."""
    own = pd.Series({LATE: 0.05, "app_income": 0.40})
    codes, sums = ["LATE_INSTALMENTS", "INCOME", None], [0.7, 0.1, np.nan]
    texts = word_reasons(codes, sums, own, own, USUAL)
    assert [(text.code, text.contribution) for text in texts] == [("LATE_INSTALMENTS", 0.7), ("INCOME", 0.1)]
    assert texts[0].title == group_title("LATE_INSTALMENTS")
    assert texts[0].sentence != texts[1].sentence


def test_a_group_whose_weights_are_rounded_away_is_still_told():
    """A published sum whose stored parts are all 0 gets a sentence rather than an error."""
    own = pd.Series({LATE: 0.0, SPREAD: -0.0})
    assert word_reasons(["LATE_INSTALMENTS"], [0.006], own, own, USUAL)[0].sentence.endswith(".")


def test_an_unknown_reader_or_language_is_refused():
    """The error names what was asked for and what there is."""
    own = pd.Series({LATE: 0.1})
    with pytest.raises(ValueError, match="'neighbour'; expected one of analyst, manager, client"):
        reason_texts(own, own, USUAL, "neighbour")
    with pytest.raises(ValueError, match="'de'; expected one of en, fr"):
        reason_texts(own, own, USUAL, "client", "de")
    assert READERS == ("analyst", "manager", "client")


def test_usual_values_are_medians_and_most_frequent_answers():
    """Of numbers the median, of flags and categories the most frequent, among those who have a value."""
    frame = pd.DataFrame(
        {
            "app_income": [1.0, 2.0, 30.0, np.nan],
            "app_owns_car": [1.0, 0.0, 0.0, np.nan],
            "app_occupation": [3.0, 3.0, 1.0, np.nan],
            "app_car_age": [np.nan] * 4,
            "moon_phase": [1.0] * 4,
        }
    )
    usual = typical_of(frame, "chosen")
    assert (usual.cohort, usual.clients) == ("chosen", 4)
    assert [usual.of(name) for name in ("app_income", "app_owns_car", "app_occupation")] == [2.0, 0.0, 3.0]
    assert np.isnan(usual.of("app_car_age"))
    assert np.isnan(usual.of("moon_phase"))


def test_a_cohort_too_small_to_compare_with_is_refused():
    """The error says how many clients it has and how many it needs."""
    require_members(FEWEST)
    with pytest.raises(CohortTooSmall, match=r"has 29 clients, too few .* \(at least 30\)"):
        require_members(FEWEST - 1)


def test_a_model_brings_clients_to_compare_with(tiny_model):
    """Without a night the version's own reference clients say what is usual: those it would accept."""
    accepted = tiny_model.decide(tiny_model.probability(tiny_model.background)) == "accept"
    expected = typical_of(tiny_model.background[accepted], "reference")
    found = typical_of_model(tiny_model)
    assert found.clients == int(accepted.sum()) >= FEWEST
    assert found.values == pytest.approx(expected.values, nan_ok=True)
