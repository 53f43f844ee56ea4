"""Who is the same person, and folds that keep a person together."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import CATALOGUE, Catalogue, build_features
from training.folds import assign_folds
from training.persons import count_shared, people_of


def applications(rows: list[tuple[float, float, float, float]]) -> pd.DataFrame:
    """Features in years from days: age, registration age, document age, and a gender code."""
    days = pd.DataFrame(rows, columns=["app_age", "app_registration_age", "app_id_age", "app_gender"])
    days[days.columns[:3]] /= 365.25
    return days.astype("float32").set_axis(range(len(rows)))


def test_dates_that_keep_their_distance_are_one_person() -> None:
    """Example: the second application is the first's 123 days earlier; others differ in one date or in gender.

    born  registered  document  gender
    15000       4000      2000       0   the same person
    14877       3877      1877       0   123 days earlier
    15000       4000      2001       0   another document
    15000       4000      2000       1   another gender
    15000       4000       NaN       0   a date is missing: nobody knows
    15000       4000       NaN       0
    """
    nothing = float("nan")
    people = people_of(
        applications(
            [
                (15000, 4000, 2000, 0),
                (14877, 3877, 1877, 0),
                (15000, 4000, 2001, 0),
                (15000, 4000, 2000, 1),
                (15000, 4000, nothing, 0),
                (15000, 4000, nothing, 0),
            ]
        )
    )
    assert people[0] == people[1]
    assert len(set(people.tolist())) == 5


def test_without_dates_everybody_is_somebody_else() -> None:
    """A catalogue without these features: each client is a person."""
    assert people_of(pd.DataFrame({"x": [1.0, 1.0, 1.0]})).tolist() == [0, 1, 2]
    assert count_shared(pd.DataFrame({"x": [1.0, 1.0]}), 0).pairs == 0


def test_chance_is_told_apart_from_people() -> None:
    """2,000 clients of whom 300 apply twice: all pairs are found, and hardly one once dates are dealt anew."""
    rng = np.random.default_rng(0)
    first = rng.integers([8000, 0, 0, 0], [25000, 8000, 6000, 2], (2000, 4))
    second = first[:300] - np.column_stack(
        [np.repeat(rng.integers(1, 90, 300)[:, None], 3, axis=1), np.zeros(300)]
    )
    found = count_shared(applications([*first.tolist(), *second.tolist()]), seed=1)
    assert (found.clients, found.people, found.pairs, found.sharing_clients) == (2300, 2000, 300, 600)
    assert found.chance_pairs <= 5


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.integers(3, 6))
def test_a_person_lies_in_one_fold(seed: int, folds: int) -> None:
    """Whoever applies up to four times: one fold, all folds of nearly the same size and default rate."""
    rng = np.random.default_rng(seed)
    people = rng.integers(0, 400, 800)
    target = (rng.random(800) < 0.2).astype(np.int8)
    fold = assign_folds(target, folds, seed, people)
    assert pd.Series(fold).groupby(people).nunique().max() == 1
    size, defaults = np.bincount(fold), np.bincount(fold, weights=target)
    assert np.ptp(size) <= 0.15 * size.mean()
    assert np.ptp(defaults) <= 0.3 * defaults.mean()
    assert np.array_equal(fold, assign_folds(target, folds, seed, people))


def test_folds_do_not_depend_on_the_numbers_of_people() -> None:
    """Another seed draws other folds; each person being alone is the same as no people given."""
    target = (np.arange(300) % 7 == 0).astype(np.int8)
    assert np.array_equal(assign_folds(target, 5, 3), assign_folds(target, 5, 3, np.arange(300)))
    assert not np.array_equal(assign_folds(target, 5, 3), assign_folds(target, 5, 4))


@pytest.mark.sample
def test_people_apply_more_than_once_in_the_real_rows(applications_file: Path) -> None:
    """Among 53,471 real applications, a twentieth and more share a person; chance hardly makes any."""
    dates = Catalogue(
        [CATALOGUE[name] for name in ("app_age", "app_registration_age", "app_id_age", "app_gender")]
    )
    application = pd.read_csv(
        applications_file, usecols=["SK_ID_CURR", *sorted(dates.columns["application"][1:])]
    )
    found = count_shared(build_features({"application": application}, dates), seed=0)
    assert found.sharing_clients >= 0.05 * found.clients
    assert found.pairs >= 10 * found.chance_pairs
