"""One client: decision, score, reasons in plain words, exact contributions, LIME beside, place among others.
Not here: how any of these is computed (explain, risk), other clients."""

from __future__ import annotations

import math

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from dashboard import blocks, layout
from dashboard.charts import client as charts
from dashboard.charts.features import Values
from dashboard.charts.place import Place, draw_place, place_distribution, place_of
from dashboard.data import Client
from dashboard.links import link_to
from dashboard.pages.base import DashboardPage
from dashboard.pages.lime_card import LimeCard
from dashboard.pages.questions import ClientQuestions
from dashboard.values import FeatureWords, words_of
from explain import READERS, reason_texts
from explain.reasons.wording import Side

SHOWN = 10  # contributions
PLACES = 6  # features for which the client's place is drawn


class ClientPage(DashboardPage):
    """Search field above; below either what is known of the client or what to do to find one."""

    record = param.Parameter(default=None, doc="The Client found, or None")

    def build(self) -> pn.viewable.Viewable:
        """Search, verdict, reasons, contributions beside LIME, places."""
        t = self.texts
        self.session.param.watch(self._find, "client")
        self.lime = LimeCard(self.context)
        self.questions = ClientQuestions(self.context)
        self.param.watch(lambda event: self.questions.param.update(record=event.new), "record")
        self._find()
        self.param.watch(lambda event: self.lime.param.update(client=event.new), "record")
        self.lime.client = self.record
        found = layout.stack(
            layout.row(
                layout.card(t("client.decision"), layout.html(self.verdict)),
                layout.card(
                    t("client.reasons"),
                    self._readers(),
                    layout.html(self.reasons),
                    layout.html(blocks.heading(t("client.strengths"), 2), margin=(8, 0, 8, 0)),
                    layout.html(self.strengths),
                    note=t("client.reasons_note"),
                ),
            ),
            self.questions,
            layout.row(
                layout.card(
                    t("client.contributions"),
                    layout.html(self.contributions),
                    note=t("client.contributions_note"),
                ),
                self.lime.__panel__(),
            ),
            layout.card(t("client.places"), layout.html(self.places), note=t("client.places_note")),
        )
        found.visible = self.record is not None
        self.param.watch(lambda event: found.param.update(visible=event.new is not None), "record")
        return layout.stack(
            layout.card("", self._search(), layout.html(self.message, margin=(6, 6, 0, 6))), found
        )

    def _search(self) -> pn.Row:
        t, session = self.texts, self.session
        field = pmui.TextInput(
            label=t("client.search"),
            value="" if session.client is None else str(session.client),
            placeholder=t("client.placeholder", example=self.book.example_id()),
            size="small",
            width=330,
            margin=(4, 6),
        )
        button = pmui.Button(label=t("client.open"), icon="search", variant="contained", margin=(6, 6))

        def search(*_: object) -> None:
            digits = "".join(sign for sign in str(field.value_input or field.value) if sign.isdigit())
            session.client = int(digits) if digits else None

        field.param.watch(search, "value")
        button.on_click(search)
        session.param.watch(
            lambda event: field.param.update(value="" if event.new is None else str(event.new)), "client"
        )
        return pn.Row(field, button, sizing_mode="stretch_width", margin=0)

    def _readers(self) -> pmui.RadioButtonGroup:
        """Whom the reasons are worded for."""
        return pmui.RadioButtonGroup.from_param(
            self.session.param.reader,
            label="",
            options={self.texts(f"reader.{reader}"): reader for reader in READERS},
            size="small",
            margin=(0, 0, 8, 0),
            sx=layout.ONE_LINE,
        )

    def _find(self, *_: object) -> None:
        wanted = self.session.client
        self.record = None if wanted is None else self.book.client(wanted)

    @param.depends("session.client", "record")
    def message(self) -> str:
        """What to type, or that nobody bears this identifier; with one that exists."""
        t, wanted = self.texts, self.session.client
        if self.record is None:
            near = self.book.example_id(wanted)
            said = (
                t("client.none_yet")
                if wanted is None
                else t("client.unknown", client=wanted, run=self.book.run_id)
            )
            link = link_to(self.session, client=str(near))
            kind = "info" if wanted is None else "warning"
            return blocks.notice(said, kind, link, t("client.open_example", example=near))
        return blocks.notice(t("client.seen_in_training")) if self.record.seen_in_training else ""

    @param.depends("record")
    def verdict(self) -> str:
        """Decision, score on the ruler of bands, probability against the cut-off."""
        client: Client | None = self.record
        if client is None:
            return ""
        t, w, model = self.texts, self.write, self.book.model
        cut_off = self.book.cut_off
        ruler = charts.score_ruler(client.score, cut_off, model.scale, model.bands)
        decision = t(f"decision.{client.decision}")
        chip = f'<span class="chip" style="background:{_CHIPS[client.decision]}">{decision}</span>'
        head = (
            f'<div class="verdict"><span class="score">{w.integer(client.score)}</span>'
            f'<span class="note">{t("client.points")}</span>{chip}</div>'
        )
        against = t(
            "client.below" if client.probability < cut_off else "client.above",
            cut_off=w.percent(cut_off),
            distance=w.points(client.probability - cut_off),
        )
        facts = [
            (t("client.identifier"), str(client.client_id)),
            (t("client.probability"), w.percent(client.probability)),
            (t("client.cut_off"), against),
            (t("client.band"), client.band),
            (t("client.outcome"), t(f"client.{_outcome(client.target)}")),
        ]
        return head + charts.draw_ruler(ruler, client.score, t) + blocks.facts(facts)

    @param.depends("record", "session.reader")
    def reasons(self) -> str:
        """What raises this client's risk, in sentences for the chosen reader, strongest first."""
        return self._told("against")

    @param.depends("record", "session.reader")
    def strengths(self) -> str:
        """What speaks for this client, in the same way."""
        return self._told("for")

    def _told(self, side: Side) -> str:
        client: Client | None = self.record
        if client is None:
            return ""
        found = reason_texts(
            client.contributions,
            client.features,
            self.book.typical,
            self.session.reader,
            self.texts.code,
            side,
        )
        if not found:
            return blocks.notice(self.texts(f"nothing_told.{side}"), "empty")
        return blocks.reasons((reason.sentence, reason.title) for reason in found)

    @param.depends("record")
    def contributions(self) -> str:
        """The strongest exact contributions to the raw score."""
        client: Client | None = self.record
        if client is None:
            return ""
        return charts.draw_weights(charts.strongest(client.contributions, client.features, SHOWN), self.texts)

    @param.depends("record")
    def places(self) -> str:
        """For each of the strongest features: meaning, a sentence, the client's value among the others'."""
        if self.record is None:
            return ""
        ranked = charts.strongest(self.record.contributions, self.record.features, PLACES)
        cells = (
            self._place(str(n), float(v)) for n, v in zip(ranked["feature"], ranked["value"], strict=True)
        )
        return f'<div class="places">{"".join(cells)}</div>'

    def _place(self, name: str, value: float) -> str:
        words, values = words_of(name, self.texts), self.book.feature(name)
        place = place_of(values, value)
        head = blocks.lead(words.meaning) + blocks.note(self._place_said(words, place))
        drawn = draw_place(self._distribution(words, values), place, words)
        return f'<div><div class="place">{head}</div>{drawn}</div>'

    def _place_said(self, words: FeatureWords, place: Place) -> str:
        t, w = self.texts, self.write
        if math.isnan(place.value):
            return t("client.place_missing")
        key, share = (
            ("client.place_category", place.equal) if words.categories else ("client.place", place.below)
        )
        return t(key, value=words.value(place.value), share=w.percent(share, 0))

    def _distribution(self, words: FeatureWords, values: Values) -> pd.DataFrame:
        accepted = (self.book.scores["decision"] == "accept").to_numpy()
        return self.book.cached(
            "place",
            lambda: place_distribution(values, accepted, words.categories),
            feature=words.feature.name,
            language=self.texts.language,
        )


_CHIPS = {"accept": "#00795a", "review": "#9a6a00", "decline": "#b34700"}


def _outcome(target: float) -> str:
    """Code of the outcome in words: unknown for NaN."""
    if math.isnan(target):
        return "unknown_outcome"
    return "defaulted" if target == 1 else "repaid"
