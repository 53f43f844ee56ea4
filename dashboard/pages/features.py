"""One declared feature: what it means, how it is distributed by decision or cohort, how default follows it.
Not here: one client's value (client.py), how features are computed (features)."""

from __future__ import annotations

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.plotting import figure

from dashboard import blocks, layout, theme
from dashboard.charts import features as charts
from dashboard.cohort import Mask
from dashboard.pages.base import DashboardPage
from dashboard.pages.cohorts import CONDITIONS, cohort_masks
from dashboard.pages.picker import feature_picker, options_of
from dashboard.state import SPLITS
from dashboard.values import FeatureWords, words_of
from features import CATALOGUE
from features.texts import group_title
from risk import DECISIONS


class FeaturesPage(DashboardPage):
    """Pick a feature by words or by family; see its card, its distribution and its default rates."""

    cohorts_changed = param.Event(doc="The cohorts of the cohorts page changed while they split this page")

    def build(self) -> pn.viewable.Viewable:
        """Picker and card on the left, plots on the right."""
        t, session = self.texts, self.session
        if session.feature not in CATALOGUE.names:
            session.feature = CATALOGUE.model_inputs[0]
        split = pmui.RadioButtonGroup.from_param(
            session.param.split,
            label="",
            options={t(f"split.{code}"): code for code in SPLITS},
            size="small",
            sx=layout.ONE_LINE,
            margin=(0, 0, 6, 0),
        )
        for name in CONDITIONS:
            cohort = getattr(session, name)
            cohort.param.watch(self._cohorts_moved, [field for field in cohort.param if field != "name"])
        session.param.watch(self._cohorts_moved, "baseline")
        return layout.stack(
            layout.card(
                t("features.choose"),
                pn.Row(
                    self._family(),
                    feature_picker(t, session, label=t("features.feature")),
                    sizing_mode="stretch_width",
                    margin=0,
                ),
                layout.html(self.about, margin=(10, 6, 2, 6)),
            ),
            layout.row(
                layout.card(
                    t("features.distribution"),
                    split,
                    layout.html(self.groups_notice),
                    layout.chart(self.distribution_plot, 320),
                    layout.html(self.missing, margin=(8, 0, 0, 0)),
                ),
                layout.card(
                    t("features.rate"), layout.chart(self.rate_plot, 320), note=t("features.rate_note")
                ),
            ),
        )

    def _cohorts_moved(self, *_: object) -> None:
        if self.session.split == "cohorts":
            self.param.trigger("cohorts_changed")

    def _family(self) -> pmui.Select:
        """Choosing a family shows its first feature; choosing a feature shows its family."""
        t, session = self.texts, self.session
        present = dict.fromkeys(feature.group for feature in CATALOGUE)
        family = pmui.Select(
            label=t("features.family"), options={group_title(code, t.code): code for code in present},
            value=CATALOGUE[session.feature].group, size="small", width=330, margin=(5, 6),
        )  # fmt: skip

        def choose(event: param.parameterized.Event) -> None:
            if CATALOGUE[session.feature].group != event.new:
                session.feature = next(iter(options_of(t, event.new).values()))

        family.param.watch(choose, "value")
        session.param.watch(lambda event: family.param.update(value=CATALOGUE[event.new].group), "feature")
        return family

    @property
    def words(self) -> FeatureWords:
        """The chosen feature in words."""
        return words_of(self.session.feature, self.texts)

    @property
    def values(self) -> charts.Values:
        """The chosen feature of every client."""
        return self.book.feature(self.session.feature)

    def groups(self) -> dict[str, Mask]:
        """The groups the distribution is split by: decisions, or the two cohorts; those with somebody in."""
        if self.session.split == "cohorts":
            a, b = cohort_masks(self.session, self.book)
            masks = {"a": a, "b": b}
        else:
            decision = self.book.scores["decision"].cat
            masks = {
                code: decision.codes.to_numpy() == position
                for position, code in enumerate(decision.categories)
            }
            masks = {code: masks[code] for code in DECISIONS if code in masks}
        return {code: belongs for code, belongs in masks.items() if belongs.any()}

    def looks(self) -> dict[str, tuple[str, str]]:
        """Label and colour of each group."""
        if self.session.split == "cohorts":
            return {
                code: (self.texts(f"cohorts.{code}"), theme.COHORT_COLOURS[code]) for code in self.groups()
            }
        return {
            code: (self.texts(f"decision.{code}"), theme.DECISION_COLOURS[code]) for code in self.groups()
        }

    @param.depends("session.feature")
    def about(self) -> str:
        """Card of the feature: meaning, unit, direction, family, name, use by the model, missing share."""
        t, words = self.texts, self.words
        used = words.feature.name in self.book.model.feature_names
        missing = float(np.isnan(self.values).mean())
        return blocks.facts(
            [
                (t("features.meaning"), words.meaning),
                (t("features.unit"), words.unit_name),
                (t("features.direction"), words.direction),
                (t("features.used"), t("features.used_yes" if used else "features.used_no")),
                (t("features.missing_share"), self.write.percent(missing)),
                (t("features.name"), words.feature.name),
            ]
        )

    @param.depends("session.feature", "session.split", "cohorts_changed")
    def groups_notice(self) -> str:
        """What the two cohorts are, or that one of them is empty."""
        if self.session.split != "cohorts":
            return ""
        if len(self.groups()) < 2:
            return blocks.notice(self.texts("features.cohort_empty"), "warning")
        t, session = self.texts, self.session
        b = (
            session.cohort_b.cohort.words(t)
            if session.baseline == "custom"
            else t(f"baseline.{session.baseline}")
        )
        return blocks.note(t("cohorts.stated", a=session.cohort_a.cohort.words(t), b=b))

    @param.depends("session.feature", "session.split", "cohorts_changed")
    def distribution_plot(self) -> figure:
        """Distribution of the feature in each group."""
        words, groups = self.words, self.groups()
        if words.categories:
            data = charts.category_distribution(self.values, words.categories, groups)
            return charts.draw_categories(data, self.looks(), self.texts)
        return charts.draw_numeric(charts.numeric_distribution(self.values, groups), self.looks(), words)

    @param.depends("session.feature", "session.split", "cohorts_changed")
    def missing(self) -> str:
        """Share of missing values in each group, and that the ends of the range are not drawn."""
        shares = charts.missing_shares(self.values, self.groups())
        said = " · ".join(
            self.texts("features.missing_in", group=label, share=self.write.percent(shares[code]))
            for code, (label, _) in self.looks().items()
        )
        ends = "" if self.words.categories else " " + self.texts("features.robust")
        return blocks.note(self.texts("features.missing", shares=said) + ends)

    @param.depends("session.feature")
    def rate_plot(self) -> figure:
        """Observed default rate along the feature."""
        words = self.words
        data = charts.rate_by_bin(self.values, self.book.targets.to_numpy(), words.categories)
        return charts.draw_rate(data, self.book.summary().observed_default_rate.value, words)
