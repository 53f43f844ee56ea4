"""Questions about one client: what would change the decision, what other values would give, who is similar.
Not here: how any of these is found (explain), what is published of the client (client.py)."""

from __future__ import annotations

import math
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from dashboard import blocks, layout
from dashboard.data import Client
from dashboard.other_values import LEVELS, TRIED, OtherValues
from dashboard.pages.base import Context, DashboardPage
from explain import (
    Answers,
    Case,
    SimilarClient,
    Ways,
    WhatIf,
    find_similar,
    find_ways,
    similar_sentence,
    way_sentences,
    ways_sentence,
    what_if,
    what_if_doubts,
)
from explain.ways.words import checked_sentence
from features import category_text
from model_store import RowsNotKept, UnknownRun

SHOWN = 6  # similar clients


class ClientQuestions(DashboardPage):
    """Three cards for the client found; the values tried are the client's own until the reader enters others."""

    record = param.Parameter(default=None, doc="The Client found, or None")
    values = param.ClassSelector(class_=OtherValues, constant=True)
    changes = param.Dict(default={}, doc="Column to value, of what differs from the client's own values")

    def __init__(self, context: Context, **params: Any) -> None:
        super().__init__(context, values=OtherValues(), **params)

    def build(self) -> pn.viewable.Viewable:
        """Ways beside similar clients; below, the values to try and what the model answers."""
        t = self.texts
        self._case: tuple[int, Case | None] | None = None
        self._ways: tuple[int, Ways] | None = None
        self.param.watch(lambda _: self._take_own(), "record")
        self.values.param.watch(self._enter, [name for name in self.values.param if name != "name"])
        return layout.stack(
            layout.row(
                layout.card(t("client.ways"), layout.html(self.ways)),
                layout.card(t("client.similar"), layout.html(self.similar), note=t("client.similar_note")),
            ),
            layout.card(
                t("client.what_if"), self._fields(), layout.html(self.answer), note=t("client.what_if_note")
            ),
        )

    def _fields(self) -> pn.viewable.Viewable:
        t = self.texts
        numbers = [
            pmui.FloatInput.from_param(
                self.values.param[tried.code],
                label=t(f"tried.{tried.code}"),
                start=tried.low,
                end=tried.high,
                step=tried.step,
                format="0[.]00",
                size="small",
                width=158,
                margin=(5, 6),
            )
            for tried in TRIED
        ]
        levels = {category_text(level, t.code): level for level in LEVELS}
        education = pmui.Select.from_param(
            self.values.param.education,
            label=t("tried.education"),
            options={t("plot.missing"): None, **levels},
            size="small",
            width=230,
            margin=(5, 6),
        )
        back = pmui.Button(label=t("client.own_values"), icon="undo", variant="outlined", margin=(8, 6))
        back.on_click(lambda _: self._take_own())
        return pn.FlexBox(
            *numbers, education, back, align_items="center", sizing_mode="stretch_width", margin=0
        )

    def _take_own(self) -> None:
        case = self.case()
        if case is not None:
            self.values.take(case.application.iloc[0])

    def _enter(self, *_: object) -> None:
        case = self.case()
        self.changes = {} if case is None else self.values.changes(case.application.iloc[0])

    def case(self) -> Case | None:
        """The client on the screen with its own rows, read once; None where the night's rows are gone."""
        client: Client | None = self.record
        if client is None:
            return None
        if self._case is None or self._case[0] != client.client_id:
            try:
                self._case = client.client_id, self.book.case(client.client_id)
            except RowsNotKept:
                self._case = client.client_id, None
        return self._case[1]

    def found_ways(self, case: Case) -> Ways:
        """What would change the decision, worked out once."""
        if self._ways is None or self._ways[0] != case.client:
            self._ways = case.client, find_ways(case, self.book.seen)
        return self._ways[1]

    @param.depends("record")
    def ways(self) -> str:
        """What would change the decision: one list per way, or why there is none."""
        if self.record is None:
            return ""
        case, t = self.case(), self.texts
        if case is None:
            return blocks.notice(t("client.rows_gone"), "empty")
        found = self.found_ways(case)
        if not found.ways:
            return blocks.notice(ways_sentence(found, t.code), "empty")
        told = (way_sentences(way, found, t.code) for way in found.ways)
        listed = blocks.reasons((" ".join(sentences[:-1]), sentences[-1]) for sentences in told)
        return listed + blocks.note(checked_sentence(t.code))

    @param.depends("record")
    def similar(self) -> str:
        """The most similar clients and what became of a wider circle of them."""
        client: Client | None = self.record
        if client is None:
            return ""
        t = self.texts
        try:
            index = self.book.similar_index
        except UnknownRun:
            return blocks.notice(t("client.similar_missing"), "empty")
        found = find_similar(index, client.client_id, count=SHOWN)
        header = [t(f"similar.{name}") for name in ("client", "decision", "probability", "score", "outcome")]
        rows = [self._neighbour(one) for one in found.nearest]
        decisions = t(
            "client.similar_decisions",
            circle=self.write.integer(found.circle),
            accepted=self.write.integer(found.decisions.get("accept", 0)),
        )
        said = blocks.lead(decisions) + blocks.lead(similar_sentence(found, t.code))
        return blocks.stack(blocks.table(header, rows), said)

    def _neighbour(self, one: SimilarClient) -> list[str]:
        t, w = self.texts, self.write
        outcome = (
            "unknown_outcome" if math.isnan(one.target) else "defaulted" if one.target == 1 else "repaid"
        )
        return [
            str(one.client),
            t(f"decision.{one.decision}"),
            w.percent(one.default_probability),
            w.integer(one.score),
            t(f"client.{outcome}"),
        ]

    def asked(self) -> WhatIf | None:
        """What the model answers to the values entered; None where nothing can be asked."""
        case = self.case()
        if case is None:
            return None
        return what_if(case, self.book.seen, self.changes)

    @param.depends("record", "changes", "session.reader")
    def answer(self) -> str:
        """Probability, score and decision with the own and the other values, doubts, reasons."""
        if self.record is None:
            return ""
        found, t = self.asked(), self.texts
        if found is None:
            return blocks.notice(t("client.rows_gone"), "empty")
        if not found.changes:
            return blocks.note(t("client.enter_values"))
        header = ["", *(t(f"similar.{name}") for name in ("decision", "probability", "score"))]
        rows = [
            [t("client.with_own"), *self._figures(found.before)],
            [t("client.with_other"), *self._figures(found.after)],
        ]
        doubts = "".join(blocks.notice(doubt, "warning") for doubt in what_if_doubts(found, t.code))
        told = found.reason_texts(self.book.typical, self.session.reader, t.code)
        reasons = blocks.reasons((one.sentence, one.title) for one in told)
        doubted = doubts or blocks.note(t("client.usual_values"))
        return blocks.stack(
            blocks.table(header, rows), doubted, blocks.lead(t("client.other_reasons")), reasons
        )

    def _figures(self, answers: Answers) -> list[str]:
        t, w = self.texts, self.write
        return [
            t(f"decision.{answers.decision[0]}"),
            w.percent(float(answers.probability[0])),
            w.integer(int(answers.score[0])),
        ]
