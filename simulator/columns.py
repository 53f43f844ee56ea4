"""Here: how the columns of a history are declared, and the drawing of its rows from the figures in `facts/`.
Not here: the loop over rows (sequences.py), which columns a table has (the tables' modules).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.facts import Bools, Coded, Floats, Ints, read_figures
from simulator.latents import Latents
from simulator.sequences import (
    ADD,
    AT_LEAST,
    DRAWN,
    MISSING,
    POSITIONS,
    TIMES,
    Drivers,
    Runs,
    Steps,
    Trees,
    draw_runs,
)

NOTHING = np.empty((0, 3))
NO_FEATURES = np.empty((0, 0))
NO_ROWS = np.empty(0, dtype=np.bool_)
MONTHS_FELT = 12  # shocks are felt so long
CAUSES = ("ability", "indebtedness", "behaviour", "shocks")  # in the order of Column.causes
MEMORY = ("last", "mean", "rest", "mean_run", "rest_run", "most_run", "least_run")


@dataclass(frozen=True)
class Column:
    """One column of a history: drawn from its tree, or made of two operands by an operation of sequences.py.

    Operands name a column of the same row, `last:COLUMN` of the row before, or a feature of the client or spell.
    `causes` says how the drawn value answers to (ability, indebtedness, behaviour, shocks): correlations with
    the position of the value among those drawn in like circumstances; `shock` is what shocks add in rows of the
    last twelve months. `values` are the categories, the one that answers lowest first. `step` is what the value
    is rounded to; `initial` stands for the row before the first.
    """

    name: str
    causes: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    shock: float = 0.0
    values: tuple[str, ...] = ()
    step: float = 0.0
    operation: int = DRAWN
    operands: tuple[str, str] = ("", "")
    constant: float = 0.0
    initial: float = MISSING


DAYS_PAST_DUE = (
    Column("later", causes=(-0.05, 0.0, -0.65, 0.0), shock=0.4, step=1.0),
    Column("lateness", operation=ADD, operands=("last:SK_DPD", "later")),
    Column("SK_DPD", operation=AT_LEAST, operands=("lateness", ""), initial=0.0),
    Column("serious", causes=(0.0, 0.0, -0.2, 0.1)),
    Column("SK_DPD_DEF", operation=TIMES, operands=("SK_DPD", "serious"), step=1.0),
)
"""The days past due of a month, as the tables of monthly balances write them: all, and those of what matters."""


@dataclass(frozen=True)
class History:
    """A history's columns in the order of drawing, and what is known of its clients and spells beforehand.

    `looks` are the kinds of memory that trees may look at: the row before (last), the averages of the spell
    (mean; rest is the share missing or zero), those of all the client's rows before (mean_run, rest_run) and
    their extremes.
    """

    name: str
    columns: tuple[Column, ...]
    client: tuple[str, ...] = ()
    spell: tuple[str, ...] = ()
    looks: tuple[str, ...] = MEMORY

    @property
    def features(self) -> list[str]:
        """Names of what trees look at, in the order of sequences.py."""
        names = [column.name for column in self.columns]
        before = [f"{kind}:{name}" for kind in MEMORY for name in names]
        return [*self.client, *self.spell, "place", "left", "place_in_run", *before, *names]

    @property
    def place_of_row(self) -> int:
        """Place of the row's first column among the features."""
        return len(self.client) + len(self.spell) + POSITIONS + len(MEMORY) * len(self.columns)

    def drivers(self, latents: Latents) -> Drivers:
        """What the causes add to each client's positions, and the spread of the rest."""
        causes = np.array([column.causes for column in self.columns])
        felt = np.array([column.shock for column in self.columns])
        once = (causes**2).sum(axis=1)
        recent = once + 2.0 * causes[:, 3] * felt + felt**2
        return Drivers(
            lasting=np.column_stack([getattr(latents, cause) for cause in CAUSES]) @ causes.T,
            noise=np.sqrt(1.0 - once),
            shocks=latents.shocks,
            felt=felt,
            recent_noise=np.sqrt(1.0 - recent),
        )

    def category(self, drawn: dict[str, Floats], name: str) -> Coded:
        """A drawn column of categories as text."""
        values = next(column.values for column in self.columns if column.name == name)
        return Coded(np.nan_to_num(drawn[name], nan=-1.0).astype(np.int64), values)


def steps_of(history: History) -> Steps:
    """The columns as arrays."""
    features = history.features
    place = {name: k for k, name in enumerate(features)}
    made = [column.operation != DRAWN for column in history.columns]
    operands = [
        [place[name] if is_made and name else 0 for name in column.operands]
        for column, is_made in zip(history.columns, made, strict=True)
    ]
    return Steps(
        operation=np.array([column.operation for column in history.columns], dtype=np.int64),
        first=np.array([pair[0] for pair in operands], dtype=np.int64),
        second=np.array([pair[1] for pair in operands], dtype=np.int64),
        constant=np.array([column.constant for column in history.columns]),
        step=np.array([column.step for column in history.columns]),
        initial=np.array([column.initial for column in history.columns]),
        category=np.array([bool(column.values) for column in history.columns]),
    )


def trees_from(history: History, nodes: pd.DataFrame, pieces: pd.DataFrame) -> Trees:
    """Trees from their two tables; a column without nodes (a made one) gets root 0, never walked."""
    place = {name: k for k, name in enumerate(history.features)}
    first = {name: k for k, name in reversed(list(enumerate(nodes["column"])))}
    feature = nodes["feature"].map(place).fillna(-1).to_numpy().astype(np.int64)
    low, high = (pieces[side].fillna(MISSING).to_numpy(dtype=np.float64) for side in ("low", "high"))
    return Trees(
        roots=np.array([first.get(column.name, 0) for column in history.columns], dtype=np.int64),
        feature=feature,
        threshold=nodes["threshold"].fillna(0.0).to_numpy(dtype=np.float64),
        left=nodes["left"].to_numpy(dtype=np.int64),
        right=nodes["right"].to_numpy(dtype=np.int64),
        usual=nodes["usual"].fillna(0.0).to_numpy(dtype=np.float64),
        spread=nodes["spread"].fillna(1.0).to_numpy(dtype=np.float64),
        low=low,
        high=high,
        shares=pieces["share"].to_numpy(dtype=np.float64) / 1000.0,
    )


@cache
def read_trees(history: History) -> Trees:
    """The trees of a history as published in `facts/`."""
    return trees_from(history, read_figures(f"{history.name}_nodes"), read_figures(f"{history.name}_pieces"))


@dataclass(frozen=True)
class Watch:
    """Takes what a history's figures are calibrated with: the drivers met at each leaf (nodes, 3), added up as in
    sequences.py, and the rows that were drawn.
    """

    moments: Floats
    drawn: list[Floats]


WATCHED: dict[str, Watch] = {}  # by history; empty but while calibrating


def draw_history(
    history: History, rng: np.random.Generator, runs: Runs, latents: Latents
) -> dict[str, Floats]:
    """Drawn columns by name, one value per row, NaN where missing."""
    watch = WATCHED.get(history.name)
    moments = NOTHING if watch is None else watch.moments
    drawn = drawn_rows(history, read_trees(history), rng, runs, history.drivers(latents), moments)
    if watch is not None:
        watch.drawn.append(drawn)
    return {column.name: drawn[:, k] for k, column in enumerate(history.columns)}


def drawn_rows(
    history: History, trees: Trees, rng: np.random.Generator, runs: Runs, drivers: Drivers, moments: Floats
) -> Floats:
    """Drawn values (rows, columns); `moments` as in sequences.py."""
    return draw_runs(
        rng, runs.starts, runs.fresh, runs.client, runs.spell, arrays_of(trees), arrays_of(steps_of(history)),
        runs.recent, arrays_of(drivers), NO_FEATURES, False, moments, NO_FEATURES,
    )  # fmt: skip


def features_of(history: History, values: Floats, runs: Runs) -> Floats:
    """What trees would look at (rows, features) if these values (rows, columns) were drawn."""
    columns = len(history.columns)
    none, nothing = np.zeros(columns, dtype=np.int64), np.zeros(columns)
    trees = Trees(none, none, nothing, none, none, nothing, nothing, nothing, nothing, nothing)
    drivers = Drivers(np.zeros((len(runs.starts) - 1, columns)), nothing, nothing, nothing, nothing)
    features = np.zeros((len(values), len(history.features)))
    draw_runs(
        np.random.default_rng(0), runs.starts, runs.fresh, runs.client, runs.spell, arrays_of(trees),
        arrays_of(steps_of(history)), runs.recent, arrays_of(drivers), values, True, NOTHING, features,
    )  # fmt: skip
    return features


def runs_of(counts: Ints, client: Sequence[NDArray[Any]] = ()) -> Runs:
    """Runs of one spell per client: `counts` rows each."""
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    features = np.column_stack(client) if client else np.empty((len(counts), 0))
    return Runs(
        starts, np.zeros(starts[-1], dtype=np.bool_), features.astype(np.float64), np.empty((0, 0)), NO_ROWS
    )


def runs_of_spells(
    owner: Ints,
    clients: int,
    lengths: Ints,
    spell: Sequence[NDArray[Any]],
    recent: Bools,
    client: Sequence[NDArray[Any]] = (),
) -> Runs:
    """Runs of several spells: spell k belongs to client owner[k] (ascending) and has lengths[k] rows, 1 or more."""
    rows = np.bincount(owner, weights=lengths, minlength=clients).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(rows)]).astype(np.int64)
    fresh: Bools = np.zeros(starts[-1], dtype=np.bool_)
    fresh[np.cumsum(lengths) - lengths] = True
    features = np.column_stack(client) if client else np.empty((clients, 0))
    about = np.nan_to_num(np.column_stack(spell).astype(np.float64), nan=MISSING)
    return Runs(starts, fresh, features.astype(np.float64), about, recent)


def arrays_of(record: Trees | Steps | Drivers) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in record.__dataclass_fields__)
