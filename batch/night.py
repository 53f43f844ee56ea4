"""The night: every client scored, explained, checked and published, or yesterday's result stays.

Belongs here: the flow, one step a line. Does not: any step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from upath import UPath

from batch.console import Progress
from batch.ingest import Ingest, ingest
from batch.memory import give_freed_memory_back
from batch.program import program
from batch.runs.publish import publish
from batch.runs.record import RunRecord, open_run
from batch.runs.recovery import own_turn
from batch.steps.acceptance import Acceptance, record_acceptances, require_passed
from batch.steps.checks import Check, check_model, run_checks
from batch.steps.comparison import NightFiles, compare_part
from batch.steps.earlier import Earlier, earlier_run, parts_of
from batch.steps.finished import inputs_of, keep_finished
from batch.steps.limits import read_limits
from batch.steps.scoring import ScoringTask, ShardScores, model_of, score_part
from batch.steps.since import Since, measure_since, write_since
from batch.steps.stages import stages_of
from batch.workers import connect
from model_store import load
from model_store.nights import night_before
from model_store.storage import names_in, naming
from model_store.store_format import require_store


def run_night(
    data: UPath,
    store: UPath,
    as_of: date,
    progress: Progress,
    scheduler: str | None = None,
    accepted: Sequence[Acceptance] = (),
    metrics: UPath | None = None,
) -> RunRecord:
    """The published run of `as_of`: every client of the folder's applications, each once.

    `accepted`: checks that may fail. `metrics`: where its figures will go, for the record.

    A run of the same night that was interrupted goes on from its finished shards. Errors: InputError (folder or
    file), NoStore, CheckFailed (computed, not published), NightRunning (nothing done), a model store's own errors.
    Whatever goes wrong, STORE/published.json and the exports stay as they were.
    """
    require_store(store)
    store = store.absolute() if scheduler else store  # workers have another working directory
    model, limits = load(store, "champion"), read_limits(store)
    code = program()
    with (
        own_turn(store, progress),
        connect(scheduler, store=store, progress=progress) as workers,
        open_run(store, as_of, model, code) as run,
    ):
        if metrics is not None:
            run.say(metrics=str(metrics))
        workers.prepare(model_of, store, model.version)
        progress.passed("prepare")
        shards = ingest(data, store, workers, progress)
        give_freed_memory_back()
        progress.passed("keep tables")
        earlier = earlier_run(store, shards, model, code)
        inputs = inputs_of(shards, model, code, None if earlier is None else earlier.run_id)
        keep_finished(run, inputs, progress)
        _record_inputs(run, shards)
        task = ScoringTask(
            shards.folder, run.folder, store, run.run_id, model.version, shards.shards, inputs, earlier
        )
        parts = workers.map_shards("score", score_part, len(parts_of(shards.shards, earlier)), progress, task)
        scored = [shard for part in parts for shard in part]
        last = night_before(store, as_of, run.run_id)
        since = measure_since(
            store,
            NightFiles(run.folder, shards.shards),
            model,
            last,
            lambda task: workers.map_shards(
                "check", compare_part, len(task.parts), progress, task, more=True
            ),
            earlier,
        )
        write_since(run.folder, since, model)
        checks = run_checks(shards, scored, since, limits, check_model(store, model))
        _record(run, scored, checks, earlier, since)
        record_acceptances(run, accepted)
        progress.passed("check")
        run.say(stages=stages_of(progress.seconds, run.document))
        require_passed(run, checks, accepted)
        with progress.step("publish"):
            publish(store, run, as_of, shards.shards)
        run.say(seconds=progress.seconds, stages=stages_of(progress.seconds, run.document))
    return run


def _record(
    run: RunRecord,
    scored: Sequence[ShardScores],
    checks: Sequence[Check],
    earlier: Earlier | None,
    since: Since,
) -> None:
    """Counts, checks and what moved since the night before go into run.json."""
    decisions: Counter[str] = Counter()
    for part in scored:
        decisions.update(part.decisions)
    run.say(
        clients=sum(part.clients for part in scored),
        computed=sum(part.computed for part in scored),
        continued_shards=sum(part.continued for part in scored),
        kept_from=None if earlier is None else earlier.run_id,
        decisions=dict(sorted(decisions.items())),
        seen_in_training=sum(part.seen_in_training for part in scored),
        checks=[asdict(check) for check in checks],
        **since.document,
    )


def _record_inputs(run: RunRecord, shards: Ingest) -> None:
    """What was read goes into run.json, rejected rows beside it: also for a night that then fails."""
    run.say(shards=shards.shards, ingest=shards.document)
    target = run.folder / "rejects"
    target.mkdir(parents=True, exist_ok=True)
    for name in names_in(shards.folder / "rejects"):
        with naming(target / name):
            (target / name).write_bytes((shards.folder / "rejects" / name).read_bytes())
