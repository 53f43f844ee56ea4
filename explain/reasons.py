"""Reason codes: what raises a client's risk, in things a person can understand.

Belongs here: sums of contributions over the declared groups, their order, their words. Does not: how
contributions are computed (exact), the texts themselves (features.texts).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.texts import no_information_text, require_language
from features import CATALOGUE, Catalogue, Language, group_title

LEAST_CONTRIBUTION = 0.005
"""Log-odds below which a group is no reason: it moves a probability of 10 % by less than 0.05 points."""


@dataclass(frozen=True)
class Reasons:
    """Per client the groups that raise its risk, strongest first.

    `codes`: (clients, count) group codes, None where a client has fewer. `contributions`: (clients, count)
    float32, log-odds, NaN where there is no code.
    """

    codes: NDArray[np.object_]
    contributions: NDArray[np.float32]


@dataclass(frozen=True)
class ReasonText:
    """One reason in words: the group's title, a sentence about one feature of it, that feature's value.

    `contribution`: log-odds, of the whole group. Where nothing that raises the risk is known of the client,
    `value` is NaN and the sentence says that there is no information.
    """

    code: str
    title: str
    sentence: str
    contribution: float
    feature: str
    value: float


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


def reason_texts(
    contributions: pd.Series,
    values: pd.Series,
    language: Language = "en",
    catalogue: Catalogue = CATALOGUE,
    count: int = 4,
) -> list[ReasonText]:
    """One client's reasons in words, strongest first; an empty list where nothing raises the risk.

    `contributions`: indexed by feature name (log-odds), with or without `expected_value`. `values`: the
    client's feature values, NaN missing; features without a value count as missing. The same reasons, in the
    same order, as `reason_codes`.
    """
    own = _without_expected_value(contributions)
    layout = np.append(own.to_numpy(dtype=np.float64), 0.0).reshape(1, -1)
    reasons = reason_codes(layout, [str(name) for name in own.index], catalogue, count)
    return word_reasons(reasons.codes[0], reasons.contributions[0], own, values, language, catalogue)


def word_reasons(
    codes: Iterable[str | None],
    group_sums: Iterable[float],
    contributions: pd.Series,
    values: pd.Series,
    language: Language = "en",
    catalogue: Catalogue = CATALOGUE,
) -> list[ReasonText]:
    """One client's reasons, coded already (by a night, or by `reason_codes`), in words; None is left out.

    `group_sums`: the contribution of each code's group. `contributions`, `values`: as for `reason_texts`.
    """
    require_language(language)
    spoken_of = _features_spoken_of(_without_expected_value(contributions), values, catalogue)
    return [
        _text(code, float(group_sum), spoken_of[code], values, language, catalogue)
        for code, group_sum in zip(codes, group_sums, strict=True)
        if isinstance(code, str)
    ]


def _without_expected_value(contributions: pd.Series) -> pd.Series:
    return contributions.drop("expected_value", errors="ignore")


def _features_spoken_of(own: pd.Series, values: pd.Series, catalogue: Catalogue) -> dict[str, str]:
    """Per group the feature its sentence is about: the one that raises the risk most among those the client
    has a value for, for "late last year" must not be said of a client of whom nothing is known; else the one
    that raises it most. Ties by name."""

    def rank(name: str) -> tuple[bool, float, str]:
        contribution = float(own[name])
        return contribution > 0 and not np.isnan(values.get(name, np.nan)), contribution, name

    return {catalogue[name].group: name for name in sorted(map(str, own.index), key=rank)}


def _text(
    code: str, contribution: float, feature: str, values: pd.Series, language: Language, catalogue: Catalogue
) -> ReasonText:
    title = group_title(code, language)
    value = float(values.get(feature, np.nan))
    known = not np.isnan(value)
    return ReasonText(
        code=code,
        title=title,
        sentence=catalogue[feature].text(language).reason if known else no_information_text(title, language),
        contribution=contribution,
        feature=feature,
        value=value,
    )


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
