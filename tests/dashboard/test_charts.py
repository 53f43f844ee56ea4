"""The data behind each plot: counts that add up, rates and intervals that are those of risk.

Belongs here: data functions of dashboard.charts, and that each draws. Does not: how plots look.
"""

import numpy as np
import pandas as pd
import pytest

from dashboard.charts import client as client_charts
from dashboard.charts import cut_off as curves
from dashboard.charts import features as feature_charts
from dashboard.charts import scores as score_charts
from dashboard.charts.place import draw_place, nice_ticks, place_distribution, place_of
from dashboard.data import Book
from dashboard.texts import read_texts
from dashboard.values import words_of
from risk import DECISIONS, RiskBands, ScoreScale, business_cost, wilson_interval

FR = read_texts("fr")


def test_the_score_histogram_counts_every_client_once(book: Book) -> None:
    """Over bins and decisions the counts add up to the decisions' own counts."""
    data = score_charts.score_histogram(book.scores)
    counted = {decision: int(data[decision].sum()) for decision in DECISIONS}
    assert counted == {code: int((book.scores["decision"] == code).sum()) for code in DECISIONS}
    assert (data["high"] - data["low"] == score_charts.SCORE_BIN).all()
    assert len(score_charts.draw_score_histogram(data, 600, FR).renderers) >= 2


def test_the_band_table_is_a_plain_group_by(book: Book, scores: pd.DataFrame) -> None:
    """Clients, mean probability, known outcomes, defaults and Wilson interval per band."""
    data = score_charts.band_table(book.scores, book.targets, book.bands.names).set_index("band")
    grouped = scores.groupby(scores["risk_band"].astype(str))
    for band, group in grouped:
        row = data.loc[band]
        assert row["clients"] == len(group)
        assert row["mean_probability"] == pytest.approx(group["default_probability"].mean())
        assert (row["known"], row["defaults"]) == (group["TARGET"].count(), group["TARGET"].sum())
        low, high = wilson_interval(group["TARGET"].sum(), group["TARGET"].count())
        assert (row["low"], row["high"]) == pytest.approx((float(low), float(high)), nan_ok=True)
    assert data["clients"].sum() == len(scores)


def test_a_band_without_clients_stays_in_its_place() -> None:
    """Bands are shown in their order even where nobody is in one."""
    scores = pd.DataFrame({"risk_band": pd.Categorical(["A", "C"]), "default_probability": [0.01, 0.06]})
    data = score_charts.band_table(scores, pd.Series([0.0, np.nan]), ("A", "B", "C"))
    assert data["clients"].tolist() == [1, 0, 1]
    assert np.isnan(data.loc[1, "mean_probability"])
    assert np.isnan(data.loc[2, "rate"])
    score_charts.draw_band_rates(data, FR)
    score_charts.draw_band_clients(data, FR)


def test_the_curve_at_a_cut_off_is_what_risk_measures_there(book: Book) -> None:
    """Between two points of the curve the decisions are those of the next one."""
    target, probability = book.outcomes()
    curve = book.cost_curve(10.0)
    for cut_off in (0.0, 0.03, book.cut_off, 0.2, 0.9, 1.0):
        at = curves.at_cut_off(curve, cut_off)
        assert at.cost_per_client == pytest.approx(business_cost(target, probability, cut_off))
        assert at.accepted_share == pytest.approx(np.mean(probability < cut_off))
    data = curves.curve_table(curve)
    assert len(data) <= curves.POINTS
    for measure in curves.MEASURES:
        curves.draw_measure(data, measure, book.cut_off, curves.at_cut_off(curve, 0.2), FR)


def test_each_cohorts_histogram_adds_up_to_one(book: Book) -> None:
    """Shares are of the cohort, whatever its size; an empty cohort is all zero."""
    half = np.arange(len(book.scores)) % 2 == 0
    data = score_charts.cohort_histogram(book.scores, {"a": half, "b": np.zeros_like(half)})
    assert data["a"].sum() == pytest.approx(1)
    assert data["b"].sum() == 0
    score_charts.draw_cohort_histogram(data, 600, FR)


def test_a_feature_with_one_value_or_none_can_still_be_drawn() -> None:
    """Constant and all-missing columns happen; they give one bin or nothing, never an error."""
    everyone = {"a": np.ones(4, dtype=bool)}
    words = words_of("app_income", FR)
    for values in (
        np.full(4, 7, np.float32),
        np.full(4, np.nan, np.float32),
        np.array([0, 0, 0, 9], np.float32),
    ):
        data = feature_charts.numeric_distribution(values, everyone)
        assert data["a"].sum() == pytest.approx(0 if np.isnan(values).all() else 1)
        feature_charts.draw_numeric(data, {"a": ("A", "#0072b2")}, words)
        rates = feature_charts.rate_by_bin(values, np.array([0.0, 1.0, np.nan, 0.0]))
        assert rates["clients"].sum() == 4
        feature_charts.draw_rate(rates, 0.1, words)


def test_rates_by_bin_count_every_client_and_put_missing_last() -> None:
    """Bins hold everyone once; the missing ones have a bin of their own; unknown outcomes are not counted."""
    rng = np.random.default_rng(3)
    values = np.where(rng.random(2000) < 0.1, np.nan, rng.gamma(2, 3, 2000)).astype(np.float32)
    targets = np.where(rng.random(2000) < 0.2, np.nan, (rng.random(2000) < 0.1).astype(float))
    data = feature_charts.rate_by_bin(values, targets)
    assert data["clients"].sum() == 2000
    assert data["known"].sum() == np.count_nonzero(~np.isnan(targets))
    assert data["defaults"].sum() == np.nansum(targets)
    last = data.iloc[-1]
    assert np.isnan(last["low"])
    assert last["clients"] == np.isnan(values).sum()
    inner = data.iloc[:-1]
    for low, high, clients, place in zip(
        inner["low"], inner["high"], inner["clients"], range(len(inner)), strict=True
    ):
        inside = (values <= np.float32(high)) & ((values > np.float32(low)) | (place == 0))
        assert np.count_nonzero(inside) == clients


def test_rates_by_category_follow_the_declared_order() -> None:
    """One bin per category with anybody in it, named by its label."""
    values = np.array([0, 0, 2, np.nan], dtype=np.float32)
    data = feature_charts.rate_by_bin(values, np.array([1.0, 0.0, 0.0, 1.0]), ("x", "y", "z"))
    assert data["category"].tolist() == ["x", "z", ""]
    assert data["rate"].tolist() == [0.5, 0.0, 1.0]


def test_the_clients_place_counts_smaller_values() -> None:
    """Below and equal are shares of the known values."""
    values = np.array([1, 2, 2, 4, np.nan], dtype=np.float32)
    place = place_of(values, 2.0)
    assert (place.below, place.equal) == (0.25, 0.5)
    data = place_distribution(values, values > 1, ())
    assert data["accepted"].sum() == pytest.approx(1)
    for value in (2.0, 99.0, float("nan")):
        drawn = draw_place(data, place_of(values, value), words_of("app_income", FR))
        assert ('class="client"' in drawn) == (value == value)
    education = words_of("app_education", FR)
    data = place_distribution(values, values > 1, education.categories)
    assert education.categories[2] in draw_place(data, place_of(values, 2.0), education)


def test_ticks_are_round_and_inside() -> None:
    """Zero to 33 is told by 0, 10, 20, 30; small and negative ranges work alike."""
    assert nice_ticks(0, 33) == [0, 10, 20, 30]
    assert nice_ticks(-0.5, 0.5) == [-0.4, -0.2, 0.0, 0.2, 0.4]


def test_the_strongest_weights_come_first_whatever_their_sign() -> None:
    """Order is by size, ties by the order given; the client's values go with them."""
    weights = pd.Series({"app_age": 0.1, "app_income": -0.5, "app_credit": 0.5})
    data = client_charts.strongest(weights, pd.Series({"app_age": 40.0, "app_income": 1000.0}), 2)
    assert data["feature"].tolist() == ["app_income", "app_credit"]
    assert np.isnan(data["value"].iloc[1])


@pytest.mark.parametrize("score", [0, 588, 1000])
def test_the_ruler_joins_the_bands_without_gaps(score: int) -> None:
    """From risky to safe every point of the ruler is in one band; client and cut-off lie on it."""
    data = client_charts.score_ruler(score, 0.08, ScoreScale(), RiskBands())
    assert data["left"].iloc[-1] == pytest.approx(0)
    assert data["right"].iloc[0] == pytest.approx(100)
    assert np.allclose(data["left"].to_numpy()[:-1], data["right"].to_numpy()[1:])
    assert 0 <= data.attrs["score"] <= 100
    assert 0 <= data.attrs["cut_off"] <= 100
