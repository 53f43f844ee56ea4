"""Two versions side by side: figures with the error of their difference, features, decisions on the same clients.

Belongs here: what differs and by how much. Does not: whether that is good enough (promotion), tables (batch).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

import risk
from model_store.declarations import Differences, differences
from model_store.records import VersionRecord
from risk.arrays import Numbers

PAIRED = ("auc", "cost_per_client", "brier")
HIGHER_IS_BETTER = {"auc": True, "gini": True, "ks": True, "average_precision": True,
                    "cost_per_client": False, "log_loss": False, "brier": False}  # fmt: skip
CUT_OFF = "cut_off"  # of single folds; the versions' own stand in their models
Basis = Literal["clients", "folds", "stated"]
FEWEST_COMMON = 0.5  # of the clients of each version: fewer say little of the rest


@dataclass(frozen=True)
class Figure:
    """A figure of both versions, second minus first, and the standard error of that difference (None: unknown).

    `basis`: measured anew on the clients of both, fold by fold; taken from what both state of the same folds; or
    from the means and errors that each states of its own.
    """

    name: str
    first: float
    second: float
    difference: float
    standard_error: float | None
    basis: Basis

    @property
    def paired(self) -> bool:
        """True where the difference is one of the same clients."""
        return self.basis != "stated"

    @property
    def worse(self) -> bool:
        """True if the second is worse than the first by more than one standard error."""
        loss = -self.difference if HIGHER_IS_BETTER.get(self.name, True) else self.difference
        return self.name in HIGHER_IS_BETTER and loss > (self.standard_error or 0.0)


@dataclass(frozen=True, eq=False)
class Comparison:
    """The second version beside the first. `decisions`: share of the clients that both scored out of fold, by the
    first's decision (rows) and the second's (columns); empty where there are none. `costs`: (FN, FP) of paired
    costs per client. `inputs`: model inputs that only one of them uses."""

    first: str
    second: str
    figures: tuple[Figure, ...]
    common_clients: int
    costs: tuple[float, float]
    decisions: pd.DataFrame
    inputs: Differences
    features: Differences

    def figure(self, name: str) -> Figure | None:
        """The figure of that name, None if one of the two does not have it."""
        return next((figure for figure in self.figures if figure.name == name), None)

    @property
    def agreement(self) -> float:
        """Share of the common clients that get the same decision; NaN without any."""
        return float(np.trace(self.decisions.to_numpy())) if len(self.decisions) else float("nan")


def compare(first: VersionRecord, second: VersionRecord) -> Comparison:
    """Figures over the same clients and folds where both scored the same clients out of fold (at least half of
    each version's), otherwise from the means and standard errors that each version states.

    Paired costs are the first version's, in money those of each client; each version keeps its own cut-off unless
    it was chosen for other costs, then it gets the cheapest one under these.
    """
    common = _common(first, second)
    enough = len(common) >= FEWEST_COMMON * max(len(first.out_of_fold), len(second.out_of_fold), 1)
    paired = _paired(common, first, second) if enough else {}
    stated = [name for name in first.metrics if name in second.metrics and name not in {*paired, CUT_OFF}]
    if not _same_costs(first, second) and "cost_per_client" in stated:
        stated.remove("cost_per_client")  # costs counted in other units are no figures of one kind
    pairs = _same_folds(common, first, second)
    figures = [*paired.values(), *filter(None, (_stated(name, first, second, pairs) for name in stated))]
    inputs = [dict.fromkeys(record.inputs, "") for record in (first, second)]
    return Comparison(
        first=first.version,
        second=second.version,
        figures=tuple(figures),
        common_clients=len(common),
        costs=(float(first.model["fn_cost"]), float(first.model["fp_cost"])),
        decisions=_decisions(common, first, second),
        inputs=Differences(
            tuple(name for name in inputs[0] if name not in inputs[1]),
            tuple(name for name in inputs[1] if name not in inputs[0]),
            {},
        ),
        features=differences(first.declared, second.declared),
    )


def _common(first: VersionRecord, second: VersionRecord) -> pd.DataFrame:
    """Clients whose outcome both agree on: columns first, second (probabilities), target, fold and other_fold (the
    second's), fn_cost and fp_cost (the first's: a client's own where they were stored, otherwise those of all)."""
    names = ("first", "second", "target", "fold", "other_fold", "fn_cost", "fp_cost")
    if not len(first.out_of_fold) or not len(second.out_of_fold):
        return pd.DataFrame({name: [] for name in names}, dtype=np.float64)
    theirs = second.out_of_fold[["target", "default_probability", "fold"]]
    both = first.out_of_fold.join(theirs, how="inner", rsuffix="_second")
    both = both[both["target"] == both["target_second"]]
    return pd.DataFrame(
        {
            "first": both["default_probability"],
            "second": both["default_probability_second"],
            "target": both["target"],
            "fold": both["fold"],
            "other_fold": both["fold_second"],
            **{name: both.get(name, float(first.model[name])) for name in ("fn_cost", "fp_cost")},
        }
    )


def _paired(common: pd.DataFrame, first: VersionRecord, second: VersionRecord) -> Mapping[str, Figure]:
    """Figures per fold of the first version; none where a fold lacks one of the outcomes."""
    folds = [part for _, part in common.groupby("fold")]
    if any(part["target"].nunique() < 2 for part in folds):
        return {}
    cut_offs = {"first": float(first.model["cut_off"]), "second": _cut_off(common, first, second)}
    ours, theirs = (
        np.array([_figures(part, side, cut_off) for part in folds]) for side, cut_off in cut_offs.items()
    )
    return {
        name: _figure(name, ours[:, place], theirs[:, place], "clients") for place, name in enumerate(PAIRED)
    }


def _figures(part: pd.DataFrame, side: str, cut_off: float) -> tuple[float, float, float]:
    outcome, promised, fn_cost, fp_cost = _numbers(part, side)
    cost = risk.business_cost(outcome, promised, cut_off, fn_cost, fp_cost)
    return risk.auc(outcome, promised), cost, float(np.mean((outcome - promised) ** 2))


def _cut_off(common: pd.DataFrame, first: VersionRecord, second: VersionRecord) -> float:
    """That of the second version, or the cheapest under the first's costs if it was chosen for others."""
    if _same_costs(first, second):
        return float(second.model["cut_off"])
    return risk.cheapest_cut_off(*_numbers(common, "second")).cut_off


def _numbers(part: pd.DataFrame, side: str) -> tuple[Numbers, ...]:
    """Outcomes, a side's probabilities, costs of a default accepted and of a good client refused."""
    return tuple(part[name].to_numpy(np.float64) for name in ("target", side, "fn_cost", "fp_cost"))


def _same_costs(first: VersionRecord, second: VersionRecord) -> bool:
    """True for the same assumptions in money, or the same ratio of counted costs."""
    ours, theirs = (record.metadata.get("settings", {}).get("money") for record in (first, second))
    if ours is not None or theirs is not None:
        return bool(ours == theirs)
    fn, fp = ([float(record.model[name]) for record in (first, second)] for name in ("fn_cost", "fp_cost"))
    return fn[0] * fp[1] == fn[1] * fp[0]


def _same_folds(common: pd.DataFrame, first: VersionRecord, second: VersionRecord) -> bool:
    """True where both scored the same clients in the same folds: what each states of one is of the same people."""
    whole = 0 < len(common) == len(first.out_of_fold) == len(second.out_of_fold)
    return whole and bool((common["fold"] == common["other_fold"]).all())


def _figure(name: str, first: Numbers, second: Numbers, basis: Basis) -> Figure:
    gap = second - first
    error = float(gap.std(ddof=1) / np.sqrt(len(gap))) if len(gap) > 1 else None
    return Figure(name, float(first.mean()), float(second.mean()), float(gap.mean()), error, basis)


def _stated(name: str, first: VersionRecord, second: VersionRecord, same_folds: bool) -> Figure | None:
    found = [record.metrics[name] for record in (first, second)]
    means = [metric.get("mean") for metric in found]
    if means[0] is None or means[1] is None:
        return None
    per_fold = [metric.get("per_fold", [None]) for metric in found]
    if same_folds and len(per_fold[0]) == len(per_fold[1]) and None not in [*per_fold[0], *per_fold[1]]:
        return _figure(name, np.array(per_fold[0]), np.array(per_fold[1]), "folds")
    errors = [metric.get("standard_error") for metric in found]
    known = [error for error in errors if error is not None]
    error = float(np.hypot(*known)) if len(known) == 2 else None
    return Figure(name, means[0], means[1], means[1] - means[0], error, "stated")


def _decisions(common: pd.DataFrame, first: VersionRecord, second: VersionRecord) -> pd.DataFrame:
    decided = [
        risk.decide(common[side].to_numpy(np.float64), record.model["cut_off"], record.model["review_from"])
        for side, record in (("first", first), ("second", second))
    ]
    if not len(common):
        return pd.DataFrame()
    table = pd.crosstab(decided[0], decided[1], normalize="all")
    met = [name for name in risk.DECISIONS if name in {*table.index, *table.columns}]
    return table.reindex(index=met, columns=met, fill_value=0.0)
