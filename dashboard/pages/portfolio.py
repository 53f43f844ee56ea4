"""The whole base at a glance: headline figures, scores, risk bands, and what another cut-off would change.
Not here: parts of the base (cohorts.py), the arithmetic (risk)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.plotting import figure

from dashboard import blocks, layout, theme
from dashboard.charts import cut_off as curves
from dashboard.charts import scores as charts
from dashboard.pages.base import DashboardPage
from risk import CostCurve, business_cost, cheapest_cut_off


class PortfolioPage(DashboardPage):
    """Clients, decisions and defaults of the run; the cut-off and the cost ratio can be explored."""

    _curve: tuple[float, CostCurve] | None = None

    def build(self) -> pn.viewable.Viewable:
        """Figures, distribution, bands, cut-off exploration from top to bottom."""
        t = self.texts
        return layout.stack(
            layout.html(self.headline()),
            layout.card(
                t("portfolio.scores"), layout.chart(self.score_plot(), 300), note=t("portfolio.scores_note")
            ),
            layout.row(
                layout.card(
                    t("portfolio.band_clients"),
                    layout.chart(self.band_clients(), 300),
                    note=t("portfolio.band_clients_note"),
                ),
                layout.card(
                    t("portfolio.band_rates"),
                    layout.chart(self.band_rates(), 300),
                    note=t("portfolio.band_rates_note"),
                ),
            ),
            layout.card(t("portfolio.cut_off"), *self._exploration(), note=t("portfolio.cut_off_note")),
        )

    def _exploration(self) -> list[Any]:
        if not self.book.known.any():
            return [layout.html(blocks.notice(self.texts("portfolio.no_outcome"), "empty"))]
        return [
            pn.Row(*self._widgets(), sizing_mode="stretch_width", margin=(0, 0, 4, 0)),
            layout.html(self.explored_table, margin=(0, 0, 12, 0)),
            layout.row(
                *(
                    layout.card(
                        self.texts(f"plot.{measure}"),
                        layout.chart(method, 230),
                        padding="10px 12px",
                    )
                    for measure, method in (
                        ("accepted_share", self.accepted_plot),
                        ("default_rate_accepted", self.default_plot),
                        ("cost_per_client", self.cost_plot),
                    )
                )
            ),
        ]

    def _widgets(self) -> tuple[pn.viewable.Viewable, ...]:
        t, end = self.texts, min(1.0, max(0.5, self.book.cut_off * 2))
        slider = pmui.FloatSlider(
            label=t("portfolio.explored_cut_off"),
            start=0.0,
            end=end,
            step=0.001,
            value=self.explored,
            format=theme.number_ticks(t.language, percent=True, decimals=1, fixed=True),
            sizing_mode="stretch_width",
            margin=(4, 24, 0, 6),
        )
        slider.param.watch(lambda event: self.session.param.update(cut_off=event.new), "value_throttled")
        ratio = pmui.FloatInput.from_param(
            self.session.param.fn_cost,
            label=t("portfolio.fn_cost"),
            format="0[.]0",
            width=330,
            margin=(4, 12, 0, 0),
            size="small",
        )
        reset = pmui.Button(
            label=t("portfolio.reset"), variant="outlined", icon="restart_alt", margin=(6, 0, 0, 0)
        )

        def back_to_the_night(_: object) -> None:
            slider.value = self.book.cut_off
            self.session.param.update(cut_off=None, fn_cost=self.book.cost_ratio)

        reset.on_click(back_to_the_night)
        return slider, ratio, reset

    @property
    def explored(self) -> float:
        """The cut-off looked at: the reader's, or the run's."""
        return self.book.cut_off if self.session.cut_off is None else float(self.session.cut_off)

    def headline(self) -> str:
        """The six figures of the base at the run's own cut-off."""
        t, w, book = self.texts, self.write, self.book
        summary = book.summary()
        share, rate, promised = (
            summary.accepted_share,
            summary.observed_default_rate,
            summary.mean_probability,
        )
        accepted = (book.scores["decision"] == "accept").to_numpy()
        expected = float(book.scores["default_probability"].to_numpy()[accepted].sum())
        return blocks.figures(
            [
                blocks.Figure(
                    t("figure.clients"),
                    w.integer(summary.clients),
                    t("figure.clients_detail", known=w.integer(summary.labelled)),
                ),
                blocks.Figure(
                    t("figure.mean_probability"), w.percent(promised.value), self._interval(promised)
                ),
                blocks.Figure(
                    t("figure.accepted"),
                    w.percent(share.value),
                    t(
                        "figure.accepted_detail",
                        cut_off=w.percent(book.cut_off),
                        clients=w.integer(accepted.sum()),
                    ),
                ),
                blocks.Figure(
                    t("figure.expected_defaults"),
                    w.integer(expected),
                    t(
                        "figure.expected_defaults_detail",
                        rate=w.percent(expected / max(int(accepted.sum()), 1)),
                    ),
                ),
                blocks.Figure(t("figure.observed"), w.percent(rate.value), self._interval(rate)),
                blocks.Figure(
                    t("figure.cost"),
                    w.decimal(self._cost(), 3),
                    t("figure.cost_detail", fn=w.value(book.cost_ratio), fp=w.value(1.0)),
                ),
            ]
        )

    def _cost(self) -> float:
        """Cost per client of known outcome at the run's cut-off, in refused good clients; NaN without outcomes."""
        if not self.book.known.any():
            return float("nan")
        return business_cost(
            *self.book.outcomes(), self.book.cut_off, fn_cost=self.book.cost_ratio, fp_cost=1.0
        )

    def _interval(self, interval: Any) -> str:
        w = self.write
        bounds = w.interval(w.percent(interval.low), w.percent(interval.high))
        return self.texts("figure.interval", interval=bounds)

    def score_plot(self) -> figure:
        """Distribution of the scores by decision."""
        score = float(self.book.model.scale.score([self.book.cut_off])[0])
        return charts.draw_score_histogram(charts.score_histogram(self.book.scores), score, self.texts)

    def bands(self) -> pd.DataFrame:
        """Clients and default rates per risk band."""
        return charts.band_table(self.book.scores, self.book.targets, self.book.bands.names)

    def band_clients(self) -> figure:
        """Clients per risk band."""
        return charts.draw_band_clients(self.bands(), self.texts)

    def band_rates(self) -> figure:
        """Promised and observed default rate per risk band."""
        return charts.draw_band_rates(self.bands(), self.texts)

    def curve(self) -> CostCurve:
        """The cut-off curve at the reader's cost ratio; worked out once per ratio."""
        ratio = float(self.session.fn_cost)
        if self._curve is None or self._curve[0] != ratio:
            self._curve = (ratio, self.book.cost_curve(ratio))
        return self._curve[1]

    @param.depends("session.cut_off", "session.fn_cost")
    def explored_table(self) -> str:
        """The run's cut-off, the explored one and the cheapest one side by side."""
        t, w, curve = self.texts, self.write, self.curve()
        columns = [
            curves.at_cut_off(curve, self.book.cut_off),
            curves.at_cut_off(curve, self.explored),
            cheapest_cut_off(*self.book.outcomes(), fn_cost=float(self.session.fn_cost), fp_cost=1.0),
        ]
        rows = [
            [t("plot.cut_off"), *(w.percent(at.cut_off) for at in columns)],
            [t("plot.accepted_share"), *(w.percent(at.accepted_share) for at in columns)],
            [t("plot.default_rate_accepted"), *(w.percent(at.default_rate_accepted) for at in columns)],
            [t("plot.cost_per_client"), *(w.decimal(at.cost_per_client, 3) for at in columns)],
        ]
        header = [
            t("portfolio.on_known"),
            t("portfolio.run_cut_off"),
            t("portfolio.explored"),
            t("portfolio.cheapest"),
        ]
        return blocks.table(header, rows)

    @param.depends("session.cut_off", "session.fn_cost")
    def accepted_plot(self) -> figure:
        """Accepted share over the cut-off."""
        return self._measure("accepted_share")

    @param.depends("session.cut_off", "session.fn_cost")
    def default_plot(self) -> figure:
        """Default rate among the accepted over the cut-off."""
        return self._measure("default_rate_accepted")

    @param.depends("session.cut_off", "session.fn_cost")
    def cost_plot(self) -> figure:
        """Cost per client over the cut-off."""
        return self._measure("cost_per_client")

    def _measure(self, measure: str) -> figure:
        curve = self.curve()
        at = curves.at_cut_off(curve, self.explored)
        return curves.draw_measure(curves.curve_table(curve), measure, self.book.cut_off, at, self.texts)
