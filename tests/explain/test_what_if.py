"""Other values are answered as a night would, with a warning where the model has seen nothing like them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from night import Night

from explain import Seen, UnusableChanges, case_of_tables, columns_to_ask, typical_of_model, what_if
from explain.seen import SPACE
from features import CATALOGUE, build_features


@pytest.fixture(scope="module")
def unseen(night: Night) -> int:
    """A client whose outcome the model never saw."""
    return int(night.scores.index[~night.scores["seen_in_training"]][0])


def test_no_changes_give_the_published_answer(night: Night) -> None:
    """Asked with no other value, the figures are those of the night, for seen and unseen clients alike."""
    for client in night.scores.index[::300].tolist():
        found = what_if(night.case(client), night.seen, {})
        published = night.scores.loc[client]
        assert float(found.after.probability[0]) == pytest.approx(published["default_probability"], abs=1e-12)
        assert int(found.after.score[0]) == published["score"]
        assert found.after.reasons.codes[0][0] == published["reason_1"]
        assert (found.moved, found.unusual, found.far) == ((), (), False)


def test_other_values_are_what_another_application_gives(night: Night, unseen: int) -> None:
    """The answer is the bits of building and scoring the changed application as one of a client nobody knows."""
    case = night.case(unseen)
    found = what_if(case, night.seen, {"AMT_CREDIT": 200_000, "NAME_EDUCATION_TYPE": "Higher education"})
    application = case.application.assign(AMT_CREDIT=200_000.0, NAME_EDUCATION_TYPE="Higher education")
    other = case_of_tables(night.model, {**case.tables, "application": application})
    assert found.after.probability[0] == other.answers.probability[0]
    assert "app_credit_to_income" in found.moved
    pd.testing.assert_series_equal(found.features, build_features(other.tables).iloc[0], check_names=False)


def test_what_changes_is_added_to_the_out_of_fold_probability(night: Night) -> None:
    """Of a client whose outcome trained the model, the model's own log-odds move, from where was published."""
    client = int(night.scores.index[night.scores["seen_in_training"]][0])
    case = night.case(client)
    found = what_if(case, night.seen, dict.fromkeys(("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"), 0.001))
    own = night.model.probability(pd.concat([case.features, found.features.to_frame().T]))

    def log_odds(probability: float) -> float:
        return float(np.log(probability / (1 - probability)))

    moved = log_odds(float(found.after.probability[0])) - log_odds(float(found.before.probability[0]))
    assert moved == pytest.approx(log_odds(own[1]) - log_odds(own[0]), abs=1e-9)
    assert moved > 0


def test_reasons_follow_the_values(night: Night, unseen: int) -> None:
    """With external scores at the bottom, they are the first reason, in both languages."""
    found = what_if(night.case(unseen), night.seen, dict.fromkeys(("EXT_SOURCE_2", "EXT_SOURCE_3"), 0.001))
    usual = typical_of_model(night.model)
    english, french = (found.reason_texts(usual, "client", language)[0] for language in ("en", "fr"))
    assert english.code == french.code == "EXTERNAL_SCORES"
    assert english.title != french.title
    assert found.after.probability[0] > found.before.probability[0]


def test_values_the_model_has_never_seen_are_told(night: Night, unseen: int) -> None:
    """An income of nobody, employment longer than life: unheard-of values, and a combination far from everyone."""
    found = what_if(night.case(unseen), night.seen, {"AMT_INCOME_TOTAL": 9e9, "DAYS_EMPLOYED": -30_000})
    places = {one.feature: one.place for one in found.unusual}
    assert places["app_income"] == places["app_employed"] == "outside"
    assert [one.place for one in found.unusual] == sorted(places.values())
    assert found.far


def test_usual_values_that_do_not_go_together_are_told(night: Night, unseen: int) -> None:
    """A large credit with a tiny instalment: both are met, but with each other they are not."""
    amounts = night.seen.features[["app_credit", "app_annuity"]].quantile([0.02, 0.98])
    changes = {
        "NAME_CONTRACT_TYPE": "Cash loans",
        "AMT_CREDIT": float(amounts["app_credit"].iloc[1]),
        "AMT_GOODS_PRICE": float(amounts["app_credit"].iloc[1]),
        "AMT_ANNUITY": float(amounts["app_annuity"].iloc[0]),
    }
    found = what_if(night.case(unseen), night.seen, changes)
    assert {"app_credit", "app_annuity"} & {one.feature for one in found.unusual} == set()
    assert found.far


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"AMT_CREDITS": 1}, "AMT_CREDITS", "is no column of the application"),
        ({"CODE_GENDER": "F"}, "CODE_GENDER", "is a protected characteristic, which no model reads"),
        ({"FLAG_MOBIL": 0}, "FLAG_MOBIL", "is read by no feature"),
        ({"TARGET": 0}, "TARGET", "is read by no feature"),
        ({"SK_ID_CURR": 5}, "SK_ID_CURR", "is read by no feature"),
        ({"AMT_CREDIT": "much"}, "AMT_CREDIT", "expected a number (amount): 'much'"),
        ({"AMT_CREDIT": -5}, "AMT_CREDIT", "out of range [0, inf]"),
        ({"NAME_EDUCATION_TYPE": "PhD"}, "NAME_EDUCATION_TYPE", "'PhD' is none of its categories: "),
        ({"NAME_EDUCATION_TYPE": 3}, "NAME_EDUCATION_TYPE", "3 is none of its categories"),
    ],
)
def test_unusable_values_are_named(
    night: Night, unseen: int, changes: dict[str, object], column: str, reason: str
) -> None:
    """What cannot be asked about is refused by column with what was expected."""
    with pytest.raises(UnusableChanges) as refused:
        what_if(night.case(unseen), night.seen, changes)  # type: ignore[arg-type] # some on purpose
    assert refused.value.problems[0][0] == column
    assert reason in refused.value.problems[0][1]
    assert str(refused.value).startswith(f"{column}: ")


def test_every_column_that_can_be_asked_about_is_read_by_a_feature() -> None:
    """What can be asked about moves something, and is never the client, the outcome or gender."""
    columns = columns_to_ask()
    assert {"AMT_CREDIT", "NAME_INCOME_TYPE", "DAYS_BIRTH"} <= set(columns)
    assert not {"SK_ID_CURR", "TARGET", "CODE_GENDER"} & set(columns)
    assert set(columns) <= {column for feature in CATALOGUE for column in feature.columns}


def seen_of(**columns: list[float]) -> Seen:
    """Training clients with some values; every other feature of the space is 1."""
    count = len(next(iter(columns.values())))
    frame = pd.DataFrame({name: np.ones(count) for name in SPACE} | columns, index=range(10, 10 + count))
    return Seen.of(frame.astype(np.float32))


def test_values_are_usual_rare_or_outside() -> None:
    """The outermost half per cent is rare, beyond the last client is outside; categories go by their share."""
    seen = seen_of(
        app_age=[float(age) for age in range(1000)],
        app_housing=[0.0] * 998 + [3.0] + [np.nan],
    )
    ages = seen.range_of("app_age")
    assert [ages.place(value) for value in (500.0, 2.0, 997.0, -1.0, 1000.0)] == [
        "usual", "rare", "rare", "outside", "outside"
    ]  # fmt: skip
    assert ages.place(np.nan) == "outside"
    housing = seen.range_of("app_housing")
    assert [housing.place(value) for value in (0.0, 3.0, np.nan, 1.0)] == ["usual", "rare", "rare", "outside"]


def test_distance_is_to_the_fifth_nearest_other_client() -> None:
    """On a line of clients one apart, the fifth nearest other one is three away in the middle, five at the end."""
    seen = seen_of(app_age=[float(age) for age in range(100)])
    unit = seen.space.scale[list(seen.space.names).index("app_age")]
    rows = seen.features.iloc[[50, 0]]
    np.testing.assert_allclose(seen.space.distance(rows, rows.index.to_numpy()) * unit, [3.0, 5.0], rtol=1e-4)
    stranger = seen.distance(rows, client=1) * unit
    np.testing.assert_allclose(stranger, [2.0, 4.0], rtol=1e-4)


def test_nobody_is_compared_with_nobody() -> None:
    """A handful of training clients, without a fifth nearest for each, says nothing of what is usual."""
    with pytest.raises(ValueError, match="5 training clients say nothing of what is usual; give more than 5"):
        seen_of(app_age=[1.0, 2.0, 3.0, 4.0, 5.0])
