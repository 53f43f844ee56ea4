"""When LIME's explanation of a client can be trusted: named limits, and what is said where one is not met.

Belongs here: limits, verdicts and figures in words, from texts/. Does not: measuring any of them (explanation,
stability).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from explain.texts import require_language
from features import Language
from features.formats import Formats


@dataclass(frozen=True)
class Limit:
    """The least value of a figure with which an explanation counts as reliable."""

    code: str
    figure: str
    least: float


LIMITS = (
    Limit("NOTHING_TO_EXPLAIN", "spread", 1e-6),
    Limit("LOW_FIT", "r2", 0.85),
    Limit("DISAGREES_WITH_EXACT", "shap_rank_correlation", 0.70),
    Limit("OTHER_TOP5", "shared_top5", 0.40),
    Limit("UNSTABLE_FEATURES", "jaccard", 0.80),
    Limit("UNSTABLE_WEIGHTS", "csi", 0.80),
    Limit("DEPENDS_ON_SAMPLE", "reference_jaccard", 0.50),
    Limit("SMALL_REFERENCE", "reference_size", 30.0),  # below, the mean depends on who happens to be in it
)
SHOWN = ("r2", "shap_rank_correlation", "shared_top5", "jaccard", "vsi", "csi", "reference_jaccard")
"""Figures in the order in which readers get them."""
_AS_SHARE = ("r2", "shared_top5")
_COUNTS = ("reference_size", "fits")


@dataclass(frozen=True)
class QualityFigure:
    """One figure of fidelity or stability: its name, value and limit (None: it has none), what it means."""

    code: str
    label: str
    value: float
    least: float | None
    met: bool
    meaning: str


def limits_not_met(figures: Mapping[str, float]) -> tuple[str, ...]:
    """Codes of the limits not met, in order; what was not measured has no limit, what is NaN does not meet it."""
    return tuple(
        limit.code for limit in LIMITS if limit.figure in figures and not figures[limit.figure] >= limit.least
    )


def verdict_text(why: tuple[str, ...], figures: Mapping[str, float], language: Language) -> str:
    """One sentence: reliable, reliable as far as it was measured, or not."""
    code = "unreliable" if why else "reliable" if "jaccard" in figures else "unjudged"
    return str(_texts(language)["verdict"][code])


def doubt_text(code: str, figures: Mapping[str, float], language: Language) -> str:
    """The sentence for one limit that is not met, with its figures filled in."""
    limit = next(limit for limit in LIMITS if limit.code == code)
    written = {name: _written(name, value, language) for name, value in figures.items()}
    least = _written(limit.figure, limit.least, language)
    return str(_texts(language)["doubt"][code]).format(**written, least=least)


def quality_figures(figures: Mapping[str, float], language: Language) -> tuple[QualityFigure, ...]:
    """The figures that were measured, with their names and meanings, in the order of SHOWN."""
    texts, limits = _texts(language), {limit.figure: limit.least for limit in LIMITS}
    fits = _written("fits", figures.get("fits", 0.0), language)
    found = []
    for code in SHOWN:
        if code not in figures:
            continue
        least = limits.get(code)
        meaning = texts["meaning"][code].format(
            fits=fits, least="" if least is None else _written("", least, language)
        )
        met = least is None or figures[code] >= least
        found.append(QualityFigure(code, texts["label"][code], figures[code], least, met, meaning))
    return tuple(found)


def cohort_text(code: str, language: Language) -> str:
    """What the reference cohort is called."""
    return str(_texts(language)["cohort"][code])


def _written(name: str, value: float, language: Language) -> str:
    formats = Formats(language)
    if name in _COUNTS:
        return formats.integer(value)
    return formats.percent(value, 0) if name in _AS_SHARE else formats.decimal(value, 2)


@cache
def _texts(language: Language) -> dict[str, Any]:
    name = f"lime/texts/{require_language(language)}.toml"
    return tomllib.loads((files("explain") / name).read_text(encoding="utf-8"))
