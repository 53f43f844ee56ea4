"""Random LightGBM models of every kind that exact contributions must read, and rows that ask awkward questions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import lightgbm
import numpy as np

ROWS = 300
AWKWARD = [
    np.nan,
    0.0,
    -0.0,
    1e-36,
    -1e-36,
    1e-34,
    np.inf,
    -np.inf,
    -1.0,
    -0.5,
    2.9,
    31.0,
    32.0,
    1e6,
    3e9,
    -3e9,
]


@dataclass(frozen=True)
class Case:
    """How a model is made; `parameters` are LightGBM's own."""

    seed: int = 0
    features: int = 6
    categorical: int = 0
    missing: float = 0.2
    zeros: float = 0.1
    trees: int = 8
    parameters: dict[str, object] = field(default_factory=dict)

    def model(self) -> tuple[lightgbm.Booster, np.ndarray]:
        """The model and its training rows."""
        random = np.random.RandomState(self.seed)
        X = random.normal(size=(ROWS, self.features))
        X[:, : self.categorical] = random.randint(0, 40, size=(ROWS, self.features))[:, : self.categorical]
        X[random.random_sample(X.shape) < self.zeros] = 0.0
        X[random.random_sample(X.shape) < self.missing] = np.nan
        signal = np.nan_to_num(np.where(np.abs(X) > 5, X % 3, X), nan=0.7).sum(axis=1)
        target = (signal + random.normal(size=ROWS) > np.median(signal)).astype(float)
        parameters = {
            "objective": "binary",
            "min_child_samples": 2,
            "cat_smooth": 0.1,
            "min_data_per_group": 2,
            "bagging_freq": 1,
            "bagging_fraction": 0.8,
            "verbose": -1,
            "seed": self.seed,
            "num_threads": 1,
            **self.parameters,
        }
        names = list(range(min(self.categorical, self.features)))
        data = lightgbm.Dataset(X, target, categorical_feature=names, params=parameters)
        return lightgbm.train(parameters, data, self.trees), X

    def asked(self, booster: lightgbm.Booster, X: np.ndarray) -> np.ndarray:
        """The training rows with awkward values and the model's own thresholds scattered among them."""
        random = np.random.RandomState(self.seed + 1)
        text = " ".join(re.findall(r"^threshold=(.+)$", booster.model_to_string(), re.MULTILINE))
        choice = np.concatenate([AWKWARD, np.array(text.split(), dtype=np.float64)])
        replaced = random.choice(choice, size=X.shape)
        return np.where(random.random_sample(X.shape) < 0.2, replaced, X)
