"""Options that several commands share, declared once.

Belongs here: names, help and parsing of options. Does not: commands.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from model_store import open_store
from model_store.store_format import require_readable, require_store

Data = Annotated[
    str, typer.Option("--data", metavar="DIR", help="Folder (or fsspec URL) with the eight tables.")
]


def _readable(store: str) -> str:
    require_readable(open_store(store))
    return store


def _there(store: str) -> str:
    require_store(open_store(store))
    return _readable(store)


_HELP = "Folder (or fsspec URL) of the store."
Store = Annotated[str, typer.Option("--store", metavar="STORE", help=_HELP, callback=_there)]
StoreToBe = Annotated[str, typer.Option("--store", metavar="STORE", help=_HELP, callback=_readable)]
"""A store that is made if it is not there, waited for, or told of by the job itself."""
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Dask scheduler, e.g. tcp://host:8786. Default: threads here."),
]


def parse_date(text: str) -> date:
    """A day as YYYY-MM-DD. Errors: BadParameter with what was found."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a day, expected YYYY-MM-DD") from error


AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of", metavar="DATE", parser=parse_date, help="Night to publish, YYYY-MM-DD. Default: today."
    ),
]

Accepted = Annotated[
    list[str] | None,
    typer.Option("--accept", metavar="CHECK", help="Publish though this check fails; may be repeated."),
]
Why = Annotated[str | None, typer.Option("--why", help="Why the checks are accepted: recorded in the run.")]
Metrics = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Figures for Prometheus. Default: STORE/metrics/pret_night.prom."),
]


def local_folder(text: str) -> Path:
    """A path as typed, with ~ expanded."""
    return Path(text).expanduser()
