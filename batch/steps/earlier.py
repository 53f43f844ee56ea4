"""What a night can keep of the published one: the figures of clients whose lines, and whose model, are the same.

Belongs here: whether and for whom. Does not: laying kept and new rows together (scoring).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from upath import UPath

from batch.ingest import Ingest
from batch.shards.ledger import differing, read_known
from batch.steps.finished import has_files
from model_store import NothingPublished, ScoringModel, UnknownRun, read_run
from model_store.scorebook import runs_folder, shard_of

FEWEST_PARTS, CLIENTS_TOGETHER = 8, 6_000
"""Of a night that keeps rows: parts to be worked on side by side, and clients that one part computes."""


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


def of_shards(clients: NDArray[np.int64], some: Sequence[int], shards: int) -> NDArray[np.int64]:
    """Those of the clients that lie in some of the shards."""
    found: NDArray[np.int64] = clients[np.isin(shard_of(clients, shards), some)]
    return found


def parts_of(shards: int, earlier: Earlier | None) -> tuple[range, ...]:
    """The shards of a night as they are worked on: one by one; some together where few of their clients are
    computed, as the first client of a table costs as much as a thousand more."""
    most = 1 if earlier is None else int(CLIENTS_TOGETHER * shards / max(len(earlier.anew), 1))
    together = max(min(most, shards // FEWEST_PARTS), 1)
    return tuple(range(first, min(first + together, shards)) for first in range(0, shards, together))
