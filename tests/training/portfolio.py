"""A small portfolio of random features with a known link to default, for the tests of training and store."""

import numpy as np
import pandas as pd

from features import CATALOGUE, Catalogue


def tiny_catalogue() -> Catalogue:
    """Real declarations: ten numbers and two categories of the application, one protected feature."""
    application = [feature for feature in CATALOGUE if feature.table == "application"]
    numbers = [feature for feature in application if not feature.categories and not feature.protected][:10]
    categories = [feature for feature in application if feature.categories and not feature.protected][:2]
    protected = [feature for feature in application if feature.protected][:1]
    return Catalogue([*numbers, *categories, *protected])


def portfolio(clients: int = 1500, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """Features (float32, a tenth missing) and 0/1 outcomes that fall with the first two; about 12 % default."""
    catalogue, rng = tiny_catalogue(), np.random.default_rng(seed)
    index = pd.Index(np.arange(100_001, 100_001 + clients), name="SK_ID_CURR")
    columns = {}
    for feature in catalogue:
        if feature.categories:
            values = rng.integers(0, len(feature.categories), clients).astype(np.float32)
        else:
            values = rng.normal(size=clients).astype(np.float32)
        columns[feature.name] = np.where(rng.random(clients) < 0.1, np.float32(np.nan), values)
    features = pd.DataFrame(columns, index=index, dtype=np.float32)
    signal = features.iloc[:, :2].fillna(0).to_numpy(dtype=np.float64) @ np.array([-0.9, -0.7])
    outcome = rng.random(clients) < 1 / (1 + np.exp(-(signal - 2.4)))
    return features, pd.Series(outcome.astype(np.int8), index=index, name="TARGET")
