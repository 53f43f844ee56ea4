"""From tables to one row of features per client: the same function for one client, a sample, a shard.

Belongs here: putting the columns together, table by table. Does not: declarations, views (views), files, Dask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.aggregations import aggregate
from features.catalogue import CATALOGUE
from features.declaration import Catalogue, Feature
from features.expressions import Number, Numbers
from features.rows import Rows, segments_of
from features.schemas import CLIENT
from features.views import Clients, Columns, application_of, rows_of


def build_features(tables: Mapping[str, pd.DataFrame], catalogue: Catalogue = CATALOGUE) -> pd.DataFrame:
    """One float32 row per client of `tables["application"]`, indexed by SK_ID_CURR ascending, columns
    `catalogue.names`; NaN means missing; no value is infinite.

    `tables` maps table names (features.schemas.TABLES) to raw frames with at least the columns
    `catalogue.columns`; a table left out has no rows for anybody. Rows of clients without an application are not
    read. `bureau_balance` may come without SK_ID_CURR: it gets it through bureau. Row order does not matter;
    frames are not changed.
    Errors: UnknownTable for a name that no schema has; MissingTable if there is no application table or a column
    is missing; InvalidRows if a row's client is missing or no whole number, or a value is no number;
    RepeatedClients if a client has two applications.
    """
    application, clients = application_of(tables, catalogue)
    return _finished(application, clients, _histories(tables, clients, catalogue), catalogue)


def build_variants(
    tables: Mapping[str, pd.DataFrame], applications: pd.DataFrame, catalogue: Catalogue = CATALOGUE
) -> pd.DataFrame:
    """What the features of the one client of `tables` would be with each of `applications`, all else as it is.

    One float32 row per row of `applications` (the columns of the application; the client in it does not matter), in
    their order, to the last bit what `build_features` gives for each alone: histories are aggregated once.
    Errors: ValueError where `tables` holds not exactly one client; those of `build_features`.
    """
    _, client = application_of(tables, catalogue)
    if len(client) != 1:
        raise ValueError(f"variants are of one client, the tables hold {len(client)}; give the rows of one")
    numbered = applications.assign(**{CLIENT: np.arange(len(applications))})
    rows, clients = application_of({"application": numbered}, catalogue)
    once = _histories(tables, client, catalogue)
    built = {name: np.full(len(clients), value[0]) for name, value in once.items()}
    return _finished(rows, clients, built, catalogue)


def _histories(
    tables: Mapping[str, pd.DataFrame], clients: Clients, catalogue: Catalogue
) -> dict[str, Numbers]:
    """The features that come from many rows per client, by name."""
    built: dict[str, Numbers] = {}
    with np.errstate(over="ignore", invalid="ignore"):
        many = (feature for feature in catalogue if feature.agg is not None)
        for table, features in groupby(sorted(many, key=_table), key=_table):
            rows = rows_of(table, tables, catalogue, clients)
            built |= {feature.name: _aggregated(feature, rows, clients) for feature in _by_value(features)}
    return built


def _finished(
    application: Columns, clients: Clients, built: dict[str, Numbers], catalogue: Catalogue
) -> pd.DataFrame:
    """The features of the application and of everything built before join the others, in declared order."""
    with np.errstate(over="ignore", invalid="ignore"):
        one_row = Rows("application", _Combined(application, built), segments_of(clients))
        for feature in catalogue:
            if feature.agg is None:
                built[feature.name] = one_row.value(feature.value)
        columns = np.empty((len(clients), len(catalogue)), dtype=np.float32, order="F")
        for place, name in enumerate(catalogue.names):
            columns[:, place] = built[name]
    columns[np.isinf(columns)] = np.nan  # too large for a float32 (beyond 3.4e38): missing, never infinite
    index = pd.Index(clients, name=CLIENT)
    return pd.DataFrame(columns, index=index, columns=list(catalogue.names), copy=False)


def _table(feature: Feature) -> str:
    return feature.table


def _by_value(features: Iterable[Feature]) -> Iterator[Feature]:
    """The features that measure the same one after the other, so that no more than one array of values is held."""
    together: dict[Number, list[Feature]] = {}
    for feature in features:
        together.setdefault(feature.value, []).append(feature)
    return chain.from_iterable(together.values())


class _Combined(Mapping[str, object]):
    """Columns of the application and the features built so far, under one roof."""

    def __init__(self, application: Mapping[str, object], built: Mapping[str, Numbers]) -> None:
        self._application, self._built = application, built

    def __getitem__(self, name: str) -> object:
        return self._built[name] if name in self._built else self._application[name]

    def __iter__(self):  # type: ignore[no-untyped-def] # Mapping's own signature
        return iter((*self._built, *self._application))

    def __len__(self) -> int:
        return len(self._built) + len(self._application)


def _aggregated(feature: Feature, rows: Rows, clients: Clients) -> NDArray[np.float64]:
    """The feature of each client: `when_no_rows` where no row counts, missing where none has a value."""
    answer = np.full(len(clients), feature.when_no_rows, dtype=np.float64)
    if len(rows):
        answer[rows.segments.owners] = aggregate(feature, rows)
    return answer
