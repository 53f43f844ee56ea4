"""The frame around the pages: header with night, run and model, navigation, language link, address.
Not here: what the pages show (pages/), which store is read (serving.py)."""

from __future__ import annotations

import logging
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from dashboard import blocks, layout
from dashboard.frame import page_frame
from dashboard.links import keep_address, link_to
from dashboard.pages import PAGES, Context, PageEntry
from dashboard.problems import PROBLEMS, page_problem, store_problem
from dashboard.refusals import refusal
from dashboard.texts import LANGUAGES

log = logging.getLogger(__name__)
CODES = tuple(entry.code for entry in PAGES)

_HEADER_CSS = """
:host { color: #fff; font-family: Roboto, Helvetica, Arial, sans-serif; }
.facts { display: flex; gap: 8px; align-items: center; justify-content: flex-end; }
.facts { font-size: 13px; white-space: nowrap; }
.facts span { background: rgba(255,255,255,.14); border-radius: 12px; padding: 3px 11px; }
.facts a { color: #fff; margin-left: 6px; font-weight: 500; text-underline-offset: 3px; }
"""


class Shell(pn.viewable.Viewer):
    """One visitor's application: builds a page when it is first opened and keeps it."""

    shown = param.String(default="", doc="Code of the page on the screen")

    def __init__(self, context: Context, **params: Any) -> None:
        super().__init__(**params)
        self.context = context
        self._built: dict[str, pn.viewable.Viewer] = {}
        self._main = pn.Column(sizing_mode="stretch_width", margin=(18, 22, 28, 22), styles={"gap": "14px"})
        self.page = page_frame(
            context.texts,
            context.texts("app.title"),
            header=[self._header()],
            sidebar=[self._navigation()],
            main=[self._main],
        )
        context.session.param.watch(self._open, "page")
        self._open()
        if pn.state.location is not None:
            location = pn.state.location
            pn.state.onload(lambda: keep_address(context.session, location))

    def __panel__(self) -> pmui.Page:
        return self.page

    def _navigation(self) -> pmui.MenuList:
        t, session = self.context.texts, self.context.session
        menu = pmui.MenuList(
            items=[{"label": t(f"pages.{entry.code}"), "icon": entry.icon} for entry in PAGES],
            active=CODES.index(session.page) if session.page in CODES else 0,
            dense=False,
            sizing_mode="stretch_width",
            margin=(8, 8),
        )

        def choose(event: param.parameterized.Event) -> None:
            if event.new is not None:
                place = event.new[0] if isinstance(event.new, tuple) else event.new
                session.page = CODES[place]

        menu.param.watch(choose, "active")
        session.param.watch(lambda event: menu.param.update(active=CODES.index(event.new)), "page")
        return menu

    def _open(self, *_: object) -> None:
        session, t = self.context.session, self.context.texts
        entry = PAGES[CODES.index(session.page)] if session.page in CODES else PAGES[0]
        words = blocks.heading(t(f"pages.{entry.code}"), 1) + blocks.note(t(f"lead.{entry.code}"))
        self._main[:] = [*map(layout.html, self.notices()), layout.html(words), self._page(entry)]
        self.shown = entry.code

    def _page(self, entry: PageEntry) -> pn.viewable.Viewable | pn.viewable.Viewer:
        """The page, built when it is first opened; or why it cannot be shown, the others may."""
        try:
            if entry.code not in self._built:
                self._built[entry.code] = entry.page(self.context)
            return self._built[entry.code]
        except PROBLEMS as problem:
            log.warning("the page %s cannot be shown", entry.code, exc_info=problem)
            return layout.html(page_problem(self.context.texts, problem))

    def notices(self) -> list[str]:
        """What the reader must know before the figures; where that cannot be read, the night itself can be."""
        try:
            said = [self.refused_night(), self.newer_night(), self.other_champion()]
        except PROBLEMS as problem:
            log.warning("what came after %s cannot be read: %s", self.context.book.run_id, problem)
            said = [store_problem(self.context.texts, problem)]
        return [notice for notice in said if notice]

    def refused_night(self) -> str:
        """Says so if a later night was computed and not published, why, and which night readers see."""
        return blocks.notice(refusal(self.context.book, self.context.texts), "warning")

    def newer_night(self) -> str:
        """Says so if a later night is published than the one of the link, with the way to it."""
        t, book = self.context.texts, self.context.book
        published = book.published()
        if published == book.run_id:
            return ""
        said = t("app.newer", run=book.run_id, published=published)
        link = link_to(self.context.session, run=published)
        return blocks.notice(said, "warning", link, t("app.newer_link"))

    def other_champion(self) -> str:
        """Says so if another version than the one that scored this night decides from now on."""
        t, book = self.context.texts, self.context.book
        champion, scored = book.champion(), book.run.model_version
        if champion is None or champion == scored or book.published() != book.run_id:
            return ""
        return blocks.notice(t("app.champion", scored=scored, champion=champion), "warning")

    def _header(self) -> pn.pane.HTML:
        session = self.context.session
        watched = [name for name in session.param if name not in ("name", "cohort_a", "cohort_b")]
        changes = [session.param[name] for name in watched]
        for cohort in (session.cohort_a, session.cohort_b):
            changes += [cohort.param[name] for name in cohort.param if name != "name"]
        content = param.depends(*changes)(lambda *_: self.header())
        return pn.pane.HTML(content, sizing_mode="stretch_width", margin=0, stylesheets=[_HEADER_CSS])

    def header(self) -> str:
        """Night, run and model of everything on the page, and the same view in the other language."""
        t, book, session = self.context.texts, self.context.book, self.context.session
        run = book.run
        other = next(language for language in LANGUAGES if language != t.language)
        link = escape(link_to(session, lang=other), quote=True)
        said = (
            t("app.night", day=t.formats.day(str(run.as_of))),
            t("app.run", run=book.run_id),
            t("app.model", version=run.model_version),
        )
        chips = "".join(f"<span>{escape(text)}</span>" for text in said)
        hint = escape(t("app.other_language_hint"), quote=True)
        name = escape(t("app.other_language"))
        return (
            f'<div class="facts">{chips}<a href="{link}" hreflang="{other}" title="{hint}">{name}</a></div>'
        )
