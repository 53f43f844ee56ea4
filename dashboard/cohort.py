"""What a cohort is: a stated group of clients, who belongs to it, how it is written in a link and in words.
Not here: the figures of a cohort (risk.summarise_cohort), nor the widgets that state it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dashboard.data import Book
from dashboard.texts import Texts
from dashboard.values import words_of
from features import CATALOGUE
from features.texts import category_text
from risk import DECISIONS

Mask = NDArray[np.bool_]
AGE_EDGES = (25.0, 35.0, 45.0, 55.0, 65.0)


@dataclass(frozen=True)
class Dimension:
    """A way to divide the clients: a column of the scores, a feature's categories, or a feature cut at ``edges``.

    ``states``: codes of the values 0, 1, … of a flag, whose labels are page texts (``CODE.STATE``).
    """

    code: str
    feature: str = ""
    edges: tuple[float, ...] = ()
    states: tuple[str, ...] = ()

    def options(self, book: Book) -> tuple[str, ...]:
        """Codes one can choose from, in their own order."""
        if self.code == "decision":
            return DECISIONS
        if self.code == "risk_band":
            return book.bands.names
        if self.edges:
            return tuple(_age_codes(self.edges))
        return self.states or CATALOGUE[self.feature].categories

    def label(self, option: str, texts: Texts) -> str:
        """The option in the reader's words; a category without a translation keeps the table's own word."""
        if self.code == "risk_band":
            return option
        if self.edges:
            low, _, high = option.partition("-")
            key = "below" if not low else "above" if not high else "between"
            return texts(f"age.{key}", low=low, high=high)
        if self.code == "decision" or self.states:
            return texts(f"{self.code}.{option}")
        return category_text(option, texts.code)

    def mask(self, book: Book, chosen: tuple[str, ...]) -> Mask:
        """True for each client of the run whose option is one of ``chosen``; a missing value never is."""
        if not self.feature:
            column = book.scores[self.code].cat
            wanted = np.flatnonzero(column.categories.isin(chosen))
            return np.isin(column.codes.to_numpy(), wanted)
        places = [place for place, option in enumerate(self.options(book)) if option in chosen]
        values = book.feature(self.feature)
        if not self.edges:
            return np.isin(values, np.array(places, dtype=np.float32))
        band = np.searchsorted(np.array(self.edges, dtype=np.float32), values, side="right")
        return np.isin(band, places) & ~np.isnan(values)


def _age_codes(edges: tuple[float, ...]) -> list[str]:
    """``-25``, ``25-35``, …, ``65-``: each bound as written in links."""
    bounds = ["", *(f"{edge:g}" for edge in edges), ""]
    return [f"{low}-{high}" for low, high in pairwise(bounds)]


_DECLARED = (
    Dimension("decision"),
    Dimension("risk_band"),
    Dimension("age_band", "app_age", AGE_EDGES),
    Dimension("gender", "app_gender"),
    Dimension("income_type", "app_income_type"),
    Dimension("education", "app_education"),
    Dimension("housing", "app_housing"),
    Dimension("credit_type", "app_is_revolving", states=("cash", "revolving")),
)
DIMENSIONS: dict[str, Dimension] = {
    dimension.code: dimension
    for dimension in _DECLARED
    if not dimension.feature or dimension.feature in CATALOGUE.names
}


@dataclass(frozen=True)
class FeatureRange:
    """Clients whose value of a declared feature lies from ``low`` to ``high``, both included; None is open."""

    feature: str
    low: float | None = None
    high: float | None = None

    def mask(self, book: Book) -> Mask:
        """True where the value is known and inside."""
        values = book.feature(self.feature)
        inside = ~np.isnan(values)
        if self.low is not None:
            inside &= values >= np.float32(self.low)
        if self.high is not None:
            inside &= values <= np.float32(self.high)
        return inside


@dataclass(frozen=True)
class Cohort:
    """Clients that meet every condition; no condition at all is the whole base.

    ``choices``: (dimension code, chosen options); within a dimension any chosen option will do.
    """

    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    within: FeatureRange | None = None

    @property
    def is_everyone(self) -> bool:
        """Whether no condition is stated."""
        return not self.choices and self.within is None

    def mask(self, book: Book) -> Mask:
        """True for each client of the run that belongs, in the order of ``book.scores``."""
        belongs = np.ones(len(book.scores), dtype=np.bool_)
        for code, chosen in self.choices:
            belongs &= DIMENSIONS[code].mask(book, chosen)
        if self.within is not None:
            belongs &= self.within.mask(book)
        return belongs

    def words(self, texts: Texts) -> str:
        """The conditions as one line: ``Decision: Declined, To review · Age: 25 to 35``."""
        if self.is_everyone:
            return texts("cohort.everyone")
        parts = []
        for code, chosen in self.choices:
            labels = ", ".join(DIMENSIONS[code].label(option, texts) for option in chosen)
            parts.append(texts("cohort.condition", name=texts(f"dimension.{code}"), value=labels))
        if self.within is not None:
            parts.append(_range_words(self.within, texts))
        return " · ".join(parts)

    def written(self) -> str:
        """The cohort as it stands in a link: ``decision:decline|review;age_band:25-35;~app_age:20:30``."""
        parts = [f"{code}:{'|'.join(chosen)}" for code, chosen in self.choices]
        if self.within is not None:
            low, high = (
                f"{bound:.9g}" if bound is not None else "" for bound in (self.within.low, self.within.high)
            )
            parts.append(f"~{self.within.feature}:{low}:{high}")
        return ";".join(parts)


def read_cohort(written: str) -> Cohort:
    """The cohort of a link; conditions that no longer exist are left out, so that an old link still opens."""
    choices: list[tuple[str, tuple[str, ...]]] = []
    within = None
    for part in filter(None, written.split(";")):
        if part.startswith("~"):
            within = _read_range(part[1:]) or within
            continue
        code, _, options = part.partition(":")
        chosen = tuple(filter(None, options.split("|")))
        if code in DIMENSIONS and chosen:
            choices.append((code, chosen))
    return Cohort(tuple(choices), within)


def _read_range(written: str) -> FeatureRange | None:
    name, _, bounds = written.partition(":")
    low, _, high = bounds.partition(":")
    try:
        found = FeatureRange(name, float(low) if low else None, float(high) if high else None)
    except ValueError:
        return None
    return found if name in CATALOGUE.names and (low or high) else None


def _range_words(within: FeatureRange, texts: Texts) -> str:
    words = words_of(within.feature, texts)
    low, high = (words.number(math.nan if bound is None else bound) for bound in (within.low, within.high))
    if within.high is None:
        value = texts("cohort.range_from", low=low)
    elif within.low is None:
        value = texts("cohort.range_to", high=high)
    else:
        value = texts("cohort.range_between", low=low, high=high)
    return texts("cohort.condition", name=words.meaning, value=f"{value} {words.unit}".strip())
