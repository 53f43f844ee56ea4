"""Which nights a store keeps: the published one and the last ones; the others are removed, nothing else.

Belongs here: the choice and the removal. Does not: asking whether to, ingests (ingest keeps three).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from upath import UPath

from batch.errors import JobError
from batch.runs.recovery import status_of
from model_store import list_runs, published_run, read_run
from model_store.scorebook import runs_folder
from model_store.storage import names_in


@dataclass(frozen=True)
class Pruning:
    """What goes and what stays: run folders by name, exports by their night; bytes of what goes."""

    runs: tuple[str, ...]
    kept: tuple[str, ...]
    exports: tuple[str, ...]
    bytes: int


def plan_pruning(store: UPath, keep: int, exports: bool = False) -> Pruning:
    """Keeps the run that readers use, the last `keep` published ones, what ran since the oldest of them, and what
    is at work. `exports`: the exports of nights before the oldest kept one go too.

    Errors: JobError for keep below 1, NothingPublished for a store without a published night.
    """
    if keep < 1:
        raise JobError(f"--keep is {keep}, expected at least 1")
    current, runs = published_run(store), list_runs(store)
    status = {name: read_run(store, name).status for name in runs}
    published = [name for name in runs if status[name] == "published"]
    last = {*published[-keep:], current}
    oldest = min(last)
    stay = {name for name in runs if name >= oldest or status_of(store, read_run(store, name)) == "running"}
    go = tuple(name for name in sorted(names_in(runs_folder(store))) if name < oldest and name not in stay)
    folder = store / "exports" / "scores"
    first_day = min(stay)[:10]
    old = sorted(name for name in names_in(folder) if name < f"as_of={first_day}") if exports else []
    size = _freed([*(runs_folder(store) / name for name in go), *(folder / name for name in old)])
    return Pruning(go, tuple(sorted(stay)), tuple(old), size)


def prune(store: UPath, plan: Pruning) -> None:
    """Removes what the plan says, each run's record first: a run that is half removed is no run any more."""
    for name in plan.runs:
        folder = runs_folder(store) / name
        record = folder / "run.json"
        if record.exists():
            record.unlink()
        folder.fs.rm(folder.path, recursive=True)
    for name in plan.exports:
        folder = store / "exports" / "scores" / name
        folder.fs.rm(folder.path, recursive=True)


def _freed(folders: Iterable[UPath]) -> int:
    """Bytes that go with the folders: a file of several names once, and only if all of its names go."""
    freed, names = 0, Counter[tuple[int, int]]()
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        told = path.stat()
        names[told.st_dev, told.st_ino] += 1
        if told.st_nlink in (0, names[told.st_dev, told.st_ino]):  # 0: an object store, which knows no links
            freed += told.st_size
    return freed
