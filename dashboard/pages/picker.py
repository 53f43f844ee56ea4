"""The widget that finds a declared feature by the words of its meaning, its group or its name.
Not here: what is shown of the feature found."""

from __future__ import annotations

import panel_material_ui as pmui
import param

from dashboard.texts import Texts
from dashboard.values import words_of
from features import CATALOGUE


def options_of(texts: Texts, group: str = "") -> dict[str, str]:
    """Meaning to name of every feature (of one group), in declared order; equal meanings get the name added."""
    options: dict[str, str] = {}
    for feature in CATALOGUE:
        if group and feature.group != group:
            continue
        meaning = words_of(feature.name, texts).meaning
        options[f"{meaning} ({feature.name})" if meaning in options else meaning] = feature.name
    return options


def feature_picker(
    texts: Texts, target: param.Parameterized, *, label: str, allow_none: bool = False
) -> pmui.AutocompleteInput:
    """Search field bound both ways to ``target.feature`` (empty text for none)."""
    field = pmui.AutocompleteInput(
        label=label,
        options=options_of(texts),
        value=target.feature or None,
        placeholder=texts("features.search"),
        search_strategy="includes",
        case_sensitive=False,
        min_characters=0,
        size="small",
        sizing_mode="stretch_width",
        margin=(5, 6),
    )

    def choose(event: param.parameterized.Event) -> None:
        if event.new or allow_none:
            target.param.update(feature=event.new or "")

    field.param.watch(choose, "value")
    target.param.watch(lambda event: field.param.update(value=event.new or None), "feature")
    return field
