"""Workers: threads or a scheduler's, the answers in order, the first error as it is."""

from collections.abc import Iterator
from threading import Event

import pytest
from distributed import LocalCluster

from batch.console import Progress
from batch.errors import JobError
from batch.workers import connect


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Address of a scheduler in this process."""
    with LocalCluster(n_workers=1, processes=False, dashboard_address="127.0.0.1:0") as cluster:
        yield cluster.scheduler_address


THE_LAST = Event()


def first_waits_for_last(shard: int, last: int) -> int:
    if shard == last:
        THE_LAST.set()
    if shard == 0:
        assert THE_LAST.wait(60)
    return shard


def halved(shard: int, by: int) -> float:
    return shard / by


def test_answers_come_in_the_order_of_shards() -> None:
    """Shard 0 finishes last, and its answer is the first; a second map does not reuse the first one's answers."""
    with connect(threads=2) as workers:
        assert workers.map_shards("wait", first_waits_for_last, 8, Progress(), 7) == list(range(8))
        assert workers.map_shards("half", halved, 40, Progress(), 2) == [n / 2 for n in range(40)]
        assert workers.map_shards("half", halved, 40, Progress(), 4) == [n / 4 for n in range(40)]


PREPARED = Event()


def prepare_or_fail(well: bool) -> None:
    if not well:
        raise ValueError("met again by the first shard")
    PREPARED.set()


def test_workers_are_prepared_ahead(scheduler: str) -> None:
    """What is asked for runs on the worker, beside its other work; where it fails, nobody is told."""
    with connect(scheduler) as workers:
        workers.prepare(prepare_or_fail, False)
        workers.prepare(prepare_or_fail, True)
        assert PREPARED.wait(60)


def test_an_error_in_a_shard_is_raised_as_it_is() -> None:
    """The worker's own exception, not Dask's."""
    with connect(threads=2) as workers, pytest.raises(ZeroDivisionError):
        workers.map_shards("half", halved, 8, Progress(), 0)


def test_threads_outlive_a_machine_that_slept(monkeypatch: pytest.MonkeyPatch) -> None:
    """After an hour without a sign of life, when the scheduler looks first, the job goes on."""
    monkeypatch.setattr("batch.workers.ALONE_SECONDS", 0.0)
    monkeypatch.setattr("batch.workers.LOOK_SECONDS", 0.1)
    with connect(threads=2) as workers:
        scheduler = workers._client.cluster.scheduler
        for worker in scheduler.workers.values():
            worker.last_seen -= 3600
        if looks := scheduler.periodic_callbacks.get("worker-ttl"):
            workers._client.sync(looks.callback)
        assert workers.map_shards("half", halved, 4, Progress(), 2) == [0.0, 0.5, 1.0, 1.5]


def timed_out(shard: int) -> None:
    raise TimeoutError(f"shard {shard}: the disk does not answer")


def test_a_time_out_in_a_shard_is_the_shards() -> None:
    """It is raised as any other error, and not taken for Dask's own waiting."""
    with connect(threads=2) as workers, pytest.raises(TimeoutError, match="the disk does not answer"):
        workers.map_shards("time out", timed_out, 4, Progress())


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the address; nothing listens on port 9."""
    monkeypatch.setattr("batch.workers.CONNECT_TIMEOUT", "300ms")
    with (
        pytest.raises(JobError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        connect("tcp://127.0.0.1:9"),
    ):
        pass


def test_a_jobs_own_file_error_is_not_the_schedulers(scheduler: str) -> None:
    """A missing file while a scheduler works is told as a missing file."""
    with pytest.raises(FileNotFoundError, match="bureau"), connect(scheduler):
        raise FileNotFoundError("bureau.csv")


def test_a_job_does_not_wait_for_ever_for_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only worker goes while shards wait: after the time that a restart may take, one line says so."""
    monkeypatch.setattr("batch.workers.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("batch.workers.ALONE_SECONDS", 0.1)
    with (
        LocalCluster(n_workers=1, processes=False, dashboard_address="127.0.0.1:0") as cluster,
        connect(cluster.scheduler_address) as workers,
    ):
        cluster.scale(0)
        with pytest.raises(JobError, match="all workers are gone, and for 0 s none has come"):
            workers.map_shards("half", halved, 8, Progress(), 2)
