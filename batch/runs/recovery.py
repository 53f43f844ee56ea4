"""What a night does first: it waits for nobody, and puts right what a killed one left behind.

Belongs here: the turn, and what is to be done before anything else in it. Does not: going on with a run (record,
finished).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from upath import UPath

from batch.console import Progress
from batch.owners import is_gone, owner_of
from batch.runs.publish import point_to
from batch.runs.record import INTERRUPTED, mark_interrupted
from batch.runs.turn import one_at_a_time, read_lock
from model_store import NothingPublished, Run, list_runs, published_run, read_run
from model_store.storage import remove_aside


@contextmanager
def own_turn(store: UPath, progress: Progress) -> Iterator[None]:
    """The store is this process's while the block runs, as if no night before had ever been killed.

    Errors: NightRunning.
    """
    with one_at_a_time(store, progress):
        remove_aside(store, "published.json")
        for run_id in mark_interrupted(store):
            progress.note(f"run {run_id} was interrupted: its process ended without a word")
        _finish_publishing(store, progress)
        yield


def status_of(store: UPath, run: Run) -> str:
    """The run's status as it is now: "interrupted" for one that says "running" and that no process works on."""
    if run.status != "running":
        return run.status
    held = read_lock(store)
    at_work = (
        held is not None
        and not is_gone(held.owner)
        and owner_of(run.document.get("process", {})) == held.owner
    )
    return run.status if at_work else INTERRUPTED


def _finish_publishing(store: UPath, progress: Progress) -> None:
    """A kill between a run's record, which says "published", and the pointer: readers get the run now."""
    runs = [read_run(store, run_id) for run_id in list_runs(store)]
    published = [run for run in runs if run.status == "published"]
    if not published:
        return
    latest = max(published, key=lambda run: (run.as_of, run.run_id))
    try:
        current = published_run(store)
    except NothingPublished:
        current = ""
    if latest.run_id > current:
        point_to(store, latest.run_id, latest.as_of)
        progress.note(f"run {latest.run_id} was published but for its last step: readers see it now")
