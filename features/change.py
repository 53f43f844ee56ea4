"""What a client can change of what a feature measures: the direction, how far, in which steps.

Belongs here: the words of such a declaration and what makes one wrong. Does not: which features can be changed
(catalogue), looking for changes that alter a decision (explain.ways).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from features.characteristics import CHARACTERISTICS
from features.expressions import Column, Condition
from features.schemas import TABLES
from features.vocabulary import PROTECTED_COLUMNS

if TYPE_CHECKING:
    from features.declaration import Feature

Direction = Literal["fixed", "up", "down", "free"]
DIRECTIONS_OF_CHANGE: tuple[str, ...] = get_args(Direction)


@dataclass(frozen=True)
class Change:
    """How far the client can move the column that a feature measures; FIXED for nearly all features.

    lowest, highest, step: of an amount, as shares of the client's own value (0.5 is half of it); of a flag, values.
    carries: columns that move in the same proportion (who asks for less pays smaller instalments).
    not_below: the column below which the moved one may not fall. when: clients who have this choice at all.
    """

    direction: Direction = "fixed"
    lowest: float = 1.0
    highest: float = 1.0
    step: float = 0.0
    carries: tuple[str, ...] = ()
    not_below: str | None = None
    when: Condition | None = None

    @property
    def fixed(self) -> bool:
        """Whether the client cannot change it."""
        return self.direction == "fixed"

    @property
    def steps(self) -> tuple[int, ...]:
        """The numbers of steps that lead from the client's own value to another allowed one, nearest first.

        An amount from 0.8 to 1.1 in steps of 0.1: -1, 1, -2. A flag from 0 to 1: 1.
        """
        if self.fixed:
            return ()
        start = self.start
        down, up = (int(round(way / self.step, 6)) for way in (start - self.lowest, self.highest - start))
        found = [*range(-down, 0), *range(1, up + 1)]
        return tuple(sorted(found, key=lambda steps: (abs(steps), steps)))

    @property
    def start(self) -> float:
        """Where no step was taken: the whole of an amount; the lowest value of a flag."""
        return 1.0 if self.lowest > 0 else 0.0

    def at(self, steps: int) -> float:
        """Share of the own amount, or value of the flag, after so many steps."""
        return round(self.start + steps * self.step, 9)


FIXED = Change()


def only_down(
    lowest: float,
    step: float,
    carries: tuple[str, ...] = (),
    not_below: str | None = None,
    when: Condition | None = None,
) -> Change:
    """An amount that the client can lower, to a share of it."""
    return Change("down", lowest, 1.0, step, carries, not_below, when)


def free_between(lowest: float, highest: float, step: float, when: Condition | None = None) -> Change:
    """An amount that the client can lower and raise, between two shares of it."""
    return Change("free", lowest, highest, step, when=when)


def can_be_given(when: Condition | None = None) -> Change:
    """A flag that says whether something was given: who has not given it can; nothing is taken back."""
    return Change("up", 0.0, 1.0, 1.0, when=when)


def change_mistakes(feature: Feature) -> Iterator[str]:
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


def _bound_mistakes(feature: Feature, change: Change) -> Iterator[str]:
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


def _column_mistakes(feature: Feature, change: Change) -> Iterator[str]:
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
