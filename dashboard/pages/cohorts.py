"""Two groups of clients side by side: figures with intervals, their differences, their scores.
Not here: how a cohort is stated (filters.py) or summarised (risk.summarise_cohort)."""

from __future__ import annotations

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.plotting import figure

from dashboard import blocks, layout, theme
from dashboard.charts import scores as charts
from dashboard.cohort import Cohort, Mask
from dashboard.data import Book
from dashboard.pages.base import DashboardPage
from dashboard.pages.filters import CohortBuilder
from dashboard.pages.why_card import WhyCard
from dashboard.state import BASELINES, Session
from risk import CohortSummary, Interval, difference_interval

FEW_OUTCOMES = 30
CONDITIONS = ("cohort_a", "cohort_b")


def cohort_masks(session: Session, book: Book) -> tuple[Mask, Mask]:
    """Who is in A and who in B: by default B is everyone who is not in A."""
    a = session.cohort_a.cohort.mask(book)
    if session.baseline == "custom":
        return a, session.cohort_b.cohort.mask(book)
    return a, ~a if session.baseline == "rest" else np.ones_like(a)


class CohortsPage(DashboardPage):
    """Builder of A and B above, comparison below."""

    stated = param.Tuple(
        default=(Cohort(), Cohort(), "rest"), doc="What is compared; one change per interaction"
    )

    def build(self) -> pn.viewable.Viewable:
        """Two builders, notices, table, distribution."""
        t, session = self.texts, self.session
        builder_b = CohortBuilder(self.context, session.cohort_b)
        own = pn.Column(
            builder_b, sizing_mode="stretch_width", margin=0, visible=session.baseline == "custom"
        )
        session.param.watch(lambda event: own.param.update(visible=event.new == "custom"), "baseline")
        baseline = pmui.RadioButtonGroup.from_param(
            session.param.baseline, label="", options={t(f"baseline.{code}"): code for code in BASELINES},
            size="small", margin=(4, 6, 8, 6), sx=layout.ONE_LINE,
        )  # fmt: skip
        clear = pmui.Button(
            label=t("cohorts.clear"), variant="text", icon="backspace", size="small", margin=(2, 6)
        )
        clear.on_click(lambda _: session.cohort_a.state(Cohort()))
        self.why = WhyCard(self.context)
        self._follow()
        self.param.watch(self._compare, "stated")
        self._compare()
        return layout.stack(
            layout.row(
                layout.card(t("cohorts.a"), CohortBuilder(self.context, session.cohort_a), clear),
                layout.card(t("cohorts.b"), baseline, layout.html(self.words_b, margin=(0, 6, 6, 6)), own),
            ),
            layout.html(self.notices),
            layout.card(
                t("cohorts.comparison"), layout.html(self.comparison), note=t("cohorts.comparison_note")
            ),
            self.why.__panel__(),
            layout.card(
                t("cohorts.scores"), layout.chart(self.score_plot, 320), note=t("cohorts.scores_note")
            ),
        )

    def _follow(self) -> None:
        def follow(*_: object) -> None:
            session = self.session
            b = session.cohort_b.cohort if session.baseline == "custom" else Cohort()
            self.stated = (session.cohort_a.cohort, b, session.baseline)

        for name in CONDITIONS:
            cohort = getattr(self.session, name)
            cohort.param.watch(follow, [field for field in cohort.param if field != "name"])
        self.session.param.watch(follow, "baseline")
        self._masks: dict[tuple[object, ...], tuple[Mask, Mask]] = {}
        follow()

    def _compare(self, *_: object) -> None:
        a, b = self.masks()
        self.why.cohorts = (a, b) if a.any() and b.any() else None

    @property
    def nothing_stated(self) -> bool:
        """Whether A is still everyone, which leaves nobody else to compare with."""
        return bool(self.stated[0].is_everyone) and self.session.baseline == "rest"

    def masks(self) -> tuple[Mask, Mask]:
        """Who is in A and in B now; worked out once per statement."""
        if self.stated not in self._masks:
            self._masks = {self.stated: cohort_masks(self.session, self.book)}
        return self._masks[self.stated]

    def summaries(self) -> tuple[CohortSummary, CohortSummary]:
        """The figures of A and of B."""
        a, b = self.masks()
        return self.book.summary(a), self.book.summary(None if b.all() else b)

    @param.depends("stated")
    def words_b(self) -> str:
        """What B is, in words."""
        baseline = self.session.baseline
        return blocks.note("" if baseline == "custom" else self.texts(f"baseline.{baseline}_words"))

    @param.depends("stated")
    def notices(self) -> str:
        """What A and B are, and what the reader must know before reading on."""
        t, (a, b) = self.texts, self.masks()
        if self.nothing_stated:
            return blocks.notice(t("cohorts.begin"))
        said = t("cohorts.stated", a=self.stated[0].words(t), b=self._name_b())
        notices = [blocks.notice(said)]
        for name, belongs in (("a", a), ("b", b)):
            known = int(np.count_nonzero(belongs & self.book.known))
            if not belongs.any():
                notices.append(blocks.notice(t("cohorts.nobody", cohort=t(f"cohorts.{name}")), "warning"))
            elif known < FEW_OUTCOMES:
                few = t(
                    "cohorts.few",
                    cohort=t(f"cohorts.{name}"),
                    known=self.write.integer(known),
                    few=FEW_OUTCOMES,
                )
                notices.append(blocks.notice(few, "warning"))
        return '<div class="stack">' + "".join(notices) + "</div>"

    def _name_b(self) -> str:
        t = self.texts
        return (
            self.stated[1].words(t)
            if self.session.baseline == "custom"
            else t(f"baseline.{self.session.baseline}")
        )

    @param.depends("stated")
    def comparison(self) -> str:
        """Table: clients, mean probability, median score, accepted share, observed default rate; A, B, A − B."""
        t, (mask_a, mask_b) = self.texts, self.masks()
        if not mask_a.any() or not mask_b.any():
            return blocks.notice(t("cohorts.begin" if self.nothing_stated else "cohorts.empty"), "empty")
        a, b = self.summaries()
        header = ["", t("cohorts.a"), t("cohorts.b"), t("cohorts.difference")]
        colours = (theme.COHORT_COLOURS["a"], theme.COHORT_COLOURS["b"], "")
        return blocks.table(header, self._rows(a, b), colours)

    def _rows(self, a: CohortSummary, b: CohortSummary) -> list[list[str | tuple[str, str]]]:
        t, w = self.texts, self.write
        whole = len(self.book.scores)

        def clients(summary: CohortSummary) -> tuple[str, str]:
            return w.integer(summary.clients), t("cohorts.of_base", share=w.percent(summary.clients / whole))

        def outcomes(summary: CohortSummary) -> tuple[str, str]:
            return w.integer(summary.labelled), t("cohorts.defaults", defaults=w.integer(summary.defaults))

        def shares(name: str, size: str) -> list[str | tuple[str, str]]:
            both: list[tuple[Interval, int]] = [(getattr(side, name), getattr(side, size)) for side in (a, b)]
            return [*(self._share(share) for share, _ in both), self._difference(*both[0], *both[1])]

        mean_a, mean_b = a.mean_probability, b.mean_probability
        gap = w.decimal(a.median_score - b.median_score, 0, sign=True)
        means: list[str | tuple[str, str]] = [
            self._share(mean_a),
            self._share(mean_b),
            w.points(mean_a.value - mean_b.value),
        ]
        return [
            [t("cohorts.clients"), clients(a), clients(b), ""],
            [t("cohorts.mean_probability"), *means],
            [t("cohorts.median_score"), w.integer(a.median_score), w.integer(b.median_score), gap],
            [t("cohorts.accepted"), *shares("accepted_share", "clients")],
            [t("cohorts.outcomes"), outcomes(a), outcomes(b), ""],
            [t("cohorts.observed"), *shares("observed_default_rate", "labelled")],
        ]

    def _share(self, share: Interval) -> tuple[str, str]:
        w = self.write
        return w.percent(share.value), w.interval(w.percent(share.low), w.percent(share.high))

    def _difference(self, share_a: Interval, n_a: int, share_b: Interval, n_b: int) -> tuple[str, str]:
        """A − B with Newcombe's interval, and whether it excludes zero; no interval where they share clients."""
        w = self.write
        if not n_a or not n_b:
            return w.points(None), ""
        found = difference_interval(round(share_a.value * n_a), n_a, round(share_b.value * n_b), n_b)
        mask_a, mask_b = self.masks()
        if np.any(mask_a & mask_b):
            return w.points(found.value), self.texts("cohorts.overlap")
        clear = (
            "cohorts.clear_difference" if found.low > 0 or found.high < 0 else "cohorts.no_clear_difference"
        )
        return w.points(
            found.value
        ), f"{w.interval(w.points(found.low), w.points(found.high))} · {self.texts(clear)}"

    @param.depends("stated")
    def score_plot(self) -> figure:
        """Both cohorts' scores over one another."""
        a, b = self.masks()
        score = float(self.book.model.scale.score([self.book.cut_off])[0])
        return charts.draw_cohort_histogram(
            charts.cohort_histogram(self.book.scores, {"a": a, "b": b}), score, self.texts
        )
