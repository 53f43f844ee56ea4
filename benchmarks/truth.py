"""How much of the truth of simulated clients a model finds in what is visible of them.

Belongs here: clients simulated and built block by block, the fit, the share. Does not: realism, the simulator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from features import CATALOGUE, build_features
from features.schemas import CLIENT
from simulator.frames import frame_of
from simulator.nights import State
from simulator.plan import plan_blocks
from simulator.portfolio import build_block

HELD_OUT_SHARE = 6  # one client in so many is held out
SEED, ROUNDS = 20261124, 600
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 15,
    "max_depth": 6,
    "min_child_samples": 100,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
Advance = Callable[[float], None]


@dataclass(frozen=True)
class Simulated:
    """Clients with a float32 row of features each, drawn outcomes and true log-odds of default."""

    features: pd.DataFrame
    target: NDArray[np.int8]
    log_odds: NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """What a model found on held-out clients, beside the truth: AUC, Gini, and R² of the log-odds."""

    columns: str
    count: int
    train_clients: int
    held_out: int
    truth_auc: float
    model_auc: float
    r_squared: float

    @property
    def share(self) -> float:
        """The model's Gini as a share of the truth's."""
        return (2.0 * self.model_auc - 1.0) / (2.0 * self.truth_auc - 1.0)


def simulate_clients(clients: int, seed: int, advance: Advance) -> Simulated:
    """The declared model inputs of a simulated portfolio, block by block; no file is written."""
    frames, targets, log_odds = [], [], []
    for block in plan_blocks(clients, seed):
        state = build_block(block)
        frames.append(_features_of(state))
        targets.append(state.target.astype(np.int8))
        log_odds.append(state.truth.log_odds)
        advance(len(block.ids))
    return Simulated(pd.concat(frames), np.concatenate(targets), np.concatenate(log_odds))


def _features_of(state: State) -> pd.DataFrame:
    """Features in the order of the block's clients."""
    tables = {
        table: frame_of(rows, np.ones(len(next(iter(rows.values()))), dtype=np.bool_))
        for table, rows in state.tables.items()
    }
    order = tables["application"][CLIENT].astype("int64")
    return build_features(tables).loc[order, list(CATALOGUE.model_inputs)]


def measure_truth(simulated: Simulated, threads: int = 2) -> list[Found]:
    """What models of all columns, and of the application's alone, find on clients they have not seen."""
    everything = [str(name) for name in simulated.features]
    application = [name for name in everything if name.startswith("app_")]
    return [
        _measure(simulated, "all tables", everything, threads),
        _measure(simulated, "application only", application, threads),
    ]


def _measure(simulated: Simulated, said: str, columns: list[str], threads: int) -> Found:
    matrix = simulated.features[columns].to_numpy(np.float32)
    held_out = np.random.default_rng(SEED).permutation(len(matrix)) % HELD_OUT_SHARE == 0
    data = lightgbm.Dataset(matrix[~held_out], simulated.target[~held_out])
    booster = lightgbm.train({**PARAMETERS, "num_threads": threads}, data, ROUNDS)
    raw = booster.predict(matrix[held_out], raw_score=True, num_threads=threads)
    target, truth = simulated.target[held_out], simulated.log_odds[held_out]
    return Found(
        columns=said,
        count=len(columns),
        train_clients=int((~held_out).sum()),
        held_out=int(held_out.sum()),
        truth_auc=float(roc_auc_score(target, truth)),
        model_auc=float(roc_auc_score(target, raw)),
        r_squared=float(np.corrcoef(raw, truth)[0, 1] ** 2),
    )
