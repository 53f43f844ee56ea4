"""The model card: one page of Markdown that says what a version is for, how good it is and where it ends.

Belongs here: the card. Does not: the note (page).
"""

from __future__ import annotations

from typing import Any

from features.texts import Language
from model_store.scoring_model import ScoringModel
from training.note.groups import told_gap
from training.note.tables import metric_rows
from training.note.values import Costs, note_values
from training.note.words import filled, read_texts
from training.wording import Wording

SHOWN = ("auc", "gini", "calibration_error", "cost_per_client", "accepted_share", "default_rate_accepted")


def write_card(model: ScoringModel, language: Language = "en") -> str:
    """The card as Markdown (Mitchell et al. 2019); every figure in it is the model's or its metadata's."""
    words, figures = Wording(language), model.metadata
    t: Any = filled(read_texts(language), note_values(model, words, read_texts(language)))
    card, cost = t["card"], Costs(figures, words)
    titles = t["results"]["metrics"]
    rows = [
        row[:3]
        for name, row in zip(titles, metric_rows(figures, words, cost, t), strict=True)
        if name in SHOWN
    ]
    gaps = [
        f"- {t['fairness']['characteristics'][name]}: {told_gap(found['gaps']['accepted'], words)}"
        for name, found in dict(figures["fairness"]).items()  # type: ignore[call-overload] # JSON values
    ]
    limits = [f"- {text}" for text in t["limits"]["text"]]
    blocks = [
        f"# {card['title']}, {model.version}",
        card["purpose"],
        f"## {card['data']}\n\n{card['data_text']}",
        f"## {card['model']}\n\n{card['model_text']}",
        f"## {card['quality']}\n\n" + "\n".join(f"- {row[0]}: {row[1]} ± {row[2]}" for row in rows),
        f"## {card['decision']}\n\n{card['decision_text']}",
        f"## {card['fairness']}\n\n" + "\n".join(gaps),
        f"## {card['limits']}\n\n" + "\n".join(limits),
        card["more"],
    ]
    return "\n\n".join(blocks) + "\n"
