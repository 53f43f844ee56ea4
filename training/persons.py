"""Which applications were made by the same person, as far as the tables tell.

Belongs here: the person behind a client number. Does not: folds (folds).

Days count backwards from each application, so that two applications of one person show other ages; but birth,
the last change of registration and the issue of the identity document keep their distances to each other. Two
applications with the same gender and the same two distances are taken to be one person's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

BORN, REGISTERED, DOCUMENT, GENDER = "app_age", "app_registration_age", "app_id_age", "app_gender"
DAYS_IN_YEAR = 365.25
People = NDArray[np.intp]


@dataclass(frozen=True)
class SharedPeople:
    """How many clients share a person with another one, in how many pairs, and in how many by chance alone.

    `recognised`: False where the features carry no dates to tell by. `chance_pairs`: pairs found once the dates
    of documents are dealt anew among clients of the same gender and about the same age.
    """

    recognised: bool
    clients: int
    people: int
    sharing_clients: int
    pairs: int
    chance_pairs: int


def people_of(features: pd.DataFrame) -> People:
    """A number per client, equal for clients taken to be the same person; all different where dates are missing."""
    keys = _distances(features)
    return np.arange(len(features)) if keys is None else _numbered(keys)


def count_shared(features: pd.DataFrame, seed: int) -> SharedPeople:
    """What `people_of` found, beside what chance would have found."""
    keys = _distances(features)
    if keys is None:
        return SharedPeople(False, len(features), len(features), 0, 0, 0)
    rng, band = np.random.default_rng(seed), keys["band"].to_numpy()
    taker, giver = (np.lexsort((rng.random(len(band)), band)) for _ in range(2))
    document = keys["document"].to_numpy().copy()
    document[taker] = document[giver]
    found, dealt = _numbered(keys), keys.assign(document=document)
    size = np.bincount(found)
    return SharedPeople(
        recognised=True,
        clients=len(found),
        people=len(size),
        sharing_clients=int(size[size > 1].sum()),
        pairs=_pairs(found),
        chance_pairs=_pairs(_numbered(dealt)),
    )


def _pairs(people: People) -> int:
    size = np.bincount(people)
    return int((size * (size - 1) // 2).sum())


def _distances(features: pd.DataFrame) -> pd.DataFrame | None:
    """Days from birth to registration and to the document, gender; None where features do not say."""
    if not {BORN, REGISTERED, DOCUMENT} <= set(features.columns):
        return None
    days = {
        name: features[name].to_numpy(dtype=np.float64) * DAYS_IN_YEAR
        for name in (BORN, REGISTERED, DOCUMENT)
    }
    gender = features[GENDER].to_numpy(dtype=np.float64) if GENDER in features else np.zeros(len(features))
    return pd.DataFrame(
        {
            "registered": np.rint(days[BORN] - days[REGISTERED]),
            "document": np.rint(days[BORN] - days[DOCUMENT]),
            "gender": np.nan_to_num(gender, nan=-1),
            "band": np.nan_to_num(gender, nan=-1) * 100
            + np.nan_to_num(days[BORN] // (5 * DAYS_IN_YEAR), nan=-1),
        },
        index=features.index,
    )


def _numbered(keys: pd.DataFrame) -> People:
    known = keys[["registered", "document"]].notna().all(axis=1).to_numpy()
    number = keys.groupby(["registered", "document", "gender"], sort=True, dropna=False).ngroup().to_numpy()
    number = np.where(known, number, number.max(initial=0) + 1 + np.arange(len(keys)))
    return np.unique(number, return_inverse=True)[1].astype(np.intp)
