"""Why cohort A is riskier, or safer, than cohort B: by reason group, then feature by feature, from the night.
Not here: who is in A and B (cohorts.py), the arithmetic (explain.contrast_cohorts)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param

from dashboard import blocks, layout
from dashboard.charts.contrasts import contrast_data, draw_contrast
from dashboard.cohort import Mask
from dashboard.pages.base import Context, DashboardPage
from dashboard.values import words_of
from explain import CohortContrast, contrast_cohorts
from features import CATALOGUE, group_title
from model_store import UnknownRun

GROUPS, FEATURES = 12, 8  # shown at most


class WhyCard(DashboardPage):
    """A sentence on the whole difference, its groups, and one group's features."""

    cohorts = param.Parameter(default=None, doc="The clients of A and of B, None where one has nobody")
    group = param.Selector(default="", objects=[""], doc="Whose features are shown; empty: the first group's")

    def __init__(self, context: Context, **params: Any) -> None:
        self._found: tuple[tuple[Mask, Mask], CohortContrast] | None = None
        super().__init__(context, **params)

    def build(self) -> pn.viewable.Viewable:
        """Sentence, groups, choice of a group, its features."""
        t = self.texts
        self.param["group"].objects = ["", *self._groups()]
        names = {group_title(code, t.code): code for code in self._groups()}
        choice = pmui.Select.from_param(
            self.param.group,
            label=t("cohorts.why_choose"),
            options={t("cohorts.why_first"): "", **dict(sorted(names.items()))},
            size="small",
            width=420,
            margin=(14, 0, 6, 0),
        )
        return layout.card(
            t("cohorts.why"),
            layout.html(self.whole, margin=(0, 0, 8, 0)),
            layout.html(self.by_group),
            choice,
            layout.html(self.by_feature),
            note=t("cohorts.why_note"),
        )

    def _groups(self) -> tuple[str, ...]:
        return tuple(sorted({CATALOGUE[name].group for name in self.book.model.feature_names}))

    def contrast(self) -> CohortContrast | None:
        """A beside B by reason group, worked out once per statement; None where there is nothing to compare, or the
        night did not store it."""
        if self.cohorts is None:
            return None
        if self._found is None or self._found[0] is not self.cohorts:
            try:
                table = self.book.group_contributions()
            except UnknownRun:
                return None
            codes = [str(code) for code in table.columns]
            self._found = (self.cohorts, contrast_cohorts(table.to_numpy(), codes, *self.cohorts))
        return self._found[1]

    @param.depends("cohorts")
    def whole(self) -> str:
        """By how much A's mean log-odds differ from B's; or why that cannot be told."""
        t, w = self.texts, self.write
        found = self.contrast()
        if found is None:
            missing = "cohorts.empty" if self.cohorts is None else "cohorts.why_not_stored"
            return blocks.notice(t(missing), "empty")
        total = float(found.difference.sum())
        return blocks.lead(
            t(
                "cohorts.why_total",
                total=w.decimal(total, 2, sign=True),
                odds=w.decimal(math.exp(total), 2),
            )
        )

    @param.depends("cohorts")
    def by_group(self) -> str:
        """The groups that set A apart from B, largest first."""
        t = self.texts
        found = self.contrast()
        if found is None:
            return ""
        return draw_contrast(contrast_data(found, GROUPS), lambda code: group_title(code, t.code), t)

    @param.depends("cohorts", "group")
    def by_feature(self) -> str:
        """The features of the group asked for."""
        t = self.texts
        found = self.contrast()
        if found is None:
            return ""
        group = self.group or found.codes[found.order[0]]
        names = [name for name in self.book.model.feature_names if CATALOGUE[name].group == group]
        table = self.book.contributions(names)
        inside = contrast_cohorts(table.to_numpy(np.float32), names, *self.cohorts)
        head = blocks.lead(t("cohorts.why_features", group=group_title(group, t.code)))
        return head + draw_contrast(
            contrast_data(inside, FEATURES), lambda name: words_of(name, t).meaning, t
        )
