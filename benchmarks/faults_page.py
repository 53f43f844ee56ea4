"""The table of faults: how often each was tried, how often survived, in which stage it came.

Belongs here: counting and wording. Does not: the faults (faults).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

PAGE = Path(__file__).with_name("faults.md")


@dataclass
class Tally:
    """One fault: how often it was tried, how often survived, in which stage it came; what did not survive."""

    fault: str
    tried: int = 0
    survived: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)

    def add(self, stage: str, wrong: str | None) -> None:
        """Counts one trial; `wrong`: what was not as it must be."""
        self.tried += 1
        self.stages[stage] += 1
        self.survived += wrong is None
        if wrong is not None:
            self.lost.append(f"{self.fault}, in {stage}: {wrong}")

    @property
    def line(self) -> str:
        """As a row of the table."""
        stages = ", ".join(f"{stage} {count}" for stage, count in self.stages.items())
        return f"| {self.fault} | {self.tried} | {self.survived} | {stages} |"


def page(tallies: list[Tally], clients: int, seed: int) -> str:
    """The table as Markdown."""
    return "\n".join(
        [
            "# Nights that go wrong",
            "",
            "<!-- Written by `make faults`. Do not edit. -->",
            "",
            f"Nights of {clients:,} simulated clients. Survived: readers saw a complete published night at once;",
            "the night, run again, ended like one that nothing had happened to, all rows and columns of all",
            "clients to the last bit; a night that could speak said one line and no traceback. Kills come at",
            f"random instants, as many in each stage (seed {seed}); scoring includes the explanations. Where 0",
            "were tried: disks and read-only stores need root, who may mount; clocks need libfaketime (Debian:",
            "faketime).",
            "",
            "| fault | tried | survived | where it came |",
            "|---|---|---|---|",
            *(tally.line for tally in tallies),
            "",
        ]
    )
