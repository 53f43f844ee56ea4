"""Which shards of a night are finished, so that the same night, cut short and started again, goes on there.

Belongs here: the mark that a shard's files are whole and of which inputs. Does not: computing a shard (scoring).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from upath import UPath

from batch.console import Progress
from batch.ingest import Ingest
from batch.runs.record import FINISHED, RunRecord
from model_store import ScoringModel
from model_store.storage import json_bytes, names_in, read_json, write_whole


@dataclass(frozen=True)
class Written:
    """A file as it was written."""

    bytes: int
    sha256: str


def inputs_of(ingested: Ingest, model: ScoringModel, program: str, kept_from: str | None) -> str:
    """16 hex digits: two nights that say the same have the same shards, to the last bit but for the run's name.

    `kept_from`: the run whose rows are kept, if any are.
    """
    told = [
        ingested.document["ingest_id"],
        ingested.fingerprint,
        ingested.shards,
        model.version,
        model.content_hash,
        model.catalogue_hash,
        program,
        kept_from,
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def keep_finished(run: RunRecord, inputs: str, progress: Progress) -> None:
    """Notes the inputs of the run's shards; what an interrupted run has of other inputs is removed."""
    before = run.document.get("inputs")
    if before == inputs and "interrupted" in run.document:
        marks = len(names_in(run.folder / FINISHED))
        progress.note(f"run {run.run_id} did not come to its end and goes on: {marks} shards are finished")
    elif "interrupted" in run.document:
        for name in names_in(run.folder):
            if name != "run.json":
                run.folder.fs.rm((run.folder / name).path, recursive=True)
        progress.note(
            f"run {run.run_id} did not come to its end and begins anew: its inputs are others, or were not read"
        )
    run.say(inputs=inputs)


def mark_finished(run: UPath, shard: int, inputs: str, computed: int, files: Mapping[str, Written]) -> None:
    """Notes, after a shard's files were written, what each is, of which inputs, and how many were computed."""
    told = {name: asdict(written) for name, written in files.items()}
    # the disk may take its time, as with the files: waiting for it shard by shard takes half of a large night
    write_whole(_mark(run, shard), json_bytes({"inputs": inputs, "computed": computed, "files": told}))


def read_finished(run: UPath, shard: int, inputs: str) -> int | None:
    """How many clients were computed for a shard whose files are all there as they were written, of these inputs;
    None for any other."""
    mark = _read_mark(run, shard)
    if mark is None or mark["inputs"] != inputs or not has_files(run, shard):
        return None
    whole = all(_sum(run / name) == told["sha256"] for name, told in mark["files"].items())
    return int(mark["computed"]) if whole else None


def has_files(run: UPath, shard: int) -> bool:
    """True if a finished shard's files are all there, as long as they were written."""
    mark = _read_mark(run, shard)
    return mark is not None and all(
        path.exists() and path.stat().st_size == told["bytes"]
        for path, told in ((run / name, told) for name, told in mark["files"].items())
    )


def written_files(run: UPath, shard: int) -> dict[str, Written]:
    """The files of a finished shard as they were written, by their path in the run."""
    mark = _read_mark(run, shard) or {"files": {}}
    return {name: Written(**told) for name, told in mark["files"].items()}


def _read_mark(run: UPath, shard: int) -> dict[str, Any] | None:
    """None for a shard that was never finished, or whose mark did not outlive a power cut."""
    try:
        mark: dict[str, Any] = read_json(_mark(run, shard))
    except (FileNotFoundError, ValueError):
        return None
    return mark if mark.keys() >= {"inputs", "computed", "files"} else None


def _sum(path: UPath) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _mark(run: UPath, shard: int) -> UPath:
    return run / FINISHED / f"shard={shard:03d}.json"
