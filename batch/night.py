"""The night: every client scored, explained, checked and published, or yesterday's result stays.

Belongs here: the flow, one step a line. Does not: any step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from upath import UPath

from batch.checks import Check, run_checks
from batch.console import Progress
from batch.errors import CheckFailed
from batch.ingest import Ingest, ingest
from batch.publish import publish
from batch.record import RunRecord, open_run
from batch.scoring import ScoringTask, ShardScores, score_shard
from batch.workers import connect
from model_store import load
from model_store.storage import naming


def run_night(
    data: UPath, store: UPath, as_of: date, progress: Progress, scheduler: str | None = None
) -> RunRecord:
    """The published run of `as_of`: every client of the folder's applications, each once.

    Errors: InputError (folder or file), CheckFailed (computed, not published), a model store's own errors.
    Whatever goes wrong, STORE/published.json and the exports stay as they were.
    """
    model = load(store, "champion")
    with connect(scheduler) as workers, open_run(store, as_of, model) as run:
        shards = ingest(data, store, workers, progress)
        _record_inputs(run, shards)
        task = ScoringTask(shards.folder, run.folder, store, run.run_id, model.version)
        scored = workers.map_shards("score", score_shard, shards.shards, progress, task)
        checks = run_checks(shards, scored)
        _record(run, scored, checks)
        _require_passed(run, checks)
        with progress.step("publish"):
            publish(store, run, as_of, shards.shards)
        run.say(seconds=progress.seconds)
    return run


def _record(run: RunRecord, scored: Sequence[ShardScores], checks: Sequence[Check]) -> None:
    """Counts and checks go into run.json."""
    decisions: Counter[str] = Counter()
    for part in scored:
        decisions.update(part.decisions)
    run.say(
        clients=sum(len(part.clients) for part in scored),
        decisions=dict(sorted(decisions.items())),
        seen_in_training=sum(part.seen_in_training for part in scored),
        checks=[asdict(check) for check in checks],
    )


def _record_inputs(run: RunRecord, shards: Ingest) -> None:
    """What was read goes into run.json, rejected rows beside it: also for a night that then fails."""
    run.say(shards=shards.shards, ingest=shards.document)
    target = run.folder / "rejects"
    target.mkdir(parents=True, exist_ok=True)
    for path in (shards.folder / "rejects").iterdir():
        with naming(target / path.name):
            (target / path.name).write_bytes(path.read_bytes())


def _require_passed(run: RunRecord, checks: Sequence[Check]) -> None:
    """Errors: CheckFailed naming each failed check, what it found and its limit; the run is marked refused."""
    failed = [check for check in checks if not check.passed]
    if failed:
        run.say(status="refused")
        reasons = "; ".join(f"{check.name}: {check.found}, expected {check.limit}" for check in failed)
        raise CheckFailed(f"run {run.run_id} is not published: {reasons}. The published run stays as it was")
