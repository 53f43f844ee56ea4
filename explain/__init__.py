"""Explanations: exact contributions, LIME with its fidelity, reasons in plain words.

Belongs here: what explains a model's answer. Does not: where results are stored, how they are drawn.
"""

from explain.answers import Answers, answer_clients
from explain.cohorts import CohortContrast, contrast_cohorts
from explain.exact import TreeShap, tree_shap
from explain.lime import LimeExplanation, explain_with_lime
from explain.lime_stability import LimeStability
from explain.lime_trust import QualityFigure
from explain.reasons import (
    Reasons,
    ReasonText,
    group_contributions,
    reason_codes,
    reason_texts,
    word_reasons,
)
from explain.reference import ReferenceCohort, own_reference

__all__ = [
    "Answers",
    "CohortContrast",
    "LimeExplanation",
    "LimeStability",
    "QualityFigure",
    "ReasonText",
    "Reasons",
    "ReferenceCohort",
    "TreeShap",
    "answer_clients",
    "contrast_cohorts",
    "explain_with_lime",
    "group_contributions",
    "own_reference",
    "reason_codes",
    "reason_texts",
    "tree_shap",
    "word_reasons",
]
