"""The neighbourhood LIME learns from: which features keep the client's value, and the model's answers.

Belongs here: masks, the sample that stands for a reference cohort, answers averaged over it. Does not: the
linear fit and its judgement (lime).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Masks = NDArray[np.bool_]
Score = Callable[[Matrix], Vector]

POOL_ROWS = 2000  # of a larger cohort, this many evenly spaced clients are scored to choose the sample from
BLOCK_VALUES = 4_000_000  # float64 values scored at once: 32 MB


def build_masks(count: int, features: int, seed: int) -> Masks:
    """True where the client's own value is kept; shape (count, features), row 0 the client itself.

    The other rows are folded-over Hadamard designs (Plackett and Burman, Biometrika 1946) with columns and
    signs drawn anew per design: within one, every two features are kept and replaced together equally often,
    and each mask is followed by its opposite, so that no feature's weight is mixed with another's or with
    what two features do together. For 30 features one design has 64 masks. Measured beside independent coins
    on 15 real clients: Jaccard@10 between seeds 0.99 with 193 masks, where coins had 0.93 with 200.
    """
    random = np.random.RandomState(seed)
    design = np.ones((1, 1), dtype=np.bool_)
    while len(design) <= features:
        design = np.block([[design, design], [design, ~design]])
    rows = [np.ones((1, features), dtype=np.bool_)]
    for _ in range(0, count, 2 * len(design)):
        columns = 1 + random.permutation(len(design) - 1)[:features]
        half = design[:, columns] ^ (random.random_sample(features) < 0.5)
        rows.append(np.stack([half, ~half], axis=1).reshape(-1, features))
    return np.concatenate(rows)[:count]


def representative_rows(reference: Matrix, score: Score, size: int) -> Matrix:
    """`size` clients that stand for the cohort: the middle ones of `size` equal slices of its log-odds.

    `reference`: (clients, features), in an order that does not depend on chance. All clients, ordered by
    log-odds, where the cohort has no more than `size`. No random number is drawn, so the sample is the same
    in every process and for every seed.
    """
    pool = reference[np.linspace(0, len(reference) - 1, min(len(reference), POOL_ROWS)).astype(np.intp)]
    order = np.argsort(score(pool), kind="stable")
    if len(order) <= size:
        return pool[order]
    middles = (2 * np.arange(size) + 1) * len(order) // (2 * size)
    return pool[order[middles]]


def mean_log_odds(
    client: Vector, sample: Matrix, perturbed: NDArray[np.intp], masks: Masks, score: Score
) -> Vector:
    """Per mask the model's mean log-odds when the features not kept come, jointly, from each sample client.

    `client`: (features,); `sample`: (reference clients, features); `perturbed`: the columns that the columns
    of `masks` stand for. All other features keep the client's values; a missing value is taken over as such.
    """
    answers = np.empty(len(masks))
    per_block = max(1, BLOCK_VALUES // sample.size)
    for start in range(0, len(masks), per_block):
        block = masks[start : start + per_block]
        rows = np.tile(client, (len(block), len(sample), 1))
        rows[:, :, perturbed] = np.where(block[:, None, :], client[perturbed], sample[None, :, perturbed])
        answers[start : start + len(block)] = (
            score(rows.reshape(-1, len(client))).reshape(len(block), len(sample)).mean(axis=1)
        )
    return answers
