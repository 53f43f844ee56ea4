"""Which version may become champion, and the way back.

Belongs here: the checks before an alias changes. Does not: how a change is recorded (history), figures
(comparison).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from upath import UPath

from features import CATALOGUE, Catalogue
from model_store.aliases import ALIASES, resolve
from model_store.comparison import Comparison, Figure, compare
from model_store.errors import ModelStoreError, NothingToRollBack, WorseThanChampion
from model_store.history import HistoryEntry, append
from model_store.records import VersionRecord, read_record
from model_store.versions import require_same_catalogue

DECISIVE = {"cost_per_client": "business cost per client", "auc": "AUC"}


@dataclass(frozen=True)
class _Change:
    action: str
    alias: str
    who: str
    why: str


def promote(
    store: UPath,
    version_or_alias: str,
    who: str,
    why: str,
    alias: str = "champion",
    force: bool = False,
    catalogue: Catalogue = CATALOGUE,
) -> HistoryEntry:
    """The entry of the history: `alias` stands for the version from now on, for every reader that looks it up.

    A champion must be usable by this code, and neither its business cost per client nor its AUC may be worse than
    the present champion's by more than one standard error; `force` overrules both and is recorded. Errors:
    WorseThanChampion, CatalogueMismatch, ModelNotFound, ModelDamaged (never overruled), ValueError for an unknown
    alias or a change without a person or reason.
    """
    if alias not in ALIASES:
        raise ValueError(f"alias {alias!r} is unknown, expected one of {', '.join(ALIASES)}")
    change = _stated(_Change("promote", alias, who, why), version_or_alias)
    record = read_record(store, version_or_alias)
    if alias == "champion" and not force:
        require_same_catalogue(record, catalogue)

    def entry_after(entries: Sequence[HistoryEntry]) -> HistoryEntry:
        check = _check(store, entries, record, force) if alias == "champion" else ""
        return replace(_entry(entries, change, record), check=check, forced=force)

    return append(store, entry_after)


def rollback(store: UPath, who: str, why: str, catalogue: Catalogue = CATALOGUE) -> HistoryEntry:
    """The entry of the history: the champion before the present one decides again. Repeated, it goes back further.

    Errors: NothingToRollBack for the first champion, ModelDamaged when the predecessor is damaged,
    CatalogueMismatch when this code cannot compute its features.
    """
    change = _stated(_Change("rollback", "champion", who, why), "the champion")

    def entry_after(entries: Sequence[HistoryEntry]) -> HistoryEntry:
        line = _line_of_champions(entries)
        if len(line) < 2:
            raise NothingToRollBack(
                f"the champion {', '.join(line) or 'none'} of {store} has no predecessor; promote another version "
                "instead"
            )
        record = read_record(store, line[-2])
        require_same_catalogue(record, catalogue)
        return _entry(entries, change, record)

    return append(store, entry_after)


def _line_of_champions(entries: Sequence[HistoryEntry]) -> list[str]:
    """Champions that can still be gone back to, oldest first, the present one last."""
    line: list[str] = []
    for entry in entries:
        if entry.alias != "champion":
            continue
        if entry.action == "rollback":
            line = line[:-1]
        elif line[-1:] != [entry.version]:
            line = [*line, entry.version]
    return line


def _stated(change: _Change, what: str) -> _Change:
    if change.who.strip() and change.why.strip():
        return change
    raise ValueError(
        f"{change.action} of {what}: who is {change.who!r} and why is {change.why!r}, expected both to be stated"
    )


def _entry(entries: Sequence[HistoryEntry], change: _Change, record: VersionRecord) -> HistoryEntry:
    aliases = dict(entries[-1].aliases) if entries else {}
    sums = dict(entries[-1].sums) if entries else {}
    return HistoryEntry(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        action=change.action,
        alias=change.alias,
        previous=aliases.get(change.alias),
        version=record.version,
        who=change.who,
        why=change.why,
        aliases={**aliases, change.alias: record.version},
        sums={**sums, record.version: record.sums},
    )


def _check(store: UPath, entries: Sequence[HistoryEntry], record: VersionRecord, force: bool) -> str:
    """What the comparison with the present champion says. Errors: WorseThanChampion unless forced."""
    present = entries[-1].aliases.get("champion") if entries else None
    if present is None or present == record.version:
        return ""
    try:
        champion = read_record(store, resolve(store, present))
    except ModelStoreError as error:  # it cannot decide any more: whatever can is better
        return f"not compared with {present}: {error}"
    comparison = compare(champion, record)
    figures = [figure for name in DECISIVE if (figure := comparison.figure(name))]
    said = "; ".join(_told(figure, comparison) for figure in figures)
    if force:
        return said
    if len(figures) < len(DECISIVE):
        raise WorseThanChampion(
            f"{record.version} cannot be compared with the champion {present}: one of them states no "
            f"{' or no '.join(DECISIVE.values())}; {_ANYWAY}"
        )
    if any(figure.worse for figure in figures):
        raise WorseThanChampion(
            f"{record.version} is worse than the champion {present} beyond one standard error: {said}; {_ANYWAY}"
        )
    return said


_ANYWAY = 'keep the champion, or promote with --force --why "…"'


def _told(figure: Figure, comparison: Comparison) -> str:
    error = "unknown" if figure.standard_error is None else f"{figure.standard_error:.4f}"
    basis = "as each version states"
    if figure.paired:
        basis = f"on {comparison.common_clients:,} clients of both"
    return (
        f"{DECISIVE[figure.name]} {figure.second:.4f} against {figure.first:.4f} "
        f"(difference {figure.difference:+.4f}, standard error {error}, {basis})"
    )
