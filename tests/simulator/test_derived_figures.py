"""What is kept of real rows stands for many clients, and portfolios drawn from it are put right on the whole."""

import numpy as np
import pandas as pd
import pytest

from simulator.calibrate import raked
from simulator.derive_pieces import pieces_of
from simulator.observe import weights_of

OWNERS = np.repeat(np.arange(50), 4)


def test_no_value_is_a_single_clients() -> None:
    """Ends of stretches are means, not values; a value that four clients have is no frequent one."""
    values = np.random.default_rng(1).lognormal(10.0, 2.0, 200)
    values[:16] = 777.0
    found = np.array(pieces_of(values, np.ones(200), OWNERS, categories=False))
    assert not np.isin(found[:, :2], values).any()
    assert found[:, 0].min() > values.min()
    assert found[:, 1].max() < values.max()


def test_frequent_values_and_missing_keep_their_weighted_share() -> None:
    """Zero for half of the clients, who count double: 100 · 2 of 300; missing for a tenth of the others."""
    values = np.concatenate([np.zeros(100), np.full(10, np.nan), np.linspace(1.0, 2.0, 90)])
    weights = np.repeat([2.0, 1.0], 100)
    found = pieces_of(values, weights, OWNERS, categories=False)
    assert np.isnan(found[0][0])
    assert found[0][2] == pytest.approx(1000 * 10 / 300, abs=0.01)
    assert found[1][:2] == (0.0, 0.0)
    assert found[1][2] == pytest.approx(1000 * 210 / 300, abs=0.01)
    assert found[-1][2] == 1000.0


def test_a_long_tail_keeps_its_weight() -> None:
    """The middle of the last stretch is the mean of the rows in it, though the largest value is not kept."""
    values = np.sort(np.random.default_rng(2).lognormal(3.0, 1.2, 2_000))
    found = np.array(pieces_of(values, np.ones(2_000), np.arange(2_000), categories=False))
    assert found[-1, :2].mean() == pytest.approx(values[-20:].mean(), rel=1e-4)
    assert found[-1, 1] < values[-1]


def test_clients_stand_for_their_group() -> None:
    """Two who repaid, one defaulter, one test client: each stands for its share of the full tables."""
    clients = pd.DataFrame({"SK_ID_CURR": [1, 2, 3, 4], "group": [0, 0, 1, 2]})
    assert weights_of(pd.Series([2, 2, 3, 4]), clients).tolist() == [141_343, 141_343, 24_825, 48_744]


def test_raking_moves_shares_towards_the_wanted() -> None:
    """A value drawn too often gets rarer in every leaf, certainties stay, and shares still rise to 1."""
    nodes = pd.DataFrame(
        {"column": ["a"] * 3, "feature": ["x", None, None], "left": [1, 0, 2], "right": [2, 2, 3]}
    )
    pieces = pd.DataFrame({"low": [0.0, 1.0, 0.0], "high": [0.0, 1.0, 0.0], "share": [500.0, 1000.0, 1000.0]})
    wanted = pd.DataFrame({"column": ["a"] * 2, "place": [0, 0], "value": [0.0, 1.0], "share": [0.55, 0.45]})
    drawn = np.repeat([0.0, 1.0], [60, 40])[:, None]
    found = raked(nodes, pieces, drawn, wanted)["share"].tolist()
    zero, one = 0.55 / 0.60, 0.45 / 0.40
    assert found == pytest.approx([1000 * zero / (zero + one), 1000.0, 1000.0], abs=0.01)
