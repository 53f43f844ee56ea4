"""What a feature is: the declaration, its windows, the catalogue of declarations.

Belongs here: Feature, over, Catalogue. Does not: what a declaration says (declared), what makes it wrong
(mistakes), the features (catalogue).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

from features.cleaning import limits_of
from features.declared import Declared
from features.misreadings import reading_mistakes
from features.mistakes import mistakes_of
from features.schemas import CLIENT, TABLES
from features.texts import FeatureText, Language, feature_text
from features.vocabulary import SINGLE_ROW, DeclarationError, source_of

NOT_COMPUTED = ("meaning", "reason", "change")
"""What may be declared anew without changing a number that a model reads."""


@dataclass(frozen=True)
class Feature(Declared):
    """One number per client, declared once and used everywhere: batch, training, API, labels, reasons, docs.

    Its fields are told in `Declared`. Errors: DeclarationError for a declaration that makes no sense.
    """

    def __post_init__(self) -> None:
        for wrong in mistakes_of(self):
            raise DeclarationError(f"feature {self.name!r}: {wrong}")

    def text(self, language: Language = "en") -> FeatureText:
        """Meaning and reason in French or English, with the window."""
        return feature_text(self, language)


def over(
    feature: Feature,
    *,
    clock: str | None = None,
    days: Sequence[int] = (),
    months: Sequence[int] = (),
    last: Sequence[int] = (),
    all_time: bool = True,
) -> tuple[Feature, ...]:
    """The feature over all time (unless all_time=False) and over each window, the longest first.

    The names end in _365d, _12m, _last5; the words get the window when they are read.
    """
    whole = (feature,) if all_time else ()
    in_days = (replace(feature, name=f"{feature.name}_{n}d", within_days=n, clock=clock) for n in days)
    in_months = (replace(feature, name=f"{feature.name}_{n}m", within_months=n, clock=clock) for n in months)
    in_rows = (replace(feature, name=f"{feature.name}_last{n}", last_rows=n) for n in last)
    return (*whole, *in_days, *in_months, *in_rows)


class Catalogue(Sequence[Feature]):
    """The declared features in order, by position or by name; refuses duplicates and unknown inputs.

    `hash` changes with every change of what is computed or how it is worded for the model (16 hex digits).
    """

    def __init__(self, features: Iterable[Feature]) -> None:
        self._features = tuple(features)
        for place, feature in enumerate(self._features):
            if not isinstance(feature, Feature):
                raise DeclarationError(f"entry {place} of the catalogue is {feature!r}, expected a Feature")
        self._by_name = {feature.name: feature for feature in self._features}
        if len(self._by_name) < len(self._features):
            names = [feature.name for feature in self._features]
            twice = sorted({name for name in names if names.count(name) > 1})
            raise DeclarationError(f"declared twice: {', '.join(twice)}; give each feature its own name")
        self._require_inputs()

    def _require_inputs(self) -> None:
        earlier: dict[str, Feature] = {}
        told: dict[str, Feature] = {}
        for feature in self._features:
            for wrong in reading_mistakes(feature, earlier):
                raise DeclarationError(f"feature {feature.name!r}: {wrong}")
            other = told.setdefault(feature.stem, feature)
            if (other.meaning, other.reason) != (feature.meaning, feature.reason):
                raise DeclarationError(
                    f"feature {feature.name!r}: {other.name} has its name but for the window, and other words; "
                    "give both the same words, or another name: French is written once for both"
                )
            earlier[feature.name] = feature

    def __getitem__(self, which: int | str) -> Feature:  # type: ignore[override] # no slices, names instead
        if isinstance(which, str):
            if which not in self._by_name:
                raise KeyError(f"no feature {which!r} is declared; see features.CATALOGUE.names")
            return self._by_name[which]
        return self._features[which]

    def __iter__(self) -> Iterator[Feature]:
        return iter(self._features)

    def __len__(self) -> int:
        return len(self._features)

    def __contains__(self, which: object) -> bool:
        return which in self._by_name if isinstance(which, str) else which in self._features

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names in declared order: the columns of `build_features`."""
        return tuple(feature.name for feature in self._features)

    @cached_property
    def model_inputs(self) -> tuple[str, ...]:
        """Names a model may use: all but protected characteristics."""
        return tuple(feature.name for feature in self._features if not feature.protected)

    @cached_property
    def levers(self) -> tuple[Feature, ...]:
        """The features that measure what a client can change, in declared order."""
        return tuple(feature for feature in self._features if not feature.change.fixed)

    @cached_property
    def moving(self) -> tuple[str, ...]:
        """Names, in order, of every feature that can move when a client changes something: levers and followers."""
        moved = {name for lever in self.levers for name in (*lever.columns, *lever.change.carries)}
        found = []
        for feature in self._features:
            if feature.table in SINGLE_ROW and feature.columns & moved:
                found.append(feature.name)
                moved.add(feature.name)
        return tuple(found)

    def change_of(self, name: str) -> str:
        """What a client can change of a feature: "up", "down", "free"; "follows" if it is computed of what can be
        changed; else "fixed". Errors: KeyError for an unknown name."""
        declared = self[name].change
        return declared.direction if not declared.fixed else "follows" if name in self.moving else "fixed"

    @cached_property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """Per table of the schemas, the columns that must be read: what features measure and what orders rows."""
        read: dict[str, set[str]] = {"application": {CLIENT}}
        for feature in self._features:
            read.setdefault(source_of(feature.table), set()).update(feature.columns)
        if "instalments" in {feature.table for feature in self._features}:
            read["installments_payments"] = set(TABLES["installments_payments"].columns)
        needed = {}
        for name, table in TABLES.items():
            if name in read:
                every = dict.fromkeys((*table.order, *table.columns))
                needed[name] = tuple(c for c in every if c in read[name] or c in table.order)
        return needed

    @cached_property
    def definitions(self) -> dict[str, str]:
        """Name to a hash (8 hex digits) of what is computed, and of the values that cleaning reads as missing in
        its columns; names the difference between two catalogues."""
        computed = [spec.name for spec in fields(Feature) if spec.name not in NOT_COMPUTED]
        return {
            feature.name: hashlib.sha256(
                repr(
                    [
                        *((name, getattr(feature, name)) for name in computed),
                        *limits_of(source_of(feature.table), feature.columns),
                    ]
                ).encode()
            ).hexdigest()[:8]
            for feature in self._features
        }

    @cached_property
    def hash(self) -> str:
        """16 hex digits over every definition, in order."""
        return hashlib.sha256(repr(self.definitions).encode()).hexdigest()[:16]
