"""What earlier trainings found out, kept beside the models: comparisons by purpose, searches by key.

Belongs here: STORE/training/. Does not: comparing, searching (training), versions (model_store).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from upath import UPath

from model_store.storage import names_in, publish_json, read_json
from training import TrainingSettings, Trial, best_trial, trial_of, tuned

COMPARISON, TUNING = "comparison", "tuning"
Json = dict[str, Any]


def read_history(store: UPath, settings: TrainingSettings | None = None) -> Json:
    """The last comparison and the last search by their names, of the purpose of these settings where there is one,
    else of any; what there never was is left out."""
    history: Json = {}
    for name in (COMPARISON, TUNING):
        found = _kept(store, name)
        fitting = [one for one in found if settings is not None and _purpose(one) == settings.purpose]
        if found:
            history[name] = (fitting or found)[-1]
    return history


def read_search(store: UPath, key: Mapping[str, Any]) -> Json | None:
    """The search of this `key`, whatever was searched since; None if there was none."""
    return next((found for found in _kept(store, TUNING) if found["key"] == dict(key)), None)


def keep(store: UPath, name: str, document: Mapping[str, Any]) -> None:
    """Replaces, in one step, the last comparison of the same purpose, or search of the same key; others stay."""
    kind = document.get("key") or document.get("purpose")
    digest = hashlib.sha256(json.dumps(kind, sort_keys=True).encode()).hexdigest()[:12]
    publish_json(_folder(store) / f"{name}-{digest}.json", document)


def _kept(store: UPath, name: str) -> list[Json]:
    """All of a name, oldest first; an earlier release kept one, without a digest in the name of its file."""
    files = [file for file in names_in(_folder(store)) if re.fullmatch(rf"{name}(-[0-9a-f]+)?\.json", file)]
    found = [read_json(_folder(store) / file) for file in files]
    return sorted(found, key=lambda one: str(one.get("created_at", "")))


def known_trials(search: Json | None) -> tuple[Trial, ...]:
    """The trials of a search; none without one."""
    return () if search is None else tuple(trial_of(document) for document in search["trials"])


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


def _folder(store: UPath) -> UPath:
    return store / "training"
