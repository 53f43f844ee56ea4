"""A declared feature in the reader's words: its meaning, its unit, its values, its riskier direction.
Not here: the words themselves (features.texts), nor values of clients."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dashboard.texts import Texts
from features import CATALOGUE, Feature, number_text
from features.formats import MISSING
from features.texts import category_text, group_title, unit_text


@dataclass(frozen=True)
class FeatureWords:
    """How one feature is told in one language."""

    feature: Feature
    texts: Texts

    @property
    def meaning(self) -> str:
        """What it measures, in plain words."""
        return self.feature.text(self.texts.code).meaning

    @property
    def group(self) -> str:
        """Title of its reason group."""
        return group_title(self.feature.group, self.texts.code)

    @property
    def unit(self) -> str:
        """Unit as written after a number; empty where a number stands alone."""
        return unit_text(self.feature.unit, self.texts.code)

    @property
    def unit_name(self) -> str:
        """The unit in words, for every kind of feature: amount, years, yes or no, …"""
        return self.texts(f"unit.{self.feature.unit}")

    @property
    def direction(self) -> str:
        """Which values go with more risk."""
        return self.texts(f"riskier.{self.feature.riskier or 'none'}")

    @property
    def categories(self) -> tuple[str, ...]:
        """Labels of the codes 0, 1, … of a categorical feature or a flag; empty for numbers."""
        if self.feature.unit == "flag":
            return self.texts("flag.no"), self.texts("flag.yes")
        return tuple(category_text(name, self.texts.code) for name in self.feature.categories)

    @property
    def is_share(self) -> bool:
        """Whether its values are shares of one, written as percent."""
        return self.feature.unit == "share"

    @property
    def axis(self) -> str:
        """Label of an axis of this feature."""
        return self.texts("plot.value_in", unit=self.unit_name)

    def number(self, value: float) -> str:
        """The value without its unit, ``–`` if missing; shares as percent."""
        if math.isnan(value):
            return MISSING
        write = self.texts.formats
        return write.percent(value) if self.is_share else write.value(value)

    def value(self, value: float) -> str:
        """The value with its unit, the label of its category, or the word for missing."""
        if math.isnan(value):
            return self.texts("plot.missing")
        labels = self.categories
        if labels:
            return labels[int(value)] if 0 <= value < len(labels) else self.texts("plot.missing")
        return number_text(self.feature, value, self.texts.code)


def words_of(name: str, texts: Texts) -> FeatureWords:
    """The words of a declared feature. Errors: KeyError naming it if it is not declared."""
    return FeatureWords(CATALOGUE[name], texts)
