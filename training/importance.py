"""What the models rely on: over many clients, per feature and per family.

Belongs here: importance as figures. Does not: one client (example), reasons for clients (explain).
"""

from __future__ import annotations

from collections.abc import Callable

import lightgbm
import numpy as np
from numpy.typing import NDArray

import risk
from explain import tree_shap
from features import Catalogue
from risk import Calibration
from risk.arrays import midranks
from training.folds import OutOfFold, Progress
from training.inputs import Inputs, Numbers, Rows
from training.settings import TrainingSettings

Json = dict[str, object]
CLEAR_DIRECTION = 0.5  # rank correlation of value and contribution from which a direction is stated
PERMUTED = (
    30  # strongest features whose values are shuffled, enough to see where the rest begins to say nothing
)


def sample_rows(seed: int, clients: int, wanted: int) -> Rows:
    """At most `wanted` distinct row numbers out of `clients`, ascending, drawn by seed."""
    drawn = np.random.default_rng(seed).choice(clients, size=min(wanted, clients), replace=False)
    return np.sort(drawn)


def representative_rows(raw_score: Numbers, wanted: int, seed: int) -> Rows:
    """About `wanted` row numbers, one drawn from each of as many equal slices of the clients by score.

    The sample's scores are spread as all clients' are; ties and slices are settled by seed.
    """
    order = np.argsort(raw_score, kind="stable")
    count = min(wanted, len(order))
    # the longer slices lie among the shorter, or the sample would lean to one end of the scores
    slices = np.split(order, np.arange(1, count) * len(order) // count)
    rng = np.random.default_rng(seed)
    return np.array([rng.choice(piece) for piece in slices], dtype=np.intp)


class HeldOut:
    """Each fold's model and some clients that it never saw: what importance over folds is measured on."""

    def __init__(
        self, inputs: Inputs, scored: OutOfFold, settings: TrainingSettings, calibration: Calibration
    ) -> None:
        self.inputs, self.scored, self.settings = inputs, scored, settings
        self.calibration = calibration
        self.contributions = [self._contributions(number) for number in range(settings.folds)]

    def rows(self, number: int) -> Rows:
        """Clients of the fold, at most `importance_clients` of them, drawn by seed."""
        places = np.flatnonzero(self.scored.fold == number)
        drawn = sample_rows(self.settings.seed + number, len(places), self.settings.importance_clients)
        return places[drawn]

    def model(self, number: int) -> lightgbm.Booster:
        """The fold's model with the trees it is judged with."""
        text = self.scored.models[number].model_to_string(num_iteration=self.scored.trees_of_fold[number])
        return lightgbm.Booster(model_str=text)

    def _contributions(self, number: int) -> Numbers:
        matrix = self.inputs.matrix[self.rows(number)].astype(np.float64)
        return tree_shap(self.model(number), matrix)[:, :-1]


def global_importance(booster: lightgbm.Booster, held_out: HeldOut, progress: Progress) -> list[Json]:
    """Per feature, strongest first by mean |SHAP| of held-out clients (log-odds), each with its standard error over
    folds; its share of the final model's gain, with the standard error over the folds' models; for the strongest
    what shuffling it among held-out clients adds to the log-loss; and whether more of it means more risk
    ("higher", "lower", None where neither is clear)."""
    inputs, folds = held_out.inputs, len(held_out.contributions)
    per_fold = np.array([np.abs(found).mean(axis=0) for found in held_out.contributions])
    strength, error = per_fold.mean(axis=0), per_fold.std(axis=0, ddof=1) / np.sqrt(folds)
    share = _gain_share(booster)
    share_per_fold = np.array([_gain_share(held_out.model(number)) for number in range(folds)])
    share_error = share_per_fold.std(axis=0, ddof=1) / np.sqrt(folds)
    order = np.argsort(-strength, kind="stable")
    shuffled = _losses_when_shuffled(held_out, order[:PERMUTED], progress)
    values = np.concatenate([inputs.matrix[held_out.rows(number)] for number in range(folds)])
    contributions = np.concatenate(held_out.contributions)
    return [
        {
            "feature": inputs.names[column],
            "mean_abs_shap": float(strength[column]),
            "error": float(error[column]),
            "gain_share": float(share[column]),
            "gain_error": float(share_error[column]),
            "shuffled_loss": None if rank >= PERMUTED else float(shuffled[:, rank].mean()),
            "shuffled_error": None
            if rank >= PERMUTED
            else float(shuffled[:, rank].std(ddof=1) / np.sqrt(folds)),
            "riskier": None
            if column in inputs.categorical
            else _direction(values[:, column].astype(np.float64), contributions[:, column]),
        }
        for rank, column in enumerate(order)
    ]


def _gain_share(booster: lightgbm.Booster) -> Numbers:
    """Per feature its share of all the loss that the trees removed; all 0 for a model without a split."""
    gain = np.asarray(booster.feature_importance(importance_type="gain"), dtype=np.float64)
    return gain / max(float(gain.sum()), np.finfo(np.float64).tiny)


def family_importance(held_out: HeldOut, catalogue: Catalogue) -> list[Json]:
    """Per reason group, strongest first: mean |sum of its features' SHAP values| with its error over folds, and how
    many features it has. What related features add and take away from each other counts once."""
    names = held_out.inputs.names
    groups = sorted({catalogue[name].group for name in names})
    member = np.array(
        [[catalogue[name].group == group for group in groups] for name in names], dtype=np.float64
    )
    per_fold = np.array([np.abs(found @ member).mean(axis=0) for found in held_out.contributions])
    error = per_fold.std(axis=0, ddof=1) / np.sqrt(len(per_fold))
    return [
        {
            "group": groups[place],
            "features": int(member[:, place].sum()),
            "mean_abs_shap": float(per_fold[:, place].mean()),
            "error": float(error[place]),
        }
        for place in np.argsort(-per_fold.mean(axis=0), kind="stable")
    ]


def _losses_when_shuffled(held_out: HeldOut, columns: NDArray[np.intp], progress: Progress) -> Numbers:
    """(folds, columns): by how much the log-loss of held-out clients rises when a column is shuffled among them."""
    inputs, folds = held_out.inputs, len(held_out.contributions)
    rises = np.empty((folds, len(columns)))
    for number in range(folds):
        rows, model = held_out.rows(number), held_out.model(number)
        matrix, target = inputs.matrix[rows].copy(), inputs.outcome[rows]
        rng = np.random.default_rng(held_out.settings.seed + number)
        loss = _loss_of(model, target, held_out.calibration)
        before = loss(matrix)
        for place, column in enumerate(columns):
            kept = matrix[:, column].copy()
            matrix[:, column] = rng.permutation(kept)
            rises[number, place] = loss(matrix) - before
            matrix[:, column] = kept
        progress("importance", number + 1, folds)
    return rises


def _loss_of(
    model: lightgbm.Booster, target: Numbers, calibration: Calibration
) -> Callable[[NDArray[np.float32]], float]:
    """The log-loss of calibrated probabilities: uncalibrated, a model grown on weighted classes is so far off that
    shuffling, which blurs its scores, looks like a gain."""

    def loss(matrix: NDArray[np.float32]) -> float:
        raw = np.asarray(model.predict(matrix, raw_score=True, num_threads=1))
        return risk.log_loss(target, calibration.probability(raw))

    return loss


def _direction(values: Numbers, contributions: Numbers) -> str | None:
    known = ~np.isnan(values)
    if known.sum() < 3:
        return None
    x, y = midranks(values[known]), midranks(contributions[known])
    if x.std() == 0 or y.std() == 0:
        return None
    correlation = float(np.corrcoef(x, y)[0, 1])
    if abs(correlation) < CLEAR_DIRECTION:
        return None
    return "higher" if correlation > 0 else "lower"
