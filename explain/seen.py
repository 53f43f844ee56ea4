"""What the model has seen: training clients beside whom a client with other values is usual, rare or unheard of.

Belongs here: ranges of single values, how near the nearest training clients are. Does not: what is asked about
(ways, what_if), who is similar in the model's eyes (similar).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.distances import Axes, smallest, squared_distances
from features import CATALOGUE, Catalogue
from model_store.scorebook import read_reference_clients
from model_store.scoring_model import ScoringModel
from model_store.storage import Location

CLIENTS = 20_000  # training clients that stand for all of them
LEAST = 500  # below, a night's shards hold too few of them and the model's own background stands for all
NEAREST = 5
RARE = 0.005  # share of the training clients in each tail, or in a category
FAR = 0.99  # share of the training clients who have nearer neighbours than a combination that is called far
MEASURED = 1_000  # training clients whose own distance says what is usual
SPACE = (
    "app_credit",
    "app_goods_price",
    "app_annuity",
    "app_credit_to_annuity",
    "app_credit_to_goods",
    "app_annuity_to_income",
    "app_income",
    "app_is_revolving",
    "app_age",
    "app_employed",
    "app_age_at_hiring",
    "app_household_members",
    "app_children",
    "app_ext_source_mean",
)
"""The request and the person: what must go together. Amounts and ratios are compared by their logarithm."""
_LOGARITHMIC, _BY_VALUE = ("amount", "ratio"), ("flag", "category")

Matrix = NDArray[np.float64]
Place = Literal["usual", "rare", "outside"]


@dataclass(frozen=True, eq=False)
class Seen:
    """Training clients (features by client), and the distance beyond which a combination is like none of them."""

    features: pd.DataFrame
    space: Space
    limit: float
    catalogue: Catalogue = CATALOGUE
    _ranges: dict[str, Range] = field(default_factory=dict)

    @classmethod
    def of(cls, features: pd.DataFrame, catalogue: Catalogue = CATALOGUE) -> Seen:
        """Of training clients, indexed by client; takes 0.2 s for 20,000. Errors: ValueError for 5 or fewer."""
        if len(features) <= NEAREST:
            raise ValueError(
                f"{len(features)} training clients say nothing of what is usual; give more than {NEAREST}"
            )
        space = Space.of(features, catalogue)
        step = max(len(features) // MEASURED, 1)
        some = features.iloc[::step]
        own = space.distance(some, some.index.to_numpy())
        return cls(features, space, float(np.quantile(own, FAR)), catalogue)

    def distance(self, features: pd.DataFrame, client: int) -> Matrix:
        """Distance of each row to the fifth nearest training client, the client itself left out."""
        return self.space.distance(features, np.full(len(features), client))

    def range_of(self, name: str) -> Range:
        """What values of a feature the training clients have; found once."""
        if name not in self._ranges:
            values = self.features[name].to_numpy(np.float64)
            self._ranges[name] = _range(values, self.catalogue[name].unit in _BY_VALUE)
        return self._ranges[name]


@dataclass(frozen=True, eq=False)
class Range:
    """Smallest and largest value, the bounds beyond which values are rare; of flags and categories each share."""

    smallest: float
    low: float
    high: float
    largest: float
    missing: float
    shares: Mapping[float, float] | None = None

    def place(self, value: float) -> Place:
        """How usual a value is: "rare" in the outermost half per cent, "outside" where no training client goes."""
        if np.isnan(value) or self.shares is not None:
            share = self.missing if np.isnan(value) else (self.shares or {}).get(float(value), 0.0)
            return "usual" if share >= RARE else "rare" if share > 0 else "outside"
        if not self.smallest <= value <= self.largest:
            return "outside"
        return "usual" if self.low <= value <= self.high else "rare"


def _range(values: Matrix, by_value: bool) -> Range:
    known = values[~np.isnan(values)]
    missing = 1 - len(known) / len(values)
    if not len(known):
        return Range(np.nan, np.nan, np.nan, np.nan, missing)
    low, high = np.quantile(known, [RARE, 1 - RARE])
    shares = None
    if by_value:
        found, counts = np.unique(known, return_counts=True)
        shares = dict(zip(found.tolist(), (counts / len(values)).tolist(), strict=True))
    return Range(float(known.min()), float(low), float(high), float(known.max()), missing, shares)


@dataclass(frozen=True, eq=False)
class Space:
    """The space in which combinations are near or far: centred, scaled to the middle 90 %, missing apart.

    `axes`: float32 (dimensions, training clients); `clients`: whose they are.
    """

    names: tuple[str, ...]
    logarithmic: NDArray[np.bool_]
    centre: Matrix
    scale: Matrix
    clients: NDArray[np.int64]
    axes: Axes

    @classmethod
    def of(cls, features: pd.DataFrame, catalogue: Catalogue) -> Space:
        names = tuple(name for name in SPACE if name in features.columns)
        logarithmic = np.array([catalogue[name].unit in _LOGARITHMIC for name in names], dtype=np.bool_)
        values = _values(features, names, logarithmic)
        known = ~np.isnan(values).all(axis=0)
        low, centre, high = (np.zeros(len(names)) for _ in range(3))
        low[known], centre[known], high[known] = np.nanquantile(values[:, known], [0.05, 0.5, 0.95], axis=0)
        scale = np.where(high > low, (high - low) / 3.29, 1.0)  # 3.29 standard deviations hold 90 % of a bell
        clients = features.index.to_numpy(np.int64)
        return cls(names, logarithmic, centre, scale, clients, _placed(values, centre, scale))

    def distance(self, features: pd.DataFrame, clients: NDArray[np.int64]) -> Matrix:
        """Of each row to the fifth nearest training client other than the row's own."""
        points = _placed(_values(features, self.names, self.logarithmic), self.centre, self.scale)
        found = np.zeros(len(features))
        for row, client in enumerate(clients.tolist()):
            squares = squared_distances(self.axes, np.ascontiguousarray(points[:, row]))
            squares[self.clients == client] = np.inf
            found[row] = np.sqrt(squares[smallest(squares, NEAREST)[-1]])
        return found


def _values(features: pd.DataFrame, names: Sequence[str], logarithmic: NDArray[np.bool_]) -> Matrix:
    values = features[list(names)].to_numpy(np.float64, copy=True)
    values[:, logarithmic] = np.log(np.maximum(values[:, logarithmic], 1e-3))
    return values


def _placed(values: Matrix, centre: Matrix, scale: Matrix) -> Axes:
    """Scaled values with missing in the middle, then for each column 1 where it is missing: one column a client."""
    missing = np.isnan(values)
    placed = np.hstack([np.where(missing, 0.0, (values - centre) / scale), missing])
    return np.ascontiguousarray(placed.T, dtype=np.float32)


def read_seen(store: Location, run_id: str, model: ScoringModel) -> Seen:
    """Training clients of a night that stand for all of them: whole shards of it, CLIENTS or more if there are.

    Read once per night and kept by whoever asks: 0.5 s at 356,255 clients.
    """
    features = read_reference_clients(store, run_id, CLIENTS)
    return Seen.of(features if len(features) >= LEAST else model.background)
