"""What a night can keep of the published one: the figures of clients whose lines, and whose model, are the same.

Belongs here: whether and for whom. Does not: laying kept and new rows together (scoring).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from upath import UPath

from batch.ingest import Ingest
from batch.shards.ledger import differing, read_known
from batch.steps.finished import has_files
from model_store import NothingPublished, ScoringModel, UnknownRun, read_run
from model_store.scorebook import runs_folder, shard_of


@dataclass(frozen=True, eq=False)
class Earlier:
    """A published run, the clients whose rows in it are not to be kept, those who are to be scored anew."""

    run_id: str
    folder: UPath
    outdated: NDArray[np.int64]
    anew: NDArray[np.int64]


def earlier_run(store: UPath, ingested: Ingest, model: ScoringModel, program: str) -> Earlier | None:
    """The published run, if it was made by this model, catalogue and program of clients that can be compared, and
    nobody and nothing has shortened its files since: else everyone is computed."""
    try:
        run = read_run(store)
    except (NothingPublished, UnknownRun):  # nothing yet, or somebody removed it
        return None
    told = run.document
    same = {
        "model_version": (run.model_version, model.version),  # kept rows name it
        "model_content": (told.get("model_content"), model.content_hash),
        "catalogue_hash": (run.catalogue_hash, model.catalogue_hash),
        "program": (told.get("program"), program),
        "shards": (run.shards, ingested.shards),
        "schemas": (told["ingest"].get("schemas"), ingested.document["schemas"]),
    }
    folder = runs_folder(store) / run.run_id
    if any(one != other for one, other in same.values()) or not all(
        has_files(folder, shard) for shard in range(run.shards)
    ):
        return None
    before = read_known(store / "ingests" / str(told["ingest"]["ingest_id"]))
    now = read_known(ingested.folder)
    if before is None or now is None:
        return None
    outdated, anew = differing(before, now)
    return Earlier(run.run_id, folder, outdated, anew)


def of_shard(clients: NDArray[np.int64], shard: int, shards: int) -> NDArray[np.int64]:
    """Those of the clients that lie in a shard."""
    found: NDArray[np.int64] = clients[shard_of(clients, shards) == shard]
    return found
