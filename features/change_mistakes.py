"""What makes a declared change wrong: bounds that lead nowhere, columns that cannot be moved.

Belongs here: the checks of `Change`, as sentences that end in what to do. Does not: the change itself (change),
the checks of the rest of a declaration (mistakes).
"""

from __future__ import annotations

from collections.abc import Iterator

from features.change import DIRECTIONS_OF_CHANGE, FIXED, Change
from features.declared import Declared
from features.expressions import Column
from features.schemas import TABLES
from features.vocabulary import CHARACTERISTICS, PROTECTED_COLUMNS


def change_mistakes(feature: Declared) -> Iterator[str]:
    """What is wrong with the declared change of a feature, as sentences that end in what to do."""
    change = feature.change
    if change.direction not in DIRECTIONS_OF_CHANGE:
        yield f"its change is {change.direction!r}, expected one of {', '.join(DIRECTIONS_OF_CHANGE)}"
        return
    if change == FIXED:
        return
    if change.fixed:
        yield "its change is fixed and yet has bounds, steps or conditions; say FIXED"
        return
    if feature.table != "application" or not isinstance(feature.value, Column):
        yield "it is computed and follows what it is made of: declare the change where a column itself is measured"
        return
    personal = PROTECTED_COLUMNS.union(*CHARACTERISTICS.values())
    if feature.protected or feature.value.name in personal:
        yield f"{feature.value.name} is a protected characteristic, which nobody is told to change; say FIXED"
    yield from _bound_mistakes(feature, change)
    yield from _column_mistakes(feature, change)


def _bound_mistakes(feature: Declared, change: Change) -> Iterator[str]:
    bounds = f"its bounds {change.lowest:g} to {change.highest:g}"
    if feature.unit == "flag":
        if (change.direction, change.lowest, change.highest, change.step) != ("up", 0.0, 1.0, 1.0):
            yield "a flag says whether something was given: say can_be_given()"
        return
    if feature.unit != "amount":
        yield f"its unit is {feature.unit}; only amounts and flags can be declared to change"
        return
    if not 0 < change.lowest <= 1 <= change.highest:
        yield f"{bounds} are no shares around the own amount: give 0 < lowest <= 1 <= highest"
    if not 0 < change.step <= change.highest - change.lowest:
        yield f"its step {change.step:g} leads nowhere within {bounds}; give a positive, smaller one"
    moves = {"up": change.lowest == 1 < change.highest, "down": change.lowest < 1 == change.highest}
    if not moves.get(change.direction, change.lowest < 1 < change.highest):
        yield f"{bounds} do not say {change.direction!r}; 1 is the own amount"


def _column_mistakes(feature: Declared, change: Change) -> Iterator[str]:
    columns = TABLES["application"].columns
    amounts = {name for name, column in columns.items() if column.kind == "amount"}
    named = [*change.carries, *([change.not_below] if change.not_below is not None else [])]
    unknown = sorted(set(named) - amounts)
    if unknown:
        yield f"its change names {', '.join(unknown)}; expected amounts: {', '.join(sorted(amounts))}"
    if feature.value.columns() & set(named):
        yield "its change names its own column; leave it out"
    if feature.unit == "flag" and named:
        yield "a flag carries no amounts with it; leave them out"
    if change.when is not None and (strange := sorted(change.when.columns() - set(columns))):
        yield f"its change asks for {', '.join(strange)}, no column of the application; it has {len(columns)}"
