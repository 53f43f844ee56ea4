"""Where shards are worked on: threads of this process, or a Dask cluster given by its address.

Belongs here: connecting, mapping a function over shards with progress. Does not: what is done with a shard.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import dask
from distributed import Client, LocalCluster, as_completed

from batch.console import Progress
from batch.errors import JobError

Answer = TypeVar("Answer")
CONNECT_TIMEOUT = "10s"


class Workers:
    """Dask workers that take shards one by one."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def map_shards(
        self, name: str, function: Callable[..., Answer], shards: int, progress: Progress, *arguments: Any
    ) -> list[Answer]:
        """[function(0, *arguments), …, function(shards - 1, *arguments)], computed in any order.

        The first error stops the others and is raised here.
        """
        futures = self._client.map(
            lambda shard: function(shard, *arguments), range(shards), pure=False, key=f"{name}-shard"
        )
        position = {future.key: shard for shard, future in enumerate(futures)}
        answers: dict[int, Answer] = {}
        try:
            with progress.step(name, shards, unit="shards") as advance:
                for future, answer in as_completed(futures, with_results=True):
                    answers[position[future.key]] = answer
                    advance(1)
        finally:
            self._client.cancel(futures)
        return [answers[shard] for shard in range(shards)]


@contextmanager
def connect(scheduler: str | None = None, threads: int | None = None) -> Iterator[Workers]:
    """Workers for one job: threads of this process by default, else those of the Dask scheduler at an address.

    Errors: JobError if no scheduler answers at the address.
    """
    # what goes wrong in a shard is raised here; told a second time by Dask it would be no single line
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if scheduler is not None:
        with _client_of(scheduler) as client:
            yield Workers(client)
        return
    with (
        dask.config.set({"distributed.admin.tick.limit": "1h", "distributed.worker.profile.enabled": False}),
        LocalCluster(
            n_workers=1,
            threads_per_worker=threads,
            processes=False,
            # its web server cannot be left out: on any free port, for this machine only, without pages
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
        ) as cluster,
        Client(cluster) as client,
    ):
        yield Workers(client)


def _client_of(scheduler: str) -> Client:
    """A client of the scheduler at an address. Errors: JobError if none answers."""
    try:
        return Client(scheduler, timeout=CONNECT_TIMEOUT)
    except (OSError, ValueError) as error:
        raise JobError(f"no Dask scheduler answers at {scheduler} ({error}); is it running?") from error
