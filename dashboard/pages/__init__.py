"""The pages in the order of the navigation; a new one is its own module and a line here (plus its texts).
Not here: what a page shows."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.pages.base import Context, DashboardPage
from dashboard.pages.client import ClientPage
from dashboard.pages.cohorts import CohortsPage
from dashboard.pages.features import FeaturesPage
from dashboard.pages.portfolio import PortfolioPage

__all__ = ["PAGES", "Context", "DashboardPage", "PageEntry"]


@dataclass(frozen=True)
class PageEntry:
    """A page in the navigation: code (link and text key ``pages.CODE``), Material icon, class."""

    code: str
    icon: str
    page: type[DashboardPage]


PAGES = (
    PageEntry("portfolio", "pie_chart", PortfolioPage),
    PageEntry("cohorts", "groups", CohortsPage),
    PageEntry("features", "bar_chart", FeaturesPage),
    PageEntry("client", "person_search", ClientPage),
)
