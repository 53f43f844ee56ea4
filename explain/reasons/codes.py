"""Reason codes: what raises a client's risk, or lowers it, in things a person can understand.

Belongs here: sums of contributions over the declared groups, their threshold and order. Does not: how
contributions are computed (exact), which fact of a group is told (spoken), sentences (wording).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features import CATALOGUE, Catalogue

LEAST_CONTRIBUTION = 0.005
"""Log-odds below which a group is no reason: it moves a probability of 10 % by less than 0.05 points."""


@dataclass(frozen=True)
class Reasons:
    """Per client the groups that raise its risk, or those that lower it, strongest first.

    `codes`: (clients, count) group codes, None where a client has fewer. `contributions`: (clients, count)
    float32, log-odds, NaN where there is no code.
    """

    codes: NDArray[np.object_]
    contributions: NDArray[np.float32]


def group_contributions(
    contributions: NDArray[np.floating], feature_names: Sequence[str], catalogue: Catalogue = CATALOGUE
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """The group codes in alphabetical order and, per client, the sum over each group's features (log-odds).

    `contributions`: (clients, features + 1), last column the expected value, which belongs to no group.
    Summed column by column, so that a client has the same sums alone and among others, to the last bit.
    """
    names = require_layout(contributions, feature_names, catalogue)
    group_of = [catalogue[name].group for name in names]
    codes = tuple(sorted(set(group_of)))
    position = {code: place for place, code in enumerate(codes)}
    totals = np.zeros((len(codes), len(contributions)))
    for column, group in enumerate(group_of):
        totals[position[group]] += contributions[:, column]
    return codes, totals.T


def reason_codes(
    contributions: NDArray[np.floating],
    feature_names: Sequence[str],
    catalogue: Catalogue = CATALOGUE,
    count: int = 4,
) -> Reasons:
    """The `count` groups that raise each client's risk most: codes and contributions, strongest first.

    Only sums of at least LEAST_CONTRIBUTION count; equal sums are ordered by code. `contributions`: (clients,
    features + 1) in the layout of `tree_shap`. Worked example: late instalments +0.30 and -0.10, age +0.05,
    income -0.40 give LATE_INSTALMENTS 0.20, AGE 0.05, None, None.

    Raises ValueError where the columns are not the features plus the expected value, and for a feature that
    the catalogue does not declare.
    """
    codes, totals = group_contributions(contributions, feature_names, catalogue)
    published = totals.astype(np.float32)
    order = np.argsort(-published, axis=1, kind="stable")[:, :count]
    strongest = np.take_along_axis(published, order, axis=1)
    raises = strongest >= LEAST_CONTRIBUTION
    found_codes = np.full((len(published), count), None, dtype=object)
    found = np.full((len(published), count), np.nan, dtype=np.float32)
    width = order.shape[1]
    found_codes[:, :width][raises] = np.array(codes, dtype=object)[order][raises]
    found[:, :width] = np.where(raises, strongest, np.float32(np.nan))
    return Reasons(found_codes, found)


def favourable_codes(
    contributions: NDArray[np.floating],
    feature_names: Sequence[str],
    catalogue: Catalogue = CATALOGUE,
    count: int = 4,
) -> Reasons:
    """The `count` groups that lower each client's risk most, strongest first; their contributions are negative.

    Threshold, ties, arguments and errors: as `reason_codes`.
    """
    lowering = reason_codes(-np.asarray(contributions), feature_names, catalogue, count)
    return Reasons(lowering.codes, -lowering.contributions)


def require_layout(
    contributions: NDArray[np.floating], feature_names: Sequence[str], catalogue: Catalogue
) -> tuple[str, ...]:
    """The feature names, once they are known to the catalogue and fit the columns; ValueError otherwise."""
    names = tuple(feature_names)
    if contributions.ndim != 2 or contributions.shape[1] != len(names) + 1:
        raise ValueError(
            f"Contributions have shape {contributions.shape}; expected (clients, {len(names) + 1}): "
            f"{len(names)} features and the expected value in the last column."
        )
    unknown = sorted(set(names) - set(catalogue.names))
    if unknown:
        raise ValueError(
            f"The catalogue does not declare {', '.join(unknown[:5])}, so no group is known. "
            "Use the catalogue whose hash is stored with the model."
        )
    return names
