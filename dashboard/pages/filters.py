"""The widgets that state a cohort: options per dimension, and a range of one feature.
Not here: what the cohort's conditions mean (cohort.py), what is shown for it (cohorts.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from dashboard import layout
from dashboard.charts.features import robust_range
from dashboard.cohort import DIMENSIONS, Dimension
from dashboard.pages.base import Context
from dashboard.pages.picker import feature_picker
from dashboard.state import CohortFilter


class CohortBuilder(pn.viewable.Viewer):
    """Widgets bound to one CohortFilter, in two columns."""

    filters = param.ClassSelector(class_=CohortFilter, constant=True)

    def __init__(self, context: Context, filters: CohortFilter, **params: Any) -> None:
        super().__init__(filters=filters, **params)
        self._context = context
        self._view = pn.Column(self._choices(), self._range(), sizing_mode="stretch_width", margin=0)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._view

    def _choices(self) -> pn.GridBox:
        widgets = [self._choice(dimension) for dimension in DIMENSIONS.values()]
        return pn.GridBox(*widgets, ncols=2, sizing_mode="stretch_width", margin=0)

    def _choice(self, dimension: Dimension) -> pmui.MultiChoice:
        """The options of a dimension; what is chosen has its place before the browser draws it."""
        texts, code = self._context.texts, dimension.code
        labels = {option: dimension.label(option, texts) for option in dimension.options(self._context.book)}

        def height(chosen: Sequence[str]) -> int:
            return layout.height_of_choices([labels.get(option, option) for option in chosen])

        field = pmui.MultiChoice.from_param(
            self.filters.param[code],
            label=texts(f"dimension.{code}"),
            options={label: option for option, label in labels.items()},
            placeholder=texts("cohorts.any"),
            sizing_mode="stretch_width",
            margin=(5, 6),
            min_height=height(getattr(self.filters, code)),
        )
        self.filters.param.watch(lambda event: field.param.update(min_height=height(event.new)), code)
        return field

    def _range(self) -> pn.Row:
        texts = self._context.texts
        picker = feature_picker(texts, self.filters, label=texts("cohorts.range_feature"), allow_none=True)
        low, high = (
            pmui.FloatInput.from_param(
                self.filters.param[bound],
                label=texts(f"cohorts.{bound}"),
                size="small",
                format="0[.]00",
                width=150,
                margin=(5, 6),
            )
            for bound in ("low", "high")
        )
        for bound in (low, high):
            bound.visible = bool(self.filters.feature)
        self.filters.param.watch(
            lambda event: [b.param.update(visible=bool(event.new)) for b in (low, high)], "feature"
        )
        self.filters.param.watch(self._open_range, "feature")
        return pn.Row(picker, low, high, sizing_mode="stretch_width", margin=0)

    def _open_range(self, event: Any) -> None:
        """A newly chosen feature starts with its usual range, so that the reader sees its order of magnitude."""
        if not event.new:
            self.filters.param.update(low=None, high=None)
        elif self.filters.low is None and self.filters.high is None:
            low, high = robust_range(self._context.book.feature(event.new))
            self.filters.param.update(low=float(f"{low:.4g}"), high=float(f"{high:.4g}"))
