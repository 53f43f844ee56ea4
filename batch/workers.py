"""Where shards are worked on: threads of this process, or a Dask cluster given by its address.

Belongs here: connecting, mapping a function over shards with progress. Does not: what is done with a shard.
"""

from __future__ import annotations

import logging
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from threading import Thread
from typing import Any, TypeVar

import dask
from distributed import CancelledError, Client, Future, KilledWorker, LocalCluster, TimeoutError, as_completed
from upath import UPath

from batch.console import Progress
from batch.errors import JobError
from batch.program import program
from batch.roll_call import ask_all, call_roll, other_program

Answer = TypeVar("Answer")
CONNECT_TIMEOUT = "10s"
LOOK_SECONDS, ALONE_SECONDS = 10.0, 120.0
"""How often workers are looked for while no shard ends; how long a job waits without any."""


class Workers:
    """Dask workers that take shards one by one."""

    def __init__(self, client: Client, elsewhere: bool = False) -> None:
        self._client, self._elsewhere = client, elsewhere

    def prepare(self, function: Callable[..., object], *arguments: Any) -> None:
        """Worker processes begin to call the function, each once, and nobody waits for it: what they import and
        load for their first shard is there when the shard comes. Threads of this process need none of it.

        Errors: JobError naming a worker that hangs.
        """
        if self._elsewhere:
            # as bytes: what they import is imported beside their other work too
            ask_all(self._client, _begin, pickle.dumps((function, arguments)))

    def map_shards(
        self,
        name: str,
        function: Callable[..., Answer],
        shards: int,
        progress: Progress,
        *arguments: Any,
        more: bool = False,
    ) -> list[Answer]:
        """[function(0, *arguments), …, function(shards - 1, *arguments)], computed in any order; `more` of
        the stage `name` follows.

        The first error stops the others and is raised here; so is a JobError if workers or the scheduler are lost.
        """
        work = partial(_with_this_program, program(), function, arguments)
        futures = self._client.map(work, range(shards), pure=False, key=f"{name}-shard")
        position = {future.key: shard for shard, future in enumerate(futures)}
        answers: dict[int, Answer] = {}
        try:
            with progress.step(name, shards, "shards", more) as advance:
                for key, answer in self._answers(futures):
                    answers[position[key]] = answer
                    advance(1)
        except KilledWorker as lost:
            raise JobError(
                f"several workers ended while they worked on a shard ({lost}); look into their logs, "
                "give them more memory, run again"
            ) from lost
        except CancelledError as lost:
            raise JobError(f"the Dask scheduler is gone ({lost}); start it and run again") from lost
        finally:
            self._client.cancel(futures)
        return [answers[shard] for shard in range(shards)]

    def _answers(self, futures: Sequence[Future]) -> Iterator[tuple[str, Any]]:
        """Key and answer of each, as they come. Errors: JobError where none comes and there have been no workers
        for as long as a machine takes to restart them: Dask itself would wait for ever."""
        waiting = {future.key: future for future in futures}
        alone_since: float | None = None
        while waiting:
            try:
                for future, answer in as_completed(
                    list(waiting.values()), with_results=True, timeout=LOOK_SECONDS
                ):
                    del waiting[future.key]
                    yield future.key, answer
            except TimeoutError:
                for future in waiting.values():
                    if (
                        future.status == "error"
                    ):  # it was a shard's own time-out, of a disk or an object store
                        future.result()
                now = time.monotonic()
                alone_since = None if self._client.nthreads() else alone_since or now
                if alone_since is not None and now - alone_since >= ALONE_SECONDS:
                    raise JobError(
                        f"all workers are gone, and for {ALONE_SECONDS:.0f} s none has come; look into their logs, "
                        "start them, run again"
                    ) from None


def _begin(call: bytes) -> None:
    """Begins a call in a thread of its own. What goes wrong is met again, and told, where it is needed."""

    def make() -> None:
        with suppress(Exception):
            function, arguments = pickle.loads(call)
            function(*arguments)

    Thread(target=make, name="prepare", daemon=True).start()


def _with_this_program(
    here: str, function: Callable[..., Answer], arguments: tuple[Any, ...], shard: int
) -> Answer:
    """The shard's answer. Errors: JobError on a worker of another program that came after the roll was called."""
    if program() != here:
        raise JobError(f"a worker that has just come {other_program(program(), here)}")
    return function(shard, *arguments)


@contextmanager
def connect(
    scheduler: str | None = None,
    threads: int | None = None,
    store: UPath | None = None,
    progress: Progress | None = None,
) -> Iterator[Workers]:
    """Workers for one job: threads of this process by default, else those of the Dask scheduler at an address.

    Workers of a scheduler must see `store` and run this program. `progress` is told where Dask's dashboard is:
    threads have one where somebody watches. Errors: JobError if no scheduler answers at the address, or if one of
    its workers is not fit.
    """
    # what goes wrong in a shard is raised here; told a second time by Dask, or by the loop in which a stopped job
    # leaves its questions unanswered, it would be no single line
    for library in ("distributed", "asyncio"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    watched = progress is not None and progress.is_watched
    with _client_of(scheduler) if scheduler is not None else _threads(threads, watched) as client:
        if scheduler is not None and store is not None:
            workers = call_roll(client, store)
            if progress is not None:
                progress.note(f"{workers} workers of {scheduler} see the store and run this program")
        if progress is not None and (scheduler is not None or watched):
            progress.note(f"Dask's dashboard: {client.dashboard_link}")
        yield Workers(client, elsewhere=scheduler is not None)


@contextmanager
def _threads(threads: int | None, watched: bool) -> Iterator[Client]:
    """A client of threads of this process. A dashboard takes a second and a half to start: only if `watched`."""
    quiet = {
        "distributed.admin.tick.limit": "1h",
        "distributed.worker.profile.enabled": False,
        # threads cannot be lost; a machine that slept for five minutes, or a stopped job, is no lost worker
        "distributed.scheduler.worker-ttl": None,
        "distributed.dashboard.link": "http://127.0.0.1:{port}/status",
    }
    with (
        dask.config.set(quiet),
        LocalCluster(
            n_workers=1,
            threads_per_worker=threads,
            processes=False,
            # its web server cannot be left out: on any free port, for this machine only
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": watched},
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def _client_of(scheduler: str) -> Client:
    """A client of the scheduler at an address. Errors: JobError if none answers."""
    try:
        return Client(scheduler, timeout=CONNECT_TIMEOUT)
    except (OSError, ValueError) as error:
        raise JobError(f"no Dask scheduler answers at {scheduler} ({error}); is it running?") from error
