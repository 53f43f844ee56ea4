"""A model as the night, the service and the pages use it: features in, log-odds and probabilities out.

Belongs here: the loaded model and its arithmetic. Does not: how it is saved and found (versions, aliases).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model_store.boosters import StoredBooster, lock_of
from risk import Calibration, RiskBands, ScoreScale, decide

if TYPE_CHECKING:
    from lightgbm import Booster

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class ScoringModel:
    """One version of the model with everything needed to decide and to explain.

    `out_of_fold`: index SK_ID_CURR, columns target int8, default_probability float64, fold int8: what clients
    whose label was used are published with; fn_cost and fp_cost float64 where costs are each client's own, in
    money. `background`: float32 model inputs of 1,024 training clients
    that represent all of them, the fixed reference of LIME. `definitions`: Catalogue.definitions
    of the catalogue it was trained on, `declarations` (model_store.declared) what they declare: tables, windows,
    category codes. `metadata`: metrics, seeds, packages, training data, as JSON values; what two runs of the
    same training would not share stands under "created_at", "circumstances" and "history" only.
    `content_hash`: 16 hex digits over the rest, stated by the store.

    One process may share a model between threads (a Booster predicts for one of them at a time); another
    process loads its own.
    """

    version: str
    booster: Booster | StoredBooster
    feature_names: tuple[str, ...]
    catalogue_hash: str
    definitions: Mapping[str, str]
    calibration: Calibration
    cut_off: float
    review_from: float | None
    scale: ScoreScale
    bands: RiskBands
    fn_cost: float
    fp_cost: float
    metadata: Mapping[str, object]
    out_of_fold: pd.DataFrame
    background: pd.DataFrame
    declarations: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    content_hash: str = ""

    def __repr__(self) -> str:
        return f"ScoringModel({self.version}, {len(self.feature_names)} features, cut-off {self.cut_off:.4f})"

    def matrix(self, features: pd.DataFrame) -> Numbers:
        """The model's inputs, float64 C-order (clients, features), in the model's order whatever the frame's.

        Further columns are left aside; missing values stay NaN. Errors: ValueError naming absent columns.
        """
        absent = [name for name in self.feature_names if name not in features.columns]
        if absent:
            raise ValueError(
                f"features lack {len(absent)} of the {len(self.feature_names)} inputs of model "
                f"{self.version}, the first {absent[:5]}; build them with the whole catalogue"
            )
        return np.ascontiguousarray(features[list(self.feature_names)].to_numpy(dtype=np.float64))

    def raw_score_of_matrix(self, matrix: Numbers, threads: int = 1) -> Numbers:
        """Raw log-odds of default, float64, of rows as `matrix` gives them; the same alone or in a batch."""
        if not len(matrix):
            return np.zeros(0, dtype=np.float64)
        with lock_of(self.booster):
            raw = self.booster.predict(matrix, raw_score=True, num_threads=threads)
        return np.ascontiguousarray(raw, dtype=np.float64)

    def raw_score(self, features: pd.DataFrame, threads: int = 1) -> Numbers:
        """Raw log-odds of default per client, before calibration, float64, in the frame's order."""
        return self.raw_score_of_matrix(self.matrix(features), threads)

    def probability(self, features: pd.DataFrame, threads: int = 1) -> Numbers:
        """Calibrated default probability per client, float64, in the frame's order."""
        return self.calibration.probability(self.raw_score(features, threads))

    def decide(self, probability: Numbers) -> NDArray[np.object_]:
        """accept, review or decline at this version's cut-off and review band."""
        return decide(probability, self.cut_off, self.review_from)
