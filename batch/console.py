"""What a job shows while it works: named steps with progress bars, notes, and a summary.

Belongs here: the terminal. Does not: what is computed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from batch.logs import for_machines, log

console = Console(stderr=True)
WIDE_TERMINAL, WIDE_BAR, NARROW_BAR = 80, 40, 20
"""Columns: bars leave room for the terminal's own ^C, since a line that it breaks cannot be erased."""


class Progress:
    """Steps of a job with their duration; bars on a terminal, one line a step elsewhere (a cron mail).

    Stages follow one another without gaps: what passes before one begins is part of it, so that `seconds` add up to
    all that passed, the `age` of the process included.
    """

    def __init__(self, output: Console = console, age: float = 0.0) -> None:
        self._console = output
        self._told_until = time.monotonic() - age
        self._shown: set[str] = set()
        self.seconds: dict[str, float] = {}

    @property
    def is_watched(self) -> bool:
        """True on a terminal: somebody looks at it now."""
        return bool(self._console.is_terminal) and not for_machines()

    @contextmanager
    def step(
        self, name: str, total: float | None = None, unit: str = "", more: bool = False
    ) -> Iterator[Callable[[float], None]]:
        """Shows a step until the block ends; call what it yields with the work done since the last call. `more` of
        this stage follows: it is told when it has `passed`."""
        with Bars(
            *_columns(total, unit, WIDE_BAR if self._console.width >= WIDE_TERMINAL else NARROW_BAR),
            console=self._console,
            transient=True,
            disable=not self.is_watched,
        ) as bars:
            task = bars.add_task(name, total=total)
            yield lambda done: bars.advance(task, done)
            done = bars.tasks[0].completed
        if more:
            self._shown.add(name)
        else:
            self.passed(name, done=done, unit=unit)
            self._show(name)

    def passed(self, name: str, **told: Any) -> None:
        """What passed since the last stage ended belongs to this one, which may have begun earlier."""
        now = time.monotonic()
        self.seconds[name] = round(self.seconds.get(name, 0.0) + now - self._told_until, 3)
        self._told_until = now
        if for_machines():
            log("stage", stage=name, seconds=self.seconds[name], **told)
        if name in self._shown:
            self._show(name)

    def _show(self, name: str) -> None:
        if not for_machines():
            self._console.print(f"[green]✓[/] {name} [dim]{self.seconds[name]:.1f} s[/]")

    @contextmanager
    def steps(self) -> Iterator[Callable[[str, int, int], None]]:
        """Shows steps that announce themselves: call what it yields with (step, done, total)."""
        with ExitStack() as open_steps:
            advance: dict[str, Callable[[float], None]] = {}
            done_of: dict[str, int] = {}

            def tell(name: str, done: int, total: int) -> None:
                if name not in advance:
                    open_steps.close()  # the step before has ended
                    advance[name] = open_steps.enter_context(self.step(name, total))
                advance[name](done - done_of.get(name, 0))
                done_of[name] = done

            yield tell

    def note(self, text: str) -> None:
        """One line that stays, in rich's markup; in a file or a mail it is not broken."""
        if for_machines():
            log("note", text=Text.from_markup(text).plain)
            return
        self._console.print(f"[dim]·[/] {text}", highlight=False, soft_wrap=not self._console.is_terminal)


def _columns(total: float | None, unit: str, width: int) -> list[ProgressColumn]:
    count: ProgressColumn = DownloadColumn() if unit == "bytes" else MofNCompleteColumn()
    bar: list[ProgressColumn] = [BarColumn(width), count, TextColumn(unit if unit != "bytes" else "")]
    return [
        SpinnerColumn(),
        TextColumn("{task.description:<12}"),
        *(bar if total is not None else []),
        TimeElapsedColumn(),
    ]


def print_facts(title: str, facts: Mapping[str, Any]) -> None:
    """A two-column table of names and values on standard output; brackets in them are told as they are."""
    table = Table(title=escape(title), show_header=False, title_justify="left", title_style="bold")
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(escape(name), escape(str(value)))
    Console().print(table)
