"""The note's texts and what is filled into them.

Belongs here: reading texts/, replacing {names}. Does not: the values (values), which texts (paragraphs).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from features.texts import Language

LANGUAGES: tuple[Language, ...] = ("en", "fr")


@cache
def read_texts(language: Language) -> dict[str, Any]:
    """The note's words in a language, as written in texts/note.LANGUAGE.toml."""
    path = Path(__file__).parents[1] / "texts" / f"note.{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def filled(texts: Any, values: Mapping[str, str]) -> Any:
    """The texts, in whatever lists and tables they stand, with each {name} replaced. Errors: KeyError."""
    if isinstance(texts, str):
        return texts.format_map(values)
    if isinstance(texts, list):
        return [filled(text, values) for text in texts]
    return {name: filled(text, values) for name, text in texts.items()}


def candidate_name(row: Mapping[str, Any], texts: Any) -> str:
    """A candidate in words: "LightGBM, directions kept, untreated"."""
    models = texts["models"]
    parts = [models["families"][row["family"]]]
    if row["family"] == "lightgbm" and row["constraints"]:
        parts.append(models["with_directions"])
    if row["family"] != "dummy":
        parts.append(models["imbalances"][row["imbalance"]])
    return ", ".join(parts)
