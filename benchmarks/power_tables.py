"""The table of `python -m benchmarks.power`.

Belongs here: what it says and how it is worded. Does not: measuring (power, folds), writing (results).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.results import Figures


def power_figures(found: Sequence[Mapping[str, Any]]) -> Figures:
    """AUC of two sets of columns on the same folds, line by line."""
    rows = []
    for row in found:
        result = row["result"]
        rows.append(
            (
                row["clients"],
                row["fit"],
                f"{row['ours']} ({row['columns']})",
                f"{row['theirs']} ({row['columns_of_theirs']})",
                f"{result['ours']:.4f}",
                f"{result['theirs']:.4f}",
                f"{result['difference']:+.4f}",
                f"{result['plain_error']:.4f}",
                f"{result['corrected_error']:.4f}",
            )
        )
    header = (
        "clients",
        "fit",
        "columns",
        "beside",
        "AUC",
        "AUC beside",
        "difference",
        "plain error",
        "corrected",
    )
    fits = dict.fromkeys(row["parameters"] for row in found)
    text = f"{_POWER_WORDS} Fits: {'; '.join(fits)}."
    return Figures("AUC on the same folds", text, header, tuple(rows))


_POWER_WORDS = (
    "Real rows. Stratified folds, the same for all sets; LightGBM with rounds fixed beforehand, the same for "
    "all. The plain error takes folds for independent; the corrected one (Nadeau and Bengio 2003) does not, and"
    " is the one to read. The sample joins two parts with different default rates, so the AUC of all its "
    "clients is inflated for every set: read the parts. The catalogue's directions and its pruning were decided"
    " on the sample's labels, which flatters `declared` on the sample; `any direction` is free of the first, "
    "and the 53,471 applications, 92 % of them other clients, are nearly free of both. Columns: declared (every"
    " model input of the catalogue, kept to the directions it declares), any direction (the same, free), "
    "baseline (min, max, mean, sum of every number, share of every category, the application as it is), with "
    "identifiers (identifiers as numbers and row counts too)."
)
