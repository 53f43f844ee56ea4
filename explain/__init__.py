"""Explanations: exact contributions, LIME with its fidelity, reasons in plain words, ways out, similar clients.

Rooms: `trees` (exact contributions), `lime`, `reasons` (codes and sentences), `ways` (what-if, ways out). Beside
them, what joins several for one client: case, dossier, report, similar, seen.
Belongs here: what explains a model's answer. Does not: where results are stored, how they are drawn.
"""

from explain.answers import Answers, answer_clients
from explain.case import Case, case_of_tables, open_case
from explain.cohorts import CohortContrast, contrast_cohorts
from explain.dossier import Dossier, read_dossier
from explain.lime.explanation import LimeExplanation, explain_with_lime
from explain.lime.membership import UnknownCohort
from explain.lime.reference import (
    EmptyCohort,
    ReferenceCohort,
    own_reference,
    reference_of_run,
    similar_reference,
)
from explain.lime.stability import LimeStability
from explain.lime.trust import QualityFigure
from explain.reasons.codes import Reasons, favourable_codes, group_contributions, reason_codes
from explain.reasons.typical import CohortTooSmall, Typical, read_typical, typical_of, typical_of_model
from explain.reasons.wording import READERS, Reader, ReasonText, reason_texts, word_reasons
from explain.seen import Seen, read_seen
from explain.similar import Similar, SimilarClient, SimilarIndex, build_similar_index, find_similar
from explain.trees.exact import TreeShap, tree_shap
from explain.ways.search import Moved, Way, Ways, find_ways
from explain.ways.what_if import UnusableChanges, Unusual, WhatIf, columns_to_ask, what_if
from explain.ways.words import similar_sentence, way_sentences, ways_sentence, what_if_doubts

__all__ = [
    "READERS",
    "Answers",
    "Case",
    "CohortContrast",
    "CohortTooSmall",
    "Dossier",
    "EmptyCohort",
    "LimeExplanation",
    "LimeStability",
    "Moved",
    "QualityFigure",
    "Reader",
    "ReasonText",
    "Reasons",
    "ReferenceCohort",
    "Seen",
    "Similar",
    "SimilarClient",
    "SimilarIndex",
    "TreeShap",
    "Typical",
    "UnknownCohort",
    "UnusableChanges",
    "Unusual",
    "Way",
    "Ways",
    "WhatIf",
    "answer_clients",
    "build_similar_index",
    "case_of_tables",
    "columns_to_ask",
    "contrast_cohorts",
    "explain_with_lime",
    "favourable_codes",
    "find_similar",
    "find_ways",
    "group_contributions",
    "open_case",
    "own_reference",
    "read_dossier",
    "read_seen",
    "read_typical",
    "reason_codes",
    "reason_texts",
    "reference_of_run",
    "similar_reference",
    "similar_sentence",
    "tree_shap",
    "typical_of",
    "typical_of_model",
    "way_sentences",
    "ways_sentence",
    "what_if",
    "what_if_doubts",
    "word_reasons",
]
