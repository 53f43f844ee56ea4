"""What a reason speaks of: of all that moved a group, the feature and the fact that its sentence is about.

Belongs here: the choice, by contributions and the client's own values. Does not: sums over groups (codes), the
words (wording, words/*.toml).

A sentence is said to a person about that person, so the choice is made for truth: a fact is stated only where the
client's value lies on the risky side of what is usual and carries a good part of the group's effect. Elsewhere (an
interaction raised the risk, or a value that is better than usual) the group is told as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from explain.reasons.phrases import Fact, fact_of
from explain.reasons.typical import Typical
from features import Catalogue, Feature, number_text

Kind = Literal["fact", "together", "unknown"]
CARRIES = 1 / 4
"""Share of what raises the risk in a group that a fact must carry to be named as the group's reason."""


@dataclass(frozen=True)
class Spoken:
    """One group as it will be told.

    `feature`: the one whose value is shown, with its own contribution `weight` (log-odds). `kind`: "fact" where the
    value differs from the usual one in the direction of the contribution, "unknown" where it is missing, else
    "together". `fact`: what may be said to the client, if anything may.
    """

    code: str
    contribution: float
    feature: Feature
    weight: float
    value: float
    kind: Kind
    fact: Fact | None


def choose(
    code: str,
    contribution: float,
    contributions: pd.Series,
    values: pd.Series,
    typical: Typical,
    catalogue: Catalogue,
) -> Spoken:
    """What is told of the group `code` whose features together moved the log-odds by `contribution`.

    Only features that pushed the same way count, the strongest first, ties by name. Worked example: late share
    +0.20 (8 %, usually 2 %) and spread of delays +0.15 give the fact "instalments were late"; with 1 % of late
    instalments the group is told together, and the late share shown.
    """
    sign = 1.0 if contribution >= 0 else -1.0
    members = [f for f in catalogue if f.group == code and f.name in contributions.index]
    pushes = {f.name: sign * float(contributions[f.name]) for f in members}
    members.sort(key=lambda feature: (-pushes[feature.name], feature.name))
    moving = [f for f in members if pushes[f.name] > 0] or members[
        :1
    ]  # a published sum may be one of rounding
    known = {f.name: float(values.get(f.name, np.nan)) for f in moving}
    told = moving[0]
    kind: Kind = "unknown" if np.isnan(known[told.name]) else "together"
    if sign < 0:
        kind = "fact" if on_safe_side(told, known[told.name], typical.of(told.name)) else kind
    elif claim := _strongest_claim(moving, known, pushes, typical):
        told, kind = claim[0], "fact"
    value = known[told.name]
    return Spoken(
        code=code,
        contribution=contribution,
        feature=told,
        weight=sign * pushes[told.name],
        value=value,
        kind=kind,
        fact=_sayable(told, value) if kind == "fact" and sign > 0 else None,
    )


def _strongest_claim(
    moving: list[Feature], known: Mapping[str, float], pushes: Mapping[str, float], typical: Typical
) -> list[Feature]:
    """The features behind the fact that carries most, strongest first; none where it carries too little.

    Features that let the same be said to the client count together, the others each for themselves.
    """
    claims: dict[str, list[Feature]] = {}
    for feature in moving:
        value = known[feature.name]
        if on_risky_side(feature, value, typical.of(feature.name)):
            fact = _sayable(feature, value)
            claims.setdefault(f"fact {fact.code}" if fact is not None else feature.stem, []).append(feature)
    if not claims:
        return []

    def carried(features: list[Feature]) -> float:
        return sum(pushes[feature.name] for feature in features)

    best = max(claims.values(), key=carried)
    return best if carried(best) >= CARRIES * carried(moving) else []


def on_risky_side(feature: Feature, value: float, usual: float) -> bool:
    """Whether the value is beyond the usual one in the feature's declared direction, by as much as can be read;
    a flag, whether it is the risky answer. False for missing values and features without a direction."""
    if feature.riskier is None or np.isnan(value):
        return False
    if feature.unit == "flag":
        return value == (1.0 if feature.riskier == "higher" else 0.0)
    beyond = value > usual if feature.riskier == "higher" else value < usual
    return bool(beyond) and number_text(feature, value) != number_text(feature, usual)


def on_safe_side(feature: Feature, value: float, usual: float) -> bool:
    """The same in the other direction: the value is better than the usual one, by as much as can be read."""
    if feature.riskier is None or np.isnan(value):
        return False
    if feature.unit == "flag":
        return value == (0.0 if feature.riskier == "higher" else 1.0)
    beyond = value < usual if feature.riskier == "higher" else value > usual
    return bool(beyond) and number_text(feature, value) != number_text(feature, usual)


def _sayable(feature: Feature, value: float) -> Fact | None:
    fact = fact_of(feature)
    return fact if fact is not None and fact.above < value < fact.below else None
