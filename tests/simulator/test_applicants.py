"""Applications drawn column by column keep what holds between the columns of real ones."""

import numpy as np
import pytest

from simulator.applicants import (
    draw_applicants,
    draw_from,
    name_texts,
    nearest,
    read_trees,
    read_values,
    read_words,
)
from simulator.facts import Coded
from simulator.recipe import STEPS, Step

CLIENTS = 30_000


@pytest.fixture(scope="module")
def train() -> dict[str, np.ndarray]:
    """Clients who came with a known outcome."""
    return draw_applicants(np.random.default_rng(3), np.zeros(CLIENTS, dtype=bool))


@pytest.fixture(scope="module")
def test() -> dict[str, np.ndarray]:
    """Clients who came as test clients."""
    return draw_applicants(np.random.default_rng(4), np.ones(CLIENTS, dtype=bool))


def test_same_seed_same_applicants(train: dict[str, np.ndarray]) -> None:
    """The same random stream gives the same values to the last bit."""
    again = draw_applicants(np.random.default_rng(3), np.zeros(CLIENTS, dtype=bool))
    assert all(np.array_equal(again[name], values, equal_nan=True) for name, values in train.items())


def test_who_has_no_employment_has_no_employer(train: dict[str, np.ndarray]) -> None:
    """The sentinel of DAYS_EMPLOYED, the employer XNA and the missing work phone go together."""
    none = train["DAYS_EMPLOYED"] == 365243
    unnamed = train["ORGANIZATION_TYPE"] == read_words()["ORGANIZATION_TYPE"].index("XNA")
    assert none.mean() == pytest.approx(0.18, abs=0.03)
    assert (none == unnamed).mean() > 0.999


def test_car_age_is_known_of_those_who_have_a_car(train: dict[str, np.ndarray]) -> None:
    """OWN_CAR_AGE is missing where there is no car."""
    has_car = train["FLAG_OWN_CAR"] == read_words()["FLAG_OWN_CAR"].index("Y")
    assert np.isnan(train["OWN_CAR_AGE"][~has_car]).all()
    assert np.isnan(train["OWN_CAR_AGE"][has_car]).mean() < 0.01


def test_region_has_one_rating(train: dict[str, np.ndarray]) -> None:
    """A region's population share goes with one rating, but for a few small regions."""
    regions, ratings = train["REGION_POPULATION_RELATIVE"], train["REGION_RATING_CLIENT"]
    usual = {region: np.median(ratings[regions == region]) for region in np.unique(regions)}
    assert (ratings == np.array([usual[region] for region in regions])).mean() > 0.97


def test_buildings_figures_are_missing_together(train: dict[str, np.ndarray]) -> None:
    """Average, mode and median of a measure are known of the same clients."""
    missing = [np.isnan(train[f"APARTMENTS_{suffix}"]) for suffix in ("AVG", "MODE", "MEDI")]
    assert (missing[0] == missing[1]).mean() > 0.999
    assert (missing[0] == missing[2]).mean() > 0.999


def test_credits_follow_prices(train: dict[str, np.ndarray]) -> None:
    """A revolving loan is the price and costs a twentieth per month; amounts come in steps of 4.5."""
    revolving = train["NAME_CONTRACT_TYPE"] == read_words()["NAME_CONTRACT_TYPE"].index("Revolving loans")
    assert (train["AMT_CREDIT"] == train["AMT_GOODS_PRICE"])[revolving].mean() > 0.97
    assert (np.abs(train["AMT_ANNUITY"] / train["AMT_CREDIT"] - 0.05) < 1e-3)[revolving].mean() > 0.97
    steps = train["AMT_CREDIT"] / 4.5
    assert np.abs(steps - np.rint(steps)).max() < 1e-6


def test_test_clients_differ_as_the_real_ones(
    train: dict[str, np.ndarray], test: dict[str, np.ndarray]
) -> None:
    """Revolving loans are rare among test clients, and their first score is known more often."""
    revolving = read_words()["NAME_CONTRACT_TYPE"].index("Revolving loans")
    shares = [(rows["NAME_CONTRACT_TYPE"] == revolving).mean() for rows in (train, test)]
    assert shares == pytest.approx([0.098, 0.009], abs=0.012)
    missing = [np.isnan(rows["EXT_SOURCE_1"]).mean() for rows in (train, test)]
    assert missing == pytest.approx([0.564, 0.43], abs=0.02)


def test_texts_take_the_place_of_codes(train: dict[str, np.ndarray]) -> None:
    """A text column holds texts, missing where its code is."""
    rows = name_texts({"OCCUPATION_TYPE": train["OCCUPATION_TYPE"][:500]})["OCCUPATION_TYPE"]
    assert isinstance(rows, Coded)
    assert ((rows.codes == -1) == np.isnan(train["OCCUPATION_TYPE"][:500])).all()


def test_every_group_is_a_whole_distribution() -> None:
    """The pieces of a group reach a share of 1 (less what stands for fewer than five clients), and rise."""
    for tree in read_trees().values():
        groups = tree.count > 0
        assert (tree.upto[(tree.first + tree.count - 1)[groups]] > 0.9).all()
        assert (tree.high >= tree.low)[~np.isnan(tree.low)].all()


def test_draw_finds_group_and_place() -> None:
    """The lowest chance gives the group's lowest value; clients of one group with one chance have one value."""
    tree = read_trees()["DAYS_BIRTH"]
    known = np.zeros((3, 400))
    low, middle, same = draw_from(tree, known, np.array([0.0, 0.5, 0.5]))
    assert low < middle == same


@pytest.mark.parametrize(
    "step",
    [Step("a", over="b"), Step("a", beside="b", factor=1.5), Step("a")],
    ids=["ratio", "distance", "itself"],
)
def test_what_is_drawn_can_be_restored(step: Step) -> None:
    """A column is found again from what is drawn of it, also where what it moves with is 0 or missing."""
    rows = {"a": np.array([6.0, 9.0, 0.0, np.nan, 7.0]), "b": np.array([2.0, 4.0, 0.0, 1.0, np.nan])}
    assert np.array_equal(step.restored(step.drawn_from(rows), rows), rows["a"], equal_nan=True)


def test_every_column_of_the_application_is_drawn_once() -> None:
    """The recipe names each column once."""
    names = [step.column for step in STEPS]
    assert len(names) == len(set(names)) == 120


def test_listed_columns_take_listed_values(train: dict[str, np.ndarray]) -> None:
    """The third score and the floors take no value that is not a frequent one."""
    for column in ("EXT_SOURCE_3", "REGION_POPULATION_RELATIVE", "FLOORSMAX_MODE"):
        present = train[column][~np.isnan(train[column])]
        assert np.isin(np.round(present, 9), np.round(read_values()[column], 9)).all()


def test_nearest_value_is_taken() -> None:
    """A value goes to the nearer neighbour, one beyond the ends to the end, and missing stays missing."""
    found = nearest(np.array([1.4, 1.6, 9.0, -1.0, np.nan]), np.array([1.0, 2.0, 4.0]))
    assert np.array_equal(found, [1.0, 2.0, 4.0, 1.0, np.nan], equal_nan=True)
