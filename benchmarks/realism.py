"""How well a machine tells real rows from simulated ones, and what gives the simulated ones away.

Belongs here: the classifier that tells them apart, its AUC, its columns. Does not: simulating, the truth (truth).
"""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

SEED, FOLDS, ROUNDS = 20261124, 3, 200
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 31,
    "min_child_samples": 50,
    "feature_fraction": 0.5,
    "cat_smooth": 50.0,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Discrimination:
    """How well real and simulated rows can be told apart.

    auc: mean over folds, 0.5 where they cannot; error: its standard error over folds; rows: of each kind;
    shares: the columns by their share of the classifier's gain, the one that gives most away first.
    """

    auc: float
    error: float
    rows: int
    shares: dict[str, float]

    @property
    def give_away(self) -> str:
        """The five strongest columns in one line."""
        return ", ".join(f"{name} {share:.0%}" for name, share in list(self.shares.items())[:5])


def discriminate(
    real: pd.DataFrame, simulated: pd.DataFrame, most_rows: int = 60_000, threads: int = 2
) -> Discrimination:
    """AUC of a LightGBM classifier that tells real rows from simulated ones, on folds it has not seen.

    Both frames hold the same columns (numbers or texts, missing values stay missing); a column only one of
    them has is a ValueError. As many rows of each are compared as the smaller has, at most `most_rows`. Texts
    are categories of the classifier; a text that only one side uses gives it away.
    """
    odd = sorted(set(real.columns) ^ set(simulated.columns))
    if odd:
        raise ValueError(f"Columns {odd} are in one frame only: expected the same columns in both.")
    rows = min(len(real), len(simulated), most_rows)
    sides = [frame.sample(rows, random_state=SEED) for frame in (real, simulated[list(real.columns)])]
    both = _coded(pd.concat(sides, ignore_index=True))
    is_simulated = np.repeat([0, 1], rows)
    aucs, gains = [], np.zeros(both.shape[1])
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for train, test in folds.split(both, is_simulated):
        booster = _fit(both.iloc[train], is_simulated[train], threads)
        aucs.append(roc_auc_score(is_simulated[test], booster.predict(both.iloc[test], num_threads=threads)))
        gains += booster.feature_importance("gain")
    order = np.argsort(-gains)
    shares = {str(both.columns[k]): float(gains[k] / max(gains.sum(), 1e-12)) for k in order}
    return Discrimination(float(np.mean(aucs)), float(np.std(aucs, ddof=1) / FOLDS**0.5), rows, shares)


def _coded(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts as categories, numbers as float32: the same for both sides, whatever type they were read with."""
    return pd.DataFrame(
        {
            name: column.astype("float32")
            if pd.api.types.is_numeric_dtype(column)
            else column.astype("category")
            for name, column in frame.items()
        }
    )


def _fit(rows: pd.DataFrame, labels: NDArray[np.int64], threads: int) -> lightgbm.Booster:
    data = lightgbm.Dataset(rows, labels)
    return lightgbm.train({**PARAMETERS, "num_threads": threads}, data, ROUNDS)
