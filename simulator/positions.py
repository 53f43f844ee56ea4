"""Here: the numeric columns of the application as positions on a Gaussian copula driven by the latent causes.
Not here: the values at those positions, the other columns (application.py).
"""

from functools import cache

import numpy as np

from simulator.facts import Floats, read_facts
from simulator.latents import Latents

# How each column's position answers to (ability, indebtedness, behaviour, shocks). The EXT_SOURCE are noisy
# views of different causes, hence good predictors that hardly agree; the rest follows the published rank
# correlation with TARGET. The correlations between columns are the published ones, whatever stands here.
LOADINGS: dict[str, tuple[float, float, float, float]] = {
    "EXT_SOURCE_1": (0.63, -0.05, 0.12, -0.22),
    "EXT_SOURCE_2": (0.25, -0.10, 0.58, -0.15),
    "EXT_SOURCE_3": (0.08, -0.62, 0.20, -0.42),
    "AMT_INCOME_TOTAL": (0.25, 0.12, 0.00, 0.00),
    "AMT_CREDIT": (0.15, 0.05, 0.00, 0.00),
    "AMT_ANNUITY": (0.12, 0.13, 0.00, 0.00),
    "AMT_GOODS_PRICE": (0.19, 0.03, 0.00, 0.00),
    "DAYS_BIRTH": (-0.20, 0.05, -0.22, 0.05),
    "DAYS_EMPLOYED": (-0.28, 0.00, -0.12, 0.12),
    "DAYS_REGISTRATION": (-0.10, 0.00, -0.12, 0.00),
    "DAYS_ID_PUBLISH": (-0.10, 0.05, -0.12, 0.00),
    "CNT_CHILDREN": (-0.08, 0.00, -0.05, 0.00),
    "REGION_RATING_CLIENT": (-0.25, 0.00, -0.06, 0.00),
    "REGION_POPULATION_RELATIVE": (0.14, 0.00, 0.00, 0.00),
    "DAYS_LAST_PHONE_CHANGE": (-0.05, 0.00, -0.10, 0.20),
    "OWN_CAR_AGE": (-0.18, 0.00, 0.00, 0.00),
}
SMALLEST_VARIANCE = 1e-4


def draw_positions(rng: np.random.Generator, latents: Latents) -> dict[str, Floats]:
    """A standard normal position per client for each column of `LOADINGS`.

    position = loadings · latents + rest; the rest is correlated between columns such that the positions
    together have the published Spearman correlations (as Pearson of normals: 2 sin(pi/6 · rho), so 0.50
    becomes 0.518).
    """
    loadings, rest = _structure()
    clients = len(latents.ability)
    positions = latents.stacked() @ loadings.T + rng.standard_normal((clients, len(loadings))) @ rest.T
    return {column: np.ascontiguousarray(positions[:, k]) for k, column in enumerate(LOADINGS)}


@cache
def _structure() -> tuple[Floats, Floats]:
    """Loadings (columns, 4) and the factor (columns, columns) of the rest's covariance."""
    names = list(LOADINGS)
    spearman = read_facts("spearman").set_index("column").loc[names, names].to_numpy(dtype=np.float64)
    correlation = 2.0 * np.sin(np.pi / 6.0 * spearman)
    np.fill_diagonal(correlation, 1.0)
    loadings = np.array(list(LOADINGS.values()))
    variances, directions = np.linalg.eigh(correlation - loadings @ loadings.T)
    factor = directions * np.sqrt(np.maximum(variances, SMALLEST_VARIANCE))
    spread = np.sqrt((loadings**2).sum(axis=1) + (factor**2).sum(axis=1))
    return loadings / spread[:, None], factor / spread[:, None]
