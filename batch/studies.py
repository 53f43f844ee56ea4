"""What earlier trainings found out, kept beside the models: the last comparison and the trials of the last search.

Belongs here: STORE/training/. Does not: comparing, searching (training), versions (model_store).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from upath import UPath

from model_store.storage import publish_json, read_json
from training import TrainingSettings, Trial, best_trial, trial_of, tuned

COMPARISON, TUNING = "comparison", "tuning"
Json = dict[str, Any]


def read_history(store: UPath) -> Json:
    """The last comparison and the last search by their names; what there never was is left out."""
    return {
        name: read_json(_file(store, name)) for name in (COMPARISON, TUNING) if _file(store, name).exists()
    }


def keep(store: UPath, name: str, document: Mapping[str, Any]) -> None:
    """Replaces the last comparison or search in one step."""
    publish_json(_file(store, name), document)


def known_trials(history: Json, key: Mapping[str, Any]) -> tuple[Trial, ...]:
    """Trials of the last search if it was one of the same `key`; none otherwise."""
    last = history.get(TUNING)
    if last is None or last["key"] != dict(key):
        return ()
    return tuple(trial_of(document) for document in last["trials"])


def tuning_document(key: Mapping[str, Any], trials: Sequence[Trial], drawn_from: int) -> Json:
    """A search as it is kept: what it was made for, its trials, the best of them (None: none is finished)."""
    finished = any(trial.finished for trial in trials)
    return {
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "key": dict(key),
        "drawn_from": drawn_from,
        "trials": [asdict(trial) for trial in trials],
        "best": best_trial(trials).number if finished else None,
    }


def search_key(settings: TrainingSettings, fingerprint: str, catalogue_hash: str, clients: int) -> Json:
    """What two searches must share for one to go on from the other's trials."""
    key = {
        "data": fingerprint,
        "catalogue": catalogue_hash,
        "clients": clients,
        "purpose": settings.purpose,
        "settings": {name: value for name, value in asdict(settings).items() if name in _SEARCHED},
    }
    kept: Json = json.loads(json.dumps(key))  # as it will be read again: lists for tuples
    return kept


_SEARCHED = ("folds", "seed", "constraints", "imbalance", "trees")


def of_purpose(history: Json, settings: TrainingSettings) -> tuple[Json, list[str]]:
    """What of the history was found for the costs and inputs of these settings, and a sentence for each that was
    not: the variant and the trees that are cheapest at 10:1 may be dear at 2:1."""
    fitting = {name: found for name, found in history.items() if _purpose(found) == settings.purpose}
    aside = [
        f"the {_IN_WORDS[name]} of {found['created_at'][:10]} was made for {_told(_purpose(found))}, this training "
        f"is for {_told(settings.purpose)}: left aside; {_OPTION[name]} makes one for this"
        for name, found in history.items()
        if name not in fitting
    ]
    return fitting, aside


_IN_WORDS = {COMPARISON: "comparison", TUNING: "search"}
_OPTION = {COMPARISON: "--compare", TUNING: "--trials"}


def _purpose(found: Mapping[str, Any]) -> Json:
    purpose: Json = found.get("purpose") or found.get("key", {}).get("purpose") or {}
    return purpose


def _told(purpose: Json) -> str:
    """A purpose in a few words: "costs 10:1, without age"."""
    if not purpose:
        return "costs that it does not state"
    costs, without = purpose["costs"], ", ".join(purpose["without"])
    if isinstance(costs, dict):
        told = f"costs in money ({', '.join(f'{name} {value:g}' for name, value in costs.items())})"
    else:
        told = f"costs {costs[0]:g}:{costs[1]:g}"
    return f"{told}, without {without}" if without else told


def settled(settings: TrainingSettings, history: Json) -> TrainingSettings:
    """The settings with what earlier trainings found best: the compared variant and the best trial's trees."""
    comparison, tuning = history.get(COMPARISON), history.get(TUNING)
    if comparison is not None:
        name = comparison["choice"]["chosen"]
        chosen = next(row for row in comparison["candidates"] if row["name"] == name)
        settings = replace(settings, constraints=chosen["constraints"], imbalance=chosen["imbalance"])
    if tuning is not None and tuning["best"] is not None:
        best = trial_of(tuning["trials"][tuning["best"]])
        settings = replace(settings, trees=tuned(settings.trees, best))
    return settings


def _file(store: UPath, name: str) -> UPath:
    return store / "training" / f"{name}.json"
