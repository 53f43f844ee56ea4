"""Default rates by bins of a value: the one count behind every chart of risk against a characteristic.

Belongs here: who falls into which bin, how many defaulted, with intervals. Does not: drawing, choosing bins.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk.intervals import wilson_interval


def rates_by_bin(
    values: NDArray[np.floating], target: NDArray[np.floating], inner_edges: NDArray[np.floating]
) -> pd.DataFrame:
    """Clients and observed default rate per bin of `values`, missing values as the last bin.

    `target`: 1, 0 or NaN where the outcome is unknown. `inner_edges`: ascending, k edges make k + 1 bins; a
    value equal to an edge belongs below it. Columns: low, high (smallest and largest value the bin can hold,
    NaN for missing), clients, known, defaults, rate (NaN without known outcomes), rate_low, rate_high
    (Wilson, 95 %). Every bin has its row, also without clients.

    Example: values 1, 2, 3, NaN with outcomes 0, 1, 1, 0 and the edge 2: rates 0.5 (1 and 2), 1 (3), 0 (NaN).
    """
    missing, edges = np.isnan(values), np.asarray(inner_edges, dtype=values.dtype)
    place = np.where(missing, len(edges) + 1, np.searchsorted(edges, values, side="left"))
    slots, known = len(edges) + 2, ~np.isnan(target)
    frame = pd.DataFrame(
        {
            "clients": np.bincount(place, minlength=slots),
            "known": np.bincount(place[known], minlength=slots),
            "defaults": np.bincount(place[known], weights=target[known], minlength=slots).astype(int),
        }
    )
    lowest, highest = (np.nan, np.nan) if missing.all() else (np.nanmin(values), np.nanmax(values))
    frame.insert(0, "low", [float(lowest), *edges.astype(float), np.nan])
    frame.insert(1, "high", [*edges.astype(float), float(highest), np.nan])
    frame["rate"] = frame["defaults"] / frame["known"].where(frame["known"] > 0)
    frame["rate_low"], frame["rate_high"] = wilson_interval(frame["defaults"], frame["known"])
    return frame
