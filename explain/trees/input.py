"""What callers pass as X becomes the matrix that the trees read: checked, ordered by name, float64.

Belongs here: the columns of a model and how a frame or an array is brought into their order. Does not: the trees.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
_NAMES, _CATEGORIES = "^feature_names=(.*)$", "^pandas_categorical:(.*)$"


@dataclass(frozen=True, eq=False)
class Columns:
    """A model's columns: their names in order, and the categories of those that were pandas categoricals.

    `categories`: one list for each categorical column of the training frame, in its order; codes count in it.
    """

    names: tuple[str, ...]
    categories: tuple[list[Any], ...]

    @classmethod
    def of(cls, text: str) -> Columns:
        """The columns of a model, as LightGBM's predict reads them, from its own text."""
        names, categories = (re.search(line, text, re.MULTILINE) for line in (_NAMES, _CATEGORIES))
        if names is None:
            raise ValueError("the model's text names no features; expected the text that LightGBM writes")
        return cls(tuple(names[1].split()), tuple((json.loads(categories[1]) if categories else None) or ()))

    def matrix(self, X: NDArray[Any] | pd.DataFrame) -> Matrix:
        """`X` as float64, C-order and writable, shape (rows, features), columns in the model's order.

        A frame's columns are found by name, further ones left aside; an array's must be in the model's order.
        Errors: ValueError naming what does not fit.
        """
        values = self._ordered(X) if isinstance(X, pd.DataFrame) else np.asarray(X)
        if values.ndim != 2:
            raise ValueError(
                f"X has {values.ndim} dimension(s), shape {values.shape}; expected 2: "
                f"(clients, {len(self.names)}). For one client pass X.reshape(1, -1)."
            )
        if values.shape[1] != len(self.names):
            raise ValueError(
                f"X has {values.shape[1]} columns, the model has {len(self.names)} features. Build X with "
                "ScoringModel.matrix(features), which orders the columns by the model's names."
            )
        # compiled once for writable arrays, not again for others
        return np.require(values, dtype=np.float64, requirements=["C", "W"])

    def _ordered(self, frame: pd.DataFrame) -> NDArray[Any]:
        place = {str(name).replace(" ", "_"): name for name in frame.columns}  # as LightGBM writes names
        absent = [name for name in self.names if name not in place]
        if absent:
            raise ValueError(
                f"X lacks {len(absent)} of the model's {len(self.names)} features, the first {absent[:5]}; "
                "pass the columns the model was trained on, in any order"
            )
        written = pd.Index([str(name).replace(" ", "_") for name in frame.columns])
        repeated = [name for name in written[written.duplicated()].unique() if name in self.names]
        if repeated:
            raise ValueError(f"X has several columns named {repeated[:5]}; expected each feature once")
        chosen = frame[[place[name] for name in self.names]]
        chosen = self._coded(chosen)
        words = [name for name, kind in chosen.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
        if words:
            raise ValueError(
                f"X holds values that are not numbers in {len(words)} columns, the first {words[:5]}; "
                "pass the categories' codes, or pandas categoricals if the model was trained on them"
            )
        return chosen.to_numpy(dtype=np.float64, na_value=np.nan)

    def _coded(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Categoricals as their codes in the training frame's categories; NaN where it had no such category."""
        found = [name for name, kind in frame.dtypes.items() if isinstance(kind, pd.CategoricalDtype)]
        if not found:
            return frame
        if len(found) != len(self.categories):
            raise ValueError(
                f"X has {len(found)} categorical columns ({found[:5]}), the model was trained on "
                f"{len(self.categories)}; pass the same columns as categoricals"
            )
        for name, known in zip(found, self.categories, strict=True):
            codes = frame[name].cat.set_categories(known).cat.codes
            frame = frame.assign(**{str(name): codes.astype(np.float64).mask(codes < 0)})
        return frame
