"""Who belongs to a cohort as people type it: `accepted`, `band=D`, `app_age=20:35`.

Belongs here: reading what was typed, the clients of a night who belong. Does not: what is usual among them
(typical), LIME's sample of them (reference), the dashboard's own cohorts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explain.lime.reference import ACCEPTED, BASE, SIMILAR
from explain.similar import build_similar_index, find_similar
from features import CATALOGUE
from model_store import read_features, read_scores
from model_store.storage import Location

SIMILAR_CLIENTS = 500
COLUMNS = {"decision": "decision", "band": "risk_band"}
EXPECTED = (
    f"expected {BASE}, {ACCEPTED}, {SIMILAR}, decision=accept|review|decline, band=A … F, "
    "or a feature's range as in app_age=20:35"
)

Members = NDArray[np.int64]


class UnknownCohort(ValueError):
    """A cohort that cannot be read; the message says what was typed and what is expected."""


def members_of(store: Location, run_id: str, typed: str, client: int) -> Members:
    """The clients of a night who belong to the cohort, SK_ID_CURR ascending; the client itself is left out.

    `typed`: as EXPECTED says; a range includes both ends, and either may be left out. SIMILAR: the
    SIMILAR_CLIENTS nearest to `client`. Errors: UnknownCohort; UnknownRun for a night too old for that.
    """
    if typed == SIMILAR:
        found = find_similar(build_similar_index(store, run_id), client, SIMILAR_CLIENTS, SIMILAR_CLIENTS)
        return np.sort(np.array([one.client for one in found.nearest], dtype=np.int64))
    scores = read_scores(store, run_id, ["decision", "risk_band"])
    belongs = np.ones(len(scores), dtype=np.bool_)
    if typed != BASE:
        name, _, stated = ("decision", "=", "accept") if typed == ACCEPTED else typed.partition("=")
        if name in COLUMNS and stated:
            belongs = (scores[COLUMNS[name]].astype(str) == stated).to_numpy()
        elif name in CATALOGUE.names and ":" in stated:
            belongs = _within(store, run_id, name, stated)
        else:
            raise UnknownCohort(f"cohort {typed!r} cannot be read; {EXPECTED}")
    clients = scores.index.to_numpy(np.int64)[belongs]
    others: Members = clients[clients != client]
    return others


def _within(store: Location, run_id: str, feature: str, stated: str) -> NDArray[np.bool_]:
    low, _, high = stated.partition(":")
    try:
        least, most = float(low or "-inf"), float(high or "inf")
    except ValueError as error:
        raise UnknownCohort(f"{stated!r} is no range of {feature}; {EXPECTED}") from error
    values = read_features(store, run_id, columns=[feature])[feature].to_numpy()
    return np.asarray((values >= np.float32(least)) & (values <= np.float32(most)))
