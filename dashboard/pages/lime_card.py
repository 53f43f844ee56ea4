"""LIME of one client against a cohort, beside the exact contributions: weights, verdict in words, proof in figures.
Not here: how any of these is computed or worded (explain), the rest of the client's page."""

from __future__ import annotations

from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from dashboard import blocks, layout
from dashboard.charts import client as charts
from dashboard.cohort import Cohort
from dashboard.data import Client
from dashboard.pages.base import Context, DashboardPage
from dashboard.state import REFERENCES
from explain import EmptyCohort, LimeExplanation, QualityFigure
from explain.lime.reference import CHOSEN

SHOWN = 10  # weights


class LimeCard(DashboardPage):
    """Whom to compare with, above the strongest weights, above how far they can be trusted."""

    client = param.Parameter(default=None, doc="The Client to explain, or None")
    cohort = param.Parameter(default=Cohort(), doc="Cohort A as stated now")

    def __init__(self, context: Context, **params: Any) -> None:
        self._found: tuple[tuple[object, ...], LimeExplanation] | None = None
        super().__init__(context, **params)

    def build(self) -> pn.viewable.Viewable:
        """Selector, bars, verdict and figures."""
        t, session = self.texts, self.session
        names = [name for name in session.cohort_a.param if name != "name"]
        session.cohort_a.param.watch(self._follow, names)
        self._follow()
        against = pmui.RadioButtonGroup.from_param(
            session.param.against,
            label="",
            options={t(f"against.{code}"): code for code in REFERENCES},
            size="small",
            margin=(0, 0, 8, 0),
            sx=layout.ONE_LINE,
        )
        return layout.card(
            t("client.lime"),
            against,
            layout.html(self.said_of_cohort, margin=(0, 0, 8, 0)),
            layout.html(self.weights),
            layout.html(self.quality, margin=(10, 0, 0, 0)),
        )

    def _follow(self, *_: object) -> None:
        self.cohort = self.session.cohort_a.cohort

    def explanation(self) -> LimeExplanation | None:
        """LIME of the client on the screen against the cohort asked for, worked out once; None where the cohort has
        no client."""
        client: Client = self.client
        asked = (client.client_id, self.session.against, self.cohort)
        if self._found is None or self._found[0] != asked:
            try:
                self._found = (asked, self._explain(client))
            except EmptyCohort:
                return None
        return self._found[1]

    def _explain(self, client: Client) -> LimeExplanation:
        if self.session.against != CHOSEN:
            return self.book.lime(client, self.session.against)
        return self.book.lime_among(client, self.cohort.mask(self.book), self.cohort.written())

    @param.depends("client", "cohort", "session.against")
    def said_of_cohort(self) -> str:
        """Whom the client is compared with, how many of them, and what the model says of both."""
        if self.client is None:
            return ""
        t, w, found = self.texts, self.write, self.explanation()
        if found is None:
            return blocks.notice(t("client.lime_nobody"), "warning")
        named = t(f"against.{found.cohort}_words")
        if found.cohort == CHOSEN:
            named = t("against.chosen_words", cohort=self.cohort.words(t))
        return blocks.note(
            t(
                "client.lime_cohort",
                cohort=named,
                reference=w.integer(found.reference_size),
                mean=w.decimal(found.cohort_log_odds, 2, sign=True),
                own=w.decimal(found.prediction, 2, sign=True),
            )
        )

    @param.depends("client", "cohort", "session.against")
    def weights(self) -> str:
        """The strongest weights of LIME."""
        found = None if self.client is None else self.explanation()
        if found is None:
            return ""
        strongest = charts.strongest(lime_weights(found), self.client.features, SHOWN)
        return charts.draw_weights(strongest, self.texts)

    @param.depends("client", "cohort", "session.against")
    def quality(self) -> str:
        """The verdict, a sentence for each limit that is not met, and the figures behind it."""
        found = None if self.client is None else self.explanation()
        if found is None:
            return ""
        t, w, language = self.texts, self.write, self.texts.code
        verdict = blocks.notice(found.verdict(language), "info" if found.reliable else "warning")
        doubts = "".join(blocks.notice(doubt, "warning") for doubt in found.doubts(language))
        figures = blocks.measures(self._measure(figure) for figure in found.quality(language))
        made = t(
            "client.lime_made",
            perturbed=found.perturbed,
            masks=w.integer(found.masks),
            fits=1 if found.stability is None else found.stability.fits,
            seed=found.seed,
            milliseconds=w.integer(1000 * found.seconds),
        )
        return f'<div class="stack">{verdict}{doubts}{figures}{blocks.note(made)}</div>'

    def _measure(self, figure: QualityFigure) -> blocks.Measure:
        t, w = self.texts, self.write
        least = "" if figure.least is None else t("client.at_least", least=w.decimal(figure.least, 2))
        return blocks.Measure(figure.label, w.decimal(figure.value, 2), least, figure.meaning, figure.met)


def lime_weights(found: LimeExplanation) -> pd.Series:
    """LIME's weights as a Series by feature name (log-odds)."""
    return pd.Series(found.weights, index=list(found.features), dtype=float)
