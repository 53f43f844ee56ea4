"""The command line `pret`: what operators and data scientists type.

Belongs here: the entry point and how errors are shown. Does not: what commands do (commands/).
"""

from __future__ import annotations

import io
import os
import signal
import sys
import traceback

import typer
from rich.markup import escape
from rich.text import Text
from typer._click.exceptions import ClickException  # of click, which typer carries within

from batch.beginning import all_is_loaded
from batch.commands.explain import explain
from batch.commands.features import features
from batch.commands.models import models
from batch.commands.night import night
from batch.commands.runs import runs
from batch.commands.serving import api, serve
from batch.commands.simulate import simulate
from batch.commands.train import train
from batch.commands.upkeep import accept_night, prune_nights, unlock_store
from batch.console import console
from batch.errors import JobError, Stopped, exit_code_of
from batch.logs import VARIABLE, for_machines, log
from features import DeclarationError, InvalidRows, MissingTable
from model_store import ModelStoreError, NothingPublished, UnknownClient, UnknownRun

app = typer.Typer(
    name="pret",
    help="Consumer-credit scoring: simulate, train, score every night, serve, explain.",
    epilog="Any command takes --verbose: the whole traceback instead of one line when something goes wrong; and "
    "--log-json (or PRET_LOG=json): what is said on standard error as one JSON object a line.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)
for command in (simulate, train, night, serve, api, explain):
    app.command()(command)
app.add_typer(features, name="features")
app.add_typer(models, name="models")
runs.command("accept")(accept_night)
runs.command("prune")(prune_nights)
runs.command("unlock")(unlock_store)
app.add_typer(runs, name="runs")

INTERRUPTED = 130
LOG_JSON = "--log-json"
EXPECTED = (
    JobError,
    ModelStoreError,
    NothingPublished,
    UnknownClient,
    UnknownRun,
    DeclarationError,
    InvalidRows,
    MissingTable,
    ValueError,
    OSError,
)
"""Errors whose message is the whole story for the person at the terminal."""


STOPPED = "[yellow]interrupted[/]: models and published nights stay as they were"


def _stop(*_: object) -> None:
    """What a job holds is let go, as for any error."""
    raise Stopped


def _is_of_an_object_store(error: Exception) -> bool:
    """True for what its client raises by itself: no credentials, no such host. It is not loaded to ask."""
    return type(error).__module__.partition(".")[0] in ("botocore", "aiobotocore")


def _came_of_an_interrupt(error: BaseException | None) -> bool:
    """True where Ctrl-C came first and the error only while things were being closed."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


def main() -> None:
    """Runs `pret`: exit code 0 only on success, 1 with one line on an expected error, 2 for a wrong call, 3 for a
    night that its checks refuse, 4 for one that finds another running."""
    signal.signal(signal.SIGTERM, _stop)
    _replace_what_no_terminal_shows()
    verbose = "--verbose" in sys.argv
    if LOG_JSON in sys.argv:
        os.environ[VARIABLE] = "json"
    arguments = [argument for argument in sys.argv[1:] if argument not in ("--verbose", LOG_JSON)]
    try:
        # typer's own way of showing a wrong call is a frame for people
        code = app(args=arguments, standalone_mode=not for_machines())
    except SystemExit as end:
        _say_if_stopped(end.code)
        raise
    except ClickException as wrong_call:
        _say(wrong_call.format_message(), type(wrong_call).__name__, wrong_call.exit_code)
        sys.exit(wrong_call.exit_code)
    except Exception as error:
        if not isinstance(error, EXPECTED) and not _is_of_an_object_store(error):
            raise
        if _came_of_an_interrupt(error):
            _say_if_stopped(INTERRUPTED)
            sys.exit(INTERRUPTED)
        if verbose:
            traceback.print_exc()
        code = exit_code_of(error)
        _say(" ".join(str(error).split()) or type(error).__name__, type(error).__name__, code)
        sys.exit(code)
    _say_if_stopped(code)
    sys.exit(code)


def _replace_what_no_terminal_shows() -> None:
    """A terminal or pipe without UTF-8 gets a ? for a sign that it lacks, not an error for the whole command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _say_if_stopped(code: object) -> None:
    """Typer makes an exit code of Ctrl-C, without a word."""
    if code not in (INTERRUPTED, Stopped.exit_code):
        return
    if for_machines():
        _say(Text.from_markup(STOPPED).plain, "Stopped", int(str(code)))
    else:
        console.print(STOPPED)


def _say(line: str, kind: str, code: int) -> None:
    """Why a command ended, in one line."""
    if for_machines():
        log("error", "error", message=line, kind=kind, exit_code=code)
    else:
        console.print(f"[bold red]error[/] {escape(line)}", highlight=False, soft_wrap=True)


all_is_loaded()
