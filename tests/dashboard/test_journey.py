"""An analyst's morning in a real browser: the four pages, the other language, one client, back again.

Belongs here: what only a browser can prove. Does not: content that tests read without one (test_pages).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dashboard.data import Book
from model_store.scorebook import read_contributions

pytestmark = pytest.mark.browser
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000  # milliseconds: the machine may be busy


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Debian's chromium, headless."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


class Visit:
    """A tab that remembers every foreign request and every error it saw."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1440, "height": 900})
        self.page.set_default_timeout(PATIENCE)
        self.address = address
        self.foreign: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note(self, url: str) -> None:
        if not re.match(r"(https?|wss?)://localhost[:/]|data:|blob:", url):
            self.foreign.append(url)

    def open(self, query: str = "") -> None:
        """Loads the dashboard at a query and waits for its heading."""
        self.page.goto(self.address + query)
        expect(self.page.get_by_role("heading", level=1).first).to_be_visible(timeout=PATIENCE)

    def go(self, name: str) -> None:
        """Chooses a page in the navigation."""
        self.page.locator(".sidebar").get_by_text(name, exact=True).click()
        expect(self.page.locator("main").get_by_role("heading", name=name, level=1)).to_be_visible(
            timeout=PATIENCE
        )

    def sees(self, *texts: str | re.Pattern[str]) -> None:
        """Waits until each text is on the screen."""
        for text in texts:
            expect(self.page.locator("main").get_by_text(text).first).to_be_visible(timeout=PATIENCE)

    def plots(self, count: int) -> None:
        """Waits until at least ``count`` plots are drawn with a height."""
        drawn = self.page.locator("main .bk-Figure")
        expect(drawn.nth(count - 1)).to_be_attached(timeout=PATIENCE)
        heights = [box["height"] for place in drawn.all() if (box := place.bounding_box())]
        assert min(heights) > 150


@pytest.fixture
def visit(browser: Browser, small_store: Path, serve_store: Callable[[Path], str]) -> Iterator[Visit]:
    """A visit to the small store's dashboard that must end without foreign requests and errors."""
    tab = Visit(browser, serve_store(small_store))
    yield tab
    tab.page.close()
    assert tab.foreign == []
    assert tab.errors == []


def test_an_analysts_morning(visit: Visit, book: Book, scores: pd.DataFrame) -> None:
    """Portfolio, cohorts, features, one client, English, back: the figures shown are those of the export."""
    visit.open()
    accepted = (scores["decision"] == "accept").mean()
    visit.sees("Portefeuille", french(len(scores)), french_percent(accepted), "Effet du seuil")
    visit.plots(6)
    expect(visit.page.locator("header")).to_contain_text(f"Exécution {book.run_id}")
    expect(visit.page).to_have_url(re.compile(f"run={book.run_id}"), timeout=PATIENCE)
    assert visit.page.evaluate("document.documentElement.lang") == "fr"

    visit.go("Cohortes")
    visit.sees(re.compile("A : Âge"), "Différence A − B")
    visit.page.get_by_role("button", name="Effacer les critères").first.click()
    visit.sees("Choisissez au moins un critère")
    visit.page.get_by_role("combobox", name="Décision").first.click()
    visit.page.get_by_role("menuitem", name="Refusé").click()
    visit.page.mouse.click(1200, 560)  # beside the open list, to close it
    visit.sees(re.compile("Décision : Refusé"), french(int((scores["decision"] == "decline").sum())))
    expect(visit.page).to_have_url(re.compile("a=decision%3Adecline"), timeout=PATIENCE)

    visit.go("Variables")
    field = visit.page.get_by_role("combobox", name="Variable", exact=True)
    field.fill("Âge au moment")
    visit.page.get_by_role("option").first.click()
    visit.sees("app_age", "plus la valeur est faible, plus le risque est grand")
    visit.plots(2)

    visit.go("Client")
    client_id = int(scores.index[scores["decision"] == "decline"][0])
    search = visit.page.get_by_label("Identifiant du client")
    search.fill("1")
    search.press("Enter")
    visit.sees(re.compile("Aucun client 1 dans"))
    search.fill(str(client_id))
    search.press("Enter")
    visit.sees("Refusé", french_percent(scores.loc[client_id, "default_probability"]), "Fidélité (R²)")
    visit.sees("Ce qui changerait la décision", "Clients semblables", "Saisissez une autre valeur")
    credit = visit.page.get_by_label("Crédit", exact=True)
    credit.fill("150000")
    credit.press("Enter")
    visit.sees("Valeurs saisies", "Ce qui augmente le risque avec les valeurs saisies")
    contributions = read_contributions(book.store, book.run_id, clients=[client_id]).iloc[0]
    strongest = contributions.drop("expected_value").abs().max()
    visit.sees(re.compile(f"[+\u2212]{strongest:.2f}".replace(".", ",")))

    visit.page.locator("header").get_by_role("link", name="English").click()
    visit.sees("Exact contributions (SHAP)", "Declined", str(client_id))
    expect(visit.page).to_have_url(re.compile(f"lang=en.*client={client_id}"), timeout=PATIENCE)
    visit.page.go_back()
    visit.sees("Contributions exactes (SHAP)")


def test_a_link_reopens_the_same_view(visit: Visit, book: Book, scores: pd.DataFrame) -> None:
    """A colleague who gets the link sees the same cohort of the same run, in the same language."""
    visit.open(f"?run={book.run_id}&lang=en&page=cohorts&a=risk_band:A|B&baseline=everyone")
    both = int(scores["risk_band"].astype(str).isin(["A", "B"]).sum())
    visit.sees(re.compile("Risk band: A, B"), f"{both:,}", "clients in common: no interval")
    visit.plots(1)


def test_the_cut_off_can_be_explored_and_left_again(visit: Visit) -> None:
    """The slider moves the explored column and the address; the button leads back to the night."""
    visit.open("?lang=en")
    slider = visit.page.get_by_role("slider").first
    slider.focus()
    slider.press("Home")
    visit.sees("0.0%")
    expect(visit.page).to_have_url(re.compile("cut_off=0"), timeout=PATIENCE)
    visit.page.get_by_role("button", name="Back to the night").click()
    expect(visit.page).not_to_have_url(re.compile("cut_off="), timeout=PATIENCE)


def test_an_empty_store_is_a_page_with_the_next_step(
    browser: Browser, tmp_path: Path, serve_store: Callable[[Path], str]
) -> None:
    """Before the first night the visitor reads what to run, and nothing fails."""
    tab = Visit(browser, serve_store(tmp_path))
    tab.page.goto(tab.address)
    tab.sees("Rien n’est encore publié", re.compile("pret night --data DIR"))
    tab.page.close()
    assert tab.foreign == tab.errors == []


def french(number: int) -> str:
    """Thousands separated by a fine blank that does not break."""
    return f"{number:,}".replace(",", "\u202f")


def french_percent(share: float) -> str:
    """One decimal after a comma."""
    return f"{share:.1%}".replace(".", ",").replace("%", "\u00a0%")
