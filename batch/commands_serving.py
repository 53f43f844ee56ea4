"""`pret serve` and `pret api`: the dashboard and the service.

Belongs here: their options. Does not: pages (dashboard), routes (api); both are started as processes of their
own, for the batch imports neither.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

from batch.errors import JobError
from batch.options import Store
from model_store import published_run

Port = Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")]


def serve(store: Store, port: Port = 5006) -> None:
    """Open the dashboard on http://localhost:PORT.

    Example: [bold]pret serve --store store[/]
    """
    published_run(store)  # says what to do if nothing is published yet
    _run("dashboard", store, port)


def api(store: Store, port: Port = 8000) -> None:
    """Start the service on http://localhost:PORT, its OpenAPI page at /docs.

    Example: [bold]pret api --store store[/]
    """
    _run("api", store, port)


def _run(module: str, store: str, port: int) -> None:
    """Runs the module's server until it ends. Errors: JobError with its exit code."""
    command = [sys.executable, "-m", module, "--store", store, "--port", str(port)]
    ended = subprocess.run(command, env={**os.environ, "PRET_STORE": store}, check=False)
    if ended.returncode not in (0, 130, -2, -15):
        raise JobError(f"the server ended with exit code {ended.returncode}; is port {port} taken?")
