"""Publishing in spite of a failed check: who accepted which one and why, in run.json.

Belongs here: reading and recording acceptances, refusing what nobody accepted. Does not: the checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from shlex import quote

from upath import UPath

from batch.errors import CheckFailed, JobError
from batch.runs.publish import publish
from batch.runs.record import RunRecord
from batch.steps.checks import EXACT, Check, check_names
from model_store import list_runs, read_run
from model_store.nights import night_before


@dataclass(frozen=True)
class Acceptance:
    """A check that somebody lets pass whatever it found."""

    check: str
    why: str
    who: str


def accept(names: Sequence[str], why: str | None, who: str) -> tuple[Acceptance, ...]:
    """An acceptance per check. Errors: JobError for no such check, one that may not be accepted, or no reason."""
    for name in names:
        if name not in check_names():
            near = get_close_matches(name, check_names(), n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(check_names())}"
            raise JobError(f"there is no check {name!r}; {hint}")
        if name in EXACT:
            raise JobError(
                f"the check {name} cannot be accepted: a night that fails it is wrong, not unusual"
            )
    if names and not (why or "").strip():
        raise JobError(f'--accept {names[0]} needs a reason: --why "…"; it is recorded in the run')
    if why is not None and not names:
        raise JobError("--why says why a check is accepted; name the check: --accept CHECK")
    return tuple(Acceptance(name, (why or "").strip(), who) for name in dict.fromkeys(names))


def record_acceptances(run: RunRecord, accepted: Sequence[Acceptance]) -> None:
    """Adds what was accepted, by whom, when and why to run.json."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    known = run.document.get("accepted", [])
    run.say(accepted=[*known, *({**asdict(entry), "at": now} for entry in accepted)])


def require_passed(run: RunRecord, checks: Sequence[Check], accepted: Sequence[Acceptance]) -> None:
    """Errors: CheckFailed naming each failed check that nobody accepted, what it found, its limit, what to do."""
    names = {entry.check for entry in accepted}
    failed = [check for check in checks if not check.passed and check.name not in names]
    if not failed:
        return
    run.say(status="refused")
    reasons = "; ".join(f"{check.name}: {check.found}, expected {check.limit}" for check in failed)
    acceptable = [check.name for check in failed if check.name not in EXACT]
    store, named = quote(str(run.folder.parent.parent)), " ".join(acceptable)
    way = (
        f'. To publish all the same: pret runs accept {run.run_id} {named} --store {store} --why "…"'
        if len(acceptable) == len(failed)
        else ""
    )
    raise CheckFailed(f"run {run.run_id} is not published: {reasons}. The published run stays as it was{way}")


def accept_run(store: UPath, run_id: str, accepted: Sequence[Acceptance]) -> RunRecord:
    """Publishes a night that was computed and refused, nothing being computed again.

    Errors: JobError if the run is not refused, or readers have got another night since that it was not compared
    with; CheckFailed if checks remain that nobody accepted.
    """
    found = read_run(store, run_id)
    if found.status != "refused":
        raise JobError(f"run {run_id} is {found.status}, expected a refused one; `pret runs list` shows them")
    last = night_before(store, found.as_of, run_id)
    compared = found.document.get("compared_with")
    newer = [name for name in list_runs(store) if name > run_id and name[:10] == run_id[:10]]
    if (last.run_id if last else None) != compared or any(
        read_run(store, name).status == "published" for name in newer
    ):
        raise JobError(
            f"run {run_id} was compared with {compared or 'no night'}, and another one was published since: "
            "run the night again"
        )
    run = RunRecord(run_id, store / "runs" / run_id, dict(found.document))
    record_acceptances(run, accepted)
    checks = [Check(**check) for check in run.document["checks"]]
    require_passed(
        run, checks, [Acceptance(e["check"], e["why"], e["who"]) for e in run.document["accepted"]]
    )
    run.document.pop("error", None)
    publish(store, run, found.as_of, found.shards)
    return run
