"""The tables of `python -m benchmarks.shap`.

Belongs here: what they say and how they are worded. Does not: measuring (shap), writing (results).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.results import Figures


def shap_figures(found: Sequence[Mapping[str, Any]]) -> Figures:
    """Clients per second of both sides, model by model."""
    rows = tuple(
        (
            run["model"],
            f"{run['beside'] / run['theirs']['seconds']:,.0f}",
            f"{run['beside'] / run['ours']['seconds']:,.0f}",
            f"{run['rows']:,}",
            f"{run['tables']['seconds'] + run['full']['seconds']:.2f}",
            f"{run['ratio']:.0f}",
            f"{run['cpu_ratio']:.0f}",
            f"{run['largest_difference']:.1e}",
        )
        for run in found
    )
    header = (
        "model",
        "pred_contrib /s",
        "ours /s",
        "all rows",
        "seconds",
        "ratio",
        "CPU ratio",
        "difference",
    )
    asked = ", ".join(
        f"{run['model']}: {'reached' if run['ratio'] >= run['asked'] else 'not reached'}" for run in found
    )
    text = f"{_SHAP_WORDS} Asked: {found[0]['asked']} times. {asked}."
    return Figures(f"Beside LightGBM's pred_contrib, {found[0]['beside']:,} clients", text, header, rows)


def table_figures(found: Sequence[Mapping[str, Any]]) -> Figures:
    """What is prepared once per model, and one client alone."""
    rows = tuple(
        (
            run["model"],
            f"{run['trees']:,}",
            f"{run['leaves']:,}",
            f"{run['table_bytes'] / 1e6:.1f} MB",
            f"{run['odd_leaves']:,}",
            f"{run['tables']['seconds']:.2f} s",
            f"{run['one_client_ms'][0]:.2f} ms",
            f"{run['one_client_ms'][1]:.2f} ms",
        )
        for run in found
    )
    header = (
        "model",
        "trees",
        "leaves",
        "tables",
        "without table",
        "prepared in",
        "one client",
        "95th percentile",
    )
    text = "Tables are bounded; a leaf without one is computed by the same formula, client by client."
    return Figures("Tables and one client alone", text, header, rows)


_SHAP_WORDS = (
    "Same model, same rows, as many threads as cores; both sides in turns, median of three rounds. Clients per "
    "second without tables; `seconds` is all rows with the tables built anew, `ratio` what LightGBM would take for "
    "them at its pace, divided by that; `CPU ratio` the same in CPU seconds. `difference`: the largest of any "
    "contribution. The production model is what `pret train` makes of simulated clients; the other has 31 leaves a "
    "tree."
)
