"""What is kept of real rows stands for many clients, and portfolios drawn from it are put right on the whole."""

import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeRegressor

from simulator.calibrate import raked, shares_of
from simulator.columns import Column, History, runs_of
from simulator.derive_histories import derive, rows_of_leaves
from simulator.derive_pieces import FEWEST_CLIENTS, pieces_of
from simulator.observe import weights_of
from simulator.observed import Observed

OWNERS = np.repeat(np.arange(50), 4)


def test_no_value_is_a_single_clients() -> None:
    """Ends of stretches are means, not values; a value that four clients have is no frequent one."""
    values = np.random.default_rng(1).lognormal(10.0, 2.0, 200)
    values[:16] = 777.0
    found = np.array(pieces_of(values, np.ones(200), OWNERS, categories=False))
    assert not np.isin(found[:, :2], values).any()
    assert found[:, 0].min() > values.min()
    assert found[:, 1].max() < values.max()


def test_what_four_clients_have_is_left_out() -> None:
    """Numbers of four clients among missing ones are no figure; four clients alone are refused."""
    values = np.where(OWNERS < 4, OWNERS + 1.0, np.nan)
    ((low, high, share),) = pieces_of(values, np.ones(200), OWNERS, categories=False)
    assert np.isnan([low, high]).all()
    assert share == 1000.0
    with pytest.raises(ValueError, match="leaf of 4 clients, expected 5 at least"):
        pieces_of(values[:16], np.ones(16), OWNERS[:16], categories=False)


def test_a_leaf_of_few_clients_takes_the_rows_of_the_node_above() -> None:
    """Rows of x = 1 are one client's, of x = 2 and x = 3 twenty clients' each: the first leaf is filled with all
    rows of x < 3, the others with their own.
    """
    x = np.repeat([1.0, 2.0, 3.0], 200)
    owners = np.concatenate([np.zeros(200), np.arange(1, 41).repeat(10)]).astype(np.int64)
    fitted = DecisionTreeRegressor(min_samples_leaf=100).fit(
        x[:, None], np.array([0.0, 1.0, 9.0])[x.astype(int) - 1]
    )
    leaves = fitted.apply(x[:, None])
    filling = rows_of_leaves(fitted.tree_, leaves, owners)
    assert [list(filling[leaves[row]]) for row in (0, 200, 400)] == [
        list(range(400)),
        list(range(200, 400)),
        list(range(400, 600)),
    ]


def _observed_of_few() -> Observed:
    """Three clients with 100 rows each, all 7; ninety-seven with 10 rows each, all different."""
    counts = np.repeat([100, 10], [3, 97])
    values = np.concatenate([np.full(300, 7.0), np.random.default_rng(3).uniform(20.0, 30.0, 970)])
    history = History("few", client=("often",), columns=(Column("amount"),))
    runs = runs_of(counts, [(counts > 50).astype(np.float64)])
    return Observed(history, values[:, None], runs, np.ones(1_270), {})


def test_trees_keep_no_leaf_of_few_clients() -> None:
    """A leaf that three clients fill alone is filled with everybody's rows, and their value is no frequent one."""
    nodes, pieces = derive(_observed_of_few())
    assert nodes.loc[nodes["feature"].isna(), "clients"].min() >= FEWEST_CLIENTS
    assert not (pieces["low"] == 7.0).any()


def test_a_value_of_few_clients_is_no_share_to_rake_to() -> None:
    """A quarter of the rows hold 7, but three clients have them all."""
    assert shares_of(_observed_of_few()).empty


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
