"""Similar clients are those that looking at each one finds, and what became of them is counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from night import Night

from explain import SimilarIndex, build_similar_index, find_similar, group_contributions
from explain.distances import smallest, squared_distances
from model_store import UnknownClient, read_contributions, read_features, read_targets
from risk.intervals import rate_interval

NUMBERS = st.floats(-3, 3, width=16)


@pytest.fixture(scope="module")
def index(night: Night) -> SimilarIndex:
    """The index of the small night."""
    return build_similar_index(night.store, night.run.run_id)


@settings(max_examples=60, deadline=None)
@given(
    axes=arrays.arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 40)), elements=NUMBERS),
    count=st.integers(1, 12),
)
def test_nearest_are_those_of_a_naive_search(axes: np.ndarray, count: int) -> None:
    """Squares added up one by one and sorted by distance, then place, give the same neighbours."""
    naive = []
    for client in range(axes.shape[1]):
        total = np.float32(0)
        for axis in range(axes.shape[0]):
            difference = np.float32(axes[axis, client] - axes[axis, 0])
            total = np.float32(total + difference * difference)
        naive.append(total)
    squares = squared_distances(axes, np.ascontiguousarray(axes[:, 0]))
    np.testing.assert_allclose(squares, naive, rtol=1e-6)
    expected = sorted(range(len(squares)), key=lambda place: (squares[place], place))[:count]
    assert smallest(squares, count).tolist() == expected


def test_blocks_do_not_change_distances() -> None:
    """Clients beyond the first block are as far as they are alone."""
    axes = np.random.default_rng(1).normal(size=(3, 20_001)).astype(np.float32)
    point = np.ascontiguousarray(axes[:, 7])
    squares = squared_distances(axes, point)
    for client in (0, 8_191, 8_192, 20_000):
        alone = squared_distances(np.ascontiguousarray(axes[:, [client]]), point)
        assert squares[client] == alone[0]


def test_axes_are_contributions_and_characteristics(night: Night, index: SimilarIndex) -> None:
    """The first axes are the published sums by reason group; both halves of the space weigh the same."""
    contributions = read_contributions(night.store, night.run.run_id)
    codes, sums = group_contributions(contributions.to_numpy(), list(contributions.columns[:-1]))
    np.testing.assert_allclose(index.axes[: len(codes)], sums.T, atol=2e-6)
    variance = index.axes.var(axis=1, dtype=np.float64)
    assert variance[len(codes) :].sum() == pytest.approx(variance[: len(codes)].sum(), rel=1e-3)
    assert not np.isnan(index.axes).any()


def test_neighbours_are_alike_and_never_the_client(night: Night, index: SimilarIndex) -> None:
    """Nearest first; probabilities and ages of neighbours are nearer to the client's than those of others."""
    ages = read_features(night.store, night.run.run_id, columns=["app_age"])["app_age"]
    scores = night.scores["default_probability"]
    gaps = []
    for client in index.scores.index[::150].tolist():
        found = find_similar(index, client)
        distances = [one.distance for one in found.nearest]
        assert distances == sorted(distances)
        assert client not in [one.client for one in found.nearest]
        assert len(found.nearest) == 10
        near = [one.client for one in found.nearest]
        gaps.append(
            (
                abs(ages[near] - ages[client]).mean() - abs(ages - ages[client]).mean(),
                abs(scores[near] - scores[client]).mean() - abs(scores - scores[client]).mean(),
            )
        )
    assert (np.mean(gaps, axis=0) < 0).all()


def test_outcomes_of_the_circle_are_counted(night: Night, index: SimilarIndex) -> None:
    """Decisions, known outcomes, defaults and the interval are those of the hundred nearest in the scores."""
    client = int(index.scores.index[10])
    found = find_similar(index, client, count=100, circle=100)
    near = [one.client for one in found.nearest]
    targets = read_targets(night.store)[near]
    assert found.decisions == night.scores.loc[near, "decision"].astype(str).value_counts().to_dict()
    assert (found.known, found.defaults) == (int(targets.notna().sum()), int(targets.sum()))
    assert found.observed == rate_interval(found.defaults, found.known)
    for one in found.nearest:
        assert one.score == night.scores.loc[one.client, "score"]
        assert np.isnan(one.target) == np.isnan(targets[one.client])


def test_a_night_of_few_clients_has_few_neighbours() -> None:
    """Where there are fewer clients than asked for, all others are told; without outcomes there is no rate."""
    scores = pd.DataFrame(
        {
            "default_probability": [0.1, 0.2],
            "score": [600, 550],
            "decision": ["accept", "accept"],
            "target": np.nan,
        },
        index=pd.Index([5, 9]),
    )
    found = find_similar(SimilarIndex("run", np.array([[0.0, 3.0]], np.float32), scores), 9)
    assert [(one.client, one.distance) for one in found.nearest] == [(5, 3.0)]
    assert (found.circle, found.known) == (1, 0)
    assert np.isnan(found.observed.value)


def test_unknown_clients_and_counts_are_refused(index: SimilarIndex) -> None:
    """A client whom the night does not hold is named; no neighbours cannot be asked for."""
    with pytest.raises(UnknownClient, match="holds no client 7"):
        find_similar(index, 7)
    with pytest.raises(ValueError, match="count must be 1 or more and circle at least count; found 5 and 3"):
        find_similar(index, int(index.scores.index[0]), count=5, circle=3)
