"""The note as one page: texts, tables and charts put into the template.

Belongs here: what the template gets. Does not: the tables (tables), charts (drawings), sentences (paragraphs).
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from features import Catalogue
from features.texts import Language
from model_store.scoring_model import ScoringModel
from training.note.drawings import calibration_chart, cost_chart, dependence_charts, model_chart
from training.note.example import example_rows, told_reasons
from training.note.groups import drift_rows, fairness_tables, price_rows
from training.note.paragraphs import chosen_paragraphs
from training.note.tables import (
    band_rows,
    calibration_rows,
    family_rows,
    headline,
    importance_rows,
    method_rows,
    metric_rows,
    model_rows,
    reproduction_rows,
    rule_rows,
    trial_rows,
)
from training.note.values import Costs, note_values
from training.note.words import filled, read_texts
from training.wording import Wording

CHAPTERS = ("summary", "data", "method", "imbalance", "cost", "optimisation", "evaluation", "models", "results",
            "calibration", "bands", "global", "local", "fairness", "drift", "limits", "reproduction")  # fmt: skip


def write_note(model: ScoringModel, catalogue: Catalogue, language: Language = "en") -> str:
    """The note as one self-contained HTML page; every figure in it is the model's or its metadata's."""
    words, figures = Wording(language), model.metadata
    cost: Costs = Costs(figures, words)
    t: Any = filled(read_texts(language), note_values(model, words, read_texts(language)))
    page = Environment(
        loader=PackageLoader("training"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=words.typeset,
    ).get_template("note.html.j2")
    return page.render(
        t=t,
        version=model.version,
        chapters=CHAPTERS,
        said=chosen_paragraphs(figures, t),
        headline=headline(figures, words, cost),
        rules=rule_rows(figures, words, cost, t),
        cost_chart=cost_chart(figures, words, cost, t),
        trials=trial_rows(figures, words, cost),
        models=model_rows(figures, words, cost, t),
        model_chart=model_chart(figures, words, cost, t),
        metrics=metric_rows(figures, words, cost, t),
        methods=method_rows(figures, words, t),
        calibration=calibration_rows(figures, words),
        calibration_chart=calibration_chart(figures, words, t),
        bands=band_rows(figures, words),
        importance=importance_rows(figures, catalogue, words, t),
        families=family_rows(figures, words),
        dependence=dependence_charts(figures, catalogue, words, t),
        example=example_rows(figures, catalogue, words, t),
        reasons=told_reasons(model, figures, catalogue, words),
        fairness=fairness_tables(figures, words, t),
        prices=price_rows(figures, words, cost, t),
        drifts=drift_rows(figures, catalogue, words),
        reproduction=reproduction_rows(model, figures, words, t),
    )
