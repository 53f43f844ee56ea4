"""What a client can change of what a feature measures: the direction, how far, in which steps.

Belongs here: the words of such a declaration. Does not: what makes one wrong (change_mistakes), which features
can be changed (catalogue), looking for changes that alter a decision (explain.ways).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from features.expressions import Condition

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
