"""What a feature is: the declaration, its windows, the catalogue of declarations.

Belongs here: Feature, over, Catalogue. Does not: what makes a declaration wrong (mistakes), the features.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from features.change import FIXED, Change
from features.cleaning import limits_of
from features.expressions import Condition, Number
from features.misreadings import reading_mistakes
from features.mistakes import mistakes_of
from features.rows import Window
from features.schemas import CLIENT, TABLES
from features.texts import FeatureText, Language, feature_text
from features.vocabulary import SINGLE_ROW, DeclarationError, Riskier, Unit, kind_of, source_of

NOT_COMPUTED = ("meaning", "reason", "change")
"""What may be declared anew without changing a number that a model reads."""


@dataclass(frozen=True)
class Feature:
    """One number per client, declared once and used everywhere: batch, training, API, labels, reasons, docs.

    name: `{source}_{what}_{statistic}_{window}`, prefix app, bureau, prev, pos, inst or card; a window ends the
      name: _365d, _12m, _last5.
    table: the table whose rows are read; "instalments" is installments_payments with the payments of one
      instalment added up; "client" combines features declared earlier and columns of the application.
    value: what is measured on a row. agg: how rows become one number (None: the client's one row).
    where: rows that count. within_days / within_months: rows whose `clock` is at most that long ago.
    last_rows: only the client's last k rows. when_no_rows: the answer where no row counts.
    clock: the column that says when a row was, for a window or a trend.
    riskier: the direction in which risk rises, if one is known ("higher", "lower", None).
    meaning, reason: in English and without the window, which is added when they are read (`text`).
    group: code of the reason group. categories: names of the codes 0, 1, … of a categorical feature.
    protected: a characteristic the model may not use (still there for fairness and cohorts).
    change: what the client can change of it. Said where a column itself is measured; a feature that is computed
      of such a column follows it (`Catalogue.change_of`).
    """

    name: str
    table: str
    value: Number
    unit: Unit
    group: str
    meaning: str
    reason: str
    agg: str | None = None
    where: Condition | None = None
    within_days: int | None = None
    within_months: int | None = None
    last_rows: int | None = None
    clock: str | None = None
    when_no_rows: float = np.nan
    riskier: Riskier | None = None
    categories: tuple[str, ...] = ()
    protected: bool = False
    change: Change = FIXED

    def __post_init__(self) -> None:
        for wrong in mistakes_of(self):
            raise DeclarationError(f"feature {self.name!r}: {wrong}")

    @property
    def window(self) -> int | None:
        """Length of the window in the clock's own unit, or None."""
        return self.within_days if self.within_days is not None else self.within_months

    @property
    def suffix(self) -> str:
        """What the window adds to the name: "_365d", "_12m", "_last5" or nothing."""
        if self.within_days is not None:
            return f"_{self.within_days}d"
        if self.within_months is not None:
            return f"_{self.within_months}m"
        return "" if self.last_rows is None else f"_last{self.last_rows}"

    @property
    def stem(self) -> str:
        """The name without the window: under it the French texts are written."""
        return self.name.removesuffix(self.suffix)

    @cached_property
    def rows_that_count(self) -> Window:
        """Condition, clock, length and last rows: what selects rows, equal for features that share them."""
        clock = self.clock if self.window is not None else None
        return (self.where, clock, self.window, self.last_rows)

    @property
    def clock_unit(self) -> str:
        """Unit of the clock: "days" or "months". Errors: ValueError if the feature has no clock."""
        if self.clock is None:
            raise ValueError(f"feature {self.name!r} has no clock")
        return kind_of(self.table, self.clock)

    def text(self, language: Language = "en") -> FeatureText:
        """Meaning and reason in French or English, with the window."""
        return feature_text(self, language)

    @property
    def columns(self) -> frozenset[str]:
        """Columns read from the table."""
        read = self.value.columns() | (self.where.columns() if self.where is not None else frozenset())
        return read | ({self.clock} if self.clock else frozenset())


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
