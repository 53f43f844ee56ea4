"""`pret serve` and `pret api`: the dashboard and the service.

Belongs here: starting them and saying where they are. Does not: pages (dashboard), routes (api); both run as
processes of their own, for the batch imports neither.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import Annotated

import typer

from batch.commands.options import Store, StoreToBe
from batch.console import console
from batch.errors import JobError
from model_store import published_run

Port = Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")]
START_SECONDS = 120


def serve(store: Store, port: Port = 5006) -> None:
    """Open the dashboard on http://localhost:PORT.

    Example: [bold]pret serve --store store[/]
    """
    published_run(store)  # says what to do if nothing is published yet
    _run("dashboard", "Dashboard", store, port, "")


def api(store: StoreToBe, port: Port = 8000) -> None:
    """Start the service on http://localhost:PORT, its OpenAPI page at /docs.

    Example: [bold]pret api --store store[/]
    """
    _run("api", "Service", store, port, "/docs")


def _run(module: str, name: str, store: str, port: int, page: str) -> None:
    """Runs the module's server until it ends; says its address once it answers.

    Errors: JobError if the port is taken or the server ends by itself.
    """
    if _answers(port):
        raise JobError(f"port {port} is in use; stop what listens there or choose another with --port")
    command = [sys.executable, "-m", module, "--store", store, "--port", str(port)]
    with subprocess.Popen(command) as server:
        try:
            _wait_until_it_answers(server, port)
            console.print(f"[bold green]{name}[/] http://localhost:{port}{page}  (Ctrl-C stops it)")
            ended = server.wait()
        except KeyboardInterrupt:
            return
        finally:
            server.terminate()
    raise JobError(f"the server ended with exit code {ended}; its own message is above")


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and not _answers(port):
        if time.monotonic() > deadline:
            server.kill()
            raise JobError(f"the server did not answer on port {port} within {START_SECONDS} s")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
