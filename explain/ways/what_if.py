"""Other values for one client: what the model would answer, and whether it has seen anything like it.

Belongs here: checking the values, the answer, its doubts. Does not: the values worth trying (search), the words
(words).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from explain.answers import Answers
from explain.case import Case
from explain.reasons.typical import Typical
from explain.reasons.wording import Reader, ReasonText, reason_texts
from explain.seen import Place, Seen
from features import CATALOGUE, TABLES, Catalogue, InvalidRows, Language, frame_of_rows
from features.schemas import CLIENT, TARGET
from features.vocabulary import PROTECTED_COLUMNS

Value = float | int | str | None


class UnusableChanges(ValueError):
    """Values that cannot be asked about; `problems` holds each column with the reason."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{column}: {reason}" for column, reason in self.problems))


@dataclass(frozen=True)
class Unusual:
    """A feature whose new value few ("rare") or none ("outside") of the training clients have."""

    feature: str
    value: float
    place: Place


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The answers with the client's own values (`before`) and with other ones (`after`), one row each.

    `changes`: columns of the application with their new values. `moved`: the model inputs that are others now.
    `unusual`: those of them that the model has hardly seen. `distance`: to the fifth nearest training client,
    `limit`: what 99 % of these keep among themselves (or the client's own distance, where that is larger).
    """

    client: int
    changes: Mapping[str, Value]
    before: Answers
    after: Answers
    features: pd.Series
    contributions: pd.Series
    moved: tuple[str, ...]
    unusual: tuple[Unusual, ...]
    distance: float
    limit: float
    seconds: float

    @property
    def far(self) -> bool:
        """Whether no training clients are near this combination of values."""
        return self.distance > self.limit

    def reason_texts(
        self,
        typical: Typical,
        reader: Reader = "manager",
        language: Language = "en",
        catalogue: Catalogue = CATALOGUE,
    ) -> list[ReasonText]:
        """The reasons with the other values, in words for a reader."""
        return reason_texts(self.contributions, self.features, typical, reader, language, catalogue=catalogue)


def columns_to_ask(catalogue: Catalogue = CATALOGUE) -> tuple[str, ...]:
    """The columns of the application that can be asked about: those that features read, protected ones left out."""
    read = catalogue.columns["application"]
    return tuple(name for name in read if name not in PROTECTED_COLUMNS | {CLIENT, TARGET})


def what_if(case: Case, seen: Seen, changes: Mapping[str, Value], catalogue: Catalogue = CATALOGUE) -> WhatIf:
    """The answer with other values in some columns of the application; whatever is made of them follows.

    `changes`: column to value: a number, a category's name, None for missing. None at all give the own answer.
    Errors: UnusableChanges naming each column that cannot be asked about or whose value is none of its kind.
    """
    begun = time.perf_counter()
    application = case.application.assign(**_typed(case.client, changes, catalogue))
    features = case.variants(application)
    after = case.answer(features)
    names = list(case.model.feature_names)
    old, new = (frame[names].to_numpy()[0] for frame in (case.features, features))
    changed = ~((old == new) | (np.isnan(old) & np.isnan(new)))
    moved = tuple(name for name, is_other in zip(names, changed.tolist(), strict=True) if is_other)
    own, distance = (float(seen.distance(frame, case.client)[0]) for frame in (case.features, features))
    return WhatIf(
        client=case.client,
        changes=dict(changes),
        before=case.answers,
        after=after,
        features=features.iloc[0],
        contributions=pd.Series(after.contributions[0, :-1], index=names),
        moved=moved,
        unusual=_unusual(seen, features, moved),
        distance=distance,
        limit=max(seen.limit, own),
        seconds=time.perf_counter() - begun,
    )


def _typed(client: int, changes: Mapping[str, Value], catalogue: Catalogue) -> dict[str, Any]:
    """The new values in the types of the application's columns."""
    allowed = columns_to_ask(catalogue)
    problems = [(column, reason) for column in changes if (reason := _refusal(column, allowed))]
    problems += [(column, reason) for column in changes if (reason := _no_category(column, changes[column]))]
    if problems:
        raise UnusableChanges(problems)
    try:
        row = frame_of_rows("application", [{CLIENT: client, **changes}])
    except InvalidRows as invalid:
        raise UnusableChanges([(found.column, found.reason) for found in invalid.problems]) from invalid
    return {column: row[column].to_numpy() for column in changes}


def _refusal(column: str, allowed: Sequence[str]) -> str:
    """Why a column cannot be asked about; nothing if it can."""
    if column in allowed:
        return ""
    if column not in TABLES["application"].columns:
        return "is no column of the application; send its columns by their names in application_train"
    if column in PROTECTED_COLUMNS:
        return "is a protected characteristic, which no model reads; leave it out"
    return "is read by no feature, so it changes nothing; leave it out"


def _no_category(column: str, value: Value) -> str:
    """What is wrong with a category's name; nothing if it is one."""
    known = (
        TABLES["application"].columns[column].categories if column in TABLES["application"].columns else ()
    )
    if not known or value is None or value in known:
        return ""
    return f"{value!r} is none of its categories: {', '.join(known)}"


def _unusual(seen: Seen, features: pd.DataFrame, moved: Sequence[str]) -> tuple[Unusual, ...]:
    """The moved features with values that the model has hardly seen, unheard-of ones first."""
    found = [
        Unusual(name, value, place)
        for name in moved
        if (place := seen.range_of(name).place(value := float(features[name].iloc[0]))) != "usual"
    ]
    return tuple(sorted(found, key=lambda one: one.place != "outside"))
