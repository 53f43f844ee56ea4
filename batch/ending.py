"""How a night ended, told to whoever watches it: a log line and the figures for Prometheus, also when it failed.

Belongs here: telling. Does not: the formats (logs, metrics), the night.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from rich.markup import escape
from upath import UPath

from batch.console import Progress
from batch.errors import NightRunning, exit_code_of
from batch.logs import for_machines, log
from batch.metrics import are_of, metrics_file, write_metrics
from batch.owners import this_process
from model_store import list_runs, open_store, read_run
from model_store.store_format import is_store


@dataclass(frozen=True)
class Ending:
    """A night to watch: its store, its day, and the file for its figures."""

    store: UPath
    day: date
    metrics: UPath

    @contextmanager
    def told(self) -> Iterator[None]:
        """Tells how the block ended; what it raises goes on."""
        try:
            yield
        except NightRunning:  # nothing was done: what is told is the other night's to tell
            raise
        except BaseException as error:
            self._tell(exit_code_of(error))
            raise
        else:
            self._tell(0)

    def _tell(self, code: int) -> None:
        document = self._document()
        told = ("run_id", "as_of", "status", "clients", "decisions", "stages")
        if for_machines():
            facts = {name: document[name] for name in told if name in document}
            if "ingest" in document:
                facts["rejected"] = document["ingest"]["rejected"]
            log("night", "info" if code == 0 else "error", exit_code=code, **facts)
        if code == NightRunning.exit_code:
            return  # the night that runs tells its own figures
        inside = self.metrics == metrics_file(self.store)
        if is_store(self.store) or not inside:  # a mistyped store is not made by telling so
            tell_figures(self.metrics, self.store, document, code)

    def _document(self) -> dict[str, Any]:
        """run.json of this process's run of the night; empty where it failed before it had one."""
        mine = this_process().document
        for run_id in reversed(list_runs(self.store)):
            if run_id[:10] == self.day.isoformat():
                document = dict(read_run(self.store, run_id).document)
                return document if document.get("process") == mine else {}
        return {}


def tell_figures(path: UPath, store: UPath, document: Mapping[str, Any], code: int) -> None:
    """Writes the figures of a night that ended just now; a note where that fails."""
    try:
        write_metrics(path, store, document, code, datetime.now(UTC))
    except OSError as error:  # the night is what it is, whether or not somebody can watch it
        Progress().note(escape(f"the figures for Prometheus could not be written: {error}"))


def tell_accepted(store: UPath, document: Mapping[str, Any], file: str | None) -> None:
    """The figures of a night that was accepted just now, where it wrote those of its refusal or in `file`. What a
    later night said of itself there stays: nobody may miss that it failed."""
    told = file or document.get("metrics")
    path = open_store(told) if told else metrics_file(store)
    if are_of(path, document["run_id"]):
        tell_figures(path, store, document, 0)
    else:
        Progress().note(escape(f"{path} tells of another night and stays as it is"))
