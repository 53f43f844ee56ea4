"""What every figure of this folder asks of its arguments, and the ranks that several figures share.

Belongs here: conversion to arrays with refusals that name the offending value. Does not: any risk figure.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


def require_numbers(name: str, values: ArrayLike) -> Numbers:
    """`values` as a contiguous float64 array of one dimension without missing values. Errors: ValueError."""
    numbers = np.ascontiguousarray(values, dtype=np.float64)
    if numbers.ndim != 1:
        raise ValueError(f"{name} has {numbers.ndim} dimensions, expected one value per client")
    missing = int(np.isnan(numbers).sum())
    if missing:
        raise ValueError(f"{name} is missing for {missing} of {len(numbers)} clients; leave them out")
    return numbers


def require_probability(values: ArrayLike) -> Numbers:
    """`values` as float64 probabilities. Errors: ValueError naming the first value outside 0 to 1."""
    probability = require_numbers("probability", values)
    outside = (probability < 0) | (probability > 1)
    if outside.any():
        found = float(probability[outside][0])
        raise ValueError(f"probability holds {found}, expected values between 0 and 1")
    return probability


def require_target(values: ArrayLike) -> Numbers:
    """`values` as float64 of 0.0 and 1.0. Errors: ValueError naming the first other value."""
    target = require_numbers("target", values)
    other = (target != 0) & (target != 1)
    if other.any():
        raise ValueError(f"target holds {float(target[other][0])}, expected 0 (repaid) or 1 (default)")
    return target


def require_pair(target: ArrayLike, values: ArrayLike, name: str = "probability") -> tuple[Numbers, Numbers]:
    """Target and a number per client, equally long and not empty. Errors: ValueError."""
    outcome = require_target(target)
    numbers = require_probability(values) if name == "probability" else require_numbers(name, values)
    if len(outcome) != len(numbers):
        raise ValueError(f"target has {len(outcome)} clients and {name} {len(numbers)}; expected one each")
    if not len(outcome):
        raise ValueError("no clients given, expected at least one")
    return outcome, numbers


def require_both_outcomes(target: Numbers) -> None:
    """Refuses a target in which everyone defaulted or everyone repaid: nothing can be ranked. ValueError."""
    if target.min() == target.max():
        raise ValueError(
            f"all {len(target)} clients have target {target[0]:.0f}, expected both outcomes; widen the cohort"
        )


def midranks(values: Numbers) -> Numbers:
    """Rank of each value from 1, ties sharing the mean of their ranks: [5, 7, 7] gives [1, 2.5, 2.5]."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: Numbers = (last - (counts - 1) / 2)[inverse]
    return shared


def equal_count_bins(values: Numbers, bins: int) -> NDArray[np.intp]:
    """Bin 0 … bins-1 of each value, about equally many in each; equal values always share a bin."""
    if bins < 1:
        raise ValueError(f"bins is {bins}, expected at least 1")
    position = (midranks(values) - 0.5) / max(len(values), 1)
    return np.minimum((position * bins).astype(np.intp), bins - 1)
