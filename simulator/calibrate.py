"""Here: making the portfolios that are drawn from the histories' trees come out as the real rows did.
Not here: the growing of the trees from real rows (derive_histories.py), which are not needed here.

A tree is right leaf by leaf, and still what is drawn drifts: which leaf comes next depends on what was drawn before
it, and on the causes. So whole portfolios are drawn, and two things are measured on them and put right: the usual
causes at each leaf, and, as in raking, how often each frequent value comes.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from simulator.columns import WATCHED, Watch, read_trees
from simulator.derive_pieces import FEWEST_CLIENTS
from simulator.facts import Floats, read_figures
from simulator.observed import Observed
from simulator.plan import plan_blocks
from simulator.portfolio import build_block
from simulator.sequences import DRAWN

FOLDER = Path(__file__).parent / "facts"
SHARES = "history_shares"
TURNS = 8
CLIENTS = 16_000
FEW = 30.0  # a leaf's driver counts as if so many average clients had come there
FREQUENT = 0.02
MOST_CHANGE = 1.25  # of a value's share in one turn


def shares_of(observed: Observed) -> pd.DataFrame:
    """What rows of five real clients at least often hold: history, column's place and name, value (NaN: missing),
    its share among rows weighted to the full tables.
    """
    rows, owner = [], observed.owner
    for k, column in enumerate(observed.history.columns):
        if column.operation == DRAWN and column.name not in observed.teaching:
            held = pd.DataFrame({"weight": observed.weight, "owner": owner}).groupby(
                observed.values[:, k], dropna=False
            )
            share, clients = held["weight"].sum() / observed.weight.sum(), held["owner"].nunique()
            for value, one in share[clients >= FEWEST_CLIENTS].items():
                if one >= FREQUENT or np.isnan(value):
                    rows.append((observed.history.name, k, column.name, value, one))
    shares = pd.DataFrame(rows, columns=["history", "place", "column", "value", "share"])
    return shares.astype({"place": np.int64, "value": np.float64, "share": np.float64}).round({"share": 5})


def calibrate(names: list[str]) -> None:
    """Put right the leaves of these histories, turn after turn, on portfolios drawn with them."""
    shares = read_figures(SHARES)
    for turn in range(TURNS):
        nodes = {name: read_figures(f"{name}_nodes") for name in names}
        WATCHED.update({name: Watch(np.zeros((len(table), 3)), []) for name, table in nodes.items()})
        read_trees.cache_clear()
        for block in plan_blocks(CLIENTS, seed=1_000 + turn):
            build_block(block)
        for name, table in nodes.items():
            watch = WATCHED.pop(name)
            write_figures(f"{name}_nodes", with_usual(table, watch.moments))
            pieces = read_figures(f"{name}_pieces")
            drawn = np.concatenate(watch.drawn)
            write_figures(f"{name}_pieces", raked(table, pieces, drawn, shares[shares["history"] == name]))
    read_trees.cache_clear()


def with_usual(nodes: pd.DataFrame, moments: Floats) -> pd.DataFrame:
    """The nodes with the mean and the spread of the drivers that came to each leaf."""
    count, total, squares = moments.T
    usual = total / (count + FEW)
    spread = np.sqrt(np.maximum((squares + FEW) / (count + FEW) - usual**2, 0.05))
    leaf = nodes["feature"].isna()
    return nodes.assign(
        usual=np.where(leaf, usual.round(3), np.nan), spread=np.where(leaf, spread.round(3), np.nan)
    )


def raked(nodes: pd.DataFrame, pieces: pd.DataFrame, drawn: Floats, wanted: pd.DataFrame) -> pd.DataFrame:
    """The pieces with the shares of frequent values moved towards the wanted ones; `drawn` is (rows, columns)."""
    low, high, upto = (
        pieces[name].to_numpy(dtype=np.float64, copy=True) for name in ("low", "high", "share")
    )
    size = np.diff(upto, prepend=0.0)
    leaves = nodes[nodes["feature"].isna()]
    size[leaves["left"]] = upto[leaves["left"]]
    for column, facts in wanted.groupby("column", sort=False):
        own = leaves[leaves["column"] == column]
        places = slice(int(own["left"].min()), int(own["right"].max()))
        size[places] *= _factors(low[places], high[places], drawn[:, int(facts["place"].iloc[0])], facts)
    for begin, end in leaves[["left", "right"]].itertuples(index=False):
        shares = np.round(np.cumsum(size[begin:end]) / size[begin:end].sum() * 1000.0, 2)
        upto[begin:end] = shares
        upto[end - 1] = 1000.0
    return pieces.assign(share=upto)


def _factors(low: Floats, high: Floats, drawn: Floats, wanted: pd.DataFrame) -> Floats:
    """What to multiply each piece's size with: wanted over drawn share of its value, of all the others together."""
    values, shares = wanted["value"].to_numpy(), wanted["share"].to_numpy()
    found = np.array([(np.isnan(drawn) if np.isnan(value) else drawn == value).mean() for value in values])
    rest = (1.0 - shares.sum()) / max(1.0 - found.sum(), 1e-9)
    factors = np.full(len(low), rest if shares.sum() < 1.0 - 1e-4 else 1.0)
    for value, share, own in zip(values, shares, found, strict=True):
        here = np.isnan(low) if np.isnan(value) else (low == value) & (high == value)
        factors[here] = share / max(own, 1e-9)
    within: Floats = np.clip(factors, 1.0 / MOST_CHANGE, MOST_CHANGE)
    return within


def write_figures(name: str, table: pd.DataFrame) -> None:
    """One of the tables in `facts/`."""
    table.to_parquet(FOLDER / f"{name}.parquet", compression="zstd", index=False)
