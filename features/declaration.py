"""What a feature is, and what makes a declaration of one wrong.

Belongs here: the declaration, the catalogue of declarations, their checks. Does not: the features themselves.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Literal

import numpy as np

from features.aggregations import AGGREGATIONS
from features.expressions import CategoryCode, Column, Condition, Number, parts_of
from features.groups import GROUPS
from features.schemas import TABLES
from features.texts import FeatureText, Language, feature_text

Unit = Literal["amount", "years", "months", "days", "count", "share", "ratio", "score", "flag", "category"]
PREFIX_OF = {
    "application": ("app",),
    "bureau": ("bureau",),
    "bureau_balance": ("bureau",),
    "previous_application": ("prev",),
    "POS_CASH_balance": ("pos",),
    "instalments": ("inst",),
    "credit_card_balance": ("card",),
    "client": ("app", "bureau", "prev", "pos", "inst", "card"),
}
VIEW_COLUMNS = {"instalments": frozenset({"due", "paid", "due_day", "paid_day"})}
SINGLE_ROW = ("application", "client")


class DeclarationError(ValueError):
    """A feature or catalogue that makes no sense; the message names it and says what to change."""


@dataclass(frozen=True)
class Feature:
    """One number per client, declared once and used everywhere: batch, training, API, labels, reasons, docs.

    name: `{source}_{what}_{statistic}_{window}`, prefix app, bureau, prev, pos, inst or card.
    table: the table whose rows are read; "instalments" is installments_payments with the payments of one
      instalment added up; "client" combines features declared earlier and columns of the application.
    value: what is measured on a row. agg: how rows become one number (None: the client's one row).
    where: rows that count. within_days / within_months: rows whose `clock` is at most that long ago.
    last_rows: only the client's last k rows. when_no_rows: the answer where no row counts.
    riskier: the direction in which risk rises, if one is known ("higher", "lower", None).
    group: code of the reason group. categories: names of the codes 0, 1, … of a categorical feature.
    protected: a characteristic the model may not use (still there for fairness and cohorts).
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
    riskier: Literal["higher", "lower"] | None = None
    categories: tuple[str, ...] = ()
    protected: bool = False

    def __post_init__(self) -> None:
        for wrong in _mistakes(self):
            raise DeclarationError(f"feature {self.name!r}: {wrong}")

    @property
    def window(self) -> int | None:
        """Length of the window in the clock's own unit, or None."""
        return self.within_days if self.within_days is not None else self.within_months

    def text(self, language: Language = "en") -> FeatureText:
        """Meaning and reason in French or English."""
        return feature_text(self, language)

    @property
    def columns(self) -> frozenset[str]:
        """Columns read from the table."""
        read = self.value.columns() | (self.where.columns() if self.where is not None else frozenset())
        return read | ({self.clock} if self.clock else frozenset())


def _mistakes(feature: Feature) -> Iterator[str]:
    """What is wrong with a declaration, as sentences that end in what to do."""
    prefixes = PREFIX_OF.get(feature.table)
    if prefixes is None:
        yield f"unknown table {feature.table!r}; the tables are {', '.join(PREFIX_OF)}"
        return
    if not re.fullmatch(r"[a-z][a-z0-9_]*", feature.name) or not feature.name.startswith(
        tuple(f"{prefix}_" for prefix in prefixes)
    ):
        yield f"the name must be lower case and start with {' or '.join(prefixes)}_ for table {feature.table}"
    if not feature.meaning or not feature.reason:
        yield "meaning and reason must be written: they are what a client and an analyst read"
    if feature.group not in GROUPS:
        yield f"unknown reason group {feature.group!r}; declare it in features/groups.py"
    if (feature.unit == "category") != bool(feature.categories):
        yield "unit 'category' and `categories` go together: give both or neither"
    if feature.categories and not (
        isinstance(feature.value, CategoryCode) and feature.value.categories == feature.categories
    ):
        yield "`categories` must be the list that the value encodes: write value=col(...).code_in(categories)"
    yield from _row_mistakes(feature)
    yield from _column_mistakes(feature)


def _row_mistakes(feature: Feature) -> Iterator[str]:
    one_row = feature.table in SINGLE_ROW
    if one_row and (feature.agg or feature.window is not None or feature.last_rows or feature.where):
        yield f"table {feature.table} has one row per client: leave out agg, where, windows and last_rows"
    if not one_row and feature.agg not in AGGREGATIONS:
        yield f"agg is {feature.agg!r}, expected one of {', '.join(AGGREGATIONS)}"
    if feature.within_days is not None and feature.within_months is not None:
        yield "within_days and within_months are two windows; keep one"
    if (feature.window is not None) != (feature.clock is not None):
        yield "a window needs a clock (the column that says when) and a clock is there for a window"
    if feature.window is not None and feature.window <= 0:
        yield f"a window of {feature.window} holds no row; give a positive length"
    if feature.last_rows is not None and feature.last_rows <= 0:
        yield f"last_rows={feature.last_rows} holds no row; give a positive number"
    if feature.agg == "count" and feature.when_no_rows != 0:
        yield "a count of no rows is 0: say when_no_rows=0"


def _column_mistakes(feature: Feature) -> Iterator[str]:
    if "TARGET" in feature.columns:
        yield "it reads TARGET, the outcome itself; measure something known at the application"
    if feature.table == "client":
        return  # the catalogue checks these: they read features declared earlier
    known = VIEW_COLUMNS.get(feature.table) or frozenset(TABLES[feature.table].columns)
    unknown = sorted(feature.columns - known)
    if unknown:
        yield f"table {feature.table} has no column {', '.join(unknown)}; it has {', '.join(sorted(known))}"
        return
    yield from _kind_mistakes(feature)


def _kind_mistakes(feature: Feature) -> Iterator[str]:
    """Columns read as what they are not: these would fail at night, on the first row."""
    kinds = {name: _kind(feature.table, name) for name in feature.columns}
    clock, unit = feature.clock, "days" if feature.within_days is not None else "months"
    if clock is not None and kinds[clock] != unit:
        yield f"within_{unit} needs a clock in {unit}, but {clock} holds {kinds[clock]}; give another clock"
    expressions = [feature.value] + ([feature.where] if feature.where is not None else [])
    leaves = [part for whole in expressions for part in parts_of(whole) if not part.operands()]
    for leaf in leaves:
        for name in leaf.columns():
            if isinstance(leaf, Column) and kinds[name] == "category":
                yield f"{name} holds categories, not numbers; read it with is_in, has_no_category or code_in"
            if not isinstance(leaf, Column) and kinds[name] != "category":
                yield f"{name} holds numbers, not categories; compare it with <, <=, > or >="


def _kind(table: str, column: str) -> str:
    if table in VIEW_COLUMNS:
        return "days" if column.endswith("_day") else "amount"
    return TABLES[table].columns[column].kind


class Catalogue(Sequence[Feature]):
    """The declared features in order, by position or by name; refuses duplicates and unknown inputs.

    `hash` changes with every change of what is computed or how it is worded for the model (16 hex digits).
    """

    def __init__(self, features: Iterable[Feature]) -> None:
        self._features = tuple(features)
        self._by_name = {feature.name: feature for feature in self._features}
        if len(self._by_name) < len(self._features):
            names = [feature.name for feature in self._features]
            twice = sorted({name for name in names if names.count(name) > 1})
            raise DeclarationError(f"declared twice: {', '.join(twice)}; give each feature its own name")
        self._require_inputs()

    def _require_inputs(self) -> None:
        known = set(TABLES["application"].columns) - {"TARGET"}
        for feature in self._features:
            unknown = sorted(feature.columns - known) if feature.table == "client" else []
            if unknown:
                raise DeclarationError(
                    f"feature {feature.name!r} reads {', '.join(unknown)}, neither a column of the "
                    "application nor a feature declared before it"
                )
            known.add(feature.name)

    def __getitem__(self, which: int | str) -> Feature:  # type: ignore[override] # no slices, names instead
        if isinstance(which, str):
            if which not in self._by_name:
                raise KeyError(f"no feature {which!r} is declared; see features.CATALOGUE.names")
            return self._by_name[which]
        return self._features[which]

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
    def definitions(self) -> dict[str, str]:
        """Name to a hash (8 hex digits) of what is computed; names the difference between two catalogues."""
        computed = [spec.name for spec in fields(Feature) if spec.name not in ("meaning", "reason")]
        return {
            feature.name: hashlib.sha256(
                repr([(name, getattr(feature, name)) for name in computed]).encode()
            ).hexdigest()[:8]
            for feature in self._features
        }

    @cached_property
    def hash(self) -> str:
        """16 hex digits over every definition, in order."""
        return hashlib.sha256(repr(self.definitions).encode()).hexdigest()[:16]
