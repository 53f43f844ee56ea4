"""The note's one client: contributions beside LIME's weights, and the reasons in words.

Belongs here: what stands in which column. Does not: explaining (training.example), layout (templates/).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from explain import reason_texts, typical_of_model
from features import Catalogue
from features.values import value_text
from model_store.scoring_model import ScoringModel
from training.wording import Wording

SHOWN_CONTRIBUTIONS = 8


def example_rows(figures: Any, catalogue: Catalogue, words: Wording, texts: Any) -> list[dict[str, Any]]:
    """One client's strongest contributions beside LIME's weights, with a bar to the right for more risk and to the
    left for less; the sum of the others; all of them add up to the raw score."""
    example, local = figures["example"], texts["local"]
    shown, others = (
        example["contributions"][:SHOWN_CONTRIBUTIONS],
        example["contributions"][SHOWN_CONTRIBUTIONS:],
    )
    widest = max((abs(row["contribution"]) for row in shown), default=0.0) or 1.0
    rows = [_example_row(local["expected"], "", example["expected_value"], "", words)]
    for row in shown:
        meaning = catalogue[row["feature"]].text(words.language).meaning
        value = value_text(
            catalogue[row["feature"]], np.nan if row["value"] is None else row["value"], words.language
        )
        lime = words.signed(row["lime"])
        rows.append(_example_row(meaning, value, row["contribution"], lime, words, widest))
    rest = sum(row["contribution"] for row in others)
    rows.append(_example_row(local["others"], "", rest, "", words, widest))
    rows.append(_example_row(local["sum"], "", example["raw_score"], "", words))
    return rows


def _example_row(
    name: str, value: str, contribution: float, lime: str, words: Wording, widest: float | None = None
) -> dict[str, Any]:
    width = 0.0 if widest is None else 50 * min(1.0, abs(contribution) / widest)
    return {
        "cells": [name, value, words.signed(contribution), lime],
        "width": f"{width:.0f}",
        "left": f"{50 - width if contribution < 0 else 50:.0f}",
        "riskier": contribution > 0,
    }


def told_reasons(
    model: ScoringModel, figures: Any, catalogue: Catalogue, words: Wording
) -> list[dict[str, str]]:
    """What the example would be told, as letters word it: title, sentence, sum of the group's contributions."""
    rows = figures["example"]["contributions"]
    contributions = pd.Series({row["feature"]: row["contribution"] for row in rows}, dtype=np.float64)
    values = pd.Series({row["feature"]: row["value"] for row in rows}, dtype=np.float64)
    return [
        {
            "title": reason.title,
            "sentence": reason.sentence,
            "contribution": words.signed(reason.contribution),
        }
        for reason in reason_texts(
            contributions, values, typical_of_model(model), "client", words.language, catalogue=catalogue
        )
    ]
