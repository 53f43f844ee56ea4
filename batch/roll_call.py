"""Every worker of a cluster answers, sees the store and runs this program, or the job does not begin.

Belongs here: asking the workers, what is wrong with one in words. Does not: giving them shards (workers).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from distributed import Client
from upath import UPath

from batch.errors import JobError
from batch.program import program
from model_store.storage import is_local, names_in, publish_bytes, remove_folder

_ASKED = ".roll-call-"
ANSWER_SECONDS = 60.0
"""What a worker that is asked something short may take: one that hangs is waited for no longer."""


@dataclass(frozen=True)
class Answer:
    """What a worker says: the number of its program, the file it wrote; none if it did not find the question."""

    program: str
    wrote: str


def call_roll(client: Client, store: UPath) -> int:
    """How many workers there are, each of which reads and writes `store` as this process does, with its program.

    Errors: JobError naming a worker and what is wrong with it, or if there is none.
    """
    folder, token = store / f"{_ASKED}{secrets.token_hex(8)}", secrets.token_bytes(16)
    try:
        publish_bytes(folder / "asked", token)
        said = ask_all(client, answer, folder, token)
        written = names_in(folder)
    finally:
        remove_folder(folder)
    if not said:
        address = client.scheduler.address
        raise JobError(f"the scheduler {address} has no workers; start some with: dask worker {address}")
    for worker, found in said.items():
        wrong = _wrong_with(found, store, written)
        if wrong:
            raise JobError(f"the worker {worker} {wrong}")
    return len(said)


def ask_all(client: Client, function: Callable[..., object], *arguments: Any) -> dict[str, Any]:
    """What the function answers on each worker, by its address; an error that it raises is its answer.

    Errors: JobError naming a worker that does not answer at all, for which Dask itself would wait for ever.
    """
    try:
        return dict(client.run(function, *arguments, on_error="return", callback_timeout=ANSWER_SECONDS))
    except TimeoutError:
        silent = next((f" ({worker})" for worker in _workers(client) if _is_silent(client, worker)), "")
        raise JobError(
            f"a worker{silent} of {client.scheduler.address} does not answer within {ANSWER_SECONDS:g} s; "
            "look into its log, end or restart it, run again"
        ) from None


def _workers(client: Client) -> list[str]:
    return [*client.scheduler_info(n_workers=-1)["workers"]]


def _is_silent(client: Client, worker: str) -> bool:
    try:
        client.run(program, workers=[worker], on_error="ignore", callback_timeout=min(ANSWER_SECONDS, 5.0))
    except TimeoutError:
        return True
    return False


def answer(folder: UPath, token: bytes) -> Answer:
    """Runs on a worker: reads the question and writes beside it. Errors: whatever keeps it from that."""
    asked, wrote = folder / "asked", secrets.token_hex(8)
    if not asked.exists() or asked.read_bytes() != token:
        return Answer(program(), "")
    publish_bytes(folder / wrote, token)
    return Answer(program(), wrote)


def other_program(found: str, expected: str) -> str:
    """What to say of a worker whose program has another number; empty where they are the same."""
    if found == expected:
        return ""
    return (
        f"runs another version of this program or of its libraries (found {found}, expected {expected}); "
        "install the version of this machine there and restart it"
    )


def _wrong_with(found: Any, store: UPath, written: list[str]) -> str:
    """What is wrong with a worker that said so; empty if nothing is."""
    if isinstance(found, OSError):
        return f"cannot read and write {store} ({found}); give its user the rights"
    if isinstance(found, BaseException):
        told = f"{type(found).__name__}: {found}"
        return f"cannot run this program ({told}); install the version of this machine there and restart it"
    if found.wrote not in written:
        place = (
            "mount the same folder under the same path there"
            if is_local(store)
            else "give it the same endpoint"
        )
        return f"does not see {store} as it is here; {place}, or put the store on S3 (s3://…)"
    return other_program(found.program, program())
