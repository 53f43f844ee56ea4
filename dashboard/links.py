"""The address of what is on the screen: session to query and back, so that a link opens exactly there again.
Not here: the session itself (state.py). The run is always written: a link must not drift to another night."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import param

from dashboard.cohort import Cohort, read_cohort
from dashboard.state import BASELINES, REFERENCES, SPLITS, Session
from explain import READERS

FIRST_COHORT = Cohort((("age_band", ("-25", "25-35")),))
"""What a first visit compares with everybody else: the page answers a question before any is asked."""


def query_of(session: Session) -> dict[str, str]:
    """Query of the session: run, language and page always; the rest where it says something."""
    query = {"run": session.run, "lang": session.language, "page": session.page}
    stated = {
        "cut_off": "" if session.cut_off is None else f"{session.cut_off:.6g}",
        "fn_cost": f"{session.fn_cost:g}",
        "a": session.cohort_a.cohort.written(),
        "b": session.cohort_b.cohort.written() if session.baseline == "custom" else "",
        "baseline": session.baseline,
        "feature": session.feature,
        "split": session.split,
        "client": "" if session.client is None else str(session.client),
        "reader": session.reader,
        "against": "" if session.against == "base" else session.against,
    }
    return query | {key: value for key, value in stated.items() if value}


def link_to(session: Session, **changes: str) -> str:
    """Relative link ``?…`` to the session's view with some of its query changed."""
    return "?" + urlencode(query_of(session) | changes)


def apply_query(session: Session, query: Mapping[str, Any]) -> None:
    """Sets what the query states; what cannot be read is left as it is (links are written by people, too)."""
    changes: dict[str, object] = {}
    for key in ("page", "feature"):
        if query.get(key):
            changes[key] = str(query[key])
    for key, read in (("cut_off", float), ("fn_cost", float), ("client", int)):
        with suppress(TypeError, ValueError):
            changes[key] = read(str(query.get(key)))
    for key, allowed in (
        ("baseline", BASELINES),
        ("split", SPLITS),
        ("reader", READERS),
        ("against", REFERENCES),
    ):
        if query.get(key) in allowed:
            changes[key] = query[key]
    opened_by_link = "a" in query or "baseline" in query  # a written link always says the baseline
    session.cohort_a.state(read_cohort(str(query.get("a", ""))) if opened_by_link else FIRST_COHORT)
    session.cohort_b.state(read_cohort(str(query.get("b", ""))))
    for name, value in changes.items():
        with suppress(ValueError):
            session.param.update(**{name: value})


def keep_address(session: Session, location: param.Parameterized) -> None:
    """From now on writes every change of the session into the browser's address. Both live as long as the tab."""

    def write(*_: object) -> None:
        address = link_to(session)
        if location.search != address:
            location.search = address

    watched = [name for name in session.param if name not in ("name", "cohort_a", "cohort_b")]
    session.param.watch(write, watched)
    for cohort in (session.cohort_a, session.cohort_b):
        cohort.param.watch(write, [name for name in cohort.param if name != "name"])
    write()
