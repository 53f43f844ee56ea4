"""Work done ahead in a pool of threads and handed over in order.

Belongs here: how many jobs are under way. Does not: what they do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from dask.system import CPU_COUNT

THREADS = min(int(CPU_COUNT), 8)  # reading, hashing and spooling stay in one: more would wait for it
Answer = TypeVar("Answer")


def in_order(jobs: Iterable[Callable[[], Answer]], pool: ThreadPoolExecutor) -> Iterator[Answer]:
    """The answers in the order of the jobs; few are under way at once, so that memory holds no more than those."""
    under_way: deque[Future[Answer]] = deque()
    try:
        for job in jobs:
            under_way.append(pool.submit(job))
            if len(under_way) > THREADS + 1:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()
