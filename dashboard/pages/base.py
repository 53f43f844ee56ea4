"""What every page gets and is: the reader's session, the run's book, the texts; a view built once.
Not here: any page's own content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import panel as pn
import param

from dashboard import layout
from dashboard.data import Book
from dashboard.state import Session
from dashboard.texts import Texts
from features.formats import Formats


@dataclass(frozen=True)
class Context:
    """One reader's session with the run it reads and the language it is read in."""

    session: Session
    book: Book
    texts: Texts


class DashboardPage(pn.viewable.Viewer):
    """A page: panes are built once in ``build``; ``@param.depends`` methods give them their content."""

    session = param.ClassSelector(class_=Session, constant=True)

    def __init__(self, context: Context, **params: Any) -> None:
        super().__init__(session=context.session, **params)
        self.context, self.book, self.texts = context, context.book, context.texts
        self._view = layout.firm(self.build())

    @property
    def write(self) -> Formats:
        """How numbers are written for this reader."""
        return self.texts.formats

    def build(self) -> pn.viewable.Viewable:
        """The page's panes, arranged; called once."""
        raise NotImplementedError

    def __panel__(self) -> pn.viewable.Viewable:
        return self._view
