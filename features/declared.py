"""What a declaration of a feature says, and what follows from it: window, stem, columns read.

Belongs here: the fields and what can be read off them. Does not: whether they make sense (mistakes), the
declaration that is refused when they do not (declaration).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.change import FIXED, Change
from features.expressions import Condition, Number
from features.rows import Window
from features.vocabulary import Riskier, Unit, kind_of


@dataclass(frozen=True)
class Declared:
    """The fields of a Feature, unchecked: what the checks read.

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

    @property
    def columns(self) -> frozenset[str]:
        """Columns read from the table."""
        read = self.value.columns() | (self.where.columns() if self.where is not None else frozenset())
        return read | ({self.clock} if self.clock else frozenset())
