"""The examples pin the declarations down: change what a feature is declared to be, and one of them goes red."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from example_tables import read_blocks

from features import CATALOGUE, Catalogue, Feature, build_features
from features.aggregations import AGGREGATES
from features.expressions import col
from features.vocabulary import CLOCK_OF, DeclarationError

Change = dict[str, Any]
AGGREGATED = tuple(feature for feature in CATALOGUE if feature.agg is not None)
OF_ONE_ROW = {"sum", "mean", "min", "max", "last"}
SUFFIX = {"within_days": "_{}d", "within_months": "_{}m", "last_rows": "_last{}"}


def changes_of(feature: Feature) -> Iterator[Change]:
    """What a slip could make of the declaration: another aggregation, no condition, a window or a number of rows
    one longer or shorter, another answer where no row counts."""
    yield from ({"agg": agg} for agg in AGGREGATES if agg != feature.agg)
    if feature.where is not None:
        yield {"where": None}
    for name in SUFFIX:
        length = getattr(feature, name)
        if length is not None:
            yield from ({name: length - 1}, {name: length + 1})
    yield {"when_no_rows": 0.0 if math.isnan(feature.when_no_rows) else np.nan}


def says_the_same(feature: Feature, change: Change) -> bool:
    """True for the changes that change nothing: rows are sorted by time, so the smallest age is the last one; of
    a single row the sum, the mean and the rest are the row."""
    aggregations = {feature.agg, change.get("agg")}
    if feature.last_rows == 1:
        return aggregations <= OF_ONE_ROW
    return aggregations == {"min", "last"} and feature.value == -col(CLOCK_OF[feature.table])


def mutants_of(feature: Feature) -> Iterator[tuple[str, Feature]]:
    """The changed features, each with its change in words, under names of their own; what the declaration itself
    refuses needs no example."""
    for number, change in enumerate(changes_of(feature)):
        lengths = [SUFFIX[name].format(value) for name, value in change.items() if name in SUFFIX]
        name = f"{feature.stem}_{number}{lengths[0] if lengths else feature.suffix}"
        if says_the_same(feature, change):
            continue
        try:
            mutant = replace(feature, name=name, **change)
        except DeclarationError:
            continue
        yield ", ".join(f"{field}={value}" for field, value in change.items()), mutant


@pytest.fixture(scope="module")
def survivors() -> dict[str, list[str]]:
    """Per feature the changes that every example agrees with; the mutants of a block are built together."""
    alive = {feature.name: dict(mutants_of(feature)) for feature in AGGREGATED}
    for block in read_blocks():
        here = [name for name in block.expected if name in alive]
        mutants = [mutant for name in here for mutant in alive[name].values()]
        built = build_features(block.frames(), Catalogue(mutants))
        for name in here:
            expected = pd.Series(block.expected[name]).reindex(built.index)
            alive[name] = {
                said: mutant
                for said, mutant in alive[name].items()
                if np.isclose(built[mutant.name], expected, rtol=1e-6, atol=0, equal_nan=True).all()
            }
    return {name: list(mutants) for name, mutants in alive.items()}


@pytest.mark.parametrize("name", [feature.name for feature in AGGREGATED])
def test_examples_tell_the_declaration_from_its_neighbours(
    name: str, survivors: dict[str, list[str]]
) -> None:
    """No change of the aggregation, the condition, the window or the answer for no rows passes the examples."""
    assert not survivors[name], f"every example of {name} agrees with {'; '.join(survivors[name])}: add a row"


def test_changes_that_change_nothing_are_few() -> None:
    """What is taken for the same is the last of ages sorted by time, and the last row alone; nothing else."""
    same = [
        (feature.agg, change["agg"], feature.last_rows)
        for feature in AGGREGATED
        for change in changes_of(feature)
        if says_the_same(feature, change)
    ]
    assert set(same) == {("min", "last", None)} | {("mean", agg, 1) for agg in OF_ONE_ROW - {"mean"}}
