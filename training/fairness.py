"""How the model treats groups of people: by gender, age, family status and region.

Belongs here: which groups there are and their figures as JSON values. Does not: the arithmetic (risk.fairness).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features import Catalogue
from risk import group_figures, widest_gap
from training.inputs import Numbers

Json = dict[str, object]
Groups = NDArray[np.object_]
AGES = (30, 40, 50, 60)
AGE_BANDS = (f"< {AGES[0]}", *(f"{low}-{high - 1}" for low, high in pairwise(AGES)), f"≥ {AGES[-1]}")
UNKNOWN = "unknown"
SMALLEST_JUDGED = 30  # clients: of fewer, chance would make the widest gap


def groups_of(features: pd.DataFrame, catalogue: Catalogue) -> dict[str, Groups]:
    """Per characteristic the group of each client: a category's name, an age band ("30-39"), a region rating.

    Characteristics whose feature is not there are left out.
    """
    found = {}
    for characteristic, (name, grouped) in _FEATURES.items():
        if name in features.columns and name in catalogue.names:
            values = features[name].to_numpy(dtype=np.float64)
            found[characteristic] = grouped(values, catalogue[name].categories)
    return found


def fairness_figures(
    groups: dict[str, Groups], target: Numbers, probability: Numbers, cut_off: float
) -> Json:
    """Per characteristic its groups' figures and the widest gaps between them (risk.fairness).

    Gaps leave out groups of fewer than 30 clients and of unknown ones.
    """
    return {
        characteristic: _of_one(names, target, probability, cut_off)
        for characteristic, names in groups.items()
    }


def _of_one(names: Groups, target: Numbers, probability: Numbers, cut_off: float) -> Json:
    figures = sorted(group_figures(names, target, probability, cut_off), key=lambda row: _order(row.group))
    judged = [row for row in figures if row.clients >= SMALLEST_JUDGED and row.group != UNKNOWN]
    return {
        "groups": [_as_json(asdict(row)) for row in figures],
        "gaps": {
            figure: _as_json(asdict(widest_gap([getattr(row, figure) for row in judged])))
            for figure in ("accepted", "default_rate", "defaults_declined", "good_declined")
        },
    }


def _order(group: str) -> tuple[bool, int, str]:
    """Age bands from young to old, others by name, unknown last."""
    return group == UNKNOWN, AGE_BANDS.index(group) if group in AGE_BANDS else 0, group


def _as_json(value: object) -> object:
    if isinstance(value, dict):
        return {name: _as_json(inner) for name, inner in value.items()}
    return _none_if_nan(value) if isinstance(value, float) else value


def _none_if_nan(value: float) -> float | None:
    return None if np.isnan(value) else value


def _by_category(values: Numbers, categories: tuple[str, ...]) -> Groups:
    known = ~np.isnan(values)
    found = np.full(len(values), UNKNOWN, dtype=object)
    found[known] = np.array(categories, dtype=object)[values[known].astype(np.intp)]
    return found


def _by_age(values: Numbers, categories: tuple[str, ...]) -> Groups:
    place = np.searchsorted(AGES, np.nan_to_num(values), side="right")
    return np.where(np.isnan(values), UNKNOWN, np.array(AGE_BANDS, dtype=object)[place])


def _by_number(values: Numbers, categories: tuple[str, ...]) -> Groups:
    return np.array([UNKNOWN if np.isnan(value) else f"{value:g}" for value in values], dtype=object)


_FEATURES: dict[str, tuple[str, Callable[[Numbers, tuple[str, ...]], Groups]]] = {
    "gender": ("app_gender", _by_category),
    "age": ("app_age", _by_age),
    "family_status": ("app_family_status", _by_category),
    "region": ("app_region_rating", _by_number),
}
