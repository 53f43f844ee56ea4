"""Everything a training can be told, as one value that is stored with the version it makes.

Belongs here: settings and their limits. Does not: reading them from a command line (batch).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Literal

from explain.lime.reference import REFERENCE_SIZE
from features.vocabulary import CHARACTERISTICS
from risk import CalibrationMethod, MoneyAssumptions, RiskBands, ScoreScale
from risk.cost import FN_COST, FP_COST, require_costs

DEEPEST_TREE = 8  # deeper, exact contributions of more leaves are summed client by client: exact too, slower
Imbalance = Literal["untreated", "weighted", "resampled"]
IMBALANCES: tuple[Imbalance, ...] = ("untreated", "weighted", "resampled")
"""What is done about few defaults, the simplest first: nothing; each default weighs as much as the good clients it
faces; as many good clients drawn as there are defaults."""


@dataclass(frozen=True)
class TreeSettings:
    """LightGBM's own settings: small regularised trees, many of them, each on a part of rows and columns."""

    learning_rate: float = 0.04
    num_leaves: int = 15
    max_depth: int = 6
    min_child_samples: int = 60
    feature_fraction: float = 0.4
    bagging_fraction: float = 0.8
    lambda_l2: float = 10.0
    max_trees: int = 1000
    patience: int = 60

    def __post_init__(self) -> None:
        if not 1 <= self.max_depth <= DEEPEST_TREE:
            raise ValueError(f"max_depth is {self.max_depth}, expected 1 to {DEEPEST_TREE}")
        if min(self.max_trees, self.patience) < 1:
            raise ValueError(
                f"max_trees is {self.max_trees} and patience {self.patience}, expected at least 1 of each"
            )


@dataclass(frozen=True)
class TrainingSettings:
    """How a version is made. Same settings, same data: the same model, bit for bit.

    `fn_cost` and `fp_cost`: cost of a default accepted and of a good client refused; `money`: instead of them,
    amounts per client from these assumptions. `review_from`: default probability from which people look (None:
    no review band). `constraints`: trees keep to the declared directions. `without`: characteristics that no
    input may know of, beside those that never are inputs. `calibration`: None chooses by cross-validation.
    `background_clients`: stored with the version, whom LIME compares with; `dependence_clients`: behind curves of
    partial dependence; `importance_clients`: held-out clients per fold on which importance is measured. `threads`
    changes the time, not the model.
    """

    folds: int = 5
    seed: int = 20261123
    fn_cost: float = FN_COST
    fp_cost: float = FP_COST
    money: MoneyAssumptions | None = None
    review_from: float | None = None
    constraints: bool = True
    imbalance: Imbalance = "untreated"
    without: tuple[str, ...] = ()
    calibration: CalibrationMethod | None = None
    threads: int = 2
    background_clients: int = REFERENCE_SIZE
    dependence_clients: int = 200
    importance_clients: int = 400
    trees: TreeSettings = field(default_factory=TreeSettings)
    scale: ScoreScale = field(default_factory=ScoreScale)
    bands: RiskBands = field(default_factory=RiskBands)

    def __post_init__(self) -> None:
        require_costs(self.fn_cost, self.fp_cost)
        if self.folds < 3:
            raise ValueError(
                f"folds is {self.folds}, expected at least 3: the number of trees is chosen on the others"
            )
        if self.seed < 0:
            raise ValueError(f"seed is {self.seed}, expected 0 or more")
        if self.review_from is not None and not 0 < self.review_from < 1:
            raise ValueError(
                f"review from {self.review_from}: expected a default probability between 0 and 1"
            )
        if self.threads < 1:
            raise ValueError(f"threads is {self.threads}, expected at least 1")
        if self.imbalance not in IMBALANCES:
            raise ValueError(f"imbalance is {self.imbalance!r}, expected one of {', '.join(IMBALANCES)}")
        unknown = [name for name in self.without if name not in CHARACTERISTICS]
        if unknown:
            raise ValueError(f"without {unknown[0]!r}: expected some of {', '.join(CHARACTERISTICS)}")

    @property
    def purpose(self) -> dict[str, object]:
        """What a model is made for, as JSON values: the costs it keeps low, what its inputs must not know. What was
        found for one purpose, a comparison or a search, says nothing of another."""
        return {
            "costs": [self.fn_cost, self.fp_cost] if self.money is None else asdict(self.money),
            "without": sorted(self.without),
        }

    def lightgbm(self, threads: int) -> dict[str, object]:
        """The parameters handed to LightGBM; deterministic, one seed."""
        return {
            "objective": "binary",
            "metric": "binary_logloss",
            "learning_rate": self.trees.learning_rate,
            "num_leaves": self.trees.num_leaves,
            "max_depth": self.trees.max_depth,
            "min_child_samples": self.trees.min_child_samples,
            "feature_fraction": self.trees.feature_fraction,
            "bagging_fraction": self.trees.bagging_fraction,
            "bagging_freq": 1,
            "lambda_l2": self.trees.lambda_l2,
            "seed": self.seed,
            "deterministic": True,
            "force_col_wise": True,  # half the time of row-wise on 246,000 clients and 312 inputs
            "num_threads": threads,
            "verbosity": -1,
        }
