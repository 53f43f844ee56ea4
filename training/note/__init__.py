"""The methodological note and the model card of a version: measured figures put into words, in French and English.

Belongs here: which figure stands where. Does not: sentences (texts/), layout (templates/), measuring.
"""

from training.note.card import write_card
from training.note.page import write_note
from training.note.words import LANGUAGES, read_texts

__all__ = ["LANGUAGES", "read_texts", "write_card", "write_note"]
