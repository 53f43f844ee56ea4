"""Here: what a report holds: published figures beside simulated ones, their summary, their files.
Not here: the flow of a report (report.py), how figures are measured (measuring.py).
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FAMILIES = {
    "rows": "rows per table and per client",
    "rows per client": "share of clients with rows, mean, quantiles",
    "missing": "missing shares",
    "categories": "category frequencies",
    "quantiles": "quantiles of amounts and days",
    "ranges": "smallest and largest values",
    "default rates": "default rate overall, by decile and category",
    "rank correlations": "rank correlations between the main columns",
    "TARGET correlations": "correlations with TARGET",
    "links": "how identifiers link, coverage of bureau_balance",
    "behaviour": "what histories say of a client",
}
"""The families of figures, in the order of the report, and what they hold."""


@dataclass(frozen=True)
class CheckedFact:
    """A published figure beside the same of a portfolio. `off` is how far apart, in the unit of `tolerance`.

    `tolerance` is the stated one, `allowance` what sampling adds to it: two standard errors of the difference.
    """

    family: str
    table: str
    column: str
    what: str
    published: float
    simulated: float
    off: float
    tolerance: float
    allowance: float = 0.0

    @property
    def met(self) -> bool:
        """True if the figures are as near as tolerance and sampling error allow; False for no figure."""
        return bool(abs(self.off) <= self.tolerance + self.allowance + 1e-9)

    @property
    def strain(self) -> float:
        """Distance over what is allowed; above 1 the figure is missed."""
        allowed = self.tolerance + self.allowance
        return abs(self.off) / allowed if allowed > 0 else (0.0 if self.met else float("inf"))


@dataclass(frozen=True)
class FamilySummary:
    """A family's figures: how many were checked, how many fit, the worst of them."""

    family: str
    checked: int
    met: int
    worst: CheckedFact

    @property
    def share(self) -> float:
        return self.met / self.checked


@dataclass(frozen=True)
class Report:
    """All figures compared, in the order of the families."""

    clients: int
    facts: tuple[CheckedFact, ...]

    def summary(self) -> tuple[FamilySummary, ...]:
        """One line per family that has figures."""
        lines = []
        for family in FAMILIES:
            own = [fact for fact in self.facts if fact.family == family]
            if own:
                worst = max(own, key=lambda fact: np.nan_to_num(fact.strain, nan=np.inf))
                lines.append(FamilySummary(family, len(own), sum(fact.met for fact in own), worst))
        return tuple(lines)

    def missed(self) -> tuple[CheckedFact, ...]:
        """The figures that do not fit, the farthest first."""
        lost = [fact for fact in self.facts if not fact.met]
        return tuple(sorted(lost, key=lambda fact: -np.nan_to_num(fact.strain, nan=np.inf)))


COLUMNS = (
    "family",
    "table",
    "column",
    "what",
    "published",
    "simulated",
    "off",
    "tolerance",
    "allowance",
    "met",
)


def write_report(report: Report, path: Path) -> None:
    """The whole table as Markdown (.md) or CSV (.csv). Errors: ValueError for another ending."""
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(_cells(fact) for fact in report.facts)
    elif path.suffix == ".md":
        path.write_text("\n".join(_markdown(report)) + "\n", encoding="utf-8")
    else:
        raise ValueError(f"{path.name}: a report ends in .md or .csv.")


def _cells(fact: CheckedFact) -> list[str]:
    numbers = (fact.published, fact.simulated, fact.off, fact.tolerance, fact.allowance)
    return [fact.family, fact.table, fact.column, fact.what, *(f"{n:.6g}" for n in numbers), str(fact.met)]


def _markdown(report: Report) -> Iterable[str]:
    yield f"# {report.clients:,} simulated clients beside the published figures\n"
    yield "| figures | checked | met | share | farthest off |"
    yield "|---|---:|---:|---:|---|"
    for line in report.summary():
        worst = f"{line.worst.table}.{line.worst.column} {line.worst.what}".replace("|", "\\|")
        yield f"| {line.family} | {line.checked} | {line.met} | {line.share:.1%} | {worst} |"
    for family, about in FAMILIES.items():
        own = [fact for fact in report.facts if fact.family == family]
        if own:
            yield f"\n## {family}: {about}\n"
            yield "| table | column | figure | published | simulated | off | tolerance | sampling | |"
            yield "|---|---|---|---:|---:|---:|---:|---:|---|"
            yield from (_markdown_row(fact) for fact in own)


def _markdown_row(fact: CheckedFact) -> str:
    numbers = (fact.published, fact.simulated, fact.off, fact.tolerance, fact.allowance)
    cells = [fact.table, fact.column, fact.what.replace("|", "\\|"), *(f"{n:.4g}" for n in numbers)]
    return f"| {' | '.join(cells)} | {'✓' if fact.met else '✗'} |"
