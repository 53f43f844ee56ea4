"""The declarations of the features a version was trained on, as plain values, and how two sets of them differ.

Belongs here: what a version keeps of a catalogue. Does not: what a declaration means (features).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields

from features import Catalogue, Feature
from features.declaration import NOT_COMPUTED

Declaration = Mapping[str, object]
_WORDS = ("name", *NOT_COMPUTED)  # a new wording computes the same number
_PLAIN = (str, int, float, bool, type(None))
_SHOWN = 8
_LONGEST = 60


@dataclass(frozen=True)
class Declared:
    """Features by name in declared order: a hash of what each computes, and the declaration (may be empty)."""

    hashes: Mapping[str, str]
    declarations: Mapping[str, Declaration]


@dataclass(frozen=True)
class Differences:
    """Names that only the first or the second declares, and what differs of those that both declare."""

    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    changed: Mapping[str, str]

    def told(self, first: str, second: str) -> str:
        """One sentence that names the features, at most eight of each kind; empty if nothing differs."""
        changed = [f"{name} ({what})" if what else name for name, what in self.changed.items()]
        groups = {
            f"only in {first}": list(self.only_first),
            f"only in {second}": list(self.only_second),
            "declared differently": changed,
        }
        return "; ".join(f"{title}: {_some(names)}" for title, names in groups.items() if names)


def declared(catalogue: Catalogue) -> Declared:
    """What a version keeps of the catalogue: everything declared that is not a default, as JSON values."""
    return Declared(catalogue.definitions, {feature.name: _declaration(feature) for feature in catalogue})


def differences(first: Declared, second: Declared) -> Differences:
    """How two sets of declared features differ; the order they stand in is not compared."""
    return Differences(
        only_first=tuple(name for name in first.hashes if name not in second.hashes),
        only_second=tuple(name for name in second.hashes if name not in first.hashes),
        changed={
            name: _change(first.declarations.get(name, {}), second.declarations.get(name, {}))
            for name, found in first.hashes.items()
            if second.hashes.get(name, found) != found
        },
    )


def _declaration(feature: Feature) -> dict[str, object]:
    stated = {}
    for spec in fields(Feature):
        value = getattr(feature, spec.name)
        if spec.name not in _WORDS and (spec.default is MISSING or repr(value) != repr(spec.default)):
            stated[spec.name] = _plain(value)
    return stated


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, _PLAIN) else repr(value)


def _change(first: Declaration, second: Declaration) -> str:
    if not first or not second:
        return ""
    names = [name for name in {**first, **second} if first.get(name) != second.get(name)]
    return ", ".join(f"{name} {_short(first.get(name))} → {_short(second.get(name))}" for name in names)


def _short(value: object) -> str:
    text = "not stated" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
