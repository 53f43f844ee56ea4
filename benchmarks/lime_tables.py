"""The tables of `python -m benchmarks.lime`, and the figures that they are made of.

Belongs here: what is kept of each client and side, how it is summed up and worded. Does not: measuring
(lime).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from benchmarks.lime_truth import CLEAR, Naming
from benchmarks.results import Figures

OURS, STOCK, EXACT = "this system", "stock LIME", "exact SHAP"


@dataclass(frozen=True)
class Measured:
    """Of one client and one side; None where the side does not say it."""

    side: str
    r2: float
    seconds: float
    seconds_with_stability: float | None
    jaccard_seeds: float
    jaccard_references: float
    vsi: float | None
    csi: float | None
    rank_correlation: float
    rank_correlation_same_cohort: float | None
    shared_top5: float
    reliable: bool | None


@dataclass(frozen=True)
class Results:
    """Per folder how many clients its model knows, and what was measured; who named the true cause how often."""

    clients: dict[str, int] = field(default_factory=dict)
    figures: dict[str, list[Measured]] = field(default_factory=dict)
    truth: list[Naming] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """A line of the table: how a side's clients are summed up, what the issue asks, which way is better."""

    said: str
    figure: str
    sum_up: Callable[[Sequence[float]], float]
    asked: float | None = None
    at_most: bool = False
    milliseconds: bool = False

    def of(self, measured: Sequence[Measured]) -> float | None:
        """The figure over the clients; None where the side does not say it. Clients without one are left out."""
        values = [value for one in measured if (value := getattr(one, self.figure)) is not None]
        known = [float(value) for value in values if not np.isnan(float(value))]
        return self.sum_up(known) * (1000 if self.milliseconds else 1) if known else None

    def written(self, value: float | None) -> str:
        """The figure as text."""
        if value is None:
            return "–"
        return f"{value:,.0f} ms" if self.milliseconds else f"{value:.3f}"


def _percentile(share: float) -> Callable[[Sequence[float]], float]:
    return lambda values: float(np.quantile(values, share))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


ROWS = (
    Row("R² of the local fit, median", "r2", _percentile(0.5), 0.95),
    Row("R², 5th percentile", "r2", _percentile(0.05), 0.85),
    Row("Jaccard@10 between mask seeds, mean", "jaccard_seeds", _mean, 0.95),
    Row("Jaccard@10 between independent reference samples, mean", "jaccard_references", _mean, 0.85),
    Row("VSI, mean", "vsi", _mean),
    Row("CSI, mean", "csi", _mean),
    Row("rank correlation with exact SHAP, mean", "rank_correlation", _mean, 0.90),
    Row("the same, SHAP against the same reference", "rank_correlation_same_cohort", _mean),
    Row("shared top 5 with exact SHAP, mean", "shared_top5", _mean, 0.85),
    Row("called reliable, share", "reliable", _mean),
    Row("one explanation, median", "seconds", _percentile(0.5), milliseconds=True),
    Row("one explanation, 95th percentile", "seconds", _percentile(0.95), 250, True, True),
    Row("with stability, median", "seconds_with_stability", _percentile(0.5), milliseconds=True),
    Row("with stability, 95th percentile", "seconds_with_stability", _percentile(0.95), 1000, True, True),
)


def summary(found: Results) -> dict[str, object]:
    """What is kept of a run: every figure of each folder and side over its clients, and the namings of causes."""
    figures = {
        name: {
            side: {row.said: row.of([one for one in measured if one.side == side]) for row in ROWS}
            for side in (OURS, STOCK)
        }
        for name, measured in found.figures.items()
    }
    return {"clients": found.clients, "figures": figures, "truth": [asdict(one) for one in found.truth]}


def not_reached(found: Results) -> list[str]:
    """What this system does not reach of what is asked, folder by folder."""
    missed = []
    for name, measured in found.figures.items():
        own = [one for one in measured if one.side == OURS]
        for row in ROWS:
            value = row.of(own)
            if row.asked is None or value is None:
                continue
            if value > row.asked if row.at_most else value < row.asked:
                missed.append(f"{row.said} ({name}): {row.written(value)}")
    return missed


def lime_figures(found: Results) -> Figures:
    """Every figure of both sides, folder by folder."""
    sides = [(name, side) for name in found.figures for side in (OURS, STOCK)]
    header = ("", "asked", *(f"{name}: {side}" for name, side in sides))
    rows = []
    for row in ROWS:
        asked = "" if row.asked is None else ("≤ " if row.at_most else "≥ ") + row.written(row.asked)
        cells = [
            row.written(row.of([one for one in found.figures[name] if one.side == side]))
            for name, side in sides
        ]
        rows.append((row.said, asked, *cells))
    counts = ", ".join(
        f"{sum(one.side == OURS for one in measured)} of {found.clients[name]:,} clients ({name})"
        for name, measured in found.figures.items()
    )
    missed = not_reached(found)
    verdict = "All that is asked is reached." if not missed else f"Not reached: {'; '.join(missed)}."
    return Figures("LIME beside stock LIME", f"{_WORDS} Explained: {counts}. {verdict}", header, tuple(rows))


def truth_figures(found: Results) -> Figures:
    """Who names the true first cause how often."""
    rows = tuple(
        (
            one.said_by,
            f"{one.right:.1%} ± {one.error:.1%}",
            f"{one.clients:,}",
            "–" if one.right_where_clear is None else f"{one.right_where_clear:.1%}",
            f"{one.clear:,}",
        )
        for one in found.truth
    )
    header = ("named by", "right", "clients", "right where clear", "clients where clear")
    return Figures("Is the cause named first the true one?", _TRUTH_WORDS, header, rows)


_WORDS = (
    "Production models (`pret train` on each folder), the same clients on both sides, in one process, one "
    "after the other. Stock LIME: lime_tabular with its defaults (5,000 samples, quartiles, ten features, "
    "probabilities), missing values imputed by the median because it must, so that it explains another client "
    "than the one scored. This system: 62 features perturbed, 50 selected, log-odds, 1,024 reference clients "
    "stored with the model version; with stability: ten fits with other masks and two halves of the "
    "reference. Mask seeds: this system over ten seeds, stock between two. Reference samples: drawn from two "
    "halves of the clients, of which nobody is in both; stock LIME trained on each half. Rank correlation: "
    "this system over all perturbed features (weight 0 where not selected), stock over its ten."
)
_TRUTH_WORDS = (
    "Simulated clients, whose true causes are known (ability, indebtedness, behaviour, shocks, strain, each "
    "against the average client). The first cause is the one that raises the risk most. An explanation's "
    "weights are added up by cause: columns of the application belong to the cause that the simulator ties "
    "them to, features of several columns to theirs in equal parts, histories to the cause of their reason "
    f"group (benchmarks/lime_truth.py). Clear: the true first cause leads by {CLEAR} log-odds or more. Chance: "
    "causes named at random, as often as each is the first. The last line is what the features could tell at "
    "best, not an explanation of the model. ±: standard error."
)
