"""The tables of `python -m benchmarks.ways`.

Belongs here: what they say and how they are worded. Does not: measuring (ways), writing (results).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.results import Figures

QUESTIONS = {"ways": 1000, "what-if": None, "similar": 50, "read and score": None}
"""Questions in the order they are shown, with the milliseconds that are asked at the 95th percentile."""


def way_figures(found: Sequence[Mapping[str, Any]]) -> Figures:
    """For how many refused clients there is a realistic way, and what it takes."""
    rows = tuple(
        (
            run["night"],
            f"{run['refused']:,}",
            str(run["asked"]),
            f"{run['with_way'] / run['asked']:.0%}",
            " / ".join(str(_count(run["first_changes"], changes)) for changes in (1, 2, 3)),
            f"{run['ways_each']:.1f}",
            f"{run['tried']:,.0f}",
            ", ".join(f"{levers} {clients}" for levers, clients in list(run["levers"].items())[:3]),
        )
        for run in found
    )
    header = (
        "night",
        "refused",
        "asked",
        "with a way",
        "1 / 2 / 3 changes",
        "ways",
        "tried",
        "first ways change",
    )
    return Figures("What would change a refusal", _WAY_WORDS, header, rows)


def time_figures(found: Sequence[Mapping[str, Any]]) -> Figures:
    """Milliseconds per question, and what is read once per night."""
    rows = tuple(
        (
            run["night"],
            *(f"{run['each'][question][0]:.0f} / {run['each'][question][1]:.0f}" for question in QUESTIONS),
            f"{run['once']['training clients'][0]:,.0f}",
            f"{run['once']['index'][0]:,.0f}",
            f"{run['index_mb']:.1f} MB",
        )
        for run in found
    )
    header = ("night", *QUESTIONS, "training clients", "index", "index size")
    return Figures("Questions about one client, milliseconds", _TIME_WORDS + _verdict(found), header, rows)


def _verdict(found: Sequence[Mapping[str, Any]]) -> str:
    said = []
    for question, asked in QUESTIONS.items():
        if asked is not None:
            worst = max(run["each"][question][1] for run in found)
            reached = "reached" if worst <= asked else "not reached"
            said.append(f"{question}: at most {asked:,} ms asked, {worst:.0f} at worst, {reached}")
    return f" {'; '.join(said)}."


def _count(by_changes: Mapping[Any, int], changes: int) -> int:
    """From a dict or from JSON, whose keys are texts."""
    return int(by_changes.get(changes, by_changes.get(str(changes), 0)))


_WAY_WORDS = (
    "Refused clients, evenly over their identifiers. `with a way`: some combination of at most three things that a "
    "client can change (docs/features.md) leads to acceptance, still does one step further, and resembles training "
    "clients; the rest are told that no realistic change does. `ways`: told per client that has any, each of other "
    "things; `tried`: combinations built and scored per client."
)
_TIME_WORDS = (
    "Median / 95th percentile on the clock, one question at a time, by the interface that service and pages use; "
    "`read and score` reads the client's rows of eight tables and builds and explains its own features. The last "
    "columns are paid once per night."
)
